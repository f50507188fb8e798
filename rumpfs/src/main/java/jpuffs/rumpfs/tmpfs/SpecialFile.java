// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import jpuffs.core.Attr;

/// A device, FIFO or socket: what it does is the driver's business, here it is a name and attributes.
final class SpecialFile extends Inode {
    private final int rdev;

    SpecialFile(Tmpfs fs, long ino, Attr attr, int rdev) {
        super(fs, ino, attr);
        this.rdev = rdev;
    }

    @Override
    long size() {
        return 0;
    }

    @Override
    int rdev() {
        return rdev;
    }
}
