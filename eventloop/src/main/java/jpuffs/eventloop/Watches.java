// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// The descriptors of a loop, by number.
final class Watches {
    /// A token that is nobody's: of the loop's wake-up.
    static final long NOBODY = -1;

    private final Epoll epoll;
    private @Nullable WatchedFd[] fds = new @Nullable WatchedFd[64];
    private int generation;
    private int size;
    private int awaited;

    Watches(Epoll epoll) {
        this.epoll = epoll;
    }

    /// The number of watches, those of waiting contexts among them.
    int size() {
        return size;
    }

    /// Whether a context waits for a descriptor.
    boolean isAwaited() {
        return awaited > 0;
    }

    Watch add(Fd fd, int events, @Nullable IntConsumer callback, @Nullable CallContext waiter) throws ErrnoException {
        int number = fd.number();
        if (number < 0) {
            throw Errno.EBADF.error();
        }
        WatchedFd entry = find(number);
        if (entry != null && entry.isStale()) {
            closeAll(entry);
            entry = null;
        }
        if (entry == null) {
            entry = new WatchedFd(fd, ++generation);
            epoll.add(number, events, entry.token());
            entry.armed = events;
            put(entry);
        } else {
            arm(entry, entry.armed | events);
        }
        var watch = new Watch(this, entry, events, callback, waiter);
        entry.watches.add(watch);
        size++;
        awaited += waiter == null ? 0 : 1;
        return watch;
    }

    void modify(Watch watch, int events) throws ErrnoException {
        if (!watch.isActive()) {
            throw Errno.EBADF.error();
        }
        watch.setEvents(events);
        arm(watch.fd(), watch.fd().wanted());
    }

    private void arm(WatchedFd entry, int events) throws ErrnoException {
        if (events != entry.armed) {
            epoll.modify(entry.number, events, entry.token());
            entry.armed = events;
        }
    }

    void close(Watch watch) {
        WatchedFd entry = watch.fd();
        if (!entry.watches.remove(watch)) {
            return;
        }
        size--;
        awaited -= watch.isOfContext() ? 1 : 0;
        watch.setClosed();
        if (entry.watches.isEmpty()) {
            fds[entry.number] = null;
        }
        if (!entry.isStale()) {
            disarm(entry);
        }
    }

    private void disarm(WatchedFd entry) {
        try {
            if (entry.watches.isEmpty()) {
                epoll.remove(entry.number);
            } else {
                arm(entry, entry.wanted());
            }
        } catch (ErrnoException e) {
            Tasks.LOG.log(System.Logger.Level.WARNING, "fd " + entry.number + " cannot leave the event loop", e);
        }
    }

    /// Closes every watch of `fd`; contexts that wait for it go on.
    void removeAll(Fd fd) {
        WatchedFd entry = fd.isOpen() ? find(fd.number()) : null;
        if (entry != null) {
            closeAll(entry);
        }
    }

    private void closeAll(WatchedFd entry) {
        List.copyOf(entry.watches).forEach(this::close);
    }

    void dispatch(long token, int events, Tasks tasks) {
        WatchedFd entry = find((int) token);
        if (entry != null && entry.generation == (int) (token >>> 32)) {
            entry.tell(events, tasks);
        }
    }

    private @Nullable WatchedFd find(int number) {
        return number >= 0 && number < fds.length ? fds[number] : null;
    }

    private void put(WatchedFd entry) {
        if (entry.number >= fds.length) {
            fds = Arrays.copyOf(fds, Integer.highestOneBit(entry.number) * 2);
        }
        fds[entry.number] = entry;
    }
}
