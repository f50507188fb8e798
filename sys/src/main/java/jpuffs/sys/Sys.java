// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// What this process and thread is and may do, and what the machine is.
///
/// Ids of threads and CPU masks are those of the platform thread: of the carrier, in a virtual thread.
public final class Sys {
    public static final int RLIMIT_CORE = 4;
    public static final int RLIMIT_NOFILE = 7;
    public static final int RLIMIT_MEMLOCK = 8;

    /// A limit that is none.
    public static final long RLIM_INFINITY = -1;

    public static final int PR_SET_PDEATHSIG = 1;
    public static final int PR_SET_DUMPABLE = 4;
    public static final int PR_SET_NAME = 15;
    public static final int PR_SET_NO_NEW_PRIVS = 38;
    public static final int PR_SET_IO_FLUSHER = 57;

    private static final int PRIO_PROCESS = 0; // which is one thread, in Linux
    private static final int UTSNAME_FIELD = 65; // struct new_utsname: six strings of this size
    private static final int CPU_MASK_BYTES = 1024; // 8,192 CPUs, the most Linux is built for

    private Sys() {}

    public static int getpid() {
        return (int) Native.call(Syscalls.GETPID, 0);
    }

    /// The id of the platform thread that runs this.
    public static int gettid() {
        return (int) Native.call(Syscalls.GETTID, 0);
    }

    public static int getppid() {
        return (int) Native.call(Syscalls.GETPPID, 0);
    }

    public static int getuid() {
        return (int) Native.call(Syscalls.GETUID, 0);
    }

    public static int geteuid() {
        return (int) Native.call(Syscalls.GETEUID, 0);
    }

    public static int getgid() {
        return (int) Native.call(Syscalls.GETGID, 0);
    }

    public static int getegid() {
        return (int) Native.call(Syscalls.GETEGID, 0);
    }

    /// Sets the file mode creation mask of the process; returns the old one.
    public static int umask(int mask) {
        return (int) Native.call(Syscalls.UMASK, mask);
    }

    /// Makes this process the leader of a new session without a terminal. EPERM if it leads a process group.
    public static void setsid() throws ErrnoException {
        Native.check(Native.call(Syscalls.SETSID, 0));
    }

    /// Changes the current directory of native calls. Java's own (`user.dir`) stays: relative paths given to
    /// `java.io` and `java.nio` keep their meaning.
    public static void chdir(Name path) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.CHDIR, scratch.path(path), 0));
        }
    }

    /// prctl(2) with one of the `PR_` constants, for the platform thread that runs this.
    public static int prctl(int option, long argument) throws ErrnoException {
        return (int) Native.check(Native.call(Syscalls.PRCTL, option, argument, 0));
    }

    /// Binds the platform thread that runs this to one CPU. EINVAL if there is no such CPU or it is not allowed.
    public static void pinTo(int cpu) throws ErrnoException {
        if (cpu < 0 || cpu >= CPU_MASK_BYTES * 8) {
            throw new IllegalArgumentException("no CPU " + cpu);
        }
        try (Scratch scratch = Scratch.take()) {
            MemorySegment mask = scratch.memory().asSlice(Scratch.STRUCT, CPU_MASK_BYTES);
            mask.fill((byte) 0);
            mask.set(JAVA_LONG, cpu / 64 * 8L, 1L << cpu % 64);
            Native.check(
                    Native.call(scratch, Syscalls.SCHED_SETAFFINITY, 0, CPU_MASK_BYTES, scratch.at(Scratch.STRUCT), 0));
        }
    }

    /// Sets the nice value of one thread, setpriority(2): 19 takes only what the others leave. ESRCH if it has ended;
    /// EACCES to lower the value without privilege.
    public static void setNice(int thread, int nice) throws ErrnoException {
        Native.check(Native.call(Syscalls.SETPRIORITY, PRIO_PROCESS, thread, nice));
    }

    /// The number of the CPU that runs this now.
    public static int currentCpu() throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.GETCPU, scratch.at(Scratch.STRUCT), 0));
            return scratch.memory().get(JAVA_INT, Scratch.STRUCT);
        }
    }

    /// How many CPUs the machine may ever have (`/sys/devices/system/cpu/possible`), which is how many queues FUSE
    /// over io_uring has; often more than [Runtime#availableProcessors].
    public static int possibleCpus() throws IOException {
        return countCpus(Files.readString(Path.of("/sys/devices/system/cpu/possible")));
    }

    /// The CPUs in a list such as `0-3,8,10-11`.
    static int countCpus(String list) {
        int count = 0;
        for (String range : list.strip().split(",", -1)) {
            int dash = range.indexOf('-');
            count += dash < 0
                    ? 1
                    : Integer.parseInt(range, dash + 1, range.length(), 10) - Integer.parseInt(range, 0, dash, 10) + 1;
        }
        return count;
    }

    /// A resource limit: what counts now, and how far it may be raised; [#RLIM_INFINITY] for none.
    public record Limit(long soft, long hard) {}

    /// Reads one of the `RLIMIT_` limits.
    public static Limit limit(int resource) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long out = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.PRLIMIT64, 0, resource, 0, out));
            MemorySegment memory = scratch.memory();
            return new Limit(memory.get(JAVA_LONG, Scratch.STRUCT), memory.get(JAVA_LONG, Scratch.STRUCT + 8L));
        }
    }

    /// Sets one of the `RLIMIT_` limits. EPERM to raise the hard one without privilege.
    public static void setLimit(int resource, Limit limit) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long in = scratch.pair(Scratch.STRUCT, limit.soft, limit.hard);
            Native.check(Native.call(scratch, Syscalls.PRLIMIT64, 0, resource, in, 0));
        }
    }

    /// Writes everything that is not yet on a disk, of all file systems.
    public static void sync() {
        Native.call(Syscalls.SYNC, 0);
    }

    /// The release of the kernel, such as `6.18.44`.
    public static String kernelRelease() throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            Native.check(Native.call(scratch, Syscalls.UNAME, scratch.at(Scratch.STRUCT), 0));
            MemorySegment memory = scratch.memory();
            int start = Scratch.STRUCT + 2 * UTSNAME_FIELD;
            int length = 0;
            while (memory.get(JAVA_BYTE, (long) start + length) != 0) {
                length++;
            }
            return new String(scratch.bytes(start, length), StandardCharsets.US_ASCII);
        }
    }

    /// The supplementary groups of process or thread `pid`, as seen now. ESRCH if there is none (any more).
    public static int[] groupsOf(int pid) throws ErrnoException {
        return ProcStatus.read(pid).groups();
    }

    /// The credentials process or thread `pid` uses on files (`fsuid`, `fsgid`, supplementary groups), as seen now.
    /// ESRCH if there is none (any more).
    public static Cred credOf(int pid) throws ErrnoException {
        return ProcStatus.read(pid);
    }
}
