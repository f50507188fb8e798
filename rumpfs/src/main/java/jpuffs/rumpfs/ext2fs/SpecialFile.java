// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import jpuffs.core.Dev;
import jpuffs.core.Mode;
import jpuffs.rumpfs.io.Le;

/// A device, a fifo or a socket. A device's number is where other files have their first block: if it fits 8 and 8
/// bits there, else one further in the form of [Dev].
final class SpecialFile extends Inode {
    SpecialFile(Ext2Fs fs, int ino, InodeRec rec) {
        super(fs, ino, rec);
    }

    @Override
    int rdev() {
        if (!Mode.isDevice(rec.mode())) {
            return 0;
        }
        int small = Le.i32(rec.raw, BLOCK);
        return small != 0 ? Dev.make(small >>> 8 & 0xff, small & 0xff) : Le.i32(rec.raw, BLOCK + 4);
    }

    static void setRdev(InodeRec rec, int rdev) {
        Le.zero(rec.raw, BLOCK, BLOCK_BYTES);
        int major = Dev.major(rdev);
        int minor = Dev.minor(rdev);
        if (major < 256 && minor < 256) {
            Le.put32(rec.raw, BLOCK, major << 8 | minor);
        } else {
            Le.put32(rec.raw, BLOCK + 4, rdev);
        }
    }
}
