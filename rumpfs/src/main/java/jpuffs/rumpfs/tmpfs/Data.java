// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.ENOSPC;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;

/// The bytes of a file: blocks and holes, without an end of its own. Between the end of the file and that
/// of a block there are zeros.
final class Data {
    private static final int MASK = Blocks.SIZE - 1;

    private final Blocks blocks;
    private final BlockMap map;

    Data(Blocks blocks, Space space) {
        this.blocks = blocks;
        this.map = new BlockMap(space);
    }

    /// The number of blocks in use.
    long blocks() {
        return map.count();
    }

    /// Fills the first `count` bytes of `dst` with those from `off` on.
    void read(MemorySegment dst, long off, long count) {
        for (long done = 0; done < count; ) {
            long at = off + done;
            long n = Math.min(Blocks.SIZE - (at & MASK), count - done);
            int block = map.get(at >>> Blocks.SHIFT);
            if (block > Blocks.HOLE) {
                MemorySegment.copy(blocks.memory(block), Blocks.offset(block) + (at & MASK), dst, done, n);
            } else {
                dst.asSlice(done, n).fill((byte) 0);
            }
            done += n;
        }
    }

    /// Writes `count` bytes of `src` from `srcOff` at `off`; returns how many there was room for. ENOSPC if
    /// for none.
    long write(MemorySegment src, long srcOff, long off, long count) throws ErrnoException {
        long done = 0;
        try {
            while (done < count) {
                long at = off + done;
                long n = Math.min(Blocks.SIZE - (at & MASK), count - done);
                int block = writable(at >>> Blocks.SHIFT, n < Blocks.SIZE);
                MemorySegment.copy(src, srcOff + done, blocks.memory(block), Blocks.offset(block) + (at & MASK), n);
                done += n;
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    /// A block with memory at `index`; if it is new and `zeroed`, of zeros.
    private int writable(long index, boolean zeroed) throws ErrnoException {
        int block = map.get(index);
        if (block > Blocks.HOLE) {
            return block;
        }
        if (block == Blocks.HOLE) {
            allocate(index);
        }
        int written = blocks.write();
        map.set(index, written);
        if (zeroed) {
            zeroBlock(written, 0, Blocks.SIZE);
        }
        return written;
    }

    /// Puts an unwritten block into the hole at `index`.
    private void allocate(long index) throws ErrnoException {
        map.reserve(index);
        blocks.reserve();
        map.set(index, Blocks.UNWRITTEN);
    }

    private void zeroBlock(int block, long from, long to) {
        blocks.memory(block).asSlice(Blocks.offset(block) + from, to - from).fill((byte) 0);
    }

    /// Makes zeros of all from `from` to before `to`: whole blocks become holes.
    void zero(long from, long to) {
        long firstWhole = (from >>> Blocks.SHIFT) + ((from & MASK) == 0 ? 0 : 1);
        long endWhole = to >>> Blocks.SHIFT;
        if (firstWhole > endWhole) {
            zeroPart(endWhole, from & MASK, to & MASK);
            return;
        }
        if ((from & MASK) != 0) {
            zeroPart(firstWhole - 1, from & MASK, Blocks.SIZE);
        }
        zeroPart(endWhole, 0, to & MASK);
        map.remove(firstWhole, endWhole, blocks::free);
    }

    private void zeroPart(long index, long from, long to) {
        int block = map.get(index);
        if (block > Blocks.HOLE) {
            zeroBlock(block, from, to);
        }
    }

    /// Cuts all off from `end` on.
    void truncate(long end) {
        long index = end >>> Blocks.SHIFT;
        if ((end & MASK) != 0) {
            zeroPart(index, end & MASK, Blocks.SIZE);
            index++;
        }
        map.remove(index, BlockMap.NONE, blocks::free);
    }

    /// Gives every byte from `from` to before `to` a block, which costs memory only when it is written.
    /// ENOSPC.
    void allocate(long from, long to) throws ErrnoException {
        long first = from >>> Blocks.SHIFT;
        long end = (to - 1 >>> Blocks.SHIFT) + 1;
        if (end - first - map.count(first, end) > blocks.free()) {
            throw ENOSPC.error();
        }
        for (long index = first; index < end; index++) {
            if (map.get(index) == Blocks.HOLE) {
                allocate(index);
            }
        }
    }

    /// The offset of the next byte in a written block from `off` on; [Long#MAX_VALUE] if there is none.
    long nextData(long off) {
        long index = map.nextData(off >>> Blocks.SHIFT);
        return index == BlockMap.NONE ? Long.MAX_VALUE : Math.max(off, index << Blocks.SHIFT);
    }

    /// The offset of the next byte in none from `off` on.
    long nextHole(long off) {
        return Math.max(off, map.nextHole(off >>> Blocks.SHIFT) << Blocks.SHIFT);
    }

    /// Copies up to `count` bytes from `off`, which is in a written block, to `targetOff` of `target`, at
    /// most to the end of the block; returns how many. ENOSPC.
    long copyBlock(long off, Data target, long targetOff, long count) throws ErrnoException {
        int block = map.get(off >>> Blocks.SHIFT);
        long n = Math.min(count, Blocks.SIZE - (off & MASK));
        return target.write(blocks.memory(block), Blocks.offset(block) + (off & MASK), targetOff, n);
    }
}
