// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import jpuffs.sys.Epoll;
import org.jspecify.annotations.Nullable;

/// Looks again and again for a while before a loop sleeps: a sleeper on another CPU costs who wakes it, and itself,
/// tens of microseconds; the answer to a reply often takes less. What was in vain is tried less and less often.
final class BusyPoll {
    /// So many finds, and the loop looks at its other descriptors.
    private static final int MAX_IN_A_ROW = 16;

    private final Epoll epoll;
    private final @Nullable BooleanSupplier poller;
    private final BooleanSupplier awaited;
    private final long limit;
    private final BackOff backOff = new BackOff();
    private int inARow;

    /// As [#BusyPoll(Epoll, BooleanSupplier, BooleanSupplier, long)], where the poller knows all.
    BusyPoll(Epoll epoll, @Nullable BooleanSupplier poller, long limit) {
        this(epoll, poller, () -> false, limit);
    }

    /// @param poller handles one event, if there is one; null to look at all descriptors of the loop
    /// @param awaited whether to look at those beside the poller now: somebody waits for one of them, so the poller
    ///     perhaps has nothing before that
    /// @param limit nanoseconds
    BusyPoll(Epoll epoll, @Nullable BooleanSupplier poller, BooleanSupplier awaited, long limit) {
        this.epoll = epoll;
        this.poller = poller;
        this.awaited = awaited;
        this.limit = limit;
    }

    /// Waits like [Epoll#await], unless the poller finds something before; then there are no events.
    int await(long timeout) throws IOException {
        boolean enough = inARow == MAX_IN_A_ROW;
        if (timeout == 0 || enough || !backOff.isDue()) {
            inARow = 0;
            return epoll.await(enough ? 0 : timeout);
        }
        int found = find(timeout < 0 ? limit : Math.min(limit, timeout));
        if (found >= 0) {
            inARow = found > 0 ? 0 : inARow + 1; // what was found in epoll came with a look at all descriptors
            return found;
        }
        inARow = 0;
        return epoll.await(timeout);
    }

    /// @return events; -1 if nothing was found in time
    private int find(long time) throws IOException {
        long start = System.nanoTime();
        do {
            int events = look();
            if (events >= 0) {
                backOff.learn(true);
                return events;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - start < time);
        backOff.learn(false);
        return -1;
    }

    private int look() throws IOException {
        if (poller != null && poller.getAsBoolean()) {
            return 0;
        }
        if (poller != null && !awaited.getAsBoolean()) {
            return -1;
        }
        int events = epoll.await(0);
        return events > 0 ? events : -1;
    }
}
