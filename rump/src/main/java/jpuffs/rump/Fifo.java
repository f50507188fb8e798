// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EPIPE;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.OpenFlags;

/// The pipe behind an open fifo, fifo(7). The kernel's, since no file system has to do with it. Guarded by the
/// kernel lock, which a waiting reader or writer gives up.
final class Fifo {
    /// Writes of up to this many bytes are not mixed with others.
    static final int PIPE_BUF = 4096;

    private static final int CAPACITY = 64 << 10;

    private final byte[] ring = new byte[CAPACITY];
    private final Condition changed;
    private int start;
    private int used;
    private int readers;
    private int writers;
    private long readerOpens;
    private long writerOpens;

    Fifo(Condition changed) {
        this.changed = changed;
    }

    /// Opens it as `flags` say and waits for the other side, unless O_NONBLOCK or O_RDWR.
    ///
    /// @throws ErrnoException ENXIO for a writer that will not wait and has no reader, EINTR
    void open(int flags) throws ErrnoException {
        boolean read = OpenFlags.canRead(flags);
        boolean write = OpenFlags.canWrite(flags);
        boolean nonblocking = (flags & OpenFlags.O_NONBLOCK) != 0;
        if (write && !read && nonblocking && readers == 0) {
            throw ENXIO.error();
        }
        count(flags, 1);
        readerOpens += read ? 1 : 0;
        writerOpens += write ? 1 : 0;
        changed.signalAll();
        if (read != write && !nonblocking) {
            awaitPeer(flags, read);
        }
    }

    /// A peer that came and went while this side slept counts, as in Linux.
    private void awaitPeer(int flags, boolean read) throws ErrnoException {
        long seen = read ? writerOpens : readerOpens;
        boolean there = read ? writers > 0 : readers > 0;
        try {
            while (!there && seen == (read ? writerOpens : readerOpens)) {
                await();
            }
        } catch (ErrnoException e) {
            count(flags, -1);
            throw e;
        }
    }

    void close(int flags) {
        count(flags, -1);
        changed.signalAll();
    }

    /// Whether nobody has it open: then what is in it is lost.
    boolean isIdle() {
        return readers == 0 && writers == 0;
    }

    private void count(int flags, int change) {
        readers += OpenFlags.canRead(flags) ? change : 0;
        writers += OpenFlags.canWrite(flags) ? change : 0;
    }

    /// As read(2): waits for bytes while there are writers.
    int read(MemorySegment dst, boolean nonblocking) throws ErrnoException {
        if (dst.byteSize() == 0) {
            return 0;
        }
        while (used == 0) {
            if (writers == 0) {
                return 0;
            }
            if (nonblocking) {
                throw EAGAIN.error();
            }
            await();
        }
        int count = (int) Math.min(dst.byteSize(), used);
        for (int done = 0; done < count; ) {
            int n = Math.min(count - done, CAPACITY - start);
            MemorySegment.copy(MemorySegment.ofArray(ring), start, dst, done, n);
            start = (start + n) % CAPACITY;
            used -= n;
            done += n;
        }
        changed.signalAll();
        return count;
    }

    /// As write(2): all of it, or what there is room for if `nonblocking`.
    ///
    /// @throws ErrnoException EPIPE without a reader, EAGAIN, EINTR
    int write(MemorySegment src, boolean nonblocking) throws ErrnoException {
        int size = (int) Math.min(src.byteSize(), Integer.MAX_VALUE);
        int done = 0;
        while (done < size) {
            int needed = size <= PIPE_BUF ? size - done : 1;
            if (readers == 0) {
                return countOr(EPIPE, done);
            }
            if (CAPACITY - used >= needed) {
                done += take(src, done, size);
            } else if (nonblocking) {
                return countOr(EAGAIN, done);
            } else {
                await();
            }
        }
        return done;
    }

    private static int countOr(Errno errno, int done) throws ErrnoException {
        if (done == 0) {
            throw errno.error();
        }
        return done;
    }

    private int take(MemorySegment src, int from, int size) {
        int end = (start + used) % CAPACITY;
        int n = Math.min(Math.min(size - from, CAPACITY - used), CAPACITY - end);
        MemorySegment.copy(src, from, MemorySegment.ofArray(ring), end, n);
        used += n;
        changed.signalAll();
        return n;
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void await() throws ErrnoException {
        try {
            changed.await();
        } catch (InterruptedException _) {
            throw EINTR.error();
        }
    }
}
