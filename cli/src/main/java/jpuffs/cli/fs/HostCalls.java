// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;
import jpuffs.rump.SystemCalls;
import jpuffs.rump.TimeSpec;
import jpuffs.sys.At;
import jpuffs.sys.Dirents;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Xattr;

/// The system calls of the host, by this process: its rights, working directory, umask and descriptors. Buffers
/// must be native.
final class HostCalls implements SystemCalls {
    private static final int ENTRIES = 32 << 10;

    private final Dirents entries = new Dirents(Arena.ofAuto().allocate(ENTRIES, Long.BYTES));

    @Override
    public int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException {
        return At.openat(dirfd, Name.of(path), flags, mode);
    }

    @Override
    public void close(int fd) throws ErrnoException {
        At.closeTelling(fd);
    }

    @Override
    public int read(int fd, MemorySegment dst) throws ErrnoException {
        return At.read(fd, dst);
    }

    @Override
    public int pread(int fd, MemorySegment dst, long off) throws ErrnoException {
        return At.pread(fd, dst, off);
    }

    @Override
    public int write(int fd, MemorySegment src) throws ErrnoException {
        return At.write(fd, src);
    }

    @Override
    public int pwrite(int fd, MemorySegment src, long off) throws ErrnoException {
        return At.pwrite(fd, src, off);
    }

    @Override
    public long lseek(int fd, long off, int whence) throws ErrnoException {
        return At.seek(fd, off, whence);
    }

    /// `sink` must take them all, and read no other directory meanwhile.
    @Override
    public synchronized void getdents(int fd, DirSink sink) throws ErrnoException {
        int _ = entries.fill(fd);
        while (entries.next()) {
            if (!sink.add(entries.name(), entries.ino(), entries.mode(), entries.cookie())) {
                throw EINVAL.error();
            }
        }
    }

    @Override
    public void ftruncate(int fd, long size) throws ErrnoException {
        At.ftruncate(fd, size);
    }

    @Override
    public void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException {
        At.mkdirat(dirfd, Name.of(path), mode);
    }

    @Override
    public void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException {
        At.mknodat(dirfd, Name.of(path), mode, rdev);
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException {
        At.symlinkat(Name.of(target), dirfd, Name.of(path));
    }

    @Override
    public void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        At.linkat(dirfd, Name.of(path), newDirfd, Name.of(newPath), flags);
    }

    @Override
    public void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException {
        At.unlinkat(dirfd, Name.of(path), flags);
    }

    @Override
    public void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        At.renameat2(dirfd, Name.of(path), newDirfd, Name.of(newPath), flags);
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException {
        return At.readlinkat(dirfd, Name.of(path));
    }

    @Override
    public Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException {
        var stat = At.stat(dirfd, Name.of(path), flags);
        return new Stat(stat.dev(), stat.attr());
    }

    /// @param flags 0
    @Override
    public void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        if (flags != 0) {
            throw EINVAL.error();
        }
        At.fchmodat(dirfd, Name.of(path), mode);
    }

    @Override
    public void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException {
        At.fchownat(dirfd, Name.of(path), uid, gid, flags);
    }

    @Override
    public void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException {
        SetAttr change = TimeSpec.change(atime, mtime, Time.now());
        At.utimensat(dirfd, Name.of(path), change, flags);
    }

    @Override
    public StatFs statfs(byte[] path) throws ErrnoException {
        return At.statfs(Name.of(path));
    }

    // Extended attributes

    @FunctionalInterface
    private interface Use<T> {
        T of(int fd) throws ErrnoException;
    }

    /// Runs something with a descriptor that need not be open for reading, which a symbolic link can have, too.
    private static <T> T with(int dirfd, byte[] path, int flags, Use<T> use) throws ErrnoException {
        int nofollow = (flags & Process.AT_SYMLINK_NOFOLLOW) != 0 ? Fcntl.O_NOFOLLOW : 0;
        int fd = At.openat(dirfd, Name.of(path), Fcntl.O_PATH | nofollow, 0);
        try {
            return use.of(fd);
        } finally {
            At.close(fd);
        }
    }

    @Override
    public byte[] getxattrat(int dirfd, byte[] path, int flags, Name name) throws ErrnoException {
        return with(dirfd, path, flags, fd -> {
            byte[] value = Xattr.get(fd, name);
            if (value == null) {
                throw ENODATA.error();
            }
            return value;
        });
    }

    @Override
    public List<Name> listxattrat(int dirfd, byte[] path, int flags) throws ErrnoException {
        return with(dirfd, path, flags, Xattr::list);
    }

    @Override
    public void setxattrat(int dirfd, byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException {
        with(dirfd, path, flags, fd -> {
            Xattr.set(fd, name, value, how);
            return true;
        });
    }
}
