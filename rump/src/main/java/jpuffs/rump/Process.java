// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.core.StatFs;
import org.jspecify.annotations.Nullable;

/// A process of a [Kernel]: credentials, working directory, umask and descriptors. Its methods are the system calls
/// of the same name, with the results and errors of Linux (man section 2); only what differs is said here.
///
/// Paths are bytes without a NUL at the end. A relative one starts at `dirfd`, a descriptor of a directory or
/// [#AT_FDCWD]. Any thread may make calls, several at a time; one that waits for another process ends with EINTR
/// when its thread is interrupted. Descriptors have no close-on-exec flag, since nothing is executed here.
@SuppressWarnings("JavaLangClash") // the field's word
public final class Process implements SystemCalls, AutoCloseable {
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_EACCESS = 0x200;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_EMPTY_PATH = 0x1000;

    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    /// The limit of descriptors a process begins with.
    public static final int RLIMIT_NOFILE = 1024;

    /// What F_SETFL changes.
    private static final int SETTABLE =
            OpenFlags.O_APPEND | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT | OpenFlags.O_NOATIME;

    private final Proc proc;
    private final FileOps files;
    private final DirOps dirs;
    private final AttrOps attrs;
    private final XattrOps xattrs;

    Process(Proc proc) {
        this.proc = proc;
        files = new FileOps(proc);
        dirs = new DirOps(proc);
        attrs = new AttrOps(proc);
        xattrs = new XattrOps(proc);
    }

    private <R> R call(ScopedValue.CallableOp<R, IOException> call) throws ErrnoException {
        return proc.kernel().run(proc.caller(), call);
    }

    @FunctionalInterface
    private interface Action {
        void run() throws IOException;
    }

    private void act(Action action) throws ErrnoException {
        call(() -> {
            action.run();
            return true;
        });
    }

    private FdTable fds() {
        return proc.fds();
    }

    // The process

    /// A child with the same credentials, umask and working directory, which shares the open files.
    public Process fork() throws ErrnoException {
        return forkAs(proc.cred());
    }

    /// As [#fork()] and then setuid(2) and its like.
    public Process forkAs(Cred cred) throws ErrnoException {
        return call(() -> new Process(proc.fork(cred)));
    }

    /// exit(2): closes all descriptors.
    @Override
    public void close() {
        proc.kernel().exit(proc);
    }

    public int getpid() {
        return proc.pid();
    }

    /// Sets the umask; the old one.
    public int umask(int mask) throws ErrnoException {
        return call(() -> proc.setUmask(mask & 0777));
    }

    /// setrlimit(2) of RLIMIT_NOFILE.
    public void setNofile(int limit) throws ErrnoException {
        act(() -> fds().setLimit(limit));
    }

    public void chdir(byte[] path) throws ErrnoException {
        act(() -> proc.changeDirectory(proc.find(AT_FDCWD, path, true, 0)));
    }

    public void fchdir(int fd) throws ErrnoException {
        act(() -> proc.changeDirectory(fds().any(fd).vnode.hold()));
    }

    /// Mounts a file system on a directory, or one whose root is a file on a file.
    ///
    /// @param flags [Kernel#MS_RDONLY] or 0
    public void mount(FileSystem fs, byte[] path, int flags) throws ErrnoException {
        act(() -> proc.kernel().mounts().mount(proc, fs, path, flags));
    }

    /// mount(2) with MS_REMOUNT: other flags for what is mounted at `path`.
    public void remount(byte[] path, int flags) throws ErrnoException {
        act(() -> proc.kernel().mounts().remount(proc, path, flags));
    }

    /// umount2(2).
    ///
    /// @param force also while it is in use: what is open then answers EIO
    public void unmount(byte[] path, boolean force) throws ErrnoException {
        act(() -> proc.kernel().mounts().unmount(proc, path, force));
    }

    // Descriptors

    @Override
    public int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException {
        return call(() -> {
            fds().free(0);
            File file = new Opener(proc, flags, mode).open(dirfd, path);
            return fds().put(fds().free(0), file);
        });
    }

    @Override
    public void close(int fd) throws ErrnoException {
        act(() -> proc.close(fd));
    }

    public int dup(int fd) throws ErrnoException {
        return dupFrom(fd, 0);
    }

    /// fcntl(2), F_DUPFD.
    public int dupFrom(int fd, int least) throws ErrnoException {
        return call(() -> {
            File file = fds().any(fd);
            if (least < 0 || least >= fds().limit()) {
                throw EINVAL.error();
            }
            return fds().put(fds().free(least), file);
        });
    }

    public int dup2(int fd, int newFd) throws ErrnoException {
        return call(() -> {
            File file = fds().any(fd);
            if (newFd < 0 || newFd >= fds().limit()) {
                throw Errno.EBADF.error();
            }
            if (newFd != fd) {
                if (fds().isOpen(newFd)) {
                    proc.closeQuietly(newFd);
                }
                fds().put(newFd, file);
            }
            return newFd;
        });
    }

