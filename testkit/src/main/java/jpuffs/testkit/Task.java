// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Raw;
import org.jspecify.annotations.Nullable;

/// A thread that plays a process: it has a working directory, an umask, descriptors and credentials of its own
/// (unshare(2), and the raw calls that libc makes for all threads at once), and makes the system calls it is told.
///
/// It runs nothing but [#serve], since without privilege, and without the descriptors that the JVM opens later, a
/// thread can load few classes: one task goes through all that code beforehand, as an ordinary thread. The
/// descriptors that the JVM has when the task starts stay open in it: the JVM reads its own classes by them.
final class Task implements AutoCloseable {
    /// Where the arguments of a call may lie: two paths, a struct, and data.
    static final int PATH = 0;

    static final int SECOND_PATH = 16 << 10;
    static final int STRUCT = 32 << 10;
    static final int DATA = 36 << 10;
    static final int DATA_SIZE = 132 << 10;

    private static final int UNSHARE = Raw.nr(272, 97);
    private static final int SETGROUPS = Raw.nr(116, 159);
    private static final int SETRESGID = Raw.nr(119, 149);
    private static final int SETRESUID = Raw.nr(117, 147);
    private static final int CHDIR = Raw.nr(80, 49);
    private static final int GETPID = Raw.nr(39, 172);
    private static final int CLOSE = Raw.nr(3, 57);
    private static final int COPY = -1; // no system call, but done by the task as well
    private static final int CLONE_FS = 0x200;
    private static final int CLONE_FILES = 0x400;
    private static final long ALL = 0xffff_ffffL;

    static {
        rehearse();
    }

    private final Thread thread;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(DATA + DATA_SIZE, 64);
    private final long[] args = new long[7];
    private final BitSet fds = new BitSet();
    private long result;
    private volatile @Nullable Thread caller;
    private volatile boolean asked;
    private volatile boolean ended;

    /// Starts the process, in the directory `/`.
    ///
    /// @throws ErrnoException EPERM for credentials the JVM may not take
    Task(Cred cred) throws ErrnoException {
        this("task of " + cred);
        check(call(UNSHARE, CLONE_FS | CLONE_FILES));
        if (!cred.isPrivileged()) {
            become(cred);
        }
    }

    private Task(String name) {
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::serve);
        thread.start();
    }

    /// Makes a call that works and one that fails, and ends, in a thread that may still load what that takes.
    private static void rehearse() {
        var task = new Task("rehearsal");
        for (int i = 0; i < 10; i++) {
            task.call(GETPID);
            task.call(CHDIR, 0);
            task.copy(task.at(PATH), task.at(SECOND_PATH), 1);
        }
        task.end();
        try {
            task.thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void become(Cred cred) throws ErrnoException {
        int[] groups = cred.groups();
        MemorySegment.copy(groups, 0, memory, JAVA_INT, STRUCT, groups.length);
        check(call(SETGROUPS, groups.length, at(STRUCT)));
        long gid = cred.gid() & ALL;
        long uid = cred.uid() & ALL;
        check(call(SETRESGID, gid, gid, gid));
        check(call(SETRESUID, uid, uid, uid));
    }

    /// `result` if it is no error.
    static long check(long result) throws ErrnoException {
        if (result < 0) {
            throw Errno.of((int) -result).error();
        }
        return result;
    }

    /// The address of the byte at `offset` of the memory for arguments.
    long at(int offset) {
        return memory.address() + offset;
    }

    MemorySegment memory() {
        return memory;
    }

    /// Puts a string with its NUL at `offset`; its address.
    long put(int offset, byte[] string) {
        MemorySegment.copy(string, 0, memory, JAVA_BYTE, offset, string.length);
        memory.set(JAVA_BYTE, offset + (long) string.length, (byte) 0);
        return at(offset);
    }

    /// Puts longs at `offset`; their address.
    long put(int offset, long... values) {
        MemorySegment.copy(values, 0, memory, JAVA_LONG, offset, values.length);
        return at(offset);
    }

    /// Makes a system call in this process: the result, or -errno.
    ///
    /// @throws IllegalStateException if the calling thread is interrupted: the call goes on, and the process is
    ///     good for nothing any more
    synchronized long call(int nr, long... arguments) {
        if (ended) {
            return -Errno.ESRCH.number();
        }
        Arrays.fill(args, 0);
        args[0] = nr;
        System.arraycopy(arguments, 0, args, 1, arguments.length);
        caller = Thread.currentThread();
        asked = true;
        LockSupport.unpark(thread);
        while (asked) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                ended = true;
                throw new IllegalStateException("interrupted in system call " + nr);
            }
        }
        return result;
    }

    private void serve() {
        while (!ended) {
            if (asked) {
                result = serve((int) args[0]);
                asked = false;
                LockSupport.unpark(caller);
            } else {
                LockSupport.park(this);
            }
        }
    }

    private long serve(int nr) {
        if (nr == COPY) {
            Raw.copy(args[1], args[2], args[3]);
            return 0;
        }
        return Raw.call(nr, args[1], args[2], args[3], args[4], args[5], args[6]);
    }

    /// Copies bytes from one address to another as the process.
    void copy(long from, long to, long length) {
        call(COPY, from, to, length);
    }

    /// Notes that the process has opened `fd`.
    void opened(int fd) {
        fds.set(fd);
    }

    /// Notes that the process has closed it.
    void closed(int fd) {
        fds.clear(fd);
    }

    /// Ends the process. When this returns it keeps no file system busy.
    @Override
    public void close() {
        if (ended) {
            return; // or cut off in a call, which may still use the memory
        }
        call(CHDIR, put(PATH, new byte[] {'/'}));
        fds.stream().forEach(fd -> call(CLOSE, fd));
        end();
    }

    private void end() {
        ended = true;
        LockSupport.unpark(thread);
        arena.close();
    }
}
