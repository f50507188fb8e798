// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Lock;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.rump.Flock;
import jpuffs.rump.Stat;
import jpuffs.rump.TimeSpec;
import jpuffs.sys.Dirents;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Raw;
import org.jspecify.annotations.Nullable;

/// A process of the kernel below, played by a [Task]: for file systems that are mounted, and for the kernel's own.
final class HostCalls implements Calls {
    private static final int READ = Raw.nr(0, 63);
    private static final int WRITE = Raw.nr(1, 64);
    private static final int CLOSE = Raw.nr(3, 57);
    private static final int LSEEK = Raw.nr(8, 62);
    private static final int MMAP = Raw.nr(9, 222);
    private static final int MUNMAP = Raw.nr(11, 215);
    private static final int MSYNC = Raw.nr(26, 227);
    private static final int PREAD64 = Raw.nr(17, 67);
    private static final int PWRITE64 = Raw.nr(18, 68);
    private static final int DUP = Raw.nr(32, 23);
    private static final int FCNTL = Raw.nr(72, 25);
    private static final int FLOCK = Raw.nr(73, 32);
    private static final int FSYNC = Raw.nr(74, 82);
    private static final int FDATASYNC = Raw.nr(75, 83);
    private static final int TRUNCATE = Raw.nr(76, 45);
    private static final int FTRUNCATE = Raw.nr(77, 46);
    private static final int CHDIR = Raw.nr(80, 49);
    private static final int FCHDIR = Raw.nr(81, 50);
    private static final int FCHMOD = Raw.nr(91, 52);
    private static final int FCHOWN = Raw.nr(93, 55);
    private static final int UMASK = Raw.nr(95, 166);
    private static final int STATFS = Raw.nr(137, 43);
    private static final int FSTATFS = Raw.nr(138, 44);
    private static final int SETXATTR = Raw.nr(188, 5);
    private static final int LSETXATTR = Raw.nr(189, 6);
    private static final int FSETXATTR = Raw.nr(190, 7);
    private static final int GETXATTR = Raw.nr(191, 8);
    private static final int LGETXATTR = Raw.nr(192, 9);
    private static final int FGETXATTR = Raw.nr(193, 10);
    private static final int LISTXATTR = Raw.nr(194, 11);
    private static final int LLISTXATTR = Raw.nr(195, 12);
    private static final int REMOVEXATTR = Raw.nr(197, 14);
    private static final int LREMOVEXATTR = Raw.nr(198, 15);
    private static final int GETDENTS64 = Raw.nr(217, 61);
    private static final int OPENAT = Raw.nr(257, 56);
    private static final int MKDIRAT = Raw.nr(258, 34);
    private static final int MKNODAT = Raw.nr(259, 33);
    private static final int FCHOWNAT = Raw.nr(260, 54);
    private static final int UNLINKAT = Raw.nr(263, 35);
    private static final int LINKAT = Raw.nr(265, 37);
    private static final int SYMLINKAT = Raw.nr(266, 36);
    private static final int READLINKAT = Raw.nr(267, 78);
    private static final int FCHMODAT = Raw.nr(268, 53);
    private static final int UTIMENSAT = Raw.nr(280, 88);
    private static final int FALLOCATE = Raw.nr(285, 47);
    private static final int DUP3 = Raw.nr(292, 24);
    private static final int NAME_TO_HANDLE_AT = Raw.nr(303, 264);
    private static final int OPEN_BY_HANDLE_AT = Raw.nr(304, 265);
    private static final int SYNCFS = Raw.nr(306, 267);
    private static final int RENAMEAT2 = Raw.nr(316, 276);
    private static final int COPY_FILE_RANGE = Raw.nr(326, 285);
    private static final int STATX = Raw.nr(332, 291);
    private static final int FACCESSAT2 = 439;
    private static final int FCHMODAT2 = 452;

    private static final int MAX_HANDLE_SZ = 128;
    private static final int HANDLE_HEADER = 8;
    private static final int MS_SYNC = 4;
    private static final int F_GETLK = 5;
    private static final int F_SETLK = 6;
    private static final int F_SETLKW = 7;

    // struct flock of 64-bit machines
    private static final int L_WHENCE = 2;
    private static final int L_START = 8;
    private static final int L_LEN = 16;
    private static final int L_PID = 24;

    private final Task task;

    /// A process in the directory `/`.
    HostCalls(Cred cred) throws ErrnoException {
        task = new Task(cred);
    }

