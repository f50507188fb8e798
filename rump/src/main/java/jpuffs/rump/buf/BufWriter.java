// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import jpuffs.core.BlockDevice;
import org.jspecify.annotations.Nullable;

/// The dirty buffers of a cache in the order of their blocks, and how they are written: neighbours in one write,
/// from a copy made under the cache's lock. Guarded by that lock, which is given up for the time of each write.
final class BufWriter {
    private final BufCache cache;
    private final BlockDevice device;
    private final BufMemory memory;
    private final int maxRun;
    private final TreeMap<Long, Buf> dirty = new TreeMap<>();
    private int inFlight;
    private long position;
    private long written;
    private long writes;

    BufWriter(BufCache cache, BlockDevice device, BufMemory memory, int maxRun) {
        this.cache = cache;
        this.device = device;
        this.memory = memory;
        this.maxRun = maxRun;
    }

    long written() {
        return written;
    }

    long writes() {
        return writes;
    }

    void add(Buf buf) {
        dirty.put(buf.blkno(), buf);
    }

    void remove(Buf buf) {
        if (buf.dirty) {
            buf.dirty = false;
            dirty.remove(buf.blkno());
        }
    }

    /// Writes what is dirty and not pinned, once through from the lowest block, and waits for writes of others.
    void writeAll() throws IOException {
        IOException failure = null;
        Map.Entry<Long, Buf> next = dirty.firstEntry();
        while (next != null) {
            Buf buf = next.getValue();
            long after = buf.blkno() + 1;
            if (buf.pins == 0) {
                try {
                    after = writeFrom(buf, other -> true, true);
                } catch (IOException e) {
                    failure = failure == null ? e : failure;
                }
            }
            next = dirty.ceilingEntry(after);
        }
        while (inFlight > 0) {
            cache.ioDone.awaitUninterruptibly();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /// Writes one, and its dirty neighbours above with it.
    void writeAround(Buf buf) throws IOException {
        if (buf.dirty && buf.pins == 0) {
            writeFrom(buf, other -> true, true);
        }
        awaitWritten(buf);
    }

    void writeOne(Buf buf) throws IOException {
        if (buf.dirty) {
            writeFrom(buf, other -> other == buf, true);
        }
        awaitWritten(buf);
    }

    /// Writes about `count` of those that nobody holds, going on where the last time ended. What fails is not dirty
    /// any more, since there is no room to keep it.
    ///
    /// @return whether there were any
    boolean writeIdle(int count) throws IOException {
        long before = written;
        long from = position;
        Buf next = idleFrom(from);
        if (next == null) {
            from = 0;
            next = idleFrom(0);
        }
        if (next == null) {
            return false;
        }
        while (next != null && written - before < count) {
            position = writeFrom(next, Buf::isIdle, false);
            next = idleFrom(position);
        }
        return true;
    }

    private @Nullable Buf idleFrom(long blkno) {
        for (Buf buf : dirty.tailMap(blkno, true).values()) {
            if (buf.isIdle()) {
                return buf;
            }
        }
        return null;
    }

    private void awaitWritten(Buf buf) {
        while (buf.writing) {
            cache.ioDone.awaitUninterruptibly();
        }
    }

    /// Writes the run that begins with `first`, which is dirty and not pinned: those that follow without a gap, are
    /// dirty, not pinned, not just being written, and wanted.
    ///
    /// @param keep whether they are dirty again if it fails
    /// @return the block after the run
    private long writeFrom(Buf first, Predicate<Buf> wanted, boolean keep) throws IOException {
        awaitWritten(first);
        if (!first.dirty || first.pins > 0) {
            return first.blkno() + 1; // others went on during the wait
        }
        MemorySegment scratch = memory.takeRun();
        List<Buf> run = gather(first, wanted);
        boolean done = false;
        MemorySegment bytes = copy(run, scratch);
        inFlight++;
        cache.lock.unlock();
        try {
            device.write(bytes, first.blkno() * cache.blockSize());
            done = true;
        } finally {
            cache.lock.lock();
            inFlight--;
            writes++;
            written += run.size();
            memory.freeRun(scratch);
            finish(run, !done && keep);
        }
        return first.blkno() + run.size();
    }

    private List<Buf> gather(Buf first, Predicate<Buf> wanted) {
        var run = new ArrayList<Buf>();
        run.add(first);
        for (Buf buf : dirty.tailMap(first.blkno(), false).values()) {
            boolean follows = buf.blkno() == first.blkno() + run.size();
            if (!follows || run.size() == maxRun || buf.pins > 0 || buf.writing || !wanted.test(buf)) {
                break;
            }
            run.add(buf);
        }
        return run;
    }

    private MemorySegment copy(List<Buf> run, MemorySegment scratch) {
        long at = 0;
        for (Buf buf : run) {
            MemorySegment.copy(buf.data(), 0, scratch, at, cache.blockSize());
            at += cache.blockSize();
            remove(buf);
            buf.writing = true;
        }
        return scratch.asSlice(0, at);
    }

    private void finish(List<Buf> run, boolean again) {
        for (Buf buf : run) {
            buf.writing = false;
            if (again && !buf.dirty) {
                buf.dirty = true;
                add(buf);
            }
        }
        cache.ioDone.signalAll();
    }
}
