// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class UringTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);

    private static Uring open(int entries, int flags) throws ErrnoException {
        try {
            return Uring.open(entries, flags);
        } catch (ErrnoException e) {
            return abort("io_uring is not to be had here: " + e.getMessage());
        }
    }

    private static Set<Long> drain(Uring uring) {
        var seen = new HashSet<Long>();
        int count = uring.completions();
        for (int i = 0; i < count; i++) {
            assertThat(uring.result(i)).isZero();
            assertThat(seen.add(uring.userData(i))).isTrue();
        }
        uring.advance(count);
        return seen;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                Uring.SETUP_COOP_TASKRUN | Uring.SETUP_SINGLE_ISSUER,
                Uring.SETUP_SINGLE_ISSUER | Uring.SETUP_DEFER_TASKRUN
            })
    void submissionsCompleteAroundTheRingManyTimes(int flags) throws ErrnoException {
        try (Uring uring = open(8, flags)) {
            for (long round = 0; round < 100; round++) {
                for (long i = 0; i < 5; i++) {
                    uring.nop(round << 32 | i);
                }
                uring.submitAndWait(5, -1);
                assertThat(drain(uring))
                        .containsExactlyInAnyOrder(
                                round << 32, round << 32 | 1, round << 32 | 2, round << 32 | 3, round << 32 | 4);
            }
            assertThat(uring.dropped()).isZero();
        }
    }

    @Test
    void readsAndWritesAPipe() throws ErrnoException {
        try (Uring uring = open(8, 0);
                Arena arena = Arena.ofShared();
                Socket.Pair pipe = Fd.pipe(0)) {
            MemorySegment in = arena.allocate(16);
            uring.read(pipe.first().number(), in, 7);
            uring.writeSilently(pipe.second().number(), arena.allocateFrom("hello"), 8);
            assertThat(uring.isSubmitted()).isFalse();
            uring.submitAndWait(1, SECONDS_10);
            assertThat(uring.isSubmitted()).isTrue();
            assertThat(uring.completions()).isEqualTo(1);
            assertThat(uring.userData(0)).isEqualTo(7);
            assertThat(uring.result(0)).isEqualTo(6);
            assertThat(in.getString(0)).isEqualTo("hello");
            uring.advance(1);
        }
    }

    @Test
    void whatWaitsIsCancelled() throws ErrnoException {
        try (Uring uring = open(8, 0);
                Arena arena = Arena.ofShared();
                Socket.Pair pipe = Fd.pipe(0)) {
            uring.read(pipe.first().number(), arena.allocate(16), 7);
            uring.submit();
            uring.cancel(7, 8);
            uring.cancel(9, 10);
            uring.submitAndWait(3, SECONDS_10);
            var results = new HashMap<Long, Integer>();
            for (int i = uring.completions() - 1; i >= 0; i--) {
                results.put(uring.userData(i), uring.result(i));
            }
            assertThat(results)
                    .containsOnly(
                            Map.entry(7L, -Errno.ECANCELED.number()),
                            Map.entry(8L, 0),
                            Map.entry(10L, -Errno.ENOENT.number()));
            uring.advance(3);
        }
    }

    @Test
    void aSilentWriteTellsOfItsFailure() throws ErrnoException {
        try (Uring uring = open(8, 0);
                Arena arena = Arena.ofShared()) {
            uring.writeSilently(-1, arena.allocate(8), 8);
            uring.submitAndWait(1, SECONDS_10);
            assertThat(uring.completions()).isEqualTo(1);
            assertThat(uring.userData(0)).isEqualTo(8);
            assertThat(uring.result(0)).isEqualTo(-Errno.EBADF.number());
            uring.advance(1);
        }
    }

    @Test
    void aFullRingSubmitsByItself() throws ErrnoException {
        try (Uring uring = open(4, 0)) {
            assertThat(uring.room()).isEqualTo(4);
            for (int i = 0; i < 6; i++) {
                uring.nop(i);
            }
            assertThat(uring.room()).isEqualTo(2);
            uring.submitAndWait(6, SECONDS_10);
            assertThat(drain(uring)).hasSize(6);
            assertThat(uring.room()).isEqualTo(4);
        }
    }

    @Test
    void waitingEndsWithTheTimeout() throws ErrnoException {
        try (Uring uring = open(4, 0)) {
            uring.submitAndWait(1, 0);
            uring.submitAndWait(1, 1_000_000);
            assertThat(uring.completions()).isZero();
            assertThatThrownBy(() -> uring.result(0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aMultiShotPollCompletesAgainAndAgain() throws ErrnoException {
        try (Uring uring = open(8, Uring.SETUP_SINGLE_ISSUER | Uring.SETUP_DEFER_TASKRUN);
                EventFd event = EventFd.open()) {
            uring.registerRing();
            uring.poll(event.fd().number(), Poll.POLLIN, true, 77);
            uring.submit();
            for (int i = 0; i < 3; i++) {
                Thread.ofVirtual().start(event::signal);
                uring.submitAndWait(1, SECONDS_10);
                assertThat(uring.completions()).isEqualTo(1);
                assertThat(uring.userData(0)).isEqualTo(77);
                assertThat(uring.result(0)).isEqualTo(Poll.POLLIN);
                assertThat(uring.flags(0) & Uring.CQE_F_MORE).isNotZero();
                event.drain();
                uring.advance(1);
            }
        }
    }

    @Test
    void aSingleShotPollCompletesOnce() throws ErrnoException {
        try (Uring uring = open(8, 0);
                EventFd event = EventFd.open()) {
            event.signal();
            uring.poll(event.fd().number(), Poll.POLLIN, false, 1);
            uring.submitAndWait(1, SECONDS_10);
            assertThat(uring.completions()).isEqualTo(1);
            assertThat(uring.flags(0) & Uring.CQE_F_MORE).isZero();
            assertThat(Poll.one(uring.fd().number(), Poll.POLLIN, 0)).isEqualTo(Poll.POLLIN);
        }
    }

    /// The driver of an eventfd has no commands: that it says so shows that the command reached it.
    @Test
    void aCommandGoesToTheFixedFile() throws ErrnoException {
        try (Uring uring = open(8, 0);
                EventFd event = EventFd.open()) {
            uring.registerFile(event.fd());
            long command = uring.command(1, 0, 0, 5);
            assertThat(uring.submissions().byteSize() - command).isGreaterThanOrEqualTo(80);
            uring.submitAndWait(1, SECONDS_10);
            assertThat(uring.completions()).isEqualTo(1);
            assertThat(uring.result(0)).isEqualTo(-Errno.EOPNOTSUPP.number());
        }
    }

    @Test
    void closingLetsGoOfEverything() throws ErrnoException {
        try (Socket.Pair pipe = Fd.pipe(0)) {
            try (Uring uring = open(8, 0)) {
                uring.registerFile(pipe.second());
                uring.registerRing();
                uring.nop(1);
                uring.submitAndWait(1, SECONDS_10);
            }
            pipe.second().close();
            assertThat(Poll.one(pipe.first().number(), Poll.POLLIN, SECONDS_10)).isEqualTo(Poll.POLLHUP);
        }
    }

    @Test
    void flagsTheKernelDoesNotKnowAreInvalid() throws ErrnoException {
        open(1, 0).close();
        assertFails(Errno.EINVAL, () -> Uring.open(1, 1 << 30)).hasMessageContaining("io_uring_setup");
        assertFails(Errno.EINVAL, () -> Uring.open(0, 0));
    }
}
