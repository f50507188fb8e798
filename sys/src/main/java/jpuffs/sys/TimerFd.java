// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import jpuffs.core.ErrnoException;

/// A timer with a descriptor, timerfd_create(2), on the clock of [System#nanoTime] (CLOCK_MONOTONIC): readable once
/// it has expired.
public final class TimerFd implements AutoCloseable {
    private static final int CLOCK_MONOTONIC = 1;

    private final Fd fd;

    private TimerFd(Fd fd) {
        this.fd = fd;
    }

    /// A timer that is not set, non-blocking and closed on exec.
    public static TimerFd open() throws ErrnoException {
        int flags = Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;
        return new TimerFd(Fd.of((int) Native.check(Native.call(Syscalls.TIMERFD_CREATE, CLOCK_MONOTONIC, flags, 0))));
    }

    /// The descriptor to watch for EPOLLIN; owned by this.
    public Fd fd() {
        return fd;
    }

    /// Expires once, `nanos` from now; at once if that is not positive.
    public void set(long nanos) throws ErrnoException {
        arm(Math.max(1, nanos), 0);
    }

    /// Expires `nanos` from now and every `nanos` after that; `nanos` must be positive.
    public void repeat(long nanos) throws ErrnoException {
        arm(nanos, nanos);
    }

    /// Stops it and forgets what has expired.
    public void cancel() throws ErrnoException {
        arm(0, 0);
    }

    private void arm(long first, long interval) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.timespec(interval);
            scratch.pair(Scratch.STRUCT + 16, first / 1_000_000_000L, first % 1_000_000_000L);
            long spec = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.TIMERFD_SETTIME, fd.number(), 0, spec, 0));
        }
    }

    /// How often it has expired since this was last asked; 0 if not at all. Does not block.
    public long expirations() {
        try (Scratch scratch = Scratch.take()) {
            long result = Native.call(scratch, Syscalls.READ, fd.number(), scratch.at(Scratch.STRUCT), 8, 0);
            return result == 8 ? scratch.memory().get(JAVA_LONG, Scratch.STRUCT) : 0;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
