// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Native buffers for I/O, in size classes of powers of two from 4 KiB to 2 MiB, page-aligned.
///
/// They are carved from slabs of anonymous memory, which costs nothing until it is touched; slabs are kept until
/// [#close]. The total is bounded: beyond it [#take] answers null, and the caller waits or tells its client to. A
/// buffer is owned by who took it, until [#give]; its content is what the last owner left. Thread-safe; nothing
/// waits while it holds the lock.
public final class BufferPool implements AutoCloseable {
    public static final int MIN = 4 << 10;
    public static final int MAX = 2 << 20;

    private static final int MIN_SHIFT = Integer.numberOfTrailingZeros(MIN);
    private static final int CLASSES = Integer.numberOfTrailingZeros(MAX) - MIN_SHIFT + 1;
    private static final int SLAB = 256 << 10;

    private final long limit;
    private final Arena arena = Arena.ofShared();
    private final List<ArrayDeque<MemorySegment>> free = new ArrayList<>(CLASSES);
    private long mapped;
    private int outstanding;
    private boolean closed;

    /// A pool that maps at most `limit` bytes.
    public BufferPool(long limit) {
        this.limit = limit;
        for (int i = 0; i < CLASSES; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /// A buffer of at least `size` bytes, up to [#MAX]: the whole of its class, so twice as much at most.
    ///
    /// @return null if the pool is at its limit
    public synchronized @Nullable MemorySegment take(long size) {
        if (size < 0 || size > MAX) {
            throw new IllegalArgumentException("a buffer has at most " + MAX + " bytes: " + size);
        }
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
        int index = sizeClass(size);
        ArrayDeque<MemorySegment> buffers = free.get(index);
        if (buffers.isEmpty() && !grow(buffers, MIN << index)) {
            return null;
        }
        outstanding++;
        return buffers.pop();
    }

    private static int sizeClass(long size) {
        long last = Math.max(size, MIN) - 1;
        return Long.SIZE - Long.numberOfLeadingZeros(last) - MIN_SHIFT;
    }

    private boolean grow(ArrayDeque<MemorySegment> buffers, int size) {
        int slab = Math.max(SLAB, size);
        if (mapped + slab > limit) {
            slab = size; // near the limit: one buffer rather than none
        }
        if (mapped + slab > limit) {
            return false;
        }
        MemorySegment memory;
        try {
            memory = Mapping.anonymous(slab, arena);
        } catch (ErrnoException e) {
            return false; // the system's memory is at its limit, as good a reason as our own
        }
        mapped += slab;
        for (int at = 0; at < slab; at += size) {
            buffers.add(memory.asSlice(at, size));
        }
        return true;
    }

    /// Gives back what [#take] gave, the very segment and not a slice of it, once.
    public synchronized void give(MemorySegment buffer) {
        long size = buffer.byteSize();
        boolean fits = size >= MIN
                && size <= MAX
                && Long.bitCount(size) == 1
                && buffer.scope().equals(arena.scope());
        if (!fits || outstanding == 0) {
            throw new IllegalArgumentException("not a buffer of this pool: " + buffer);
        }
        outstanding--;
        free.get(sizeClass(size)).push(buffer);
    }

    /// How many buffers are taken and not given back.
    public synchronized int outstanding() {
        return outstanding;
    }

    /// The bytes of all slabs.
    public synchronized long mapped() {
        return mapped;
    }

    /// Unmaps everything.
    ///
    /// @throws IllegalStateException if buffers are outstanding; then nothing is unmapped
    @Override
    public synchronized void close() {
        if (outstanding != 0) {
            throw new IllegalStateException(outstanding + " buffers were not given back");
        }
        if (!closed) {
            closed = true;
            arena.close();
        }
    }
}
