// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// An open file descriptor: owned, closed exactly once.
///
/// Rules:
///
/// * Buffers are native segments, borrowed until return; a heap segment is an IllegalArgumentException.
/// * The `try` methods answer -errno (`-EAGAIN`, `-ENODEV`, ...) as the kernel does, and allocate nothing; all
///   others throw. [#read] and [#write] go on after a signal, the `try` methods answer -EINTR.
/// * A call that waits holds its thread, and a virtual thread's carrier with it: on a call context use
///   descriptors that are non-blocking, or regular files.
/// * A closed Fd has the number -1, so the kernel answers EBADF. As everywhere in Unix, to close while another
///   thread is inside a call, or about to be, is a bug of the caller.
public final class Fd implements AutoCloseable {
    /// The most segments [#readv] and [#writev] take.
    public static final int IOV_MAX = Scratch.ROOM / 16;

    private static final int RWF_NOWAIT = 8;
    private static final int F_OFD_SETLK = 37;
    private static final int F_RDLCK = 0;
    private static final int F_WRLCK = 1;

    private static final AtomicInteger OPEN = new AtomicInteger();
    private static final VarHandle NUMBER;

    static {
        try {
            NUMBER = MethodHandles.lookup().findVarHandle(Fd.class, "number", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int number;

    private Fd(int number) {
        this.number = number;
        OPEN.incrementAndGet();
    }

    /// Takes over the descriptor `number`.
    public static Fd of(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("no descriptor: " + number);
        }
        return new Fd(number);
    }

    /// Opens `path`, relative to the current directory, with the `O_` constants of [Fcntl]; closed on exec. The
    /// exception names the path.
    public static Fd open(String path, int flags, int mode) throws ErrnoException {
        return open(Name.of(path), flags, mode);
    }

    public static Fd open(Path path, int flags, int mode) throws ErrnoException {
        return open(Name.of(path.toString()), flags, mode);
    }

    public static Fd open(Name path, int flags, int mode) throws ErrnoException {
        int number = At.tryOpenat(Fcntl.AT_FDCWD, path, flags, mode);
        if (number < 0) {
            throw Native.failure(number, "open " + path);
        }
        return new Fd(number);
    }

    /// A pipe, closed on exec: the end to read and the end to write.
    ///
    /// @param flags O_NONBLOCK, O_DIRECT or 0
    public static Socket.Pair pipe(int flags) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long out = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.PIPE2, out, flags | Fcntl.O_CLOEXEC));
            return Socket.twoFds(scratch);
        }
    }

    /// How many Fds are open in this process, for tests that look for leaks.
    public static int openCount() {
        return OPEN.get();
    }

    /// The descriptor, -1 after [#close].
    public int number() {
        return number;
    }

    public boolean isOpen() {
        return number >= 0;
    }

    /// Closes it; nothing if it is closed. An error of close(2) is not told: the descriptor is gone all the same,
    /// and who must know that the data arrived calls [#fsync].
    @Override
    public void close() {
        int old = release();
        if (old >= 0) {
            Native.call(Syscalls.CLOSE, old);
        }
    }

    /// Gives the descriptor away: it stays open, and closing it is up to the caller.
    ///
    /// @return the descriptor, or -1 if it was closed
    public int release() {
        int old = (int) NUMBER.getAndSet(this, -1);
        if (old >= 0) {
            OPEN.decrementAndGet();
        }
        return old;
    }

    /// Reads into all of `dst`, once; returns the count, 0 at the end.
    public int read(MemorySegment dst) throws ErrnoException {
        return At.read(number, dst);
    }

    /// As [#read], or -errno.
    public long tryRead(MemorySegment dst) {
        return Native.call(Syscalls.READ, number, Mem.writable(dst), dst.byteSize());
    }

    /// Writes from `src`, once; returns the count, which may be less.
    public int write(MemorySegment src) throws ErrnoException {
        return At.write(number, src);
    }

    /// As [#write], or -errno.
    public long tryWrite(MemorySegment src) {
        return Native.call(Syscalls.WRITE, number, Mem.readable(src), src.byteSize());
    }

    /// Reads at `off`, once; returns the count, 0 at the end.
    public int pread(MemorySegment dst, long off) throws ErrnoException {
        return At.pread(number, dst, off);
    }

    /// As [#pread], or -errno.
    public long tryPread(MemorySegment dst, long off) {
        return Native.call(Syscalls.PREAD64, number, Mem.writable(dst), dst.byteSize(), off, 0, 0);
    }

    /// Reads at `off` what can be had without waiting for a disk (preadv2(2), RWF_NOWAIT); the count, which may be
    /// less, or -errno: -EAGAIN if nothing can, -EOPNOTSUPP if the file system does not tell.
    public long tryPreadNowait(MemorySegment dst, long off) {
        try (Scratch scratch = Scratch.take()) {
            long vector = scratch.pair(Scratch.PATH, Mem.writable(dst), dst.byteSize());
            // The offset has two registers, of which 64-bit machines use the first.
            return Native.call(scratch, Syscalls.PREADV2, number, vector, 1, off, 0, RWF_NOWAIT);
        }
    }

    /// Writes at `off`, once; returns the count, which may be less.
    public int pwrite(MemorySegment src, long off) throws ErrnoException {
        return At.pwrite(number, src, off);
    }

    /// As [#pwrite], or -errno.
    public long tryPwrite(MemorySegment src, long off) {
        return Native.call(Syscalls.PWRITE64, number, Mem.readable(src), src.byteSize(), off, 0, 0);
    }

    /// Reads at `off` until `dst` is full or the file ends; returns the count.
    public long preadFully(MemorySegment dst, long off) throws ErrnoException {
        long done = 0;
        while (done < dst.byteSize()) {
            int count = pread(done == 0 ? dst : dst.asSlice(done), off + done);
            if (count == 0) {
                break;
            }
            done += count;
        }
        return done;
    }

    /// Writes all of `src` at `off`.
    ///
    /// @throws ErrnoException what pwrite(2) says; EIO if it takes nothing and says nothing
    public void pwriteFully(MemorySegment src, long off) throws ErrnoException {
        for (long done = 0; done < src.byteSize(); ) {
            int count = pwrite(done == 0 ? src : src.asSlice(done), off + done);
            if (count == 0) {
                throw Errno.EIO.error("nothing was written");
            }
            done += count;
        }
    }

    /// Reads into the segments in turn, once; at most [#IOV_MAX] of them.
    public int readv(List<MemorySegment> dst) throws ErrnoException {
        long result;
        do {
            result = tryReadv(dst);
        } while (Native.interrupted(result));
        return (int) Native.check(result);
    }

    /// As [#readv], or -errno.
    public long tryReadv(List<MemorySegment> dst) {
        try (Scratch scratch = Scratch.take()) {
            int count = Mem.iovecs(scratch, dst, true);
            return Native.call(scratch, Syscalls.READV, number, scratch.at(Scratch.PATH), count, 0);
        }
    }

    /// Writes the segments in turn, once; at most [#IOV_MAX] of them. Returns the count, which may be less.
    public int writev(List<MemorySegment> src) throws ErrnoException {
        long result;
        do {
            result = tryWritev(src);
        } while (Native.interrupted(result));
        return (int) Native.check(result);
    }

    /// As [#writev], or -errno.
    public long tryWritev(List<MemorySegment> src) {
        try (Scratch scratch = Scratch.take()) {
            int count = Mem.iovecs(scratch, src, false);
            return Native.call(scratch, Syscalls.WRITEV, number, scratch.at(Scratch.PATH), count, 0);
        }
    }

    /// Reads until `dst` is full or the file ends; returns the count.
    public long readFully(MemorySegment dst) throws ErrnoException {
        long done = 0;
        while (done < dst.byteSize()) {
            int count = read(dst.asSlice(done));
            if (count == 0) {
                break;
            }
            done += count;
        }
        return done;
    }

    /// Writes all of `src`. EAGAIN if the descriptor is non-blocking and full, with a part written.
    public void writeFully(MemorySegment src) throws ErrnoException {
        for (long done = 0; done < src.byteSize(); ) {
            done += write(src.asSlice(done));
        }
    }

    /// Moves the offset; returns the new one.
    ///
    /// @param whence SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA or SEEK_HOLE (ENXIO beyond the end)
    public long seek(long off, int whence) throws ErrnoException {
        return Native.check(Native.call(Syscalls.LSEEK, number, off, whence));
    }

    /// Waits until data and attributes are on the disk.
    public void fsync() throws ErrnoException {
        Native.check(Native.call(Syscalls.FSYNC, number));
    }

    /// As [#fsync], without the attributes that are not needed to read the data.
    public void fdatasync() throws ErrnoException {
        Native.check(Native.call(Syscalls.FDATASYNC, number));
    }

    /// Waits until the whole file system this file is on is on the disk.
    public void syncfs() throws ErrnoException {
        Native.check(Native.call(Syscalls.SYNCFS, number));
    }

    /// Starts or awaits the writing of a range, sync_file_range(2): no promise for attributes.
    public void syncFileRange(long off, long length, int flags) throws ErrnoException {
        Native.check(Native.call(Syscalls.SYNC_FILE_RANGE, number, off, length, flags, 0, 0));
    }

    /// Has the kernel read a range into its page cache, without waiting for it (POSIX_FADV_WILLNEED).
    public void readahead(long off, long length) throws ErrnoException {
        Native.check(Native.call(Syscalls.FADVISE64, number, off, length, Fcntl.POSIX_FADV_WILLNEED, 0, 0));
    }

    public void ftruncate(long size) throws ErrnoException {
        At.ftruncate(number, size);
    }

    /// Reserves, zeroes or frees a range, with the `FALLOC_` constants.
    public void fallocate(int mode, long off, long length) throws ErrnoException {
        Native.check(Native.call(Syscalls.FALLOCATE, number, mode, off, length, 0, 0));
    }

    /// Copies a range within the kernel; neither offset of the descriptors moves. Returns the count, which may be
    /// less, 0 at the end of this file.
    public long copyFileRange(long off, Fd target, long targetOff, long length) throws ErrnoException {
        return At.copyFileRange(number, off, target.number, targetOff, length);
    }

    /// A new descriptor for the same open file, closed on exec.
    public Fd dup() throws ErrnoException {
        return new Fd(fcntl(Fcntl.F_DUPFD_CLOEXEC, 0));
    }

    /// Makes the descriptor `target` another name of this one, whatever `target` was; not closed on exec.
    public void dup2(int target) throws ErrnoException {
        if (number == target) {
            setCloexec(false);
        } else {
            Native.check(Native.call(Syscalls.DUP3, number, target, 0));
        }
    }

    /// fcntl(2) with an integer argument and one of the `F_` constants.
    public int fcntl(int command, int argument) throws ErrnoException {
        return (int) Native.check(Native.call(Syscalls.FCNTL, number, command, argument));
    }

    /// Locks all of the open file, F_OFD_SETLK of fcntl(2): until it is closed, whichever descriptor of the process is
    /// closed before. It keeps off the locks of other programs and those of `FileChannel`.
    ///
    /// @param shared for reading only
    /// @return false if another has a lock that does not go with it
    /// @throws ErrnoException ENOLCK, EBADF if it is not open for that
    public boolean tryLock(boolean shared) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long flock = scratch.pair(Scratch.STRUCT, shared ? F_RDLCK : F_WRLCK, 0); // type and whence; start
            scratch.pair(Scratch.STRUCT + 16, 0, 0); // to the end; pid
            long result = Native.call(scratch, Syscalls.FCNTL, number, F_OFD_SETLK, flock, 0);
            if (result == -Errno.EAGAIN.number() || result == -Errno.EACCES.number()) {
                return false;
            }
            Native.check(result);
            return true;
        }
    }

    /// The `O_` flags of the open file.
    public int flags() throws ErrnoException {
        return fcntl(Fcntl.F_GETFL, 0);
    }

    public void setNonblock(boolean on) throws ErrnoException {
        int flags = flags();
        fcntl(Fcntl.F_SETFL, on ? flags | Fcntl.O_NONBLOCK : flags & ~Fcntl.O_NONBLOCK);
    }

    public void setCloexec(boolean on) throws ErrnoException {
        fcntl(Fcntl.F_SETFD, on ? Fcntl.FD_CLOEXEC : 0);
    }

    /// Closes one or both directions of a socket: SHUT_RD, SHUT_WR or SHUT_RDWR.
    public void shutdown(int how) throws ErrnoException {
        Native.check(Native.call(Syscalls.SHUTDOWN, number, how, 0));
    }

    /// ioctl(2) with an integer argument.
    public int ioctl(int command, long argument) throws ErrnoException {
        return (int) Native.check(tryIoctl(command, argument));
    }

    /// ioctl(2) with a struct.
    public int ioctl(int command, MemorySegment argument) throws ErrnoException {
        return ioctl(command, Mem.readable(argument));
    }

    /// As [#ioctl(int, long)], or -errno; the argument may be an address.
    public long tryIoctl(int command, long argument) {
        return Native.call(Syscalls.IOCTL, number, Integer.toUnsignedLong(command), argument);
    }

    /// Sends a descriptor over this Unix-domain socket (SCM_RIGHTS) with one byte 0; `sent` stays the caller's.
    public void sendFd(Fd sent) throws ErrnoException {
        Scm.send(number, sent.number);
    }

    /// Receives a descriptor that came with one byte, closed on exec. EPROTO if a byte came without one, or nothing
    /// more will come.
    public Fd recvFd() throws ErrnoException {
        return of(Scm.receive(number));
    }

    @Override
    public String toString() {
        return "fd " + number;
    }
}
