// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.Time;

/// What statx(2) tells of a file: its attributes, and where it is.
///
/// @param dev the device the file system is on, major number in the upper 32 bits, minor in the lower
/// @param mountId the number of the mount the file was reached through; 0 where the kernel does not tell
///     (before 5.8)
public record Stat(Attr attr, long dev, long mountId) {
    // struct statx, include/uapi/linux/stat.h
    static final int SIZE = 256;
    static final int MASK = 0;
    static final int BLKSIZE = 4;
    static final int NLINK = 16;
    static final int UID = 20;
    static final int GID = 24;
    static final int MODE = 28;
    static final int INO = 32;
    static final int FILE_SIZE = 40;
    static final int BLOCKS = 48;
    static final int ATIME = 64;
    static final int BTIME = 80;
    static final int CTIME = 96;
    static final int MTIME = 112;
    static final int RDEV_MAJOR = 128;
    static final int RDEV_MINOR = 132;
    static final int DEV_MAJOR = 136;
    static final int DEV_MINOR = 140;
    static final int MNT_ID = 144;

    static final int STATX_BASIC_STATS = 0x7ff;
    static final int STATX_BTIME = 0x800;
    static final int STATX_MNT_ID = 0x1000;

    /// What [#of] reads.
    static final int WANTED = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;

    /// Reads a `struct statx` at `at`.
    static Stat of(MemorySegment memory, long at) {
        int mask = memory.get(JAVA_INT, at + MASK);
        var attr = new Attr(
                memory.get(JAVA_LONG, at + INO),
                memory.get(JAVA_SHORT, at + MODE) & 0xffff,
                memory.get(JAVA_INT, at + NLINK),
                memory.get(JAVA_INT, at + UID),
                memory.get(JAVA_INT, at + GID),
                Dev.make(memory.get(JAVA_INT, at + RDEV_MAJOR), memory.get(JAVA_INT, at + RDEV_MINOR)),
                memory.get(JAVA_LONG, at + FILE_SIZE),
                memory.get(JAVA_LONG, at + BLOCKS),
                memory.get(JAVA_INT, at + BLKSIZE),
                time(memory, at + ATIME),
                time(memory, at + MTIME),
                time(memory, at + CTIME),
                (mask & STATX_BTIME) != 0 ? time(memory, at + BTIME) : Time.EPOCH);
        long major = memory.get(JAVA_INT, at + DEV_MAJOR);
        long dev = major << 32 | Integer.toUnsignedLong(memory.get(JAVA_INT, at + DEV_MINOR));
        return new Stat(attr, dev, (mask & STATX_MNT_ID) != 0 ? memory.get(JAVA_LONG, at + MNT_ID) : 0);
    }

    private static Time time(MemorySegment memory, long at) {
        return new Time(memory.get(JAVA_LONG, at), memory.get(JAVA_INT, at + 8));
    }

    /// The minor number of `dev`: for FUSE file systems the number of the connection.
    public int devMinor() {
        return (int) dev;
    }

    /// The major number of `dev`; 0 for file systems without a block device.
    public int devMajor() {
        return (int) (dev >>> 32);
    }
}