    /// fcntl(2), F_GETFL.
    public int getfl(int fd) throws ErrnoException {
        return call(() -> fds().any(fd).flags());
    }

    /// fcntl(2), F_SETFL.
    public void setfl(int fd, int flags) throws ErrnoException {
        act(() -> {
            File file = fds().get(fd);
            if ((flags & ~file.flags() & OpenFlags.O_NOATIME) != 0 && !proc.owns(file.vnode.attr())) {
                throw EPERM.error();
            }
            file.setFlags(file.flags() & ~SETTABLE | flags & SETTABLE);
        });
    }

    // Input and output

    @Override
    public int read(int fd, MemorySegment dst) throws ErrnoException {
        return call(() -> files.read(fds().get(fd), dst));
    }

    @Override
    public int pread(int fd, MemorySegment dst, long off) throws ErrnoException {
        return call(() -> files.pread(fds().get(fd), dst, off));
    }

    @Override
    public int write(int fd, MemorySegment src) throws ErrnoException {
        return call(() -> files.write(fds().get(fd), src));
    }

    @Override
    public int pwrite(int fd, MemorySegment src, long off) throws ErrnoException {
        return call(() -> files.pwrite(fds().get(fd), src, off));
    }

    @Override
    public long lseek(int fd, long off, int whence) throws ErrnoException {
        return call(() -> files.lseek(fds().get(fd), off, whence));
    }

    /// Entries from the descriptor's position on, until `sink` refuses one or they are at an end (then it was not
    /// called). The cookies are positions for [#lseek].
    @Override
    public void getdents(int fd, DirSink sink) throws ErrnoException {
        act(() -> files.getdents(fds().get(fd), sink));
    }

    public void truncate(byte[] path, long size) throws ErrnoException {
        withFile(AT_FDCWD, path, 0, vnode -> attrs.truncate(vnode, size));
    }

    @Override
    public void ftruncate(int fd, long size) throws ErrnoException {
        act(() -> attrs.ftruncate(fds().get(fd), size));
    }

    public void fallocate(int fd, int mode, long off, long len) throws ErrnoException {
        act(() -> files.fallocate(fds().get(fd), mode, off, len));
    }

    /// The offsets are given: no position moves.
    public long copyFileRange(int fdIn, long offIn, int fdOut, long offOut, long len) throws ErrnoException {
        return call(() -> files.copy(fds().get(fdIn), offIn, fds().get(fdOut), offOut, len));
    }

    public void fsync(int fd) throws ErrnoException {
        act(() -> files.fsync(fds().get(fd), false));
    }

    public void fdatasync(int fd) throws ErrnoException {
        act(() -> files.fsync(fds().get(fd), true));
    }

    public void sync() throws ErrnoException {
        act(proc.kernel().mounts()::sync);
    }

    // Locks

    /// fcntl(2), F_GETLK: what is in the way of `wanted`, or null.
    public @Nullable Flock getlk(int fd, Flock wanted) throws ErrnoException {
        Flock[] found = new Flock[1];
        act(() -> found[0] = FileLocks.get(proc, fds().get(fd), wanted));
        return found[0];
    }

    /// fcntl(2), F_SETLK, or F_SETLKW if `wait`.
    public void setlk(int fd, Flock wanted, boolean wait) throws ErrnoException {
        act(() -> FileLocks.set(proc, fds().get(fd), wanted, wait));
    }

    /// As flock(2).
    ///
    /// @param operation LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB or not
    public void flock(int fd, int operation) throws ErrnoException {
        act(() -> FileLocks.flock(proc, fds().get(fd), operation));
    }

    // Names

    @Override
    public void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException {
        act(() -> dirs.mkdir(dirfd, path, mode));
    }

    /// As mknod(2).
    ///
    /// @param rdev as [jpuffs.core.Dev] makes it
    @Override
    public void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException {
        act(() -> dirs.mknod(dirfd, path, mode, rdev));
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException {
        act(() -> dirs.symlink(target, dirfd, path));
    }

    @Override
    public void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        act(() -> dirs.link(dirfd, path, newDirfd, newPath, flags));
    }

    /// As unlinkat(2).
    ///
    /// @param flags AT_REMOVEDIR or 0
    @Override
    public void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException {
        act(() -> {
            checkFlags(flags, AT_REMOVEDIR);
            if (flags == 0) {
                dirs.unlink(dirfd, path);
            } else {
                dirs.rmdir(dirfd, path);
            }
        });
    }

    @Override
    public void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        act(() -> new Rename(proc, dirs, flags).rename(dirfd, path, newDirfd, newPath));
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException {
        return call(() -> {
            try (var held = new Held(proc.find(dirfd, path, false, AT_EMPTY_PATH))) {
                if (!held.vnode().isSymlink()) {
                    throw (path.length == 0 ? ENOENT : EINVAL).error();
                }
                return held.vnode().node().readlink();
            }
        });
    }

    // Attributes