    private long call(int nr, long... args) throws ErrnoException {
        return Task.check(task.call(nr, args));
    }

    private long path(byte[] path) {
        return task.put(Task.PATH, path);
    }

    private long second(byte[] path) {
        return task.put(Task.SECOND_PATH, path);
    }

    private static boolean follows(int flags) {
        return (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
    }

    @Override
    public int openat(int dirfd, byte[] path, int flags, int mode) throws ErrnoException {
        return opened(call(OPENAT, dirfd, path(path), flags | Fcntl.O_LARGEFILE, mode));
    }

    private int opened(long fd) {
        task.opened((int) fd);
        return (int) fd;
    }

    @Override
    public void closeFd(int fd) throws ErrnoException {
        if (fd >= 0) {
            task.closed(fd);
        }
        call(CLOSE, fd);
    }

    @Override
    public int dup(int fd) throws ErrnoException {
        return opened(call(DUP, fd));
    }

    @Override
    public int dup2(int fd, int newFd) throws ErrnoException {
        if (fd == newFd) {
            call(FCNTL, fd, Fcntl.F_GETFD);
            return fd;
        }
        return opened(call(DUP3, fd, newFd, 0));
    }

    @Override
    public int getfl(int fd) throws ErrnoException {
        return (int) call(FCNTL, fd, Fcntl.F_GETFL) & ~Fcntl.O_LARGEFILE;
    }

    @Override
    public void setfl(int fd, int flags) throws ErrnoException {
        call(FCNTL, fd, Fcntl.F_SETFL, flags);
    }

    @Override
    public int read(int fd, MemorySegment dst) throws ErrnoException {
        return (int) call(READ, fd, dst.address(), dst.byteSize());
    }

    @Override
    public int write(int fd, MemorySegment src) throws ErrnoException {
        return (int) call(WRITE, fd, src.address(), src.byteSize());
    }

    @Override
    public int pread(int fd, MemorySegment dst, long off) throws ErrnoException {
        return (int) call(PREAD64, fd, dst.address(), dst.byteSize(), off);
    }

    @Override
    public int pwrite(int fd, MemorySegment src, long off) throws ErrnoException {
        return (int) call(PWRITE64, fd, src.address(), src.byteSize(), off);
    }

    @Override
    public long lseek(int fd, long off, int whence) throws ErrnoException {
        return call(LSEEK, fd, off, whence);
    }

    @Override
    public boolean getdents(int fd, int buffer, DirSink sink) throws ErrnoException {
        int size = Math.min(buffer, Task.DATA_SIZE);
        int length = (int) call(GETDENTS64, fd, task.at(Task.DATA), size);
        Dirents entries = Raw.dirents(task.memory().asSlice(Task.DATA, Task.DATA_SIZE), length);
        while (entries.next()) {
            sink.add(entries.name(), entries.ino(), entries.mode(), entries.cookie());
        }
        return length > 0;
    }

    @Override
    public void truncate(byte[] path, long size) throws ErrnoException {
        call(TRUNCATE, path(path), size);
    }

    @Override
    public void ftruncate(int fd, long size) throws ErrnoException {
        call(FTRUNCATE, fd, size);
    }

    @Override
    public void fallocate(int fd, int mode, long off, long len) throws ErrnoException {
        call(FALLOCATE, fd, mode, off, len);
    }

    @Override
    public long copyFileRange(int fdIn, long offIn, int fdOut, long offOut, long len) throws ErrnoException {
        long offsets = task.put(Task.STRUCT, offIn, offOut);
        return call(COPY_FILE_RANGE, fdIn, offsets, fdOut, offsets + 8, len, 0);
    }

    @Override
    public void fsync(int fd) throws ErrnoException {
        call(FSYNC, fd);
    }

    @Override
    public void fdatasync(int fd) throws ErrnoException {
        call(FDATASYNC, fd);
    }

    @Override
    public void sync() throws ErrnoException {
        int here = openat(Fcntl.AT_FDCWD, new byte[] {'.'}, Fcntl.O_RDONLY, 0);
        try {
            call(SYNCFS, here);
        } finally {
            closeFd(here);
        }
    }

    @Override
    public @Nullable Flock getlk(int fd, Flock wanted) throws ErrnoException {
        call(FCNTL, fd, F_GETLK, lock(wanted));
        MemorySegment found = task.memory().asSlice(Task.STRUCT, 32);
        Lock.Type type = typeOf(found.get(JAVA_SHORT, 0));
        return type == Lock.Type.NONE
                ? null
                : new Flock(
                        type,
                        found.get(JAVA_SHORT, L_WHENCE),
                        found.get(JAVA_LONG, L_START),
                        found.get(JAVA_LONG, L_LEN),
                        found.get(JAVA_INT, L_PID));
    }

    @Override
    public void setlk(int fd, Flock wanted, boolean wait) throws ErrnoException {
        call(FCNTL, fd, wait ? F_SETLKW : F_SETLK, lock(wanted));
    }

    private long lock(Flock flock) {
        MemorySegment struct = task.memory().asSlice(Task.STRUCT, 32);
        struct.set(JAVA_SHORT, 0, number(flock.type()));
        struct.set(JAVA_SHORT, L_WHENCE, (short) flock.whence());
        struct.set(JAVA_LONG, L_START, flock.start());
        struct.set(JAVA_LONG, L_LEN, flock.len());
        struct.set(JAVA_INT, L_PID, 0);
        return struct.address();
    }

    private static short number(Lock.Type type) {
        return switch (type) {
            case READ -> 0;
            case WRITE -> 1;
            case NONE -> 2;
        };
    }

    private static Lock.Type typeOf(short number) {
        return switch (number) {
            case 0 -> Lock.Type.READ;
            case 1 -> Lock.Type.WRITE;
            default -> Lock.Type.NONE;
        };
    }

    @Override
    public void flock(int fd, int operation) throws ErrnoException {
        call(FLOCK, fd, operation);
    }

    @Override
    public void mkdirat(int dirfd, byte[] path, int mode) throws ErrnoException {
        call(MKDIRAT, dirfd, path(path), mode);
    }

    @Override
    public void mknodat(int dirfd, byte[] path, int mode, int rdev) throws ErrnoException {
        call(MKNODAT, dirfd, path(path), mode, rdev);
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] path) throws ErrnoException {
        call(SYMLINKAT, path(target), dirfd, second(path));
    }

