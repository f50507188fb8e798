// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// The memory of a cache: blocks cut from slabs, and a few long buffers for clustered I/O. Guarded by the lock of
/// the cache.
final class BufMemory implements AutoCloseable {
    private static final int SLAB = 64 << 10;
    private static final int PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private final ArrayDeque<MemorySegment> freeRuns = new ArrayDeque<>();
    private final int blockSize;
    private final int runBytes;

    BufMemory(int blockSize, int runBytes) {
        this.blockSize = blockSize;
        this.runBytes = runBytes;
    }

    /// A block with any content.
    MemorySegment take() {
        if (free.isEmpty()) {
            MemorySegment slab = arena.allocate(Math.max(SLAB, 4L * blockSize), PAGE);
            for (long at = 0; at < slab.byteSize(); at += blockSize) {
                free.add(slab.asSlice(at, blockSize));
            }
        }
        return free.removeLast();
    }

    void free(MemorySegment block) {
        free.add(block);
    }

    /// A buffer of the longest run. As many are made as are in use at once.
    MemorySegment takeRun() {
        return freeRuns.isEmpty() ? arena.allocate(runBytes, PAGE) : freeRuns.removeLast();
    }

    void freeRun(MemorySegment run) {
        freeRuns.add(run);
    }

    @Override
    public void close() {
        arena.close();
    }
}
