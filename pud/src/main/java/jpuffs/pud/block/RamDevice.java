// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;
import jpuffs.core.BlockDevice;
import jpuffs.core.Extent;
import jpuffs.sys.Mapping;

/// A disk in memory. Takes what was written to it and no more: what was never written, zeroed or trimmed is a hole.
///
/// Space comes and goes in pieces of 64 KiB. Any number of threads, no locks: who reads what another writes may see
/// a part of it, as on a disk.
public final class RamDevice implements BlockDevice {
    private static final int SHIFT = 16;
    private static final long PIECE = 1L << SHIFT;

    private final long size;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final AtomicLongArray written; // a bit for each piece

    /// @param size in bytes, a multiple of 512
    /// @throws IOException EINVAL for any other; ENOMEM beyond what can be mapped (some 100 TiB)
    public RamDevice(long size) throws IOException {
        this.size = Sizes.check(size);
        memory = Mapping.sparse(size, arena);
        written = new AtomicLongArray(Math.toIntExact((size >>> SHIFT + 6) + 1));
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean canTrim() {
        return true;
    }

    private boolean isWritten(long piece) {
        return (written.get((int) (piece >>> 6)) >>> piece & 1) != 0;
    }

    private void setWritten(long piece) {
        int word = (int) (piece >>> 6);
        long bit = 1L << piece;
        if ((written.get(word) & bit) == 0) {
            written.accumulateAndGet(word, bit, (old, mask) -> old | mask);
        }
    }

    @Override
    public void read(MemorySegment dst, long off) {
        MemorySegment.copy(memory, off, dst, 0, dst.byteSize());
    }

    /// The bytes themselves, to be read in place until [#close].
    public MemorySegment view(long off, long len) {
        return memory.asSlice(off, len).asReadOnly();
    }

    @Override
    public void write(MemorySegment src, long off) {
        MemorySegment.copy(src, 0, place(off, src.byteSize()), 0, src.byteSize());
    }

    /// The bytes themselves, to be written in place until [#close]; [#placed] tells that they are.
    public MemorySegment place(long off, long len) {
        placed(off, len); // now, for who stops half-way; and in the end, for a trim in between
        return memory.asSlice(off, len);
    }

    /// What [#place] gave has been written.
    public void placed(long off, long len) {
        for (long piece = off >>> SHIFT; piece << SHIFT < off + len; piece++) {
            setWritten(piece);
        }
    }

    @Override
    public void trim(long off, long len) throws IOException {
        zero(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        long first = Math.min(off + len, off + PIECE - 1 & -PIECE);
        long last = Math.max(first, off + len == size ? size : off + len & -PIECE);
        memory.asSlice(off, first - off).fill((byte) 0);
        discard(first, last);
        memory.asSlice(last, off + len - last).fill((byte) 0);
    }

    /// Gives whole pieces back; those that nobody wrote cost nothing.
    private void discard(long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            Extent extent = extent(at, to - at);
            if (!extent.isHole()) {
                for (long piece = at >>> SHIFT; piece << SHIFT < at + extent.length(); piece++) {
                    long bit = 1L << piece;
                    written.accumulateAndGet((int) (piece >>> 6), bit, (old, mask) -> old & ~mask);
                }
                Mapping.discard(memory.asSlice(at, extent.length()));
            }
            at += extent.length();
        }
    }

    @Override
    public Extent extent(long off, long len) {
        long piece = off >>> SHIFT;
        boolean hole = !isWritten(piece);
        long end = piece + 1;
        while (end << SHIFT < off + len && isWritten(end) != hole) {
            end = hole && written.get((int) (end >>> 6)) == 0 ? (end | 63) + 1 : end + 1;
        }
        return new Extent(Math.min(end << SHIFT, off + len) - off, hole);
    }

    @Override
    public void close() {
        arena.close();
    }
}
