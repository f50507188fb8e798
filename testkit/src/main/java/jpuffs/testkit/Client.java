// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.AT_REMOVEDIR;
import static jpuffs.sys.Fcntl.AT_SYMLINK_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_DIRECTORY;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.rump.Flock;
import jpuffs.rump.TimeSpec;
import org.jspecify.annotations.Nullable;

/// A process that uses the file system under test, with the calls as cases write them: paths are Strings, taken as
/// UTF-8, relative to the working directory, which is the root of the file system at first. One thread at a time.
///
/// A method is the system call of its name; those that do more say so.
public final class Client implements AutoCloseable {
    /// The number of a descriptor that is never open: beyond any limit.
    public static final int NO_FD = 1 << 30;

    private static final int DENTS_BUFFER = 32 << 10;

    private final Calls calls;
    private final Arena arena = Arena.ofShared();
    private MemorySegment buffer = arena.allocate(4096, 4096);

    Client(Calls calls) {
        this.calls = calls;
    }

    /// The calls themselves.
    Calls calls() {
        return calls;
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private MemorySegment buffer(long size) {
        if (size > buffer.byteSize()) {
            buffer = arena.allocate(size, 4096); // as O_DIRECT wants it
        }
        return buffer.asSlice(0, size);
    }

    private MemorySegment copyIn(byte[] data) {
        MemorySegment segment = buffer(data.length);
        MemorySegment.copy(data, 0, segment, JAVA_BYTE, 0, data.length);
        return segment;
    }

    // Files

    int open(String path, int flags, int mode) throws ErrnoException {
        return calls.openat(AT_FDCWD, bytes(path), flags, mode);
    }

    int open(String path, int flags) throws ErrnoException {
        return open(path, flags, 0644);
    }

    int openat(int dirfd, String path, int flags) throws ErrnoException {
        return calls.openat(dirfd, bytes(path), flags, 0644);
    }

    void close(int fd) throws ErrnoException {
        calls.closeFd(fd);
    }

    /// Makes an empty file with `mode`, or empties it.
    void create(String path, int mode) throws ErrnoException {
        close(open(path, O_CREAT | O_WRONLY | O_TRUNC, mode));
    }

    /// Makes an empty file with mode 0644, or empties it.
    void create(String path) throws ErrnoException {
        create(path, 0644);
    }

    /// Makes a file with this content.
    void create(String path, byte[] content) throws ErrnoException {
        int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC);
        writeAll(fd, content, 0);
        close(fd);
    }

    void create(String path, String content) throws ErrnoException {
        create(path, bytes(content));
    }

    int write(int fd, byte[] data) throws ErrnoException {
        return calls.write(fd, copyIn(data));
    }

    int write(int fd, String data) throws ErrnoException {
        return write(fd, bytes(data));
    }

    int pwrite(int fd, byte[] data, long off) throws ErrnoException {
        return calls.pwrite(fd, copyIn(data), off);
    }

    int pwrite(int fd, String data, long off) throws ErrnoException {
        return pwrite(fd, bytes(data), off);
    }

    /// Writes all of `data` at `off`, in as many calls as it takes.
    void writeAll(int fd, byte[] data, long off) throws ErrnoException {
        MemorySegment segment = copyIn(data);
        for (int done = 0; done < data.length; ) {
            done += calls.pwrite(fd, segment.asSlice(done), off + done);
        }
    }

    byte[] read(int fd, int size) throws ErrnoException {
        MemorySegment segment = buffer(size);
        return segment.asSlice(0, calls.read(fd, segment)).toArray(JAVA_BYTE);
    }

    byte[] pread(int fd, int size, long off) throws ErrnoException {
        MemorySegment segment = buffer(size);
        return segment.asSlice(0, calls.pread(fd, segment, off)).toArray(JAVA_BYTE);
    }

    /// Up to `size` bytes at `off`, in as many calls as it takes; less at the end of the file.
    byte[] readAll(int fd, int size, long off) throws ErrnoException {
        MemorySegment segment = buffer(size);
        int done = 0;
        for (int n = 1; n > 0 && done < size; done += n) {
            n = calls.pread(fd, segment.asSlice(done), off + done);
        }
        return segment.asSlice(0, done).toArray(JAVA_BYTE);
    }

