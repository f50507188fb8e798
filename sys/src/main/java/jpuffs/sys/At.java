// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// The system calls on (directory descriptor, path), and some on plain descriptor numbers, for file systems that
/// keep many of them.
///
/// Descriptors are the kernel's numbers here, not [Fd]s; [Fcntl#AT_FDCWD] stands for the current directory. Paths
/// are [Name]s of any length up to 4,095 bytes and may have slashes in them; [#EMPTY] with AT_EMPTY_PATH means the
/// descriptor itself. A NUL in a path is EINVAL. Exceptions have the errno alone, without a text.
///
/// Of an O_PATH descriptor the kernel takes stat, readlink, chown and times by [#EMPTY]; for the rest there are
/// methods here and in [Xattr], some of which go through `/proc/self/fd`, so `/proc` must be mounted.
public final class At {
    /// The empty path.
    public static final Name EMPTY = Name.of("");

    /// In place of a nanosecond count: now, and leave alone (utimensat(2)).
    private static final long UTIME_NOW = (1L << 30) - 1;

    private static final long UTIME_OMIT = (1L << 30) - 2;

    private static volatile boolean hasFchmodat2 = true; // until the kernel says otherwise (6.6 and later have it)

    private At() {}

    /// Opens a file, closed on exec; the descriptor is the caller's to [#close].
    public static int openat(int dir, Name path, int flags, int mode) throws ErrnoException {
        return (int) Native.check(tryOpenat(dir, path, flags, mode));
    }

