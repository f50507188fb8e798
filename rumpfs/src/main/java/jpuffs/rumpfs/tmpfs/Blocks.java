// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.ENOSPC;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Native memory in blocks of 4 KiB, known by their numbers.
///
/// Blocks are cut from slabs of 2 MiB, a huge page of most machines; the lowest free block goes first, so
/// that a file written in one go lies side by side. A slab that has become free goes back to the system,
/// but for a few. Number 0 is never given out.
final class Blocks implements AutoCloseable {
    static final int SHIFT = 12;
    static final int SIZE = 1 << SHIFT;

    /// No block.
    static final int HOLE = 0;

    /// A block that is in use but has no memory yet: zeros.
    static final int UNWRITTEN = -1;

    private static final int SLAB_SHIFT = 9;
    private static final int SLAB_BLOCKS = 1 << SLAB_SHIFT;
    private static final int SPARE_SLABS = 4;

    private final long limit;
    private final Tmpfs.Memory memory;
    private final List<@Nullable Slab> slabs = new ArrayList<>();
    private final BitSet withFree = new BitSet(); // slabs that have a free block
    private final BitSet vacant = new BitSet(); // positions in `slabs` without a slab
    private int spare; // slabs without a used block
    private long used;

    private static final class Slab {
        final Arena arena = Arena.ofShared();
        final MemorySegment memory;
        final BitSet free = new BitSet(SLAB_BLOCKS);
        int used;

        /// ENOMEM.
        Slab(Tmpfs.Memory source) throws ErrnoException {
            memory = source.allocate((long) SLAB_BLOCKS * SIZE, arena);
            free.set(0, SLAB_BLOCKS);
        }
    }

    /// @param limit the most blocks that may be used
    /// @param memory what slabs are made of
    Blocks(long limit, Tmpfs.Memory memory) {
        this.memory = memory;
        this.limit = Math.min(limit, Integer.MAX_VALUE - SLAB_BLOCKS); // numbers are int
    }

    long limit() {
        return limit;
    }

    long used() {
        return used;
    }

    long free() {
        return limit - used;
    }

    /// The number of slabs.
    int slabs() {
        return slabs.size() - vacant.cardinality();
    }

    /// Takes a block without memory, an [#UNWRITTEN] one. ENOSPC.
    void reserve() throws ErrnoException {
        if (used >= limit) {
            throw ENOSPC.error();
        }
        used++;
    }

    /// Gives memory to a reserved block, with what its last user left in it; returns its number. ENOMEM.
    int write() throws ErrnoException {
        int position = withFree.nextSetBit(0);
        if (position < 0) {
            position = addSlab();
        }
        Slab slab = slab(position);
        int block = slab.free.nextSetBit(0);
        slab.free.clear(block);
        spare -= slab.used == 0 ? 1 : 0;
        slab.used++;
        if (slab.free.isEmpty()) {
            withFree.clear(position);
        }
        return position << SLAB_SHIFT | block;
    }

    /// Ends the use of a block with or without memory.
    void free(int block) {
        used--;
        if (block != UNWRITTEN) {
            freeMemory(block);
        }
    }

    private void freeMemory(int block) {
        int position = block >>> SLAB_SHIFT;
        Slab slab = slab(position);
        slab.free.set(block & SLAB_BLOCKS - 1);
        withFree.set(position);
        slab.used--;
        if (slab.used == 0 && ++spare > SPARE_SLABS) {
            removeSlab(position);
        }
    }

    /// The memory that has the block, at [#offset].
    MemorySegment memory(int block) {
        return slab(block >>> SLAB_SHIFT).memory;
    }

    /// Where the block begins in its [#memory].
    static long offset(int block) {
        return (long) (block & SLAB_BLOCKS - 1) << SHIFT;
    }

    private Slab slab(int position) {
        Slab slab = slabs.get(position);
        if (slab == null) {
            throw new IllegalStateException("no slab " + position);
        }
        return slab;
    }

    private int addSlab() throws ErrnoException {
        var slab = new Slab(memory);
        int position = vacant.nextSetBit(0);
        if (position < 0) {
            position = slabs.size();
            slabs.add(slab);
        } else {
            slabs.set(position, slab);
            vacant.clear(position);
        }
        if (position == 0) {
            slab.free.clear(HOLE);
        }
        withFree.set(position);
        spare++;
        return position;
    }

    private void removeSlab(int position) {
        slab(position).arena.close();
        slabs.set(position, null);
        vacant.set(position);
        withFree.clear(position);
        spare--;
    }

    /// Gives all memory back; the blocks may not be used any more.
    @Override
    public void close() {
        for (int position = 0; position < slabs.size(); position++) {
            if (!vacant.get(position)) {
                removeSlab(position);
            }
        }
    }
}
