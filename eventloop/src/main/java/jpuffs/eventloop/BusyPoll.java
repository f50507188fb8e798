// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import jpuffs.sys.Epoll;

/// Looks again and again for a while before a loop sleeps: a sleeper on another CPU costs who wakes it, and itself,
/// tens of microseconds; the answer to a reply often takes less. What was in vain is tried less and less often.
final class BusyPoll {
    private static final int MAX_PAUSE = 256;

    /// So many finds, and the loop looks at its other descriptors.
    private static final int MAX_IN_A_ROW = 16;

    private final Epoll epoll;
    private final BooleanSupplier poller;
    private final long limit;
    private int pause; // sleeps until the next try
    private int nextPause = 1;
    private int inARow;

    /// @param limit nanoseconds
    BusyPoll(Epoll epoll, BooleanSupplier poller, long limit) {
        this.epoll = epoll;
        this.poller = poller;
        this.limit = limit;
    }

    /// Waits like [Epoll#await], unless the poller finds something before; then there are no events.
    int await(long timeout) throws IOException {
        boolean enough = inARow == MAX_IN_A_ROW;
        if (timeout != 0 && !enough && find(timeout)) {
            inARow++;
            return 0;
        }
        inARow = 0;
        return epoll.await(enough ? 0 : timeout);
    }

    private boolean find(long timeout) {
        if (pause > 0) {
            pause--;
            return false;
        }
        long time = timeout < 0 ? limit : Math.min(limit, timeout);
        long start = System.nanoTime();
        do {
            if (poller.getAsBoolean()) {
                nextPause = 1;
                return true;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - start < time);
        pause = nextPause;
        nextPause = Math.min(2 * nextPause, MAX_PAUSE);
        return false;
    }
}
