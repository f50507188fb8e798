// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// A set of descriptors to wait for, epoll(7).
///
/// [#add], [#modify] and [#remove] may come from any thread, [#await] and what reads its events from one thread:
///
/// ```java
/// epoll.add(fd, Epoll.EPOLLIN, token);
/// int ready = epoll.await(-1);
/// for (int i = 0; i < ready; i++) {
///     dispatch(epoll.token(i), epoll.events(i));
/// }
/// ```
public final class Epoll implements AutoCloseable {
    public static final int EPOLLIN = 0x001;
    public static final int EPOLLPRI = 0x002;
    public static final int EPOLLOUT = 0x004;
    public static final int EPOLLERR = 0x008;
    public static final int EPOLLHUP = 0x010;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLEXCLUSIVE = 1 << 28;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;

    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;

    /// `struct epoll_event` (`include/uapi/linux/eventpoll.h`) is packed on x86-64 alone.
    static final int EVENT_SIZE = Syscalls.X86_64 ? 12 : 16;

    static final int EVENT_DATA = Syscalls.X86_64 ? 4 : 8;

    private static volatile boolean hasPwait2 = true; // until the kernel says otherwise (5.11 and later have it)

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment events;
    private final int capacity;
    private int count;

    private Epoll(Fd fd, int capacity) {
        this.fd = fd;
        this.capacity = capacity;
        this.events = arena.allocate((long) EVENT_SIZE * capacity, 16);
    }

    /// An empty set, which tells of at most `capacity` descriptors at a time (the rest next time).
    public static Epoll open(int capacity) throws ErrnoException {
        if (capacity <= 0) {
            throw new IllegalArgumentException("capacity must be positive: " + capacity);
        }
        return new Epoll(Fd.of((int) Native.check(Native.call(Syscalls.EPOLL_CREATE1, Fcntl.O_CLOEXEC))), capacity);
    }

    /// Watches `fd` for `events`; `token` comes back with them. EEXIST, EPERM for a file that is always ready.
    public void add(int fd, int events, long token) throws ErrnoException {
        control(CTL_ADD, fd, events, token);
    }

    /// Watches `fd`, which is watched, for other events or with another token. ENOENT.
    public void modify(int fd, int events, long token) throws ErrnoException {
        control(CTL_MOD, fd, events, token);
    }

    /// Watches `fd` no longer. ENOENT. Closing the last descriptor of a file does it too.
    public void remove(int fd) throws ErrnoException {
        control(CTL_DEL, fd, 0, 0);
    }

    private void control(int operation, int target, int events, long token) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment memory = scratch.memory();
            memory.set(JAVA_INT, Scratch.STRUCT, events);
            memory.set(JAVA_LONG_UNALIGNED, Scratch.STRUCT + EVENT_DATA, token);
            long event = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.EPOLL_CTL, fd.number(), operation, target, event));
        }
    }

    /// Waits until a descriptor is ready or `timeoutNanos` have passed; for ever if negative, not at all if 0.
    ///
    /// Holds the thread, and a virtual thread's carrier. (It cannot be called `wait`: that name is [Object]'s.)
    ///
    /// @return the number of events; 0 after the time or after a signal
    public int await(long timeoutNanos) throws ErrnoException {
        count = 0;
        long result;
        try (Scratch scratch = Scratch.take()) {
            result = hasPwait2 ? pwait2(scratch, timeoutNanos) : pwait(scratch, timeoutNanos);
            if (result == -Errno.ENOSYS.number() && hasPwait2) {
                hasPwait2 = false;
                result = pwait(scratch, timeoutNanos);
            }
        }
        count = Native.interrupted(result) ? 0 : (int) Native.check(result);
        return count;
    }

    private long pwait2(Scratch scratch, long nanos) {
        long timespec = scratch.timespec(nanos);
        return Native.call(scratch, Syscalls.EPOLL_PWAIT2, fd.number(), events.address(), capacity, timespec);
    }

    private long pwait(Scratch scratch, long nanos) {
        long millis = nanos < 0 ? -1 : Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
        return Native.call(scratch, Syscalls.EPOLL_PWAIT, fd.number(), events.address(), capacity, millis);
    }

    /// The token of event `index` of the last [#await].
    public long token(int index) {
        return events.get(JAVA_LONG_UNALIGNED, event(index) + EVENT_DATA);
    }

    /// What is ready, a set of the constants here, in event `index` of the last [#await].
    public int events(int index) {
        return events.get(JAVA_INT, event(index));
    }

    private long event(int index) {
        return (long) Objects.checkIndex(index, count) * EVENT_SIZE;
    }

    /// The descriptor of the set itself, readable when [#await] would find something; owned by this.
    public Fd fd() {
        return fd;
    }

    /// Must not come while a thread is in [#await].
    @Override
    public void close() {
        if (fd.isOpen()) {
            fd.close();
            count = 0;
            arena.close();
        }
    }
}
