// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.rump.Flock;
import jpuffs.rump.Stat;
import jpuffs.rump.TimeSpec;
import org.jspecify.annotations.Nullable;

/// The system calls of one process, whichever kernel makes them: the rump kernel ([RumpCalls]) or the one below
/// ([HostCalls]). Each method is the call of its name in man section 2; paths are bytes without a NUL, buffers are
/// native. One thread at a time makes calls.
///
/// Cases use [Client], which has the same with Strings.
interface Calls extends AutoCloseable {
    int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException;

    void closeFd(int fd) throws ErrnoException;

    int dup(int fd) throws ErrnoException;

    int dup2(int fd, int newFd) throws ErrnoException;

    int getfl(int fd) throws ErrnoException;

    void setfl(int fd, int flags) throws ErrnoException;

    int read(int fd, MemorySegment dst) throws ErrnoException;

    int write(int fd, MemorySegment src) throws ErrnoException;

    int pread(int fd, MemorySegment dst, long off) throws ErrnoException;

    int pwrite(int fd, MemorySegment src, long off) throws ErrnoException;

    long lseek(int fd, long off, int whence) throws ErrnoException;

    /// Some entries from the position on, at most what `buffer` bytes hold.
    ///
    /// @return whether there were any
    boolean getdents(int fd, int buffer, DirSink sink) throws ErrnoException;

    void truncate(byte[] path, long size) throws ErrnoException;

    void ftruncate(int fd, long size) throws ErrnoException;

    void fallocate(int fd, int mode, long off, long len) throws ErrnoException;

    long copyFileRange(int fdIn, long offIn, int fdOut, long offOut, long len) throws ErrnoException;

    void fsync(int fd) throws ErrnoException;

    void fdatasync(int fd) throws ErrnoException;

    /// syncfs(2) of the working directory: sync(2) may wait for every disk of the machine.
    void sync() throws ErrnoException;

    @Nullable
    Flock getlk(int fd, Flock wanted) throws ErrnoException;

    void setlk(int fd, Flock wanted, boolean wait) throws ErrnoException;

    void flock(int fd, int operation) throws ErrnoException;

    void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException;

    void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException;

    void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException;

    void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException;

    void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException;

    void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException;

    byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException;

    Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException;

    void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException;

    void fchmod(int fd, int mode) throws ErrnoException;

    void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException;

    void fchown(int fd, int uid, int gid) throws ErrnoException;

    void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException;

    void futimens(int fd, TimeSpec atime, TimeSpec mtime) throws ErrnoException;

    void faccessat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException;

    StatFs statfs(byte[] path) throws ErrnoException;

    StatFs fstatfs(int fd) throws ErrnoException;

    /// getxattr(2) or, with AT_SYMLINK_NOFOLLOW, lgetxattr(2).
    byte[] getxattr(byte[] path, int flags, Name name) throws ErrnoException;

    byte[] fgetxattr(int fd, Name name) throws ErrnoException;

    List<Name> listxattr(byte[] path, int flags) throws ErrnoException;

    void setxattr(byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException;

    void fsetxattr(int fd, Name name, byte[] value, int how) throws ErrnoException;

    void removexattr(byte[] path, int flags, Name name) throws ErrnoException;

    void chdir(byte[] path) throws ErrnoException;

    void fchdir(int fd) throws ErrnoException;

    int umask(int mask) throws ErrnoException;

    int getpid();

    /// name_to_handle_at(2): the `struct file_handle`, links not followed.
    byte[] nameToHandle(byte[] path) throws ErrnoException;

    /// open_by_handle_at(2), for the file system of the working directory.
    int openByHandle(byte[] handle, int flags) throws ErrnoException;

    /// mmap(2); the address. What is there is looked at by [#peek] and [#poke] alone: a Java thread that waits for
    /// a page of a file system served by this JVM would wait for ever when the JVM stops all its threads meanwhile.
    long mmap(int fd, long length, int prot, int flags, long off) throws ErrnoException;

    /// msync(2) and munmap(2): an munmap that writes back itself keeps this JVM from mapping memory meanwhile, its
    /// file servers among them.
    void munmap(long address, long length) throws ErrnoException;

    /// msync(2) with MS_SYNC.
    void msync(long address, long length) throws ErrnoException;

    /// Copies mapped memory, which must be there, to `dst`.
    void peek(long address, MemorySegment dst) throws ErrnoException;

    /// Copies `src` to mapped memory, which must be there.
    void poke(long address, MemorySegment src) throws ErrnoException;

    /// Ends the process: its descriptors are closed.
    @Override
    void close();
}
