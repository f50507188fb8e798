// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Takes steps in the order in which it is told of them, behind its caller in a thread of its own: so a copy reads
/// on while what it has read is written. It follows by a bounded number of bytes and steps; who is farther ahead
/// waits.
///
/// ```
/// MemorySegment part = pipeline.room(wanted);
/// int count = from.pread(in, part, at);
/// pipeline.then(() -> write(part.asSlice(0, count)), count);
/// ...
/// pipeline.drain();
/// ```
///
/// For one caller. What a step changes the caller sees after [#drain], or where it is volatile.
final class Pipeline implements AutoCloseable {
    /// As large as some small files: a change of threads for each would cost more than its bytes.
    private static final int ROOM = 512 << 10;

    private static final int STEPS = 256;

    /// When the other thread has nothing to do it gets so many.
    private static final int FEW = 64;

    /// One is filled, one is worked on, one waits.
    private static final int BATCHES = 3;

    /// Rather than fewer bytes than these there is a new batch.
    private static final int LEAST = 64 << 10;

    private static final int PAGE = 4096;
    private static final int LINE = 64;

    /// What to do. It says by itself what fails; an exception is a bug, and ends all.
    @FunctionalInterface
    interface Step {
        void run();
    }

    /// Steps with the bytes they need.
    private static final class Batch {
        final MemorySegment buffer;
        final List<Step> steps = new ArrayList<>(STEPS);
        long used;

        Batch(MemorySegment buffer) {
            this.buffer = buffer;
        }
    }

    private final Arena arena = Arena.ofShared();
    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES);
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES);
    private final Batch end = new Batch(MemorySegment.NULL);
    private int batches;
    private Batch batch = newBatch();
    private boolean ahead;
    private @Nullable Thread thread;
    private volatile boolean starved = true; // the other thread, as far as one knows
    private volatile @Nullable Throwable bug;

    private Batch newBatch() {
        batches++;
        return new Batch(arena.allocate(ROOM, PAGE));
    }

    /// Whether the caller may go ahead from now on, or each step is done at once, as it is at the beginning. Where
    /// that changes, what came before is done then.
    void setAhead(boolean ahead) {
        if (ahead != this.ahead) {
            drain();
            this.ahead = ahead;
        }
    }

    /// Memory for up to `wanted` bytes, 1 at least, which is the caller's until it tells the step for it.
    MemorySegment room(long wanted) {
        if (ROOM - batch.used < Math.min(wanted, LEAST)) {
            hand();
        }
        return batch.buffer.asSlice(batch.used, Math.min(wanted, ROOM - batch.used));
    }

    void then(Step step) {
        then(step, 0);
    }

    /// @param count bytes of the last [#room] that are for `step`, and only until it ends
    void then(Step step, long count) {
        if (!ahead) {
            step.run();
            return;
        }
        batch.steps.add(step);
        batch.used += count + LINE - 1 & -LINE;
        if (batch.used >= ROOM || batch.steps.size() >= (starved ? FEW : STEPS)) {
            hand();
        }
    }

    /// Gives the batch to the other thread.
    private void hand() {
        if (batch.steps.isEmpty()) {
            return;
        }
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("copy-behind").start(this::follow);
        }
        full.add(batch);
        Batch next = empty.poll();
        batch = next != null ? next : batches < BATCHES ? newBatch() : take(empty);
    }

    private void follow() {
        for (Batch next = take(full); next != end; next = take(full)) {
            starved = false;
            try {
                if (bug == null) {
                    next.steps.forEach(Step::run);
                }
            } catch (RuntimeException | Error e) {
                bug = e;
            }
            next.steps.clear();
            next.used = 0;
            starved = full.isEmpty();
            empty.add(next);
        }
    }

    /// Waits until all steps are done.
    void drain() {
        hand();
        var idle = new ArrayList<Batch>();
        while (idle.size() < batches - 1) {
            idle.add(take(empty));
        }
        empty.addAll(idle);
        switch (bug) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }

    /// As take(), but an interrupt does not end it: it is left to who asks for it.
    private static <T> T take(BlockingQueue<T> queue) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return queue.take();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Waits until all steps are done, and ends the thread.
    @Override
    public void close() {
        try (arena) {
            drain();
        } finally {
            full.add(end);
        }
    }
}
