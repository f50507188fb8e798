// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.SetAttr.none;
import static jpuffs.rumpfs.tmpfs.Fixture.assertFails;
import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static jpuffs.rumpfs.tmpfs.Fixture.read;
import static jpuffs.rumpfs.tmpfs.Fixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DataTest {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 3;
    private static final int ZERO_RANGE = 16;
    private static final int BLOCK = 4096;

    private final Fixture t = new Fixture();

    @AfterEach
    void close() {
        t.close();
    }

    private long allocated(Node file) throws IOException {
        assertThat(file.getattr().blocks() % 8).isZero();
        return file.getattr().blocks() / 8;
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        Node file = t.file("f");
        assertThat(read(file, 0, 10)).isEmpty();
        assertThat(write(file, 0, "hello")).isEqualTo(5);
        assertThat(write(file, 4095, "world")).isEqualTo(5);
        assertThat(file.getattr().size()).isEqualTo(4100);
        assertThat(read(file, 0, 7)).isEqualTo("hello\0\0");
        assertThat(read(file, 4094, 100)).isEqualTo("\0world");
        assertThat(read(file, 4100, 1)).isEmpty();
        assertThat(read(file, Long.MAX_VALUE, 1)).isEmpty();
        assertThat(write(file, 77, "")).isZero();
        assertThat(allocated(file)).isEqualTo(2);
    }

    @Test
    void nativeBuffersDoAsWell() throws IOException {
        Node file = t.file("f");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(3 << 20);
            buffer.fill((byte) 7);
            assertThat(file.write(buffer, 100)).isEqualTo(3 << 20);
            buffer.fill((byte) 0);
            assertThat(file.read(buffer, 100)).isEqualTo(3 << 20);
            assertThat(buffer.mismatch(arena.allocate(3 << 20).fill((byte) 7))).isEqualTo(-1);
        }
    }

    @Test
    void hugeHolesCostNothing() throws IOException {
        Node file = t.file("f");
        write(file, 5L << 30, "far");
        write(file, Long.MAX_VALUE - 3, "end");
        assertThat(file.getattr().size()).isEqualTo(Long.MAX_VALUE);
        assertThat(allocated(file)).isEqualTo(2);
        assertThat(read(file, 5L << 30, 3)).isEqualTo("far");
        assertThat(read(file, Long.MAX_VALUE - 3, 99)).isEqualTo("end");
        assertThat(read(file, 1L << 40, 3)).isEqualTo("\0\0\0");
        assertThat(write(file, Long.MAX_VALUE - 1, "xyz")).isEqualTo(1);
        assertFails(Errno.EFBIG, () -> write(file, Long.MAX_VALUE, "x"));
        file.setattr(none().withSize(1));
        assertThat(allocated(file)).isZero();
        assertThat(t.usedBlocks()).isZero();
    }

    @Test
    void truncationZeroesAndFrees() throws IOException {
        Node file = t.file("f");
        write(file, 0, "x".repeat(3 * BLOCK));
        assertThat(file.setattr(none().withSize(BLOCK + 5)).size()).isEqualTo(BLOCK + 5);
        assertThat(allocated(file)).isEqualTo(2);
        file.setattr(none().withSize(3 * BLOCK));
        assertThat(read(file, BLOCK, 10)).isEqualTo("xxxxx\0\0\0\0\0");
        assertThat(read(file, 2 * BLOCK, 5)).isEqualTo("\0\0\0\0\0");
        assertThat(allocated(file)).isEqualTo(2);
        assertFails(Errno.EINVAL, () -> file.setattr(none().withSize(-1)));
        assertFails(Errno.EISDIR, () -> t.root.setattr(none().withSize(0)));
        assertFails(
                Errno.EINVAL,
                () -> t.root.mknod(name("p"), Mode.S_IFIFO, 0, Cred.ROOT).setattr(none().withSize(0)));
    }

    @Test
    void reusedBlocksShowNothingOld() throws IOException {
        Node file = t.file("f");
        write(file, 0, "secret".repeat(5000));
        t.root.unlink(name("f"));
        file.reclaim(1);
        Node other = t.file("g");
        write(other, 2000, "x");
        write(other, 9000, "x");
        assertThat(read(other, 0, 10_000).replace("\0", "")).isEqualTo("xx");
        other.setattr(none().withSize(20_000));
        assertThat(read(other, 0, 20_000).replace("\0", "")).isEqualTo("xx");
    }

    @Test
    void allocationTakesBlocksAndKeepsTheSizeIfAsked() throws IOException {
        Node file = t.file("f");
        file.fallocate(KEEP_SIZE, 0, 10 * BLOCK);
        assertThat(file.getattr().size()).isZero();
        assertThat(allocated(file)).isEqualTo(10);
        file.fallocate(0, BLOCK - 1, 2);
        assertThat(file.getattr().size()).isEqualTo(BLOCK + 1);
        assertThat(allocated(file)).isEqualTo(10);
        assertThat(read(file, 0, 10)).isEqualTo("\0".repeat(10));
        write(file, 5, "x");
        assertThat(read(file, 0, 10)).isEqualTo("\0\0\0\0\0x\0\0\0\0");
        assertThat(allocated(file)).isEqualTo(10);
        file.setattr(none().withSize(BLOCK + 1));
        assertThat(allocated(file)).isEqualTo(2);
        assertFails(Errno.EINVAL, () -> file.fallocate(0, 0, 0));
        assertFails(Errno.EINVAL, () -> file.fallocate(0, -1, 5));
        assertFails(Errno.EFBIG, () -> file.fallocate(0, Long.MAX_VALUE, 5));
    }

    @Test
    void allocationThatDoesNotFitChangesNothing() throws IOException {
        Node file = t.file("f");
        assertFails(Errno.ENOSPC, () -> file.fallocate(0, 0, 1L << 60));
        assertFails(Errno.ENOSPC, () -> file.fallocate(0, 0, (16 << 20) + 1));
        assertThat(t.usedBlocks()).isZero();
        file.fallocate(0, 0, 16 << 20);
        file.fallocate(0, 0, 16 << 20);
        assertThat(t.usedBlocks()).isEqualTo(4096);
    }

    @Test
    void holesArePunched() throws IOException {
        Node file = t.file("f");
        write(file, 0, "x".repeat(5 * BLOCK));
        file.fallocate(PUNCH_HOLE, 10, 5);
        assertThat(read(file, 9, 7)).isEqualTo("x\0\0\0\0\0x");
        file.fallocate(PUNCH_HOLE, BLOCK - 1, 2 * BLOCK + 2);
        assertThat(allocated(file)).isEqualTo(3);
        assertThat(read(file, BLOCK - 2, 4)).isEqualTo("x\0\0\0");
        assertThat(read(file, 3 * BLOCK, 3)).isEqualTo("\0xx");
        file.fallocate(PUNCH_HOLE, 4 * BLOCK, 100L * BLOCK);
        assertThat(allocated(file)).isEqualTo(2);
        assertThat(file.getattr().size()).isEqualTo(5 * BLOCK);
    }

    @Test
    void rangesAreZeroed() throws IOException {
        Node file = t.file("f");
        write(file, 0, "x".repeat(2 * BLOCK));
        file.fallocate(ZERO_RANGE | KEEP_SIZE, BLOCK, 4 * BLOCK);
        assertThat(file.getattr().size()).isEqualTo(2 * BLOCK);
        assertThat(allocated(file)).isEqualTo(5);
        assertThat(read(file, BLOCK - 1, 3)).isEqualTo("x\0\0");
        file.fallocate(ZERO_RANGE, 10, 4 * BLOCK);
        assertThat(file.getattr().size()).isEqualTo(4 * BLOCK + 10);
        assertThat(read(file, 9, 2)).isEqualTo("x\0");
    }

    @Test
    void otherModesAreNotSupported() throws IOException {
        Node file = t.file("f");
        for (int mode : new int[] {2, 4, 8, 32, 64, 128, 19}) {
            assertFails(Errno.EOPNOTSUPP, () -> file.fallocate(mode, 0, BLOCK));
        }
    }

    @Test
    void findsDataAndHoles() throws IOException {
        Node file = t.file("f");
        write(file, 2 * BLOCK, "x".repeat(BLOCK));
        write(file, 1000L * BLOCK, "x");
        assertThat(file.seek(0, false)).isEqualTo(2 * BLOCK);
        assertThat(file.seek(2 * BLOCK + 7, false)).isEqualTo(2 * BLOCK + 7);
        assertThat(file.seek(0, true)).isZero();
        assertThat(file.seek(2 * BLOCK + 7, true)).isEqualTo(3 * BLOCK);
        assertThat(file.seek(3 * BLOCK, false)).isEqualTo(1000L * BLOCK);
        assertThat(file.seek(1000L * BLOCK, true)).isEqualTo(1000L * BLOCK + 1);
        assertFails(Errno.ENXIO, () -> file.seek(1000L * BLOCK + 1, true));
        assertFails(Errno.ENXIO, () -> file.seek(-1, false));
        file.setattr(none().withSize(2000L * BLOCK));
        assertFails(Errno.ENXIO, () -> file.seek(1500L * BLOCK, false));
        Node empty = t.file("g");
        empty.setattr(none().withSize(10));
        assertFails(Errno.ENXIO, () -> empty.seek(0, false));
        assertThat(empty.seek(5, true)).isEqualTo(5);
    }

    @Test
    void copiesRangesAndTheirHoles() throws IOException {
        Node from = t.file("f");
        Node to = t.file("g");
        write(from, 3L << 30, "data");
        write(to, 0, "old".repeat(3000));
        assertThat(from.copyFileRange(0, to, 100, 4L << 30)).isEqualTo((3L << 30) + 4);
        assertThat(to.getattr().size()).isEqualTo((3L << 30) + 104);
        assertThat(read(to, 99, 3)).isEqualTo("o\0\0");
        assertThat(read(to, (3L << 30) + 99, 9)).isEqualTo("\0data");
        assertThat(allocated(to)).isEqualTo(2);
        assertThat(from.copyFileRange(1L << 40, to, 0, 5)).isZero();
        assertThat(to.copyFileRange(99, to, 200, 1)).isEqualTo(1);
        assertThat(read(to, 200, 1)).isEqualTo("o");
        assertFails(Errno.EINVAL, () -> from.copyFileRange(0, t.root, 0, 1));
        assertFails(Errno.EXDEV, () -> from.copyFileRange(0, () -> from.getattr(), 0, 1));
    }

    @Test
    void oneCopyIsBounded() throws IOException {
        try (var big = new Fixture(Fixture.OPTIONS.with("size", "1g"))) {
            Node from = big.file("f");
            Node to = big.file("g");
            write(from, 0, "x".repeat(20 << 20));
            assertThat(from.copyFileRange(0, to, 0, 20 << 20)).isEqualTo(16 << 20);
            assertThat(from.copyFileRange(16 << 20, to, 16 << 20, 20 << 20)).isEqualTo(4 << 20);
            assertThat(read(to, (20 << 20) - 1, 5)).isEqualTo("x");
        }
    }

    @Test
    void aWriteTakesWhatThereIsRoomFor() throws IOException {
        Node file = t.file("f");
        assertThat(write(file, 0, "x".repeat((16 << 20) - BLOCK))).isEqualTo((16 << 20) - BLOCK);
        assertThat(write(file, (16 << 20) - BLOCK, "y".repeat(2 * BLOCK))).isEqualTo(BLOCK);
        assertFails(Errno.ENOSPC, () -> write(file, 16 << 20, "z"));
        assertThat(file.getattr().size()).isEqualTo(16 << 20);
        assertThat(write(file, 0, "again")).isEqualTo(5);
        assertThat(t.fs.statfs().free()).isZero();
        file.setattr(none().withSize(0));
        assertThat(t.usedBlocks()).isZero();
    }
}
