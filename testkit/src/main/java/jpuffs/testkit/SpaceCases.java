// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.ESPIPE;
import static jpuffs.sys.Fcntl.FALLOC_FL_COLLAPSE_RANGE;
import static jpuffs.sys.Fcntl.FALLOC_FL_INSERT_RANGE;
import static jpuffs.sys.Fcntl.FALLOC_FL_KEEP_SIZE;
import static jpuffs.sys.Fcntl.FALLOC_FL_PUNCH_HOLE;
import static jpuffs.sys.Fcntl.FALLOC_FL_ZERO_RANGE;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.SEEK_DATA;
import static jpuffs.sys.Fcntl.SEEK_HOLE;
import static jpuffs.testkit.Expect.fails;
import static jpuffs.testkit.Expect.failsWithOneOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import jpuffs.core.Attr;

/// truncate(2), holes, fallocate(2), files of more than 4 GiB. (NetBSD: t_io holywrite, shrinkfile; tmpfs truncate,
/// sizes.)
final class SpaceCases {
    private static final int MIB = 1 << 20;
    private static final int PUNCH = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    private SpaceCases() {}

    static void truncateDown(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abcdefgh");
        root.truncate("f", 3);
        assertThat(root.text("f")).isEqualTo("abc");
        root.truncate("f", 0);
        assertThat(root.stat("f").size()).isZero();
    }

    static void truncateUpReadsZeros(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        root.truncate("f", 10_000);
        byte[] expected = Arrays.copyOf(Client.bytes("abc"), 10_000);
        assertThat(root.content("f")).isEqualTo(expected);
    }

    static void truncateDownAndUpReadsZeros(Env env) throws Exception {
        Client root = env.root();
        for (int keep : new int[] {0, 1, 511, 512, 4095, 4096, 4097, 70_000}) {
            byte[] data = Data.of(100_000, keep);
            root.create("f", data);
            root.truncate("f", keep);
            root.truncate("f", 100_000);
            assertThat(root.content("f")).isEqualTo(Arrays.copyOf(Arrays.copyOf(data, keep), 100_000));
        }
    }

    static void writeAfterTruncationReadsZerosBetween(Env env) throws Exception {
        Client root = env.root();
        byte[] data = Data.of(20_000, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDWR);
        root.ftruncate(fd, 5000);
        root.pwrite(fd, "end", 15_000);
        byte[] expected = Arrays.copyOf(Arrays.copyOf(data, 5000), 15_003);
        System.arraycopy(Client.bytes("end"), 0, expected, 15_000, 3);
        assertThat(root.readAll(fd, 20_000, 0)).isEqualTo(expected);
        root.close(fd);
    }

    static void ftruncateKeepsPosition(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.write(fd, "abcdef");
        root.ftruncate(fd, 2);
        root.write(fd, "X");
        assertThat(root.readAll(fd, 10, 0)).isEqualTo(new byte[] {'a', 'b', 0, 0, 0, 0, 'X'});
        root.close(fd);
    }

