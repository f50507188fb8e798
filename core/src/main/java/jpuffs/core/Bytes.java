// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Copies between arrays and the buffers of operations.
public final class Bytes {
    private Bytes() {}

    /// What [Node#read] does for a file whose content is `content`: copies from `off` on as much as `dst` takes;
    /// returns the count, 0 at the end and beyond.
    public static int copyOut(byte[] content, long off, MemorySegment dst) {
        if (off >= content.length) {
            return 0;
        }
        int count = (int) Math.min(content.length - off, dst.byteSize());
        MemorySegment.copy(content, (int) off, dst, ValueLayout.JAVA_BYTE, 0, count);
        return count;
    }
}
