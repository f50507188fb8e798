// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class BufferPoolTest {
    private static MemorySegment take(BufferPool pool, long size) {
        return Objects.requireNonNull(pool.take(size));
    }

    @ParameterizedTest
    @CsvSource({"0, 4096", "1, 4096", "4096, 4096", "4097, 8192", "65536, 65536", "1048577, 2097152", "2097152, 2097152"
    })
    void sizesAreRoundedUpToTheirClass(long size, long expected) {
        try (var pool = new BufferPool(8 << 20)) {
            MemorySegment buffer = take(pool, size);
            assertThat(buffer.byteSize()).isEqualTo(expected);
            assertThat(buffer.address() % 4096).isZero();
            buffer.set(JAVA_BYTE, expected - 1, (byte) 1);
            pool.give(buffer);
            assertThat(take(pool, size)).isSameAs(buffer);
            pool.give(buffer);
        }
    }

    @Test
    void theTotalIsBounded() {
        try (var pool = new BufferPool((256 << 10) + (8 << 10))) {
            var taken = new ArrayList<MemorySegment>();
            for (MemorySegment b = pool.take(4096); b != null; b = pool.take(4096)) {
                taken.add(b);
            }
            assertThat(taken).hasSize(66).doesNotHaveDuplicates();
            assertThat(pool.outstanding()).isEqualTo(66);
            assertThat(pool.mapped()).isEqualTo((256 << 10) + (8 << 10));
            assertThat(pool.take(8192)).isNull();
            taken.forEach(pool::give);
            assertThat(pool.outstanding()).isZero();
        }
    }

    @Test
    void whatIsNotItsOwnIsRefused() {
        try (var pool = new BufferPool(1 << 20);
                var other = new BufferPool(1 << 20);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mine = take(pool, 100);
            MemorySegment theirs = take(other, 100);
            for (MemorySegment wrong : List.of(theirs, mine.asSlice(0, 100), arena.allocate(4096))) {
                assertThatThrownBy(() -> pool.give(wrong)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> pool.take(BufferPool.MAX + 1)).isInstanceOf(IllegalArgumentException.class);
            pool.give(mine);
            assertThatThrownBy(() -> pool.give(mine)).isInstanceOf(IllegalArgumentException.class);
            other.give(theirs);
        }
    }

    @Test
    void closeTellsWhatWasNotGivenBack() {
        var pool = new BufferPool(1 << 20);
        MemorySegment buffer = take(pool, 1);
        assertThatThrownBy(pool::close).hasMessage("1 buffers were not given back");
        buffer.set(JAVA_BYTE, 0, (byte) 1); // still mapped
        pool.give(buffer);
        pool.close();
        pool.close();
        assertThatThrownBy(() -> pool.take(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyThreadsNeverShareABuffer() throws Exception {
        try (var pool = new BufferPool(4 << 20)) {
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                var results = new ArrayList<Future<?>>();
                for (int i = 0; i < 16; i++) {
                    byte mark = (byte) i;
                    results.add(executor.submit(() -> {
                        for (int round = 0; round < 500; round++) {
                            MemorySegment buffer = take(pool, 4096L << round % 3);
                            buffer.fill(mark);
                            LockSupport.parkNanos(1);
                            assertThat(buffer.get(JAVA_BYTE, round)).isEqualTo(mark);
                            pool.give(buffer);
                        }
                    }));
                }
                for (Future<?> result : results) {
                    result.get();
                }
            }
            assertThat(pool.outstanding()).isZero();
        }
    }
}