    static void truncateSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abcdef");
        var watch = Watch.of(env, "f");
        root.truncate("f", 3);
        watch.expect("f", "mc");
        watch = Watch.of(env, "f");
        root.truncate("f", 30);
        watch.expect("f", "mc");
        int fd = root.open("f", O_RDWR);
        watch = Watch.of(env, "f");
        root.ftruncate(fd, 7);
        watch.expect("f", "mc");
        root.close(fd);
    }

    static void truncateNeedsWritePermission(Env env) throws Exception {
        env.root().create("f", "abc");
        fails(EACCES, () -> env.user().truncate("f", 0));
        env.root().chmod("f", 0646);
        env.user().truncate("f", 1);
        assertThat(env.root().text("f")).isEqualTo("a");
    }

    static void truncateOfOthers(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f", "abc");
        root.symlink("f", "l");
        root.truncate("l", 1);
        assertThat(root.text("f")).isEqualTo("a");
    }

    static void truncateToTooMuch(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        var watch = Watch.of(env, "f");
        try {
            root.truncate("f", Long.MAX_VALUE);
        } catch (jpuffs.core.ErrnoException e) {
            assertThat(e.errno()).isIn(EFBIG, EINVAL);
            watch.expect("f", "");
            assertThat(root.text("f")).isEqualTo("abc");
        }
    }

    static void holesReadAsZeros(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        for (long at : new long[] {0, 3 * MIB, MIB + 17}) {
            root.pwrite(fd, "data", at);
        }
        byte[] expected = new byte[3 * MIB + 4];
        for (int at : new int[] {0, 3 * MIB, MIB + 17}) {
            System.arraycopy(Client.bytes("data"), 0, expected, at, 4);
        }
        assertThat(root.readAll(fd, 4 * MIB, 0)).isEqualTo(expected);
        root.pwrite(fd, Data.of(2 * MIB, 1), MIB / 2);
        System.arraycopy(Data.of(2 * MIB, 1), 0, expected, MIB / 2, 2 * MIB);
        assertThat(root.readAll(fd, 4 * MIB, 0)).isEqualTo(expected);
        root.close(fd);
    }

    static void holesTakeNoRoom(Env env) throws Exception {
        env.requires(Feature.SPARSE);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.pwrite(fd, "x", 100L * MIB);
        root.fsync(fd);
        Attr attr = root.fstat(fd);
        assertThat(attr.size()).isEqualTo(100L * MIB + 1);
        assertThat(attr.blocks() * 512).isLessThan(MIB);
        root.close(fd);
    }

    static void seekFindsDataAndHoles(Env env) throws Exception {
        env.requires(Feature.SEEK_HOLE);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.writeAll(fd, Data.of(MIB, 1), 0);
        root.writeAll(fd, Data.of(MIB, 2), 4L * MIB);
        root.ftruncate(fd, 8L * MIB);
        root.fsync(fd);
        assertThat(root.lseek(fd, 0, SEEK_DATA)).isZero();
        assertThat(root.lseek(fd, 0, SEEK_HOLE)).isEqualTo(MIB);
        assertThat(root.lseek(fd, 2L * MIB, SEEK_DATA)).isEqualTo(4L * MIB);
        assertThat(root.lseek(fd, 2L * MIB, SEEK_HOLE)).isEqualTo(2L * MIB);
        assertThat(root.lseek(fd, 4L * MIB + 5, SEEK_DATA)).isEqualTo(4L * MIB + 5);
        assertThat(root.lseek(fd, 4L * MIB + 5, SEEK_HOLE)).isEqualTo(5L * MIB);
        fails(ENXIO, () -> root.lseek(fd, 6L * MIB, SEEK_DATA));
        assertThat(root.lseek(fd, 6L * MIB, SEEK_HOLE)).isEqualTo(6L * MIB);
        fails(ENXIO, () -> root.lseek(fd, 8L * MIB, SEEK_HOLE));
        root.close(fd);
    }

    static void filesOfMoreThan4GiB(Env env) throws Exception {
        env.requires(Feature.LARGE_FILES);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        long[] offsets = {0, (2L << 30) - 2, (4L << 30) - 2, (4L << 30) + 12_345, 5L << 30};
        for (long off : offsets) {
            root.pwrite(fd, "@" + off, off);
        }
        for (long off : offsets) {
            assertThat(root.pread(fd, ("@" + off).length(), off)).asString().isEqualTo("@" + off);
        }
        assertThat(root.pread(fd, 3, 3L << 30)).containsExactly(0, 0, 0);
        assertThat(root.stat("f").size()).isEqualTo((5L << 30) + 11);
        assertThat(root.lseek(fd, 0, jpuffs.sys.Fcntl.SEEK_END)).isEqualTo((5L << 30) + 11);
        root.ftruncate(fd, (4L << 30) + 1);
        assertThat(root.pread(fd, 10, 4L << 30)).hasSize(1);
        root.ftruncate(fd, (4L << 30) + 100);
        assertThat(root.pread(fd, 200, (4L << 30) + 1)).hasSize(99).containsOnly(0);
        root.close(fd);
    }

    static void hugeSparseFile(Env env) throws Exception {
        env.requires(Feature.HUGE_FILES);
        Client root = env.root();
        long far = 1L << 42;
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.ftruncate(fd, far);
        root.pwrite(fd, "end", far - 3);
        assertThat(root.pread(fd, 10, far - 4)).containsExactly(0, 'e', 'n', 'd');
        assertThat(root.fstat(fd).size()).isEqualTo(far);
        root.close(fd);
    }

    static void fallocateGrows(Env env) throws Exception {
        env.requires(Feature.FALLOCATE);
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, 0, 0, 100_000);
        assertThat(root.fstat(fd).size()).isEqualTo(100_000);
        assertThat(root.fstat(fd).blocks() * 512).isGreaterThanOrEqualTo(100_000);
        assertThat(root.readAll(fd, 100_000, 0)).isEqualTo(Arrays.copyOf(Client.bytes("abc"), 100_000));
        root.fallocate(fd, 0, 10, 10);
        assertThat(root.fstat(fd).size()).isEqualTo(100_000);
        root.close(fd);
    }

    static void fallocateKeepsSize(Env env) throws Exception {
        env.requires(Feature.FALLOCATE);
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, MIB);
        assertThat(root.fstat(fd).size()).isEqualTo(3);
        root.ftruncate(fd, 10);
        assertThat(root.readAll(fd, 20, 0)).isEqualTo(Arrays.copyOf(Client.bytes("abc"), 10));
        root.close(fd);
    }

    static void fallocateErrors(Env env) throws Exception {
        env.requires(Feature.FALLOCATE, Feature.FIFOS);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        fails(EINVAL, () -> root.fallocate(fd, 0, -1, 10));
        fails(EINVAL, () -> root.fallocate(fd, 0, 0, 0));
        fails(EINVAL, () -> root.fallocate(fd, 0, 0, -1));
        failsWithOneOf(List.of(EOPNOTSUPP, EINVAL), () -> root.fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
        fails(EFBIG, () -> root.fallocate(fd, 0, Long.MAX_VALUE, 10));
        fails(EOPNOTSUPP, () -> root.fallocate(fd, 0x4000, 0, 10));
        root.close(fd);
        int reader = root.open("f", O_RDONLY);
        fails(EBADF, () -> root.fallocate(reader, 0, 0, 10));
        root.close(reader);
        root.mkfifo("p", 0600);
        int fifo = root.open("p", O_RDWR);
        failsWithOneOf(List.of(ESPIPE, ENODEV), () -> root.fallocate(fifo, 0, 0, 10));
        root.close(fifo);
    }

    static void fallocateSetsTimes(Env env) throws Exception {
        env.requires(Feature.FALLOCATE);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        var watch = Watch.of(env, "f");
        root.fallocate(fd, 0, 0, 10_000);
        watch.expect("f", "mc");
        root.close(fd);
    }

    static void punchHole(Env env) throws Exception {
        env.requires(Feature.PUNCH_HOLE);
        Client root = env.root();
        byte[] data = Data.of(4 * MIB, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDWR);
        root.fsync(fd);
        long before = root.fstat(fd).blocks();
        root.fallocate(fd, PUNCH, MIB + 100, 2 * MIB);
        Arrays.fill(data, MIB + 100, 3 * MIB + 100, (byte) 0);
        assertThat(root.readAll(fd, 4 * MIB, 0)).isEqualTo(data);
        root.fsync(fd);
        assertThat(root.fstat(fd).blocks()).isLessThan(before - 3000);
        assertThat(root.fstat(fd).size()).isEqualTo(4L * MIB);
        root.close(fd);
    }

    static void punchHoleAcrossTheEnd(Env env) throws Exception {
        env.requires(Feature.PUNCH_HOLE);
        Client root = env.root();
        root.create("f", "abcdef");
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, PUNCH, 4, 100_000);
        assertThat(root.readAll(fd, 10, 0)).isEqualTo(new byte[] {'a', 'b', 'c', 'd', 0, 0});
        root.fallocate(fd, PUNCH, 1000, 100_000);
        assertThat(root.fstat(fd).size()).isEqualTo(6);
        root.close(fd);
    }

    static void punchHoleSetsTimes(Env env) throws Exception {
        env.requires(Feature.PUNCH_HOLE);
        Client root = env.root();
        root.create("f", Data.of(100_000, 1));
        int fd = root.open("f", O_RDWR);
        var watch = Watch.of(env, "f");
        root.fallocate(fd, PUNCH, 0, 50_000);
        watch.expect("f", "mc");
        root.close(fd);
    }

    static void zeroRange(Env env) throws Exception {
        env.requires(Feature.ZERO_RANGE);
        Client root = env.root();
        byte[] data = Data.of(100_000, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, FALLOC_FL_ZERO_RANGE, 10_000, 50_000);
        Arrays.fill(data, 10_000, 60_000, (byte) 0);
        assertThat(root.readAll(fd, 100_000, 0)).isEqualTo(data);
        root.fallocate(fd, FALLOC_FL_ZERO_RANGE, 90_000, 20_000);
        assertThat(root.fstat(fd).size()).isEqualTo(110_000);
        root.close(fd);
    }

    static void collapseRange(Env env) throws Exception {
        env.requires(Feature.COLLAPSE_RANGE);
        Client root = env.root();
        byte[] data = Data.of(3 * MIB, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, MIB, MIB);
        assertThat(root.fstat(fd).size()).isEqualTo(2L * MIB);
        byte[] expected = Arrays.copyOf(data, 2 * MIB);
        System.arraycopy(data, 2 * MIB, expected, MIB, MIB);
        assertThat(root.readAll(fd, 3 * MIB, 0)).isEqualTo(expected);
        fails(EINVAL, () -> root.fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, MIB, MIB));
        root.close(fd);
    }

    static void insertRange(Env env) throws Exception {
        env.requires(Feature.COLLAPSE_RANGE);
        Client root = env.root();
        byte[] data = Data.of(2 * MIB, 1);
        root.create("f", data);
        int fd = root.open("f", O_RDWR);
        root.fallocate(fd, FALLOC_FL_INSERT_RANGE, MIB, MIB);
        byte[] expected = Arrays.copyOf(Arrays.copyOf(data, MIB), 3 * MIB);
        System.arraycopy(data, MIB, expected, 2 * MIB, MIB);
        assertThat(root.readAll(fd, 4 * MIB, 0)).isEqualTo(expected);
        root.close(fd);
    }

    static void truncationFreesRoom(Env env) throws Exception {
        env.requires(Feature.SPARSE);
        Client root = env.root();
        root.create("f", Data.of(2 * MIB, 1));
        int fd = root.open("f", O_RDWR);
        root.fsync(fd);
        root.ftruncate(fd, 4096);
        root.fsync(fd);
        assertThat(root.fstat(fd).blocks() * 512).isLessThan(MIB / 4);
        root.close(fd);
    }
}
