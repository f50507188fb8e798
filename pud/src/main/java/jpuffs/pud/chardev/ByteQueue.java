// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EIO;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fcntl;

/// A bounded queue of bytes with the manners of a device: readers wait for bytes and writers for room, parking
/// their virtual thread; with O_NONBLOCK they get EAGAIN, interrupted ones EINTR. Any number of threads.
public final class ByteQueue {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition filled = lock.newCondition();
    private final Condition emptied = lock.newCondition();
    private final byte[] ring;
    private int head; // of the first byte
    private int count;
    private boolean closed;
    private final Runnable changed;

    /// @param capacity in bytes
    /// @param changed called, without a lock held, when there are bytes or room that were not there before, and
    ///     at the end
    public ByteQueue(int capacity, Runnable changed) {
        ring = new byte[capacity];
        this.changed = changed;
    }

    /// The number of bytes to read.
    public int size() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    /// The number of bytes that a write would take at once.
    public int room() {
        return ring.length - size();
    }

    /// Waits until there is room for `bytes`, or the end.
    ///
    /// @param flags of open(2)
    public void awaitRoom(int bytes, int flags) throws ErrnoException {
        lock.lock();
        try {
            while (ring.length - count < bytes && !closed) {
                await(emptied, flags);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether [#close] was called.
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Takes what there is, at least one byte; 0 at the end.
    ///
    /// @param flags of open(2)
    public int read(MemorySegment dst, int flags) throws ErrnoException {
        lock.lock();
        try {
            while (count == 0 && !closed && dst.byteSize() > 0) {
                await(filled, flags);
            }
            int taken = take(dst);
            emptied.signalAll();
            return taken;
        } finally {
            lock.unlock();
            changed.run();
        }
    }

    private int take(MemorySegment dst) {
        int length = (int) Math.min(count, dst.byteSize());
        int first = Math.min(length, ring.length - head);
        MemorySegment.copy(ring, head, dst, JAVA_BYTE, 0, first);
        MemorySegment.copy(ring, 0, dst, JAVA_BYTE, first, length - first);
        head = (head + length) % ring.length;
        count -= length;
        return length;
    }

    /// Adds as many bytes as there is room for, at least one. EIO at the end.
    ///
    /// @param flags of open(2)
    public int write(MemorySegment src, int flags) throws ErrnoException {
        lock.lock();
        try {
            while (count == ring.length && !closed && src.byteSize() > 0) {
                await(emptied, flags);
            }
            if (closed) {
                throw EIO.error("the other side is gone");
            }
            int added = add(src);
            filled.signalAll();
            return added;
        } finally {
            lock.unlock();
            changed.run();
        }
    }

    private int add(MemorySegment src) {
        int length = (int) Math.min(ring.length - count, src.byteSize());
        int tail = (head + count) % ring.length;
        int first = Math.min(length, ring.length - tail);
        MemorySegment.copy(src, JAVA_BYTE, 0, ring, tail, first);
        MemorySegment.copy(src, JAVA_BYTE, first, ring, 0, length - first);
        count += length;
        return length;
    }

    @SuppressWarnings("WaitNotInLoop") // its callers loop
    private static void await(Condition condition, int flags) throws ErrnoException {
        if ((flags & Fcntl.O_NONBLOCK) != 0) {
            throw EAGAIN.error();
        }
        try {
            condition.await();
        } catch (InterruptedException e) {
            throw EINTR.error();
        }
    }

    /// Nothing more comes: readers get what is left and then 0, writers EIO.
    public void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
            emptied.signalAll();
        } finally {
            lock.unlock();
        }
        changed.run();
    }
}