    /// The content of a file.
    byte[] content(String path) throws ErrnoException {
        int fd = open(path, O_RDONLY);
        try {
            return readAll(fd, Math.toIntExact(stat(path).size()) + 1, 0);
        } finally {
            close(fd);
        }
    }

    /// The content of a file as text.
    String text(String path) throws ErrnoException {
        return new String(content(path), UTF_8);
    }

    long lseek(int fd, long off, int whence) throws ErrnoException {
        return calls.lseek(fd, off, whence);
    }

    void truncate(String path, long size) throws ErrnoException {
        calls.truncate(bytes(path), size);
    }

    void ftruncate(int fd, long size) throws ErrnoException {
        calls.ftruncate(fd, size);
    }

    void fallocate(int fd, int mode, long off, long len) throws ErrnoException {
        calls.fallocate(fd, mode, off, len);
    }

    void fsync(int fd) throws ErrnoException {
        calls.fsync(fd);
    }

    int dup(int fd) throws ErrnoException {
        return calls.dup(fd);
    }

    @Nullable
    Flock getlk(int fd, Flock wanted) throws ErrnoException {
        return calls.getlk(fd, wanted);
    }

    /// F_SETLK.
    void setlk(int fd, Flock wanted) throws ErrnoException {
        calls.setlk(fd, wanted, false);
    }

    void flock(int fd, int operation) throws ErrnoException {
        calls.flock(fd, operation);
    }

    /// What lies at a mapped address.
    byte[] peek(long address, int size) throws ErrnoException {
        MemorySegment segment = buffer(size);
        calls.peek(address, segment);
        return segment.toArray(JAVA_BYTE);
    }

    void poke(long address, byte[] data) throws ErrnoException {
        calls.poke(address, copyIn(data));
    }

    // Names

    void mkdir(String path, int mode) throws ErrnoException {
        calls.mkdirat(AT_FDCWD, bytes(path), mode);
    }

    void mkdir(String path) throws ErrnoException {
        mkdir(path, 0755);
    }

    void rmdir(String path) throws ErrnoException {
        calls.unlinkat(AT_FDCWD, bytes(path), AT_REMOVEDIR);
    }

    void unlink(String path) throws ErrnoException {
        calls.unlinkat(AT_FDCWD, bytes(path), 0);
    }

    void link(String path, String newPath) throws ErrnoException {
        calls.linkat(AT_FDCWD, bytes(path), AT_FDCWD, bytes(newPath), 0);
    }

    void symlink(String target, String path) throws ErrnoException {
        calls.symlinkat(bytes(target), AT_FDCWD, bytes(path));
    }

    String readlink(String path) throws ErrnoException {
        return new String(calls.readlinkat(AT_FDCWD, bytes(path)), UTF_8);
    }

    void mkfifo(String path, int mode) throws ErrnoException {
        mknod(path, Mode.S_IFIFO | mode, 0);
    }

    void mknod(String path, int mode, int rdev) throws ErrnoException {
        calls.mknodat(AT_FDCWD, bytes(path), mode, rdev);
    }

    void rename(String path, String newPath) throws ErrnoException {
        rename(path, newPath, 0);
    }

    /// renameat2(2) with `flags`.
    void rename(String path, String newPath, int flags) throws ErrnoException {
        calls.renameat2(AT_FDCWD, bytes(path), AT_FDCWD, bytes(newPath), flags);
    }

    /// All entries of a directory but `.` and `..`, in the order told.
    List<Dirent> entries(String path) throws ErrnoException {
        return allEntries(path).stream()
                .filter(entry -> !entry.name().isDot() && !entry.name().isDotDot())
                .toList();
    }

    /// All entries of a directory.
    List<Dirent> allEntries(String path) throws ErrnoException {
        int fd = open(path, O_RDONLY | O_DIRECTORY);
        try {
            var entries = new ArrayList<Dirent>();
            List<Dirent> some = getdents(fd, DENTS_BUFFER);
            while (!some.isEmpty()) {
                entries.addAll(some);
                some = getdents(fd, DENTS_BUFFER);
            }
            return entries;
        } finally {
            close(fd);
        }
    }

