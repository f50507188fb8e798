// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import java.lang.foreign.MemorySegment;
import jpuffs.core.CharDevice;

/// Takes everything and has nothing, as `/dev/null`.
public final class NullDevice implements CharDevice {
    public NullDevice() {}

    @Override
    public int read(MemorySegment dst, long off, int flags) {
        return 0;
    }

    @Override
    public int write(MemorySegment src, long off, int flags) {
        return (int) src.byteSize();
    }
}
