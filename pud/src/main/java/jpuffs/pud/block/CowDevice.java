// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.BlockDevice;
import jpuffs.core.Extent;

/// Copy on write: what is written goes to memory, what is read comes from there or, where nothing was written, from
/// a device that stays as it is. Closing forgets the changes and closes that device.
///
/// Changes are kept in pieces of 4 KiB; the first write to a part of one reads the rest of it. May yield where the
/// device below does.
public final class CowDevice implements BlockDevice {
    private static final int LOCKS = 64;

    private final BlockDevice base;
    private final RamDevice changes;
    private final int piece;
    private final AtomicLongArray changed; // a bit for each piece
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS]; // of the pieces: held to copy one

    /// @param base owned from now on
    public CowDevice(BlockDevice base) throws IOException {
        this.base = base;
        piece = Math.max(base.blockSize(), 4096);
        changes = new RamDevice(base.size());
        changed = new AtomicLongArray(Math.toIntExact((base.size() / piece >> 6) + 1));
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    @Override
    public long size() {
        return base.size();
    }

    @Override
    public int blockSize() {
        return base.blockSize();
    }

    private boolean isChanged(long index) {
        return (changed.get((int) (index >>> 6)) >>> index & 1) != 0;
    }

    private void setChanged(long index) {
        changed.accumulateAndGet((int) (index >>> 6), 1L << index, (old, mask) -> old | mask);
    }

    /// How far from `off`, `len` at most, all pieces are changed, or none is.
    private long run(long off, long len) {
        long index = off / piece;
        boolean state = isChanged(index);
        long end = (index + 1) * piece;
        while (end < off + len && isChanged(end / piece) == state) {
            end += piece;
        }
        return Math.min(end, off + len) - off;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        for (long done = 0; done < dst.byteSize(); ) {
            long at = off + done;
            long length = run(at, dst.byteSize() - done);
            BlockDevice from = isChanged(at / piece) ? changes : base;
            from.read(dst.asSlice(done, length), at);
            done += length;
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        claimEdges(off, src.byteSize());
        changes.write(src, off);
        markWhole(off, src.byteSize());
    }

    /// A hole in the changes, which hides what is below.
    @Override
    public void zero(long off, long len) throws IOException {
        claimEdges(off, len);
        changes.zero(off, len);
        markWhole(off, len);
    }

    private void claimEdges(long off, long len) throws IOException {
        if (len > 0) {
            if (off % piece != 0 || len < piece) {
                claim(off / piece);
            }
            if ((off + len) % piece != 0) {
                claim((off + len) / piece);
            }
        }
    }

    private void markWhole(long off, long len) {
        for (long index = (off + piece - 1) / piece; (index + 1) * piece <= off + len; index++) {
            setChanged(index);
        }
    }

    /// Copies a piece from below, unless it was changed before.
    private void claim(long index) throws IOException {
        ReentrantLock lock = locks[(int) (index % LOCKS)];
        lock.lock();
        try (Arena arena = Arena.ofShared()) {
            if (!isChanged(index)) {
                long at = index * piece;
                MemorySegment copy = arena.allocate(Math.min(piece, size() - at));
                base.read(copy, at);
                changes.write(copy, at);
                setChanged(index);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Extent extent(long off, long len) throws IOException {
        long length = run(off, len);
        return (isChanged(off / piece) ? changes : base).extent(off, length);
    }

    @Override
    public void close() throws IOException {
        changes.close();
        base.close();
    }
}
