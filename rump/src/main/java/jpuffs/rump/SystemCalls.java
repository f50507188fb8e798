// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.StatFs;

/// The system calls on files that programs make most: those of a [Process], and of whatever else has them, so that
/// one piece of code works on a file system in process and on another one. Their results, errors and constants are
/// those of [Process].
public interface SystemCalls {
    int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException;

    void close(int fd) throws ErrnoException;

    int read(int fd, MemorySegment dst) throws ErrnoException;

    int pread(int fd, MemorySegment dst, long off) throws ErrnoException;

    int write(int fd, MemorySegment src) throws ErrnoException;

    int pwrite(int fd, MemorySegment src, long off) throws ErrnoException;

    long lseek(int fd, long off, int whence) throws ErrnoException;

    /// Some of the entries that follow the descriptor's position; at their end `sink` is not called.
    void getdents(int fd, DirSink sink) throws ErrnoException;

    void ftruncate(int fd, long size) throws ErrnoException;

    void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException;

    void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException;

    void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException;

    void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException;

    void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException;

    void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException;

    byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException;

    Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException;

    void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException;

    void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException;

    void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException;

    StatFs statfs(byte[] path) throws ErrnoException;

    byte[] getxattrat(int dirfd, byte[] path, int flags, Name name) throws ErrnoException;

    List<Name> listxattrat(int dirfd, byte[] path, int flags) throws ErrnoException;

    void setxattrat(int dirfd, byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException;
}
