// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

/// A task to run once or regularly, made by [EventLoop#after] and [EventLoop#every].
public final class Timer {
    static final int IDLE = -1;

    private final Timers owner;
    final Runnable task;
    final long period; // nanoseconds; 0: once
    final long sequence;
    long due;
    int index = IDLE; // in the owner's heap

    Timer(Timers owner, Runnable task, long due, long period, long sequence) {
        this.owner = owner;
        this.task = task;
        this.due = due;
        this.period = period;
        this.sequence = sequence;
    }

    /// Whether the task is still to run.
    public boolean isActive() {
        return index != IDLE;
    }

    /// The task runs no more. Nothing happens if it has run, or was cancelled before. On the loop only.
    public void cancel() {
        owner.cancel(this);
    }

    boolean before(Timer other) {
        long difference = due - other.due;
        return difference != 0 ? difference < 0 : sequence < other.sequence;
    }
}
