// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// A process held by a descriptor, pidfd_open(2): readable once the process has ended. Its number cannot come to
/// mean another process.
public final class PidFd implements AutoCloseable {
    /// What [#status] answers while the process runs.
    public static final int RUNNING = -1;

    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;

    // siginfo_t as waitid(2) fills it
    static final int SI_CODE = 8;
    static final int SI_PID = 16;
    static final int SI_STATUS = 24;
    private static final int SIGINFO_SIZE = 128;
    private static final int CLD_EXITED = 1;

    private final Fd fd;
    private volatile int status = RUNNING;

    private PidFd(Fd fd) {
        this.fd = fd;
    }

    /// Holds process `pid`. ESRCH if there is none.
    public static PidFd open(int pid) throws ErrnoException {
        return new PidFd(Fd.of((int) Native.check(Native.call(Syscalls.PIDFD_OPEN, pid, 0, 0))));
    }

    /// The descriptor to watch for EPOLLIN; owned by this.
    public Fd fd() {
        return fd;
    }

    /// How the child ended: its exit status from 0 to 255, or 128 and the number of the signal that killed it, as a
    /// shell says it; [#RUNNING] before. Does not wait. The first call after the end reaps the child.
    ///
    /// @throws ErrnoException ECHILD if it is no child of this process, or was reaped elsewhere
    public synchronized int status() throws ErrnoException {
        if (status == RUNNING) {
            try (Scratch scratch = Scratch.take()) {
                MemorySegment memory = scratch.memory();
                memory.asSlice(Scratch.STRUCT, SIGINFO_SIZE).fill((byte) 0);
                long info = scratch.at(Scratch.STRUCT);
                Native.check(Native.call(scratch, Syscalls.WAITID, P_PIDFD, fd.number(), info, WEXITED | WNOHANG, 0));
                if (memory.get(JAVA_INT, Scratch.STRUCT + SI_PID) != 0) {
                    int value = memory.get(JAVA_INT, Scratch.STRUCT + SI_STATUS);
                    status = memory.get(JAVA_INT, Scratch.STRUCT + SI_CODE) == CLD_EXITED ? value : 128 + value;
                }
            }
        }
        return status;
    }

    /// Waits for the child to end; returns its status as [#status] does. ETIMEDOUT after `timeoutNanos`; for ever
    /// if that is negative. Holds the thread, and a virtual thread's carrier.
    public int await(long timeoutNanos) throws ErrnoException {
        int now = status();
        if (now != RUNNING) {
            return now;
        }
        if (Poll.one(fd.number(), Poll.POLLIN, timeoutNanos) == 0) {
            throw Errno.ETIMEDOUT.error();
        }
        return status();
    }

    /// Sends a signal. ESRCH if it has ended, EPERM.
    public void kill(int signal) throws ErrnoException {
        Native.check(Native.call(Syscalls.PIDFD_SEND_SIGNAL, fd.number(), signal, 0));
    }

    @Override
    public void close() {
        fd.close();
    }
}
