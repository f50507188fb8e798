// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimersTest {
    private long now = Long.MAX_VALUE - 1000; // the clock may overflow
    private final Timers timers = new Timers(() -> now);
    private final Tasks tasks = new Tasks();
    private final List<Object> log = new ArrayList<>();

    private Timer after(long nanos, Object name) {
        return timers.add(Duration.ofNanos(nanos), Duration.ZERO, () -> log.add(name));
    }

    private void advance(long nanos) {
        now += nanos;
        timers.runDue(tasks);
    }

    @Test
    void timersRunWhenTheyAreDueInOrder() {
        assertThat(timers.untilNext()).isEqualTo(-1);
        after(5000, "c");
        after(2000, "a");
        Timer b = after(2000, "b");
        assertThat(timers.untilNext()).isEqualTo(2000);
        advance(1999);
        assertThat(log).isEmpty();
        assertThat(b.isActive()).isTrue();
        advance(1);
        assertThat(log).containsExactly("a", "b");
        assertThat(b.isActive()).isFalse();
        assertThat(timers.untilNext()).isEqualTo(3000);
        advance(10_000);
        assertThat(log).containsExactly("a", "b", "c");
        assertThat(timers.size()).isZero();
    }

    @Test
    void aCancelledTimerDoesNotRun() {
        Timer timer = after(10, "x");
        timer.cancel();
        timer.cancel();
        advance(20);
        assertThat(log).isEmpty();
        Timer ran = after(10, "y");
        advance(20);
        ran.cancel();
        assertThat(log).containsExactly("y");
    }

    @Test
    void aRegularTimerRunsOnUntilItIsCancelled() {
        Timer timer = timers.add(Duration.ofNanos(10), Duration.ofNanos(10), () -> log.add(now));
        advance(10);
        advance(10);
        assertThat(log).hasSize(2);
        advance(35); // three turns at once are one
        assertThat(log).hasSize(3);
        assertThat(timers.untilNext()).isEqualTo(5);
        timer.cancel();
        advance(100);
        assertThat(log).hasSize(3);
    }

    @Test
    void aTaskMayCancelItselfAndOthersAndMakeNewOnes() {
        var regular = new Timer[1];
        Timer other = after(11, "never");
        regular[0] = timers.add(Duration.ofNanos(10), Duration.ofNanos(10), () -> {
            log.add("once");
            regular[0].cancel();
            other.cancel();
            after(0, "next round");
        });
        advance(20);
        assertThat(log).containsExactly("once");
        advance(0);
        assertThat(log).containsExactly("once", "next round");
        assertThat(timers.size()).isZero();
    }

    @Test
    void aTaskThatThrowsStopsNobody() {
        timers.add(Duration.ofNanos(1), Duration.ZERO, () -> {
            throw new IllegalStateException("thrown by a test, and logged");
        });
        after(1, "x");
        advance(1);
        assertThat(log).containsExactly("x");
    }

    @Test
    void hugeAndNegativeDelays() {
        Timer never = timers.add(Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO, () -> log.add("never"));
        timers.add(Duration.ofSeconds(-1), Duration.ZERO, () -> log.add("now"));
        assertThat(timers.untilNext()).isZero();
        advance(Long.MAX_VALUE / 8);
        assertThat(log).containsExactly("now");
        never.cancel();
    }

    @Test
    void manyRandomTimersRunInOrder() {
        record Expected(long due, int number) {}
        Random random = Seed.random();
        for (int round = 0; round < 30; round++) {
            log.clear();
            var expected = new ArrayList<Expected>();
            var made = new ArrayList<Timer>();
            for (int i = 0; i < 1000; i++) {
                int delay = random.nextInt(500);
                made.add(after(delay, i));
                expected.add(new Expected(delay, i));
            }
            for (int i = 0; i < 1000; i++) {
                if (random.nextInt(3) == 0) {
                    made.get(i).cancel();
                    int gone = i;
                    expected.removeIf(e -> e.number == gone);
                }
            }
            while (timers.size() > 0) {
                advance(random.nextInt(50));
            }
            expected.sort(Comparator.comparingLong(Expected::due));
            assertThat(log).isEqualTo(expected.stream().map(Expected::number).toList());
        }
    }
}
