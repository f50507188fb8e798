// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.buf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.FaultDisk;
import jpuffs.rump.disk.MemoryDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BufCacheTest {
    private static final int BLOCK = 1024;
    private static final int BLOCKS = 1000;
    private static final int ROOM = 32;

    private final FaultDisk disk = new FaultDisk(empty());
    private BufCache cache;

    private static BlockDevice empty() {
        try {
            return MemoryDisk.ofSize((long) BLOCK * BLOCKS);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void open() throws IOException {
        cache = new BufCache(disk, BLOCK, (long) ROOM * BLOCK);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private void put(long blkno, int value) throws IOException {
        try (Buf b = cache.bread(blkno)) {
            b.data().fill((byte) value);
            b.dirty();
        }
    }

    private int get(long blkno) throws IOException {
        try (Buf b = cache.bread(blkno)) {
            return b.data().get(JAVA_BYTE, BLOCK - 1);
        }
    }

    private int onDisk(long blkno) throws IOException {
        return byteOf(disk, blkno);
    }

    private static int byteOf(BlockDevice device, long blkno) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[BLOCK]);
        device.read(bytes, blkno * BLOCK);
        return bytes.get(JAVA_BYTE, 0);
    }

    private static void assertErrno(Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aBlockIsReadOnce() throws IOException {
        get(7);
        get(7);
        assertThat(cache.stats()).isEqualTo(new BufCache.Stats(1, 1, 0, 1, 0, 0));
    }

    @Test
    void delayedWritesWaitForSyncAndGoTogether() throws IOException {
        for (int i = 20; i > 10; i--) {
            put(i, i);
        }
        assertThat(disk.events()).isZero();
        cache.sync();
        assertThat(disk.events()).isEqualTo(2); // one write, one flush
        assertThat(onDisk(11)).isEqualTo(11);
        assertThat(onDisk(20)).isEqualTo(20);
        cache.sync();
        assertThat(disk.events()).isEqualTo(3); // nothing to write
    }

    @Test
    void writeGoesAtOnceAndTakesNoOther() throws IOException {
        put(4, 4);
        put(5, 5);
        put(6, 6);
        try (Buf b = cache.bread(5)) {
            b.write();
            assertThat(b.isDirty()).isFalse();
        }
        assertThat(List.of(onDisk(4), onDisk(5), onDisk(6))).containsExactly(0, 5, 0);
    }

    @Test
    void bawriteWritesWhatItIsToldAndNeighbours() throws IOException {
        put(4, 4);
        put(5, 5);
        put(100, 9);
        put(200, 8);
        cache.bawrite(4, 100, 300);
        assertThat(List.of(onDisk(4), onDisk(5), onDisk(100), onDisk(200))).containsExactly(4, 5, 9, 0);
    }

    @Test
    void memoryIsBoundedAndWhatIsDirtyIsWrittenForRoom() throws IOException {
        for (int i = 0; i < 500; i++) {
            put(i, i % 100 + 1);
        }
        for (int i = 0; i < 500; i++) {
            assertThat(get(i)).isEqualTo(i % 100 + 1);
        }
        assertThat(cache.stats().misses()).isGreaterThan(900);
    }

    @Test
    void leastRecentlyUsedGoesFirst() throws IOException {
        for (int i = 0; i < ROOM; i++) {
            get(i);
        }
        get(0);
        get(500);
        long misses = cache.stats().misses();
        get(0);
        assertThat(cache.stats().misses()).isEqualTo(misses);
        get(1);
        assertThat(cache.stats().misses()).isEqualTo(misses + 1);
    }

    @Test
    void whatIsHeldStaysAndTooMuchIsRefused() throws IOException {
        var held = new ArrayList<Buf>();
        for (int i = 0; i < 2 * ROOM; i++) {
            held.add(cache.bread(i));
        }
        assertErrno(Errno.ENOMEM, () -> cache.bread(900).close());
        held.forEach(Buf::close);
        assertThat(get(900)).isZero();
    }

    @Test
    void pinnedIsNeitherWrittenNorTaken() throws IOException {
        Buf pinned = cache.bread(3);
        pinned.pin();
        pinned.data().fill((byte) 3);
        pinned.dirty();
        pinned.close();
        put(4, 4);
        cache.sync();
        for (int i = 100; i < 400; i++) {
            put(i, 1);
        }
        assertThat(List.of(onDisk(3), onDisk(4))).containsExactly(0, 4);
        assertThat(get(3)).isEqualTo(3);
        pinned.unpin();
        cache.sync();
        assertThat(onDisk(3)).isEqualTo(3);
    }

    @Test
    void getblkReadsNothingAndIsForgottenUnlessWritten() throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[BLOCK]);
        bytes.fill((byte) 9);
        disk.write(bytes, 8L * BLOCK);
        try (Buf b = cache.getblk(8)) {
            assertThat(b.data().get(JAVA_BYTE, 0)).isZero();
        }
        assertThat(cache.stats().reads()).isZero();
        assertThat(get(8)).isEqualTo(9);
        try (Buf b = cache.getblk(9)) {
            b.data().fill((byte) 1);
            b.dirty();
        }
        assertThat(get(9)).isEqualTo(1);
    }

    @Test
    void readAheadIsOneRead() throws IOException {
        get(12);
        cache.breada(10, 8);
        assertThat(cache.stats().reads()).isEqualTo(3); // the one, and what lies on either side of it
        for (int i = 10; i < 18; i++) {
            get(i);
        }
        assertThat(cache.stats().misses()).isEqualTo(1);
        cache.breada(BLOCKS - 2, 50);
        cache.breada(-5, 3);
    }

    @Test
    void invalidatedIsNotWritten() throws IOException {
        put(5, 5);
        put(6, 6);
        Buf held = cache.bread(6);
        cache.invalidate(5, 2);
        held.dirty();
        held.close();
        cache.sync();
        assertThat(List.of(onDisk(5), onDisk(6))).containsExactly(0, 0);
        put(7, 7);
        cache.invalidate(0, Long.MAX_VALUE);
        cache.sync();
        assertThat(onDisk(7)).isZero();
    }

    @Test
    void aFailedReadIsToldAndTriedAgain() throws IOException {
        disk.fail(n -> n == 0);
        assertErrno(Errno.EIO, () -> cache.bread(1).close());
        assertThat(get(1)).isZero();
        assertErrno(Errno.EIO, () -> cache.bread(BLOCKS).close());
        assertErrno(Errno.EIO, () -> cache.bread(-1).close());
    }

    @Test
    void aFailedSyncKeepsWhatIsDirty() throws IOException {
        put(1, 1);
        put(50, 2);
        disk.fail(n -> n == 0);
        assertErrno(Errno.EIO, cache::sync);
        assertThat(onDisk(50)).isEqualTo(2);
        cache.sync();
        assertThat(onDisk(1)).isEqualTo(1);
    }

    @Test
    void anErrorNobodyWaitedForIsToldBySyncOnce() throws IOException {
        disk.fail(n -> n == ROOM); // the reads, then a write for room
        for (int i = 0; i <= ROOM; i++) {
            put(i * 2L, 1);
        }
        disk.heal();
        assertErrno(Errno.EIO, cache::sync);
        cache.sync();
    }

    @Test
    void blocksMustFitTheDevice() {
        assertErrno(Errno.EINVAL, () -> new BufCache(disk, 256, 1 << 20));
        assertErrno(Errno.EINVAL, () -> new BufCache(disk, 1000, 1 << 20));
        assertErrno(Errno.EINVAL, () -> new BufCache(disk, 128 << 10, 1 << 20));
    }

    @Test
    void closedTwiceIsABug() throws IOException {
        Buf b = cache.bread(1);
        b.close();
        assertThatThrownBy(b::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(b::unpin).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void behavesAsAnArrayOfBlocks() throws IOException {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        var random = new Random(seed);
        var model = new HashMap<Long, Integer>();
        for (int i = 0; i < 20_000; i++) {
            long blkno = random.nextInt(200);
            switch (random.nextInt(20)) {
                case 0 -> cache.sync();
                case 1 -> cache.breada(blkno, random.nextInt(40));
                case 2 -> cache.bawrite(blkno, blkno + 3);
                case 3, 4, 5, 6, 7, 8 -> {
                    put(blkno, i % 127);
                    model.put(blkno, i % 127);
                }
                default -> assertThat(get(blkno)).as("seed %d", seed).isEqualTo(model.getOrDefault(blkno, 0));
            }
        }
        cache.sync();
        for (long blkno = 0; blkno < 200; blkno++) {
            assertThat(onDisk(blkno)).as("seed %d", seed).isEqualTo(model.getOrDefault(blkno, 0));
        }
    }

    /// Each thread has blocks of its own, between those of the others.
    @Test
    void manyThreads() throws Exception {
        int threads = 4;
        var results = new ArrayList<Future<?>>();
        try (var executor = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                int mine = t;
                results.add(executor.submit(() -> {
                    var random = new Random(mine);
                    long[] counts = new long[50];
                    for (int i = 0; i < 5_000; i++) {
                        int n = random.nextInt(50);
                        try (Buf b = cache.bread((long) n * threads + mine)) {
                            assertThat(b.data().get(JAVA_LONG_UNALIGNED, 0)).isEqualTo(counts[n]);
                            b.data().set(JAVA_LONG_UNALIGNED, 0, ++counts[n]);
                            b.dirty();
                        }
                    }
                    return null;
                }));
            }
            for (var result : results) {
                result.get();
            }
        }
        assertThat(cache.stats().written()).isPositive();
    }
}