    /// As [#openat], or -errno.
    public static int tryOpenat(int dir, Name path, int flags, int mode) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            return (int) Native.call(scratch, Syscalls.OPENAT, dir, scratch.path(path), flags | Fcntl.O_CLOEXEC, mode);
        }
    }

    /// Opens a file, closed on exec, with limits on how the path is resolved (openat2(2), kernel 5.6).
    ///
    /// @param resolve a set of the `RESOLVE_` constants. Breaking them is EXDEV or ELOOP, and EAGAIN if the
    ///     tree changed meanwhile; unknown flags are EINVAL
    public static int openat2(int dir, Name path, int flags, int mode, int resolve) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.pair(Scratch.STRUCT, Integer.toUnsignedLong(flags | Fcntl.O_CLOEXEC), mode); // struct open_how
            scratch.memory().set(JAVA_LONG, Scratch.STRUCT + 16, resolve);
            long how = scratch.at(Scratch.STRUCT);
            return (int) Native.check(Native.call(scratch, Syscalls.OPENAT2, dir, scratch.path(path), how, 24));
        }
    }

    /// Closes a descriptor that is not an [Fd].
    public static void close(int fd) {
        Native.call(Syscalls.CLOSE, fd);
    }

    /// What closing `fd` would tell, without closing it: network file systems may tell there that an earlier write
    /// failed (EIO, ENOSPC, EDQUOT).
    public static void flush(int fd) throws ErrnoException {
        int copy = (int) Native.check(Native.call(Syscalls.FCNTL, fd, Fcntl.F_DUPFD_CLOEXEC, 0));
        Native.check(Native.call(Syscalls.CLOSE, copy));
    }

    /// As [#close], and tells what close(2) tells, see [#flush]; the descriptor is closed all the same.
    public static void closeTelling(int fd) throws ErrnoException {
        Native.check(Native.call(Syscalls.CLOSE, fd));
    }

    /// As [Fd#read].
    public static int read(int fd, MemorySegment dst) throws ErrnoException {
        return transfer(Syscalls.READ, fd, Mem.writable(dst), dst.byteSize(), 0);
    }

    /// As [Fd#pread].
    public static int pread(int fd, MemorySegment dst, long off) throws ErrnoException {
        return transfer(Syscalls.PREAD64, fd, Mem.writable(dst), dst.byteSize(), off);
    }

    /// As [Fd#write].
    public static int write(int fd, MemorySegment src) throws ErrnoException {
        return transfer(Syscalls.WRITE, fd, Mem.readable(src), src.byteSize(), 0);
    }

    /// As [Fd#pwrite].
    public static int pwrite(int fd, MemorySegment src, long off) throws ErrnoException {
        return transfer(Syscalls.PWRITE64, fd, Mem.readable(src), src.byteSize(), off);
    }

    private static int transfer(int call, int fd, long address, long size, long off) throws ErrnoException {
        long result;
        do {
            result = Native.call(call, fd, address, size, off, 0, 0);
        } while (Native.interrupted(result));
        return (int) Native.check(result);
    }

    public static void ftruncate(int fd, long size) throws ErrnoException {
        Native.check(Native.call(Syscalls.FTRUNCATE, fd, size, 0));
    }

    /// The attributes of a file.
    ///
    /// @param flags AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_STATX_...
    public static Stat stat(int dir, Name path, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(statx(scratch, dir, path, flags));
            return Stat.of(scratch.memory(), Scratch.STRUCT);
        }
    }

    /// As [#stat], and null if there is no such file (ENOENT).
    public static @Nullable Stat statOrNull(int dir, Name path, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long result = statx(scratch, dir, path, flags);
            if (result == -Errno.ENOENT.number()) {
                return null;
            }
            Native.check(result);
            return Stat.of(scratch.memory(), Scratch.STRUCT);
        }
    }

    /// The attributes of what `fd` refers to; O_PATH will do.
    public static Stat fstat(int fd) throws ErrnoException {
        return stat(fd, EMPTY, Fcntl.AT_EMPTY_PATH);
    }

    private static long statx(Scratch scratch, int dir, Name path, int flags) throws ErrnoException {
        long out = scratch.at(Scratch.STRUCT);
        return Native.call(scratch, Syscalls.STATX, dir, scratch.path(path), flags, Stat.WANTED, out);
    }

    public static void mkdirat(int dir, Name path, int mode) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.MKDIRAT, dir, scratch.path(path), mode, 0));
        }
    }

    /// Makes a file of any type but directory and symbolic link.
    ///
    /// @param rdev as [jpuffs.core.Dev] has it
    public static void mknodat(int dir, Name path, int mode, int rdev) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long dev = Integer.toUnsignedLong(rdev);
            Native.check(Native.call(scratch, Syscalls.MKNODAT, dir, scratch.path(path), mode, dev));
        }
    }

    /// Removes a name.
    ///
    /// @param flags AT_REMOVEDIR for a directory
    public static void unlinkat(int dir, Name path, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.UNLINKAT, dir, scratch.path(path), flags, 0));
        }
    }

    /// Renames.
    ///
    /// @param flags RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT; EINVAL where the file system has them
    ///     not
    public static void renameat2(int dir, Name path, int newDir, Name newPath, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long from = scratch.path(path);
            long to = scratch.secondPath(newPath);
            Native.check(Native.call(scratch, Syscalls.RENAMEAT2, dir, from, newDir, to, flags));
        }
    }

    /// Makes a second name of a file.
    ///
    /// @param flags AT_SYMLINK_FOLLOW; AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH, [#linkFd] does not
    public static void linkat(int dir, Name path, int newDir, Name newPath, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long from = scratch.path(path);
            long to = scratch.secondPath(newPath);
            Native.check(Native.call(scratch, Syscalls.LINKAT, dir, from, newDir, to, flags));
        }
    }

    /// Makes a name of what `fd` refers to, be it O_PATH or O_TMPFILE. EXDEV, ENOENT if it has no name left.
    public static void linkFd(int fd, int newDir, Name newPath) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long from = scratch.procPath(fd);
            long to = scratch.secondPath(newPath);
            Native.check(
                    Native.call(scratch, Syscalls.LINKAT, Fcntl.AT_FDCWD, from, newDir, to, Fcntl.AT_SYMLINK_FOLLOW));
        }
    }

    /// Makes a symbolic link at `path` that holds `target`.
    public static void symlinkat(Name target, int dir, Name path) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long content = scratch.path(target);
            long link = scratch.secondPath(path);
            Native.check(Native.call(scratch, Syscalls.SYMLINKAT, content, dir, link, 0));
        }
    }

    /// What a symbolic link holds; with [#EMPTY] that of the O_PATH descriptor `dir`.
    public static byte[] readlinkat(int dir, Name path) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long out = scratch.at(Scratch.PATH + Scratch.PATH_MAX);
            long link = scratch.path(path);
            long count = Native.check(Native.call(scratch, Syscalls.READLINKAT, dir, link, out, Scratch.PATH_MAX));
            return scratch.bytes(Scratch.PATH + Scratch.PATH_MAX, (int) count);
        }
    }

    /// Changes the permissions of what `fd` refers to; O_PATH will do. EOPNOTSUPP for a symbolic link.
    public static void chmodFd(int fd, int mode) throws ErrnoException {
        int permissions = mode & Mode.PERMISSIONS;
        try (Scratch scratch = Scratch.take()) {
            if (hasFchmodat2) {
                long empty = scratch.path(EMPTY);
                long result = Native.call(scratch, Syscalls.FCHMODAT2, fd, empty, permissions, Fcntl.AT_EMPTY_PATH);
                if (result != -Errno.ENOSYS.number()) {
                    Native.check(result);
                    return;
                }
                hasFchmodat2 = false;
            }
            long path = scratch.procPath(fd);
            Native.check(Native.call(scratch, Syscalls.FCHMODAT, Fcntl.AT_FDCWD, path, permissions, 0));
        }
    }

    /// Changes the permissions of a file, following a symbolic link.
    public static void fchmodat(int dir, Name path, int mode) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            int permissions = mode & Mode.PERMISSIONS;
            Native.check(Native.call(scratch, Syscalls.FCHMODAT, dir, scratch.path(path), permissions, 0));
        }
    }

    /// Changes owner and group; -1 leaves one alone.
    ///
    /// @param flags AT_EMPTY_PATH (O_PATH will do), AT_SYMLINK_NOFOLLOW
    public static void fchownat(int dir, Name path, int uid, int gid, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long file = scratch.path(path);
            Native.check(Native.call(scratch, Syscalls.FCHOWNAT, dir, file, uid, gid, flags));
        }
    }

    /// Sets the times that `change` asks for (ATIME, MTIME, each perhaps with its NOW) and leaves the other alone;
    /// what else it asks for is not looked at.
    ///
    /// @param flags AT_EMPTY_PATH (O_PATH will do), AT_SYMLINK_NOFOLLOW
    public static void utimensat(int dir, Name path, SetAttr change, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            time(scratch, 0, change, SetAttr.ATIME, SetAttr.ATIME_NOW, change.atime());
            time(scratch, 16, change, SetAttr.MTIME, SetAttr.MTIME_NOW, change.mtime());
            long file = scratch.path(path);
            Native.check(Native.call(scratch, Syscalls.UTIMENSAT, dir, file, scratch.at(Scratch.STRUCT), flags));
        }
    }

    private static void time(Scratch scratch, int offset, SetAttr change, int set, int now, Time time) {
        if (!change.has(set)) {
            scratch.pair(Scratch.STRUCT + offset, 0, UTIME_OMIT);
        } else if (change.has(now)) {
            scratch.pair(Scratch.STRUCT + offset, 0, UTIME_NOW);
        } else {
            scratch.pair(Scratch.STRUCT + offset, time.seconds(), time.nanos());
        }
    }

    /// Whether this process may do to the file what `access` (R_OK, W_OK, X_OK, F_OK) says; EACCES is false, other
    /// failures are thrown.
    ///
    /// @param flags AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH
    public static boolean faccessat2(int dir, Name path, int access, int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long result = Native.call(scratch, Syscalls.FACCESSAT2, dir, scratch.path(path), access, flags);
            return result != -Errno.EACCES.number() && Native.check(result) == 0;
        }
    }

    /// Reads directory records into `buffer`, to be read with [Dirents]; returns the number of bytes, 0 at the end.
    /// EINVAL if not even one record fits.
    public static int getdents(int dir, MemorySegment buffer) throws ErrnoException {
        long address = Mem.writable(buffer);
        long size = Math.min(buffer.byteSize(), Integer.MAX_VALUE);
        return (int) Native.check(Native.call(Syscalls.GETDENTS64, dir, address, size));
    }

    /// Moves the offset of a descriptor, see [Fd#seek]; of a directory to a cookie that [Dirents] told.
    public static long seek(int fd, long off, int whence) throws ErrnoException {
        return Native.check(Native.call(Syscalls.LSEEK, fd, off, whence));
    }

    /// Copies a range within the kernel, see [Fd#copyFileRange].
    public static long copyFileRange(int fd, long off, int target, long targetOff, long length) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long in = scratch.pair(Scratch.STRUCT, off, targetOff);
            return Native.check(Native.call(scratch, Syscalls.COPY_FILE_RANGE, fd, in, target, in + 8, length, 0));
        }
    }

    /// The file system `fd` is on; O_PATH will do.
    public static StatFs fstatfs(int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.FSTATFS, fd, scratch.at(Scratch.STRUCT)));
            return StatFsRec.read(scratch.memory(), Scratch.STRUCT);
        }
    }

    /// The type of the file system `fd` is on, one of the numbers of `include/uapi/linux/magic.h`; O_PATH will do.
    public static int fsType(int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.FSTATFS, fd, scratch.at(Scratch.STRUCT)));
            return StatFsRec.type(scratch.memory(), Scratch.STRUCT);
        }
    }

    /// The file system `path` is on.
    public static StatFs statfs(Name path) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long file = scratch.path(path);
            Native.check(Native.call(scratch, Syscalls.STATFS, file, scratch.at(Scratch.STRUCT)));
            return StatFsRec.read(scratch.memory(), Scratch.STRUCT);
        }
    }
}
