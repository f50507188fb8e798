// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;

/// A counter with a descriptor, eventfd(2): readable when it is not zero. Wakes a loop from any thread.
public final class EventFd implements AutoCloseable {
    private static final long ONE = one().address();

    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    private static MemorySegment one() {
        MemorySegment one = Arena.global().allocate(JAVA_LONG);
        one.set(JAVA_LONG, 0, 1);
        return one;
    }

    /// A counter at zero, non-blocking and closed on exec.
    public static EventFd open() throws ErrnoException {
        int flags = Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;
        return new EventFd(Fd.of((int) Native.check(Native.call(Syscalls.EVENTFD2, 0, flags, 0))));
    }

    /// The descriptor to watch for EPOLLIN; owned by this.
    public Fd fd() {
        return fd;
    }

    /// Adds one. From any thread, does not block, allocates nothing. A counter that is full stays readable, so that
    /// error is none; one that is closed stays silent, since wakers may outlive the loop they wake.
    public void signal() {
        Native.call(Syscalls.WRITE, fd.number(), ONE, 8);
    }

    /// Reads the counter and sets it to zero; 0 if it was zero.
    public long drain() {
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
