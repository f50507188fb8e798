// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;

/// What every [BlockDevice] has to do, for the authors of one: call [#check] in a test of yours.
///
/// The device's content is lost. Requests are random; a failure names the seed that gives the same again.
public final class BlockDeviceContract {
    private static final int REQUESTS = 1000;
    private static final int MOST = 1 << 20; // of the device, from its beginning
    private static final int THREADS = 8;

    private final BlockDevice device;
    private final SplittableRandom random;
    private final int block;
    private final byte[] model;

    private BlockDeviceContract(BlockDevice device, long seed) {
        this.device = device;
        this.random = new SplittableRandom(seed);
        this.block = device.blockSize();
        this.model = new byte[(int) Math.min(device.size(), MOST)];
    }

    /// Fails with an AssertionError where `device` does not do as it should. It stays open.
    public static void check(BlockDevice device, long seed) throws Exception {
        var contract = new BlockDeviceContract(device, seed);
        contract.sizes();
        contract.limits();
        if (device.isReadOnly()) {
            contract.refusesWrites();
            return;
        }
        contract.isAnArrayOfBytes(seed);
        contract.hasAnEnd();
        contract.servesManyAtOnce();
    }

    private void sizes() {
        assertThat(Integer.bitCount(block))
                .as("the block size is a power of two")
                .isEqualTo(1);
        assertThat(block).isBetween(512, 65_536);
        assertThat(device.size()).isPositive();
        assertThat(device.size() % block).as("the size is in blocks").isZero();
    }

    private void limits() {
        refused(Errno.EINVAL, 1, block);
        refused(Errno.EINVAL, 0, block - 1);
        refused(Errno.EINVAL, -block, block);
        refused(Errno.ENOSPC, device.size(), block);
        refused(Errno.ENOSPC, 0, device.size() + block);
    }

    private void refused(Errno errno, long off, long length) {
        assertThatThrownBy(() -> device.check(off, length))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private void refusesWrites() {
        assertThatThrownBy(() -> device.write(MemorySegment.ofArray(new byte[block]), 0))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EROFS));
    }

    private void isAnArrayOfBytes(long seed) throws IOException {
        device.zero(0, model.length);
        for (int i = 0; i < REQUESTS; i++) {
            int length = Math.min(model.length, block * random.nextInt(random.nextInt(10) == 0 ? 200 : 9));
            int off = random.nextInt((model.length - length) / block + 1) * block;
            step(off, length);
        }
        device.flush();
        assertThat(read(0, model.length)).as("seed " + seed).isEqualTo(model);
    }

    private void step(int off, int length) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> {
                device.zero(off, length);
                Arrays.fill(model, off, off + length, (byte) 0);
            }
            case 1 -> checkExtents(off, length);
            case 2 -> assertThat(read(off, length)).isEqualTo(Arrays.copyOfRange(model, off, off + length));
            default -> {
                byte[] data = new byte[length];
                random.nextBytes(data);
                device.write(MemorySegment.ofArray(data), off);
                System.arraycopy(data, 0, model, off, length);
            }
        }
    }

    /// What is called a hole reads as zeros, and a range is told of to its end.
    private void checkExtents(int off, int length) throws IOException {
        for (int at = off; at < off + length; ) {
            Extent extent = device.extent(at, (long) off + length - at);
            assertThat(extent.length()).isPositive().isLessThanOrEqualTo((long) off + length - at);
            int end = (int) (at + extent.length());
            if (extent.isHole()) {
                assertThat(Arrays.copyOfRange(model, at, end)).containsOnly(0);
            }
            at = end;
        }
    }

    private byte[] read(long off, int length) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        device.read(bytes, off);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    private void hasAnEnd() throws IOException {
        byte[] last = new byte[block];
        Arrays.fill(last, (byte) 0x5a);
        device.write(MemorySegment.ofArray(last), device.size() - block);
        assertThat(read(device.size() - block, block)).isEqualTo(last);
        device.trim(device.size() - block, block);
        device.zero(device.size() - block, block);
        assertThat(read(device.size() - block, block)).containsOnly(0);
    }

    /// Each thread has blocks of its own, next to those of others.
    private void servesManyAtOnce() throws Exception {
        int blocks = model.length / block;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks = new ArrayList<Future<?>>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                tasks.add(threads.submit(() -> {
                    byte[] mine = new byte[block];
                    Arrays.fill(mine, (byte) (first + 1));
                    for (int i = first; i < blocks; i += THREADS) {
                        device.write(MemorySegment.ofArray(mine), (long) i * block);
                    }
                    for (int i = first; i < blocks; i += THREADS) {
                        assertThat(read((long) i * block, block)).isEqualTo(mine);
                    }
                    return null;
                }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        }
    }
}
