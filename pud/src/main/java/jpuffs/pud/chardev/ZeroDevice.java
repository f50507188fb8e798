// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import java.lang.foreign.MemorySegment;
import jpuffs.core.CharDevice;

/// Zeros without end, as `/dev/zero`; what is written is gone.
public final class ZeroDevice implements CharDevice {
    public ZeroDevice() {}

    @Override
    public int read(MemorySegment dst, long off, int flags) {
        dst.fill((byte) 0);
        return (int) dst.byteSize();
    }

    @Override
    public int write(MemorySegment src, long off, int flags) {
        return (int) src.byteSize();
    }
}
