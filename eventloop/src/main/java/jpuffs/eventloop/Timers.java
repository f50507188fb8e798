// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The timers of a loop: a binary heap by due time, those of one time in the order of their making.
final class Timers {
    /// Longer delays are cut to this, about 73 years, so that differences of times do not overflow.
    private static final long MAX_DELAY = Long.MAX_VALUE / 4;

    private final LongSupplier clock; // nanoseconds, as System.nanoTime
    private @Nullable Timer[] heap = new @Nullable Timer[16];
    private int size;
    private long made;

    Timers(LongSupplier clock) {
        this.clock = clock;
    }

    static long nanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.toSeconds() >= MAX_DELAY / 1_000_000_000 ? MAX_DELAY : duration.toNanos();
    }

    int size() {
        return size;
    }

    Timer add(Duration delay, Duration period, Runnable task) {
        var timer = new Timer(this, task, clock.getAsLong() + nanos(delay), nanos(period), made++);
        insert(timer);
        return timer;
    }

    void cancel(Timer timer) {
        if (timer.index != Timer.IDLE) {
            remove(timer);
        }
    }

    /// Nanoseconds until the next timer is due, 0 if one is, -1 if there is none.
    long untilNext() {
        return size == 0 ? -1 : Math.max(0, at(0).due - clock.getAsLong());
    }

    /// Runs what is due now; what becomes due meanwhile waits for the next round.
    void runDue(Tasks tasks) {
        if (size == 0) {
            return;
        }
        long now = clock.getAsLong();
        long newest = made;
        while (size > 0) {
            Timer timer = at(0);
            if (timer.due - now > 0 || timer.sequence >= newest) {
                return;
            }
            remove(timer);
            if (timer.period > 0) {
                timer.due = nextDue(timer, now);
                insert(timer);
            }
            tasks.run(timer.task);
        }
    }

    /// The next multiple of the period: turns that were missed are left out.
    private static long nextDue(Timer timer, long now) {
        long missed = (now - timer.due) / timer.period;
        return timer.due + (missed + 1) * timer.period;
    }

    private Timer at(int index) {
        return Objects.requireNonNull(heap[index]);
    }

    private void insert(Timer timer) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, timer);
    }

    private void remove(Timer timer) {
        int index = timer.index;
        timer.index = Timer.IDLE;
        Timer last = at(--size);
        heap[size] = null;
        if (last != timer) {
            siftDown(index, last);
            if (last.index == index) {
                siftUp(index, last);
            }
        }
    }

    private void siftUp(int from, Timer timer) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) / 2;
            if (!timer.before(at(parent))) {
                break;
            }
            put(index, at(parent));
            index = parent;
        }
        put(index, timer);
    }

    private void siftDown(int from, Timer timer) {
        int index = from;
        for (int child = 2 * index + 1; child < size; child = 2 * index + 1) {
            if (child + 1 < size && at(child + 1).before(at(child))) {
                child++;
            }
            if (!at(child).before(timer)) {
                break;
            }
            put(index, at(child));
            index = child;
        }
        put(index, timer);
    }

    private void put(int index, Timer timer) {
        heap[index] = timer;
        timer.index = index;
    }
}
