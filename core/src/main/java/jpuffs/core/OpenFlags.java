// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// The flags of open(2) with the numbers of the machine this runs on (`include/uapi/asm-generic/fcntl.h`, and for
/// aarch64 `arch/arm64/include/uapi/asm/fcntl.h`): what [Node#open] and [Node#create] are given.
public final class OpenFlags {
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

    /// The bits that are one of [#O_RDONLY], [#O_WRONLY] and [#O_RDWR].
    public static final int O_ACCMODE = 3;

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DSYNC = 010000;
    public static final int O_DIRECT = ARM ? 0200000 : 040000;
    public static final int O_LARGEFILE = ARM ? 0400000 : 0100000;
    public static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    public static final int O_NOATIME = 01000000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_SYNC = 04000000 | O_DSYNC;
    public static final int O_PATH = 010000000;
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    private OpenFlags() {}

    /// Whether a file opened with `flags` may be read.
    public static boolean canRead(int flags) {
        return (flags & O_ACCMODE) != O_WRONLY;
    }

    /// Whether a file opened with `flags` may be written.
    public static boolean canWrite(int flags) {
        return (flags & O_ACCMODE) != O_RDONLY;
    }
}
