// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import jpuffs.core.Attr;
import jpuffs.core.Time;

/// What makes two answers of the host the same file: the mount it was reached through, the inode number, and the
/// time of birth, which tells a file from an earlier one of the same number.
///
/// The mount is in it since a directory may not be in two places of one tree: seen through two bind mounts it is
/// two.
///
/// @param birth 0 where the host's file system does not tell
record FileId(Device device, long ino, long birth) {
    static FileId of(Device device, Attr attr) {
        return new FileId(device, attr.ino(), birth(attr.btime()));
    }

    /// Nanoseconds as one number; overflow beyond the year 2262 does not matter, as it is only compared.
    private static long birth(Time btime) {
        return btime.seconds() * 1_000_000_000L + btime.nanos();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileId id && ino == id.ino && birth == id.birth && device == id.device;
    }

    @Override
    public int hashCode() {
        long mixed = (ino + birth * 31) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) ^ device.index();
    }
}