    public Stat fstat(int fd) throws ErrnoException {
        return call(() -> {
            File file = fds().any(fd);
            return new Stat(file.vnode.mount.dev, FileOps.attr(file));
        });
    }

    @Override
    public Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException {
        return call(() -> {
            try (var held = new Held(find(dirfd, path, flags))) {
                return new Stat(held.vnode().mount.dev, held.vnode().attr());
            }
        });
    }

    @Override
    public void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        withFile(dirfd, path, flags, vnode -> attrs.chmod(vnode, mode));
    }

    public void fchmod(int fd, int mode) throws ErrnoException {
        act(() -> attrs.chmod(fds().get(fd).vnode, mode));
    }

    /// As fchownat(2).
    ///
    /// @param uid -1 to leave it
    @Override
    public void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException {
        withFile(dirfd, path, flags, vnode -> attrs.chown(vnode, uid, gid));
    }

    public void fchown(int fd, int uid, int gid) throws ErrnoException {
        act(() -> attrs.chown(fds().get(fd).vnode, uid, gid));
    }

    @Override
    public void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException {
        AttrOps.checkTimes(atime, mtime);
        if (!atime.isOmitted() || !mtime.isOmitted()) {
            withFile(dirfd, path, flags, vnode -> attrs.utimens(vnode, atime, mtime));
        }
    }

    public void futimens(int fd, TimeSpec atime, TimeSpec mtime) throws ErrnoException {
        AttrOps.checkTimes(atime, mtime);
        if (!atime.isOmitted() || !mtime.isOmitted()) {
            act(() -> attrs.utimens(fds().get(fd).vnode, atime, mtime));
        }
    }

    /// As faccessat(2).
    ///
    /// @param mode a set of [Access#READ], [Access#WRITE], [Access#EXECUTE]; 0 asks whether the file is there
    public void faccessat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        act(() -> {
            if ((mode & ~7) != 0) {
                throw EINVAL.error();
            }
            try (var held = new Held(find(dirfd, path, flags & ~AT_EACCESS))) {
                proc.checkAccess(held.vnode(), mode);
            }
        });
    }

    @Override
    public StatFs statfs(byte[] path) throws ErrnoException {
        return call(() -> {
            try (var held = new Held(proc.find(AT_FDCWD, path, true, 0))) {
                return held.vnode().mount.fs.statfs();
            }
        });
    }

    public StatFs fstatfs(int fd) throws ErrnoException {
        return call(() -> fds().any(fd).vnode.mount.fs.statfs());
    }

    // Extended attributes

    /// getxattr(2), and lgetxattr(2) with AT_SYMLINK_NOFOLLOW.
    @Override
    public byte[] getxattrat(int dirfd, byte[] path, int flags, Name name) throws ErrnoException {
        return call(() -> {
            try (var held = new Held(find(dirfd, path, flags))) {
                return xattrs.get(held.vnode(), name);
            }
        });
    }

    public byte[] fgetxattr(int fd, Name name) throws ErrnoException {
        return call(() -> xattrs.get(fds().get(fd).vnode, name));
    }

    @Override
    public List<Name> listxattrat(int dirfd, byte[] path, int flags) throws ErrnoException {
        return call(() -> {
            try (var held = new Held(find(dirfd, path, flags))) {
                return xattrs.list(held.vnode());
            }
        });
    }

    public List<Name> flistxattr(int fd) throws ErrnoException {
        return call(() -> xattrs.list(fds().get(fd).vnode));
    }

    /// setxattr(2), and lsetxattr(2) with AT_SYMLINK_NOFOLLOW.
    ///
    /// @param how XATTR_CREATE, XATTR_REPLACE or 0
    @Override
    public void setxattrat(int dirfd, byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException {
        withFile(dirfd, path, flags, vnode -> xattrs.set(vnode, name, value, how));
    }

    public void fsetxattr(int fd, Name name, byte[] value, int how) throws ErrnoException {
        act(() -> xattrs.set(fds().get(fd).vnode, name, value, how));
    }

    public void removexattrat(int dirfd, byte[] path, int flags, Name name) throws ErrnoException {
        withFile(dirfd, path, flags, vnode -> xattrs.remove(vnode, name));
    }

    public void fremovexattr(int fd, Name name) throws ErrnoException {
        act(() -> xattrs.remove(fds().get(fd).vnode, name));
    }

    @FunctionalInterface
    private interface FileAction {
        void run(Vnode vnode) throws IOException;
    }

    private void withFile(int dirfd, byte[] path, int flags, FileAction action) throws ErrnoException {
        act(() -> {
            try (var held = new Held(find(dirfd, path, flags))) {
                action.run(held.vnode());
            }
        });
    }

    private Vnode find(int dirfd, byte[] path, int flags) throws IOException {
        checkFlags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
        return proc.find(dirfd, path, (flags & AT_SYMLINK_NOFOLLOW) == 0, flags);
    }

    private static void checkFlags(int flags, int known) throws ErrnoException {
        if ((flags & ~known) != 0) {
            throw EINVAL.error();
        }
    }
}
