// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class PipelineTest {
    /// As many as three batches have; the caller is at one more.
    private static final int MOST_STEPS = 3 * 256 + 1;

    private static final int MOST_BYTES = 3 * (512 << 10);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stepsComeInTheirOrderWithTheirBytes(boolean ahead) {
        var random = new SplittableRandom(Long.getLong("jpuffs.seed", 7));
        var expected = new ByteArrayOutputStream();
        var written = new ByteArrayOutputStream();
        try (var pipeline = new Pipeline()) {
            pipeline.setAhead(ahead);
            for (int i = 0; i < 3000; i++) {
                byte[] bytes = new byte[1 + random.nextInt(random.nextInt(50) == 0 ? 600_000 : 4000)];
                random.nextBytes(bytes);
                expected.writeBytes(bytes);
                for (int done = 0; done < bytes.length; ) {
                    MemorySegment part = pipeline.room(bytes.length - done);
                    int count = (int) part.byteSize();
                    MemorySegment.copy(bytes, done, part, JAVA_BYTE, 0, count);
                    pipeline.then(() -> written.writeBytes(part.toArray(JAVA_BYTE)), count);
                    done += count;
                }
            }
            pipeline.drain();
            assertThat(written.toByteArray()).isEqualTo(expected.toByteArray());
        }
    }

    @Test
    void whoIsTooFarAheadWaits() {
        var told = new AtomicInteger();
        var bytes = new AtomicInteger();
        var steps = new AtomicInteger();
        var most = new AtomicInteger();
        var mostBytes = new AtomicInteger();
        try (var pipeline = new Pipeline()) {
            pipeline.setAhead(true);
            for (int i = 0; i < 5000; i++) {
                int count = i < 2500 ? 0 : (int) pipeline.room(40_000).byteSize();
                told.incrementAndGet();
                bytes.addAndGet(count);
                pipeline.then(
                        () -> {
                            most.accumulateAndGet(told.get() - steps.getAndIncrement(), Math::max);
                            mostBytes.accumulateAndGet(bytes.get(), Math::max);
                            bytes.addAndGet(-count);
                        },
                        count);
            }
        }
        assertThat(steps.get()).isEqualTo(5000);
        assertThat(most.get()).isBetween(2, MOST_STEPS);
        assertThat(mostBytes.get()).isBetween(1, MOST_BYTES + 40_000);
    }

    @Test
    void withoutGoingAheadEachStepIsDoneAtOnce() {
        var done = new ArrayList<Integer>();
        try (var pipeline = new Pipeline()) {
            for (int i = 0; i < 3; i++) {
                int number = i;
                pipeline.then(() -> done.add(number));
                assertThat(done).hasSize(i + 1);
            }
            pipeline.setAhead(true);
            pipeline.then(() -> done.add(3));
            pipeline.setAhead(false); // waits
            assertThat(done).isEqualTo(List.of(0, 1, 2, 3));
        }
    }

    @Test
    void whoGoesOnAheadDoesNotWait() {
        var late = new CountDownLatch(1);
        var done = new AtomicBoolean();
        try (var pipeline = new Pipeline()) {
            pipeline.setAhead(true);
            pipeline.then(() -> done.set(isDown(late)));
            pipeline.setAhead(true); // of the next operand
            assertThat(done).isFalse();
            late.countDown();
        }
        assertThat(done).isTrue();
    }

    @Test
    void aBugEndsAllAndIsThrown() {
        var after = new AtomicInteger();
        var pipeline = new Pipeline();
        pipeline.setAhead(true);
        for (int i = 0; i < 2000; i++) {
            int number = i;
            pipeline.then(() -> {
                if (number == 10) {
                    throw new IllegalStateException("a bug");
                }
                after.addAndGet(number > 10 ? 1 : 0);
            });
        }
        assertThatThrownBy(pipeline::drain)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
        assertThatThrownBy(pipeline::close).hasMessage("a bug");
        assertThat(after.get()).isZero();
    }

    private static boolean isDown(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anInterruptIsLeftToWhoAsksForIt() {
        var steps = new AtomicInteger();
        try (var pipeline = new Pipeline()) {
            pipeline.setAhead(true);
            Thread.currentThread().interrupt();
            for (int i = 0; i < 2000; i++) {
                pipeline.then(steps::incrementAndGet);
            }
            pipeline.drain();
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(steps.get()).isEqualTo(2000);
    }
}
