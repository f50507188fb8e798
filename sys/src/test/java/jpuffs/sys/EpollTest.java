// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EpollTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);

    private int openBefore;

    @BeforeEach
    void count() {
        openBefore = Fd.openCount();
    }

    @AfterEach
    void nothingLeaked() {
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    @Test
    void anEventFdWakesFromAnotherThread() throws Exception {
        try (Epoll epoll = Epoll.open(8);
                EventFd event = EventFd.open()) {
            epoll.add(event.fd().number(), Epoll.EPOLLIN, 0x1234_5678_9abc_def0L);
            Thread waker = Thread.ofPlatform().start(event::signal);
            assertThat(epoll.await(SECONDS_10)).isEqualTo(1);
            waker.join();
            assertThat(epoll.token(0)).isEqualTo(0x1234_5678_9abc_def0L);
            assertThat(epoll.events(0)).isEqualTo(Epoll.EPOLLIN);
            assertThat(event.drain()).isEqualTo(1);
            assertThat(event.drain()).isZero();
            assertThat(epoll.await(0)).isZero();
        }
    }

    @Test
    void aTimerExpiresAndRepeats() throws ErrnoException {
        try (Epoll epoll = Epoll.open(1);
                TimerFd timer = TimerFd.open()) {
            epoll.add(timer.fd().number(), Epoll.EPOLLIN, 7);
            assertThat(epoll.await(0)).isZero();
            timer.set(1_000_000);
            assertThat(epoll.await(SECONDS_10)).isEqualTo(1);
            assertThat(timer.expirations()).isEqualTo(1);
            timer.repeat(1_000_000);
            assertThat(epoll.await(SECONDS_10)).isEqualTo(1);
            assertThat(timer.expirations()).isPositive();
            timer.cancel();
            assertThat(timer.expirations()).isZero();
            timer.set(-5);
            assertThat(epoll.await(SECONDS_10)).isEqualTo(1);
        }
    }

    @Test
    void manyEventsComeInTurnsOfTheCapacity() throws ErrnoException {
        try (Epoll epoll = Epoll.open(2);
                Socket.Pair a = Socket.pair(Socket.SOCK_STREAM);
                Socket.Pair b = Socket.pair(Socket.SOCK_STREAM)) {
            epoll.add(a.first().number(), Epoll.EPOLLOUT, 1);
            epoll.add(a.second().number(), Epoll.EPOLLOUT, 2);
            epoll.add(b.first().number(), Epoll.EPOLLOUT, 3);
            assertThat(epoll.await(-1)).isEqualTo(2);
            assertThatThrownBy(() -> epoll.token(2)).isInstanceOf(IndexOutOfBoundsException.class);
            epoll.modify(a.first().number(), Epoll.EPOLLIN, 9);
            epoll.remove(a.second().number());
            assertThat(epoll.await(-1)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(3);
        }
    }

    @Test
    void wrongUseIsTold() throws ErrnoException {
        assertThatThrownBy(() -> Epoll.open(0)).isInstanceOf(IllegalArgumentException.class);
        try (Epoll epoll = Epoll.open(1);
                EventFd event = EventFd.open()) {
            int number = event.fd().number();
            assertFails(Errno.ENOENT, () -> epoll.remove(number));
            epoll.add(number, 0, 0);
            assertFails(Errno.EEXIST, () -> epoll.add(number, 0, 0));
            assertFails(Errno.EBADF, () -> epoll.add(-1, 0, 0));
        }
    }

    @Test
    void pollTellsWhatIsReady() throws ErrnoException {
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
                EventFd event = EventFd.open()) {
            int socket = pair.first().number();
            assertThat(Poll.one(socket, Poll.POLLIN, 0)).isZero();
            assertThat(Poll.one(socket, Poll.POLLIN | Poll.POLLOUT, -1)).isEqualTo(Poll.POLLOUT);
            event.signal();
            int[] fds = {socket, event.fd().number()};
            var ready = new int[2];
            assertThat(Poll.any(fds, new int[] {Poll.POLLIN, Poll.POLLIN}, ready, -1))
                    .isEqualTo(1);
            assertThat(ready).containsExactly(0, Poll.POLLIN);
            pair.second().close();
            assertThat(Poll.one(socket, Poll.POLLIN, -1)).isEqualTo(Poll.POLLIN | Poll.POLLHUP);
        }
    }
}
