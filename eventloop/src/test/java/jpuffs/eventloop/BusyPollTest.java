// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.sys.Epoll;
import jpuffs.sys.EventFd;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BusyPollTest {
    private static final long LIMIT = 1_000;

    private static void round(BusyPoll poll, int timeout) throws IOException {
        assertThat(poll.await(timeout)).isZero();
    }

    @Test
    void findsBeforeItSleeps() throws IOException {
        try (var epoll = Epoll.open(4)) {
            var poll = new BusyPoll(epoll, () -> true, LIMIT);
            for (int i = 0; i < 100; i++) {
                round(poll, -1); // would never return
            }
        }
    }

    @Test
    void triesLessOftenWhatIsInVain() throws IOException {
        try (var epoll = Epoll.open(4)) {
            var tried = new BitSet();
            int[] round = {0};
            var poll = new BusyPoll(
                    epoll,
                    () -> {
                        tried.set(round[0]);
                        return false;
                    },
                    LIMIT);
            for (; round[0] < 10_000; round[0]++) {
                round(poll, 1_000);
            }
            assertThat(tried.cardinality()).isBetween(8 + 10_000 / 257 - 2, 8 + 10_000 / 257 + 2);
        }
    }

    @Test
    void othersAreHeardThoughThePollerAlwaysFinds() throws IOException {
        try (var epoll = Epoll.open(4);
                var other = EventFd.open()) {
            epoll.add(other.fd().number(), Epoll.EPOLLIN, 7);
            other.signal();
            var poll = new BusyPoll(epoll, () -> true, LIMIT);
            int events = 0;
            for (int i = 0; i < 17; i++) {
                events += poll.await(-1);
            }
            assertThat(events).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(7);
        }
    }

    @Test
    void aLoopPollsAndDoesItsOtherWork() throws IOException {
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one CPU: a loop never polls");
        try (var loop = EventLoop.open()) {
            var polled = new AtomicInteger();
            loop.execute(() -> loop.busyPoll(Duration.ofMillis(1), () -> {
                if (polled.incrementAndGet() == 1_000) {
                    loop.busyPoll(Duration.ZERO, () -> false);
                    loop.after(Duration.ofMillis(1), loop::stop);
                }
                return true;
            }));
            loop.run();
            assertThat(polled).hasValue(1_000);
        }
    }

    /// The poller alone would be asked in vain until the time is over.
    @Test
    void whatSomebodyWaitsForIsLookedAtBesideThePoller() throws IOException {
        try (var epoll = Epoll.open(4);
                var other = EventFd.open()) {
            epoll.add(other.fd().number(), Epoll.EPOLLIN, 7);
            other.signal();
            var polled = new AtomicInteger();
            var poll = new BusyPoll(epoll, () -> polled.incrementAndGet() < 0, () -> true, LIMIT);
            for (int i = 0; i < 100; i++) {
                assertThat(poll.await(-1)).isEqualTo(1);
                assertThat(epoll.token(0)).isEqualTo(7);
            }
            assertThat(polled).hasValue(100);
        }
    }

    @Test
    void withoutAPollerAllDescriptorsAreLookedAt() throws IOException {
        try (var epoll = Epoll.open(4);
                var other = EventFd.open()) {
            epoll.add(other.fd().number(), Epoll.EPOLLIN, 7);
            var poll = new BusyPoll(epoll, null, LIMIT);
            assertThat(poll.await(1_000)).isZero();
            other.signal();
            for (int i = 0; i < 100; i++) {
                assertThat(poll.await(-1)).isEqualTo(1);
                assertThat(epoll.token(0)).isEqualTo(7);
            }
        }
    }
}
