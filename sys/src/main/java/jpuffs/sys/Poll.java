// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;

/// Waits for a few descriptors, poll(2); for many or often see [Epoll]. Holds the thread, and a virtual thread's
/// carrier.
public final class Poll {
    public static final int POLLIN = 0x01;
    public static final int POLLPRI = 0x02;
    public static final int POLLOUT = 0x04;
    public static final int POLLERR = 0x08;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;
    public static final int POLLRDHUP = 0x2000;

    /// The most descriptors one call takes.
    public static final int MAX = 64;

    private static final int POLLFD_SIZE = 8; // fd, then events and revents of 16 bits
    private static final int POLLFDS = Scratch.PATH;

    private Poll() {}

    /// Waits for one descriptor.
    ///
    /// @param timeoutNanos for ever if negative, not at all if 0
    /// @return what is ready, or 0 after the time
    public static int one(int fd, int events, long timeoutNanos) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            put(scratch.memory(), 0, fd, events);
            poll(scratch, 1, timeoutNanos);
            return ready(scratch.memory(), 0);
        }
    }

    /// Waits until one of `fds` is ready for its `events` or `timeoutNanos` have passed; puts what is ready into
    /// `ready`, 0 for the others. The arrays are equally long, at most [#MAX].
    ///
    /// @return how many are ready; 0 after the time
    public static int any(int[] fds, int[] events, int[] ready, long timeoutNanos) throws ErrnoException {
        if (fds.length > MAX || events.length != fds.length || ready.length != fds.length) {
            throw new IllegalArgumentException("three arrays of equal length, at most " + MAX);
        }
        try (Scratch scratch = Scratch.take()) {
            for (int i = 0; i < fds.length; i++) {
                put(scratch.memory(), i, fds[i], events[i]);
            }
            int count = poll(scratch, fds.length, timeoutNanos);
            for (int i = 0; i < fds.length; i++) {
                ready[i] = ready(scratch.memory(), i);
            }
            return count;
        }
    }

    private static void put(MemorySegment memory, int index, int fd, int events) {
        long at = POLLFDS + (long) POLLFD_SIZE * index;
        memory.set(JAVA_INT, at, fd);
        memory.set(JAVA_SHORT, at + 4, (short) events);
        memory.set(JAVA_SHORT, at + 6, (short) 0);
    }

    private static int ready(MemorySegment memory, int index) {
        return memory.get(JAVA_SHORT, POLLFDS + (long) POLLFD_SIZE * index + 6) & 0xffff;
    }

    private static int poll(Scratch scratch, int count, long timeoutNanos) throws ErrnoException {
        long timespec = scratch.timespec(timeoutNanos);
        long result;
        do { // the kernel leaves the time that is left in the timespec
            result = Native.call(scratch, Syscalls.PPOLL, scratch.at(POLLFDS), count, timespec, 0);
        } while (Native.interrupted(result));
        return (int) Native.check(result);
    }
}
