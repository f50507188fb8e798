// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Raw;
import org.jspecify.annotations.Nullable;

/// A thread that plays a process: it has a working directory, an umask, descriptors and credentials of its own
/// (unshare(2), and the raw calls that libc makes for all threads at once), and makes the system calls it is told.
///
/// It runs nothing but [#serve]: with other descriptors than the rest of the JVM, and without privilege, a thread must
/// load no class.
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
    private static final int CLOSE_RANGE = 436;
    private static final int CLONE_FS = 0x200;
    private static final int CLONE_FILES = 0x400;
    private static final long ALL = 0xffff_ffffL;

    private final Thread thread;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(DATA + DATA_SIZE, 64);
    private final long[] args = new long[7];
    private long result;
    private volatile @Nullable Thread caller;
    private volatile boolean asked;
    private volatile boolean ended;

    /// Starts the process, in the directory `/`.
    ///
    /// @throws ErrnoException EPERM for credentials the JVM may not take
    Task(Cred cred) throws ErrnoException {
        Raw.call(GETPID, 0, 0, 0, 0, 0, 0); // loads all that serve() uses
        thread = Thread.ofPlatform().daemon().name("task uid " + cred.uid()).unstarted(this::serve);
        thread.start();
        check(call(UNSHARE, CLONE_FS | CLONE_FILES));
        check(call(CLOSE_RANGE, 3, ALL));
        if (!cred.isPrivileged()) {
            become(cred);
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
                result = Raw.call((int) args[0], args[1], args[2], args[3], args[4], args[5], args[6]);
                asked = false;
                LockSupport.unpark(caller);
            } else {
                LockSupport.park(this);
            }
        }
    }

    /// Ends the process. When this returns it keeps no file system busy.
    @Override
    public void close() {
        if (ended) {
            return; // or cut off in a call, which may still use the memory
        }
        call(CHDIR, put(PATH, new byte[] {'/'}));
        call(CLOSE_RANGE, 3, ALL);
        ended = true;
        LockSupport.unpark(thread);
        arena.close();
    }
}
