// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/// The bits of a file's mode (`include/uapi/linux/stat.h`): its type and its permissions.
public final class Mode {
    public static final int S_IFMT = 0170000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;

    public static final int S_ISUID = 04000;
    public static final int S_ISGID = 02000;
    public static final int S_ISVTX = 01000;
    public static final int S_IXGRP = 00010;

    /// All permission bits, with set-user-id, set-group-id and sticky.
    public static final int PERMISSIONS = 07777;

    private Mode() {}

    /// The type bits of `mode`, one of the `S_IF` constants in a valid mode.
    public static int type(int mode) {
        return mode & S_IFMT;
    }

    public static boolean isDirectory(int mode) {
        return type(mode) == S_IFDIR;
    }

    public static boolean isRegular(int mode) {
        return type(mode) == S_IFREG;
    }

    public static boolean isSymlink(int mode) {
        return type(mode) == S_IFLNK;
    }

    /// Whether `mode` is of a character or block device.
    public static boolean isDevice(int mode) {
        return type(mode) == S_IFCHR || type(mode) == S_IFBLK;
    }

    /// Whether the type bits of `mode` are those of one of the seven file types.
    public static boolean isValidType(int mode) {
        return switch (type(mode)) {
            case S_IFSOCK, S_IFLNK, S_IFREG, S_IFBLK, S_IFDIR, S_IFCHR, S_IFIFO -> true;
            default -> false;
        };
    }

    /// The permission bits of a set as `java.nio.file` has it.
    public static int of(Set<PosixFilePermission> permissions) {
        int mode = 0;
        int bit = 0400;
        for (PosixFilePermission permission : PosixFilePermission.values()) { // in the order of the bits
            mode |= permissions.contains(permission) ? bit : 0;
            bit >>= 1;
        }
        return mode;
    }

    /// The set of the permission bits of `mode`: reading, writing and executing, not set-user-id and its like.
    public static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        int bit = 0400;
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & bit) != 0) {
                permissions.add(permission);
            }
            bit >>= 1;
        }
        return permissions;
    }

    /// `mode` as a write by somebody without privilege leaves it: no set-user-id, and no set-group-id where the
    /// group may execute (without that bit it is not a set-group-id program).
    public static int withoutSuid(int mode) {
        int cleared = mode & ~S_ISUID;
        return (mode & S_IXGRP) != 0 ? cleared & ~S_ISGID : cleared;
    }
}
