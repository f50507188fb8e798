// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Addresses of the segments callers hand in.
final class Mem {
    private Mem() {}

    /// The address of a segment the kernel will read.
    static long readable(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a native segment is needed, not one on the heap: " + segment);
        }
        return segment.address();
    }

    /// The address of a segment the kernel will fill.
    static long writable(MemorySegment segment) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException("a read-only segment cannot be filled: " + segment);
        }
        return readable(segment);
    }

    /// Puts an array of `struct iovec` at [Scratch#PATH]; returns its length.
    static int iovecs(Scratch scratch, List<MemorySegment> segments, boolean fill) {
        int count = segments.size();
        if (count > Fd.IOV_MAX) {
            throw new IllegalArgumentException("at most " + Fd.IOV_MAX + " segments, not " + count);
        }
        for (int i = 0; i < count; i++) {
            MemorySegment segment = segments.get(i);
            long address = fill ? writable(segment) : readable(segment);
            scratch.pair(Scratch.PATH + 16 * i, address, segment.byteSize());
        }
        return count;
    }
}
