// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.rump.Flock;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;
import jpuffs.rump.TimeSpec;
import org.jspecify.annotations.Nullable;

/// A process of a rump kernel, which has no memory to map files into.
@SuppressWarnings("JavaLangClash")
final class RumpCalls implements Calls {
    private final Process process;

    RumpCalls(Process process) {
        this.process = process;
    }

    @Override
    public int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException {
        return process.openat(dirfd, path, flags, mode);
    }

    @Override
    public void closeFd(int fd) throws ErrnoException {
        process.close(fd);
    }

    @Override
    public int dup(int fd) throws ErrnoException {
        return process.dup(fd);
    }

    @Override
    public int dup2(int fd, int newFd) throws ErrnoException {
        return process.dup2(fd, newFd);
    }

    @Override
    public int getfl(int fd) throws ErrnoException {
        return process.getfl(fd);
    }

    @Override
    public void setfl(int fd, int flags) throws ErrnoException {
        process.setfl(fd, flags);
    }

    @Override
    public int read(int fd, MemorySegment dst) throws ErrnoException {
        return process.read(fd, dst);
    }

    @Override
    public int write(int fd, MemorySegment src) throws ErrnoException {
        return process.write(fd, src);
    }

    @Override
    public int pread(int fd, MemorySegment dst, long off) throws ErrnoException {
        return process.pread(fd, dst, off);
    }

    @Override
    public int pwrite(int fd, MemorySegment src, long off) throws ErrnoException {
        return process.pwrite(fd, src, off);
    }

    @Override
    public long lseek(int fd, long off, int whence) throws ErrnoException {
        return process.lseek(fd, off, whence);
    }

    @Override
    public boolean getdents(int fd, int buffer, DirSink sink) throws ErrnoException {
        int[] room = {buffer};
        int[] count = {0};
        process.getdents(fd, (name, ino, mode, cookie) -> {
            room[0] -= Dirent.size(name);
            boolean taken = room[0] >= 0 && sink.add(name, ino, mode, cookie);
            count[0] += taken ? 1 : 0;
            return taken;
        });
        return count[0] > 0;
    }

    @Override
    public void truncate(byte[] path, long size) throws ErrnoException {
        process.truncate(path, size);
    }

    @Override
    public void ftruncate(int fd, long size) throws ErrnoException {
        process.ftruncate(fd, size);
    }

    @Override
    public void fallocate(int fd, int mode, long off, long len) throws ErrnoException {
        process.fallocate(fd, mode, off, len);
    }

    @Override
    public long copyFileRange(int fdIn, long offIn, int fdOut, long offOut, long len) throws ErrnoException {
        return process.copyFileRange(fdIn, offIn, fdOut, offOut, len);
    }

    @Override
    public void fsync(int fd) throws ErrnoException {
        process.fsync(fd);
    }

    @Override
    public void fdatasync(int fd) throws ErrnoException {
        process.fdatasync(fd);
    }

    @Override
    public void sync() throws ErrnoException {
        process.sync();
    }

    @Override
    public @Nullable Flock getlk(int fd, Flock wanted) throws ErrnoException {
        return process.getlk(fd, wanted);
    }

    @Override
    public void setlk(int fd, Flock wanted, boolean wait) throws ErrnoException {
        process.setlk(fd, wanted, wait);
    }

    @Override
    public void flock(int fd, int operation) throws ErrnoException {
        process.flock(fd, operation);
    }

    @Override
    public void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException {
        process.mkdirat(dirfd, path, mode);
    }

    @Override
    public void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException {
        process.mknodat(dirfd, path, mode, rdev);
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException {
        process.symlinkat(target, dirfd, path);
    }

    @Override
    public void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        process.linkat(dirfd, path, newDirfd, newPath, flags);
    }

    @Override
    public void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException {
        process.unlinkat(dirfd, path, flags);
    }

    @Override
    public void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        process.renameat2(dirfd, path, newDirfd, newPath, flags);
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException {
        return process.readlinkat(dirfd, path);
    }

    @Override
    public Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException {
        return process.fstatat(dirfd, path, flags);
    }

    @Override
    public void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        process.fchmodat(dirfd, path, mode, flags);
    }

    @Override
    public void fchmod(int fd, int mode) throws ErrnoException {
        process.fchmod(fd, mode);
    }

    @Override
    public void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException {
        process.fchownat(dirfd, path, uid, gid, flags);
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws ErrnoException {
        process.fchown(fd, uid, gid);
    }

    @Override
    public void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException {
        process.utimensat(dirfd, path, atime, mtime, flags);
    }

    @Override
    public void futimens(int fd, TimeSpec atime, TimeSpec mtime) throws ErrnoException {
        process.futimens(fd, atime, mtime);
    }

    @Override
    public void faccessat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        process.faccessat(dirfd, path, mode, flags);
    }

    @Override
    public StatFs statfs(byte[] path) throws ErrnoException {
        return process.statfs(path);
    }

    @Override
    public StatFs fstatfs(int fd) throws ErrnoException {
        return process.fstatfs(fd);
    }

    @Override
    public byte[] getxattr(byte[] path, int flags, Name name) throws ErrnoException {
        return process.getxattrat(Process.AT_FDCWD, path, flags, name);
    }

    @Override
    public byte[] fgetxattr(int fd, Name name) throws ErrnoException {
        return process.fgetxattr(fd, name);
    }

    @Override
    public List<Name> listxattr(byte[] path, int flags) throws ErrnoException {
        return process.listxattrat(Process.AT_FDCWD, path, flags);
    }

    @Override
    public void setxattr(byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException {
        process.setxattrat(Process.AT_FDCWD, path, flags, name, value, how);
    }

    @Override
    public void fsetxattr(int fd, Name name, byte[] value, int how) throws ErrnoException {
        process.fsetxattr(fd, name, value, how);
    }

    @Override
    public void removexattr(byte[] path, int flags, Name name) throws ErrnoException {
        process.removexattrat(Process.AT_FDCWD, path, flags, name);
    }

    @Override
    public void chdir(byte[] path) throws ErrnoException {
        process.chdir(path);
    }

    @Override
    public void fchdir(int fd) throws ErrnoException {
        process.fchdir(fd);
    }

    @Override
    public int umask(int mask) throws ErrnoException {
        return process.umask(mask);
    }

    @Override
    public int getpid() {
        return process.getpid();
    }

    @Override
    public byte[] nameToHandle(byte[] path) throws ErrnoException {
        throw EOPNOTSUPP.error();
    }

    @Override
    public int openByHandle(byte[] handle, int flags) throws ErrnoException {
        throw EOPNOTSUPP.error();
    }

    @Override
    public long mmap(int fd, long length, int prot, int flags, long off) throws ErrnoException {
        throw ENODEV.error();
    }

    @Override
    public void munmap(long address, long length) throws ErrnoException {
        throw ENODEV.error();
    }

    @Override
    public void msync(long address, long length) throws ErrnoException {
        throw ENODEV.error();
    }

    @Override
    public void peek(long address, MemorySegment dst) throws ErrnoException {
        throw ENODEV.error();
    }

    @Override
    public void poke(long address, MemorySegment src) throws ErrnoException {
        throw ENODEV.error();
    }

    @Override
    public void close() {
        process.close();
    }
}
