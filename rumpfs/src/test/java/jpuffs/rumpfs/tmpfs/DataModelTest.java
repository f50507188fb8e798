// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.SetAttr.none;
import static jpuffs.rumpfs.tmpfs.Fixture.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random operations on the bytes of two files, beside an array and a set of blocks for each.
@Timeout(300)
class DataModelTest {
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());
    private static final int MAX = 1 << 20;
    private static final int BLOCK = 4096;
    private static final int ROOM = 300; // blocks, for both

    private final Random random = new Random(SEED);

    private static final class Model {
        final Node node;
        final byte[] bytes = new byte[MAX];
        final BitSet blocks = new BitSet();
        final BitSet written = new BitSet(); // of the blocks
        int size;

        Model(Node node) {
            this.node = node;
        }

        void allocate(int from, int to) {
            if (from < to) {
                blocks.set(from / BLOCK, (to - 1) / BLOCK + 1);
            }
        }

        void write(byte[] src, int srcOff, int off, int count) {
            System.arraycopy(src, srcOff, bytes, off, count);
            allocate(off, off + count);
            if (count > 0) {
                written.set(off / BLOCK, (off + count - 1) / BLOCK + 1);
            }
        }

        /// Whole blocks become holes.
        void zero(int from, int to) {
            Arrays.fill(bytes, from, to, (byte) 0);
            int first = (from + BLOCK - 1) / BLOCK;
            if (first < to / BLOCK) {
                blocks.clear(first, to / BLOCK);
                written.clear(first, to / BLOCK);
            }
        }
    }

    @Test
    void agreesWithTheModel() throws IOException {
        try (var t = new Fixture(Fixture.OPTIONS.with("size", ROOM * BLOCK + ""))) {
            Model[] files = {new Model(t.file("a")), new Model(t.file("b"))};
            for (int step = 0; step < 30_000; step++) {
                Model file = files[random.nextInt(2)];
                try {
                    step(file, files[random.nextInt(2)], ROOM - (int) t.usedBlocks());
                    compare(file, step);
                } catch (ErrnoException | RuntimeException | AssertionError e) {
                    throw new AssertionError("-Djpuffs.seed=" + SEED + " step " + step, e);
                }
                int used = files[0].blocks.cardinality() + files[1].blocks.cardinality();
                assertThat(t.usedBlocks()).isEqualTo(used);
            }
            for (Model file : files) {
                file.node.setattr(none().withSize(0));
            }
            assertThat(t.usedBlocks()).isZero();
        }
    }

    private void step(Model file, Model other, int room) throws IOException {
        int from = random.nextInt(random.nextBoolean() ? MAX / 8 : MAX);
        int to = from + random.nextInt(Math.min(MAX - from, random.nextBoolean() ? 100 : 100_000));
        if (random.nextInt(4) == 0) {
            from -= from % BLOCK;
            to -= to % BLOCK;
        }
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> write(file, from, to, room);
            case 3 -> truncate(file, from);
            case 4 -> punch(file, from, to);
            case 5 -> allocate(file, from, to, room);
            case 6 -> copy(file, from, to, other, room);
            case 7 -> seek(file, from);
            default -> read(file, from, to);
        }
    }

    private static int missing(Model file, int from, int to) {
        if (from >= to) {
            return 0;
        }
        int first = from / BLOCK;
        int end = (to - 1) / BLOCK + 1;
        return end - first - file.blocks.get(first, end).cardinality();
    }

    private void write(Model file, int from, int to, int room) throws IOException {
        if (missing(file, from, to) > room) {
            return;
        }
        var bytes = new byte[to - from];
        random.nextBytes(bytes);
        assertThat(file.node.write(MemorySegment.ofArray(bytes), from)).isEqualTo(bytes.length);
        file.write(bytes, 0, from, bytes.length);
        file.size = bytes.length == 0 ? file.size : Math.max(file.size, to);
    }

    private static void truncate(Model file, int size) throws IOException {
        file.node.setattr(none().withSize(size));
        Arrays.fill(file.bytes, size, MAX, (byte) 0);
        file.blocks.clear((size + BLOCK - 1) / BLOCK, MAX / BLOCK + 1);
        file.written.clear((size + BLOCK - 1) / BLOCK, MAX / BLOCK + 1);
        file.size = size;
    }

    private static void punch(Model file, int from, int to) throws IOException {
        if (from < to) {
            file.node.fallocate(3, from, to - from);
            file.zero(from, to);
        }
    }

    private void allocate(Model file, int from, int to, int room) throws IOException {
        if (from >= to || missing(file, from, to) > room) {
            return;
        }
        boolean keep = random.nextBoolean();
        boolean zero = random.nextBoolean();
        file.node.fallocate((keep ? 1 : 0) | (zero ? 16 : 0), from, to - from);
        if (zero) {
            file.zero(from, to);
        }
        file.allocate(from, to);
        file.size = keep ? file.size : Math.max(file.size, to);
    }

    /// A hole becomes zeros as a whole, data go block by block.
    private static void copy(Model file, int from, int to, Model other, int room) throws IOException {
        int target = (from + MAX / 2) % MAX;
        int count = Math.min(Math.min(to - from, MAX - target), Math.max(file.size - from, 0));
        boolean overlap = file == other && Math.abs(target - from) < count;
        if (overlap || missing(other, target, target + count) > room) {
            return;
        }
        assertThat(file.node.copyFileRange(from, other.node, target, count)).isEqualTo(count);
        for (int at = from, end; at < from + count; at = end) {
            int next = file.written.nextSetBit(at / BLOCK);
            boolean hole = next != at / BLOCK;
            int stop = hole ? (next < 0 ? MAX : next * BLOCK) : (next + 1) * BLOCK;
            end = Math.min(stop, from + count);
            if (hole) {
                other.zero(target + at - from, target + end - from);
            } else {
                other.write(file.bytes, at, target + at - from, end - at);
            }
        }
        other.size = count == 0 ? other.size : Math.max(other.size, target + count);
    }

    private static void seek(Model file, int from) throws IOException {
        if (from >= file.size) {
            return;
        }
        int hole = Math.min(file.written.nextClearBit(from / BLOCK) * BLOCK, file.size);
        assertThat(file.node.seek(from, true)).isEqualTo(Math.max(from, hole));
        int block = file.written.nextSetBit(from / BLOCK);
        if (block < 0 || block * BLOCK >= file.size) {
            assertFails(Errno.ENXIO, () -> file.node.seek(from, false));
        } else {
            assertThat(file.node.seek(from, false)).isEqualTo(Math.max(from, block * BLOCK));
        }
    }

    private static void read(Model file, int from, int to) throws IOException {
        var bytes = new byte[to - from];
        int count = file.node.read(MemorySegment.ofArray(bytes), from);
        assertThat(count).isEqualTo(Math.clamp(file.size - from, 0, bytes.length));
        assertThat(Arrays.equals(bytes, 0, count, file.bytes, from, from + count))
                .isTrue();
    }

    private static void compare(Model file, int step) throws IOException {
        assertThat(file.node.getattr().size()).isEqualTo(file.size);
        assertThat(file.node.getattr().blocks()).isEqualTo(8L * file.blocks.cardinality());
        if (step % 16 == 0) {
            read(file, 0, MAX);
        }
    }
}
