// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.function.IntConsumer;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;
import org.jspecify.annotations.Nullable;

/// Interest in the readiness of a descriptor, made by [EventLoop#watch]. On the loop only.
public final class Watch implements AutoCloseable {
    private static final int ALWAYS = Epoll.EPOLLERR | Epoll.EPOLLHUP;

    private final Watches owner;
    private final WatchedFd fd;
    private final @Nullable IntConsumer callback; // or else
    private final @Nullable CallContext waiter; // a context that waits for one event
    private int events;
    private int ready;
    private boolean closed;

    Watch(Watches owner, WatchedFd fd, int events, @Nullable IntConsumer callback, @Nullable CallContext waiter) {
        this.owner = owner;
        this.fd = fd;
        this.events = events;
        this.callback = callback;
        this.waiter = waiter;
    }

    /// Waits for other events from now on; with none of them, errors and hang-ups are still told.
    ///
    /// @throws ErrnoException EBADF if the watch is closed
    public void modify(int epollEvents) throws ErrnoException {
        owner.modify(this, epollEvents);
    }

    /// Tells of nothing any more. The descriptor stays open.
    @Override
    public void close() {
        owner.close(this);
    }

    /// Whether the loop tells of events: until [#close()], or until the descriptor was removed from the loop.
    public boolean isActive() {
        return !closed;
    }

    WatchedFd fd() {
        return fd;
    }

    int events() {
        return events;
    }

    void setEvents(int newEvents) {
        events = newEvents;
    }

    void setClosed() {
        closed = true;
        if (waiter != null) {
            waiter.unpark();
        }
    }

    /// Whether a context waits by it.
    boolean isOfContext() {
        return waiter != null;
    }

    /// What happened, for a context that waits; 0 if nothing has.
    int ready() {
        return ready;
    }

    void tell(int happened, Tasks tasks) {
        int ours = happened & (events | ALWAYS);
        if (closed || ours == 0) {
            return;
        }
        if (callback != null) {
            tasks.run(callback, ours);
        } else if (waiter != null) {
            ready = ours;
            waiter.unpark();
        }
    }
}