    /// The entries that a buffer of `size` bytes holds, from the position of the descriptor on; none at the end.
    List<Dirent> getdents(int fd, int size) throws ErrnoException {
        var entries = new ArrayList<Dirent>();
        calls.getdents(fd, size, (name, ino, mode, cookie) -> entries.add(new Dirent(name, ino, mode, cookie)));
        return entries;
    }

    /// The names in a directory but `.` and `..`, sorted.
    List<String> names(String path) throws ErrnoException {
        return entries(path).stream()
                .map(entry -> entry.name().toString())
                .sorted()
                .toList();
    }

    void chdir(String path) throws ErrnoException {
        calls.chdir(bytes(path));
    }

    int umask(int mask) throws ErrnoException {
        return calls.umask(mask);
    }

    // Attributes

    Attr stat(String path) throws ErrnoException {
        return calls.fstatat(AT_FDCWD, bytes(path), 0).attr();
    }

    Attr lstat(String path) throws ErrnoException {
        return calls.fstatat(AT_FDCWD, bytes(path), AT_SYMLINK_NOFOLLOW).attr();
    }

    Attr fstat(int fd) throws ErrnoException {
        return calls.fstatat(fd, new byte[0], jpuffs.sys.Fcntl.AT_EMPTY_PATH).attr();
    }

    /// The permission bits of a file, with set-user-id, set-group-id and sticky.
    int mode(String path) throws ErrnoException {
        return stat(path).mode() & Mode.PERMISSIONS;
    }

    /// Whether lstat(2) finds it; ENOENT is the only failure that means no.
    boolean exists(String path) throws ErrnoException {
        try {
            lstat(path);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != jpuffs.core.Errno.ENOENT) {
                throw e;
            }
            return false;
        }
    }

    void chmod(String path, int mode) throws ErrnoException {
        calls.fchmodat(AT_FDCWD, bytes(path), mode, 0);
    }

    void fchmod(int fd, int mode) throws ErrnoException {
        calls.fchmod(fd, mode);
    }

    void chown(String path, int uid, int gid) throws ErrnoException {
        calls.fchownat(AT_FDCWD, bytes(path), uid, gid, 0);
    }

    void lchown(String path, int uid, int gid) throws ErrnoException {
        calls.fchownat(AT_FDCWD, bytes(path), uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    void fchown(int fd, int uid, int gid) throws ErrnoException {
        calls.fchown(fd, uid, gid);
    }

    void utimens(String path, TimeSpec atime, TimeSpec mtime) throws ErrnoException {
        calls.utimensat(AT_FDCWD, bytes(path), atime, mtime, 0);
    }

    /// Sets both times to `seconds` and `nanos`.
    void setTimes(String path, long seconds, int nanos) throws ErrnoException {
        TimeSpec time = TimeSpec.of(new Time(seconds, nanos));
        calls.utimensat(AT_FDCWD, bytes(path), time, time, AT_SYMLINK_NOFOLLOW);
    }

    void access(String path, int mode) throws ErrnoException {
        calls.faccessat(AT_FDCWD, bytes(path), mode, 0);
    }

    StatFs statfs(String path) throws ErrnoException {
        return calls.statfs(bytes(path));
    }

    // Extended attributes

    String getxattr(String path, String name) throws ErrnoException {
        return new String(calls.getxattr(bytes(path), 0, Name.of(name)), UTF_8);
    }

    void setxattr(String path, String name, String value, int how) throws ErrnoException {
        calls.setxattr(bytes(path), 0, Name.of(name), bytes(value), how);
    }

    void setxattr(String path, String name, String value) throws ErrnoException {
        setxattr(path, name, value, 0);
    }

    void removexattr(String path, String name) throws ErrnoException {
        calls.removexattr(bytes(path), 0, Name.of(name));
    }

    /// The names in the `user.` space, sorted.
    List<String> userXattrs(String path) throws ErrnoException {
        return calls.listxattr(bytes(path), 0).stream()
                .map(Name::toString)
                .filter(name -> name.startsWith("user."))
                .sorted()
                .toList();
    }

    /// Ends the process.
    @Override
    public void close() {
        calls.close();
        arena.close();
    }
}
