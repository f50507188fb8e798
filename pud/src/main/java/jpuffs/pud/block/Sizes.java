// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Sizes of devices.
final class Sizes {
    static final int SECTOR = 512;

    private Sizes() {}

    /// `size` if a device can have it.
    ///
    /// @throws ErrnoException EINVAL
    static long check(long size) throws ErrnoException {
        if (size <= 0 || size % SECTOR != 0) {
            throw Errno.EINVAL.error("a device of %d bytes: it has a multiple of %d", size, SECTOR);
        }
        return size;
    }
}