    @Override
    public void linkat(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        call(LINKAT, dirfd, path(path), newDirfd, second(newPath), flags);
    }

    @Override
    public void unlinkat(int dirfd, byte[] path, int flags) throws ErrnoException {
        call(UNLINKAT, dirfd, path(path), flags);
    }

    @Override
    public void renameat2(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws ErrnoException {
        call(RENAMEAT2, dirfd, path(path), newDirfd, second(newPath), flags);
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] path) throws ErrnoException {
        return data((int) call(READLINKAT, dirfd, path(path), task.at(Task.DATA), Task.DATA_SIZE));
    }

    private byte[] data(int length) {
        return task.memory().asSlice(Task.DATA, length).toArray(JAVA_BYTE);
    }

    @Override
    public Stat fstatat(int dirfd, byte[] path, int flags) throws ErrnoException {
        call(STATX, dirfd, path(path), flags, Raw.STATX_MASK, task.at(Task.STRUCT));
        jpuffs.sys.Stat stat = Raw.stat(task.memory().asSlice(Task.STRUCT, Raw.STATX_SIZE));
        return new Stat(stat.dev(), stat.attr());
    }

    @Override
    public void fchmodat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        if (flags == 0) {
            call(FCHMODAT, dirfd, path(path), mode);
        } else {
            call(FCHMODAT2, dirfd, path(path), mode, flags);
        }
    }

    @Override
    public void fchmod(int fd, int mode) throws ErrnoException {
        call(FCHMOD, fd, mode);
    }

    @Override
    public void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws ErrnoException {
        call(FCHOWNAT, dirfd, path(path), uid, gid, flags);
    }

    @Override
    public void fchown(int fd, int uid, int gid) throws ErrnoException {
        call(FCHOWN, fd, uid, gid);
    }

    @Override
    public void utimensat(int dirfd, byte[] path, TimeSpec atime, TimeSpec mtime, int flags) throws ErrnoException {
        call(UTIMENSAT, dirfd, path(path), times(atime, mtime), flags);
    }

    @Override
    public void futimens(int fd, TimeSpec atime, TimeSpec mtime) throws ErrnoException {
        call(UTIMENSAT, fd, 0, times(atime, mtime), 0);
    }

    private long times(TimeSpec atime, TimeSpec mtime) {
        return task.put(Task.STRUCT, atime.seconds(), atime.nanos(), mtime.seconds(), mtime.nanos());
    }

    @Override
    public void faccessat(int dirfd, byte[] path, int mode, int flags) throws ErrnoException {
        call(FACCESSAT2, dirfd, path(path), mode, flags);
    }

    @Override
    public StatFs statfs(byte[] path) throws ErrnoException {
        call(STATFS, path(path), task.at(Task.STRUCT));
        return Raw.statfs(task.memory().asSlice(Task.STRUCT, Raw.STATFS_SIZE));
    }

    @Override
    public StatFs fstatfs(int fd) throws ErrnoException {
        call(FSTATFS, fd, task.at(Task.STRUCT));
        return Raw.statfs(task.memory().asSlice(Task.STRUCT, Raw.STATFS_SIZE));
    }

    @Override
    public byte[] getxattr(byte[] path, int flags, Name name) throws ErrnoException {
        int nr = follows(flags) ? GETXATTR : LGETXATTR;
        return data((int) call(nr, path(path), second(name.toBytes()), task.at(Task.DATA), Task.DATA_SIZE));
    }

    @Override
    public byte[] fgetxattr(int fd, Name name) throws ErrnoException {
        return data((int) call(FGETXATTR, fd, second(name.toBytes()), task.at(Task.DATA), Task.DATA_SIZE));
    }

    @Override
    public List<Name> listxattr(byte[] path, int flags) throws ErrnoException {
        int nr = follows(flags) ? LISTXATTR : LLISTXATTR;
        int length = (int) call(nr, path(path), task.at(Task.DATA), 64 << 10);
        MemorySegment data = task.memory().asSlice(Task.DATA, length);
        var names = new ArrayList<Name>();
        for (int at = 0, end = 0; at < length; at = end + 1) {
            end = at;
            while (data.get(JAVA_BYTE, end) != 0) {
                end++;
            }
            names.add(Name.of(data, at, end - at));
        }
        return names;
    }

    @Override
    public void setxattr(byte[] path, int flags, Name name, byte[] value, int how) throws ErrnoException {
        int nr = follows(flags) ? SETXATTR : LSETXATTR;
        call(nr, path(path), second(name.toBytes()), task.put(Task.DATA, value), value.length, how);
    }

    @Override
    public void fsetxattr(int fd, Name name, byte[] value, int how) throws ErrnoException {
        call(FSETXATTR, fd, second(name.toBytes()), task.put(Task.DATA, value), value.length, how);
    }

    @Override
    public void removexattr(byte[] path, int flags, Name name) throws ErrnoException {
        call(follows(flags) ? REMOVEXATTR : LREMOVEXATTR, path(path), second(name.toBytes()));
    }

    @Override
    public void chdir(byte[] path) throws ErrnoException {
        call(CHDIR, path(path));
    }

    @Override
    public void fchdir(int fd) throws ErrnoException {
        call(FCHDIR, fd);
    }

    @Override
    public int umask(int mask) throws ErrnoException {
        return (int) call(UMASK, mask);
    }

    @Override
    public int getpid() {
        return (int) ProcessHandle.current().pid();
    }

    @Override
    public byte[] nameToHandle(byte[] path) throws ErrnoException {
        task.memory().set(JAVA_INT, Task.DATA, MAX_HANDLE_SZ);
        call(NAME_TO_HANDLE_AT, Fcntl.AT_FDCWD, path(path), task.at(Task.DATA), task.at(Task.STRUCT), 0);
        return data(HANDLE_HEADER + task.memory().get(JAVA_INT, Task.DATA));
    }

    @Override
    public int openByHandle(byte[] handle, int flags) throws ErrnoException {
        int here = openat(Fcntl.AT_FDCWD, new byte[] {'.'}, Fcntl.O_RDONLY, 0);
        try {
            return opened(call(OPEN_BY_HANDLE_AT, here, task.put(Task.DATA, handle), flags));
        } finally {
            closeFd(here);
        }
    }

    @Override
    public long mmap(int fd, long length, int prot, int flags, long off) throws ErrnoException {
        return call(MMAP, 0, length, prot, flags, fd, off);
    }

    @Override
    public void munmap(long address, long length) throws ErrnoException {
        msync(address, length);
        call(MUNMAP, address, length);
    }

    @Override
    public void msync(long address, long length) throws ErrnoException {
        call(MSYNC, address, length, MS_SYNC);
    }

    @Override
    public void peek(long address, MemorySegment dst) {
        task.copy(address, dst.address(), dst.byteSize());
    }

    @Override
    public void poke(long address, MemorySegment src) {
        task.copy(src.address(), address, src.byteSize());
    }

    @Override
    public void close() {
        task.close();
    }
}
