// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The memory of a loop's frames. Sizes are powers of two. Small blocks are cut from slabs of one arena and stay
/// until [#close]; of the large ones a few megabytes are kept for the next frame and the others given back.
///
/// Thread-safe: a frame may grow on a thread of [Blocking].
final class FramePool implements AutoCloseable {
    private static final int MIN_SHIFT = 9; // 512 bytes: requests, short replies
    private static final int SLAB_SHIFT = 16; // larger blocks have an arena each
    private static final int MAX_SHIFT = 30;
    private static final long SLAB = 4L << SLAB_SHIFT;
    private static final long MAX_IDLE = 8 << 20; // bytes in large blocks

    private final Arena arena = Arena.ofShared();
    private final List<ArrayDeque<Block>> free = new ArrayList<>();
    private MemorySegment slab = MemorySegment.NULL; // what is left of the newest slab
    private long idle; // bytes in large blocks that nobody has
    private int taken;

    FramePool() {
        for (int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
            free.add(new ArrayDeque<>());
        }
    }

    /// The class of blocks of at least `capacity` bytes.
    private static int shift(long capacity) {
        return Math.max(MIN_SHIFT, Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, capacity) - 1));
    }

    /// At least `capacity` bytes, with anything in them.
    synchronized Block take(int capacity) {
        int shift = shift(capacity);
        Block block = free.get(shift - MIN_SHIFT).poll();
        if (block == null) {
            block = shift <= SLAB_SHIFT ? cut(1L << shift) : large(1L << shift);
        } else if (block.own() != null) {
            idle -= block.memory().byteSize();
        }
        taken++;
        return block;
    }

    synchronized void give(Block block) {
        taken--;
        long size = block.memory().byteSize();
        if (block.own() != null) {
            if (idle + size > MAX_IDLE) {
                block.own().close();
                return;
            }
            idle += size;
        }
        free.get(shift(size) - MIN_SHIFT).push(block);
    }

    private Block cut(long size) {
        if (slab.byteSize() < size) {
            recycle();
            slab = arena.allocate(SLAB, 64);
        }
        var block = new Block(slab.asSlice(0, size), null);
        slab = slab.asSlice(size);
        return block;
    }

    /// What is left of a slab is too small for the block that is wanted: it becomes blocks of other classes.
    private void recycle() {
        while (slab.byteSize() >= 1L << MIN_SHIFT) {
            long size = Long.highestOneBit(slab.byteSize());
            free.get(shift(size) - MIN_SHIFT).push(new Block(slab.asSlice(0, size), null));
            slab = slab.asSlice(size);
        }
    }

    private static Block large(long size) {
        Arena own = Arena.ofShared();
        return new Block(own.allocate(size, 64), own);
    }

    /// The number of blocks that somebody has.
    synchronized int taken() {
        return taken;
    }

    /// Frees everything; a block that is still out must not be used any more.
    @Override
    public synchronized void close() {
        for (ArrayDeque<Block> blocks : free) {
            for (Block block : blocks) {
                if (block.own() != null) {
                    block.own().close();
                }
            }
            blocks.clear();
        }
        arena.close();
    }
}
