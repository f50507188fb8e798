// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOVERFLOW;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.sys.Fcntl.O_APPEND;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_NOATIME;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_SYNC;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.sys.Fcntl.SEEK_CUR;
import static jpuffs.sys.Fcntl.SEEK_END;
import static jpuffs.sys.Fcntl.SEEK_SET;
import static jpuffs.testkit.Expect.fails;
import static jpuffs.testkit.Expect.failsWithOneOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

/// read(2), write(2), lseek(2), descriptors. (NetBSD: t_io extendfile, overwrite512, overwrite64k and others,
/// t_mtime_otrunc, t_mtime_write; rumpvfs lseekrv; tmpfs read_write.)
final class IoCases {
    private IoCases() {}

    static void writeAndRead(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        assertThat(root.write(fd, "hello")).isEqualTo(5);
        assertThat(root.read(fd, 10)).isEmpty();
        root.lseek(fd, 0, SEEK_SET);
        assertThat(root.read(fd, 3)).asString().isEqualTo("hel");
        assertThat(root.read(fd, 10)).asString().isEqualTo("lo");
        assertThat(root.read(fd, 10)).isEmpty();
        root.close(fd);
        assertThat(root.stat("f").size()).isEqualTo(5);
    }

    static void writeInTheMiddle(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abcdefgh");
        int fd = root.open("f", O_RDWR);
        root.pwrite(fd, "XY", 3);
        assertThat(root.pread(fd, 100, 0)).asString().isEqualTo("abcXYfgh");
        root.close(fd);
    }

    static void writeBeyondTheEnd(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "ab");
        int fd = root.open("f", O_RDWR);
        root.pwrite(fd, "z", 10_000);
        byte[] content = root.readAll(fd, 20_000, 0);
        assertThat(content).hasSize(10_001).startsWith('a', 'b', 0, 0).endsWith(0, 0, 'z');
        root.close(fd);
    }

    static void overwriteOf512Bytes(Env env) throws Exception {
        overwrite(env, 512);
    }

    static void overwriteOf64KiB(Env env) throws Exception {
        overwrite(env, 64 << 10);
    }

    private static void overwrite(Env env, int size) throws Exception {
        Client root = env.root();
        byte[] first = Data.of(size, 1);
        byte[] second = Data.of(size, 2);
        root.create("f", first);
        int fd = root.open("f", O_WRONLY);
        root.writeAll(fd, second, 0);
        root.close(fd);
        assertThat(root.content("f")).isEqualTo(second);
        fd = root.open("f", O_WRONLY | O_TRUNC);
        root.writeAll(fd, Arrays.copyOf(first, size / 2), 0);
        root.close(fd);
        assertThat(root.content("f")).isEqualTo(Arrays.copyOf(first, size / 2));
    }

    static void growByManyWrites(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        byte[] data = Data.of(100_000, 3);
        for (int at = 0; at < data.length; ) {
            int size = Math.min(1 + at % 997, data.length - at);
            at += root.write(fd, Arrays.copyOfRange(data, at, at + size));
        }
        root.close(fd);
        assertThat(root.content("f")).isEqualTo(data);
    }

    static void largeWritesAndReads(Env env) throws Exception {
        Client root = env.root();
        byte[] data = Data.of(5 << 20, 4);
        root.create("f", data);
        assertThat(root.content("f")).isEqualTo(data);
    }

    static void writeOfNothing(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDWR);
        var watch = Watch.of(env, "f");
        assertThat(root.pwrite(fd, "", 100)).isZero();
        assertThat(root.write(fd, "")).isZero();
        assertThat(root.pread(fd, 0, 0)).isEmpty();
        assertThat(root.fstat(fd).size()).isEqualTo(3);
        watch.expect("f", "");
        root.close(fd);
    }

    static void append(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "start");
        int fd = root.open("f", O_WRONLY | O_APPEND);
        root.write(fd, "-1");
        root.lseek(fd, 0, SEEK_SET);
        root.write(fd, "-2");
        int other = root.open("f", O_WRONLY | O_APPEND);
        root.write(other, "-3");
        root.write(fd, "-4");
        assertThat(root.text("f")).isEqualTo("start-1-2-3-4");
        assertThat(root.lseek(fd, 0, SEEK_CUR)).isEqualTo(13);
        root.close(fd);
        root.close(other);
    }

    static void appendIsSetAndCleared(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "start");
        int fd = root.open("f", O_WRONLY);
        root.calls().setfl(fd, O_APPEND);
        root.write(fd, "+");
        assertThat(root.calls().getfl(fd) & O_APPEND).isEqualTo(O_APPEND);
        root.calls().setfl(fd, 0);
        root.pwrite(fd, "S", 0);
        root.close(fd);
        assertThat(root.text("f")).isEqualTo("Start+");
    }

    static void accessModeOfDescriptor(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        int reader = root.open("f", O_RDONLY);
        int writer = root.open("f", O_WRONLY);
        fails(EBADF, () -> root.write(reader, "x"));
        fails(EBADF, () -> root.pwrite(reader, "x", 0));
        fails(EBADF, () -> root.read(writer, 1));
        fails(EBADF, () -> root.pread(writer, 1, 0));
        fails(EINVAL, () -> root.ftruncate(reader, 0));
        assertThat(root.calls().getfl(reader) & 3).isEqualTo(O_RDONLY);
        assertThat(root.calls().getfl(writer) & 3).isEqualTo(O_WRONLY);
        root.close(reader);
        root.close(writer);
    }

    static void closedDescriptor(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.close(fd);
        fails(EBADF, () -> root.close(fd));
        fails(EBADF, () -> root.read(fd, 1));
        fails(EBADF, () -> root.write(fd, "x"));
        fails(EBADF, () -> root.fstat(fd));
        fails(EBADF, () -> root.lseek(fd, 0, SEEK_SET));
        fails(EBADF, () -> root.fsync(fd));
        fails(EBADF, () -> root.ftruncate(fd, 0));
        fails(EBADF, () -> root.fchmod(fd, 0600));
        fails(EBADF, () -> root.dup(fd));
        fails(EBADF, () -> root.close(-1));
    }

    static void positionIsShared(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abcdef");
        int fd = root.open("f", O_RDWR);
        int copy = root.dup(fd);
        int other = root.open("f", O_RDWR);
        assertThat(root.read(fd, 2)).asString().isEqualTo("ab");
        assertThat(root.read(copy, 2)).asString().isEqualTo("cd");
        assertThat(root.read(other, 2)).asString().isEqualTo("ab");
        root.close(fd);
        assertThat(root.read(copy, 2)).asString().isEqualTo("ef");
        root.close(copy);
        root.close(other);
    }

    static void dup2ReplacesDescriptor(Env env) throws Exception {
        Client root = env.root();
        root.create("a", "first");
        root.create("b", "second");
        int a = root.open("a", O_RDONLY);
        int b = root.open("b", O_RDONLY);
        assertThat(root.calls().dup2(a, b)).isEqualTo(b);
        assertThat(root.pread(b, 10, 0)).asString().isEqualTo("first");
        assertThat(root.calls().dup2(a, a)).isEqualTo(a);
        root.close(a);
        assertThat(root.pread(b, 10, 0)).asString().isEqualTo("first");
        root.close(b);
        fails(EBADF, () -> root.calls().dup2(a, b));
    }

    static void preadAndPwriteMoveNothing(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abcdef");
        int fd = root.open("f", O_RDWR);
        root.read(fd, 2);
        root.pread(fd, 3, 3);
        root.pwrite(fd, "X", 5);
        assertThat(root.read(fd, 10)).asString().isEqualTo("cdeX");
        root.close(fd);
    }

    static void seek(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "0123456789");
        int fd = root.open("f", O_RDWR);
        assertThat(root.lseek(fd, 4, SEEK_SET)).isEqualTo(4);
        assertThat(root.lseek(fd, 2, SEEK_CUR)).isEqualTo(6);
        assertThat(root.lseek(fd, -1, SEEK_CUR)).isEqualTo(5);
        assertThat(root.lseek(fd, -3, SEEK_END)).isEqualTo(7);
        assertThat(root.read(fd, 10)).asString().isEqualTo("789");
        assertThat(root.lseek(fd, 100, SEEK_END)).isEqualTo(110);
        assertThat(root.read(fd, 10)).isEmpty();
        fails(EINVAL, () -> root.lseek(fd, -1, SEEK_SET));
        fails(EINVAL, () -> root.lseek(fd, -11, SEEK_END));
        fails(EINVAL, () -> root.lseek(fd, 0, 99));
        failsWithOneOf(List.of(EOVERFLOW, EINVAL), () -> root.lseek(fd, Long.MAX_VALUE, SEEK_CUR));
        assertThat(root.lseek(fd, 0, SEEK_CUR)).isEqualTo(110);
        assertThat(root.fstat(fd).size()).isEqualTo(10);
        root.close(fd);
    }

    static void negativeOffsets(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        fails(EINVAL, () -> root.pread(fd, 1, -1));
        fails(EINVAL, () -> root.pwrite(fd, "x", -1));
        fails(EINVAL, () -> root.ftruncate(fd, -1));
        fails(EINVAL, () -> root.truncate("f", -1));
        failsWithOneOf(List.of(EFBIG, EINVAL), () -> root.pwrite(fd, "x", Long.MAX_VALUE));
        root.close(fd);
    }

    static void readBeyondTheEnd(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDONLY);
        assertThat(root.pread(fd, 10, 1)).asString().isEqualTo("bc");
        assertThat(root.pread(fd, 10, 3)).isEmpty();
        assertThat(root.pread(fd, 10, 1L << 40)).isEmpty();
        root.close(fd);
    }

    static void writeIsSeenByOthersAtOnce(Env env) throws Exception {
        Client writer = env.newProcess();
        Client reader = env.newProcess();
        int out = writer.open("f", O_CREAT | O_RDWR);
        int in = reader.open("f", O_RDONLY);
        for (int i = 0; i < 50; i++) {
            writer.pwrite(out, "round " + i, 0);
            assertThat(reader.pread(in, 20, 0)).asString().isEqualTo("round " + i);
            assertThat(reader.stat("f").size()).isEqualTo(("round " + i).length());
        }
    }

    static void writeSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f", "abc");
        int fd = root.open("d/f", O_RDWR);
        var watch = Watch.of(env, "d", "d/f");
        root.write(fd, "x");
        root.fsync(fd);
        watch.expect("d/f", "mc");
        watch.expect("d", "");
        root.close(fd);
        watch.expect("d/f", "mc");
    }

    static void readSetsAtimeAlone(Env env) throws Exception {
        env.requires(Feature.ATIME);
        Client root = env.root();
        root.create("f", "abc");
        root.setTimes("f", 1000, 0);
        var watch = Watch.of(env, "f");
        root.text("f");
        watch.expect("f", "a");
    }

    static void readWithNoatime(Env env) throws Exception {
        env.requires(Feature.ATIME);
        Client root = env.root();
        root.create("f", "abc");
        root.setTimes("f", 1000, 0);
        int fd = root.open("f", O_RDONLY | O_NOATIME);
        root.read(fd, 3);
        root.close(fd);
        assertThat(root.stat("f").atime().seconds()).isEqualTo(1000);
    }

    static void noatimeIsForTheOwner(Env env) throws Exception {
        env.root().create("f", 0644);
        fails(EPERM, () -> env.user().open("f", O_RDONLY | O_NOATIME));
        env.root().chown("f", Env.USER, -1);
        env.user().close(env.user().open("f", O_RDONLY | O_NOATIME));
    }

    static void openSetsNoTimes(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        var watch = Watch.of(env, "f");
        root.close(root.open("f", O_RDWR));
        root.close(root.open("f", O_RDWR | O_CREAT));
        watch.expect("f", "");
    }

    static void truncationAtOpenSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        var watch = Watch.of(env, "f");
        root.close(root.open("f", O_RDWR | O_TRUNC));
        watch.expect("f", "mc");
    }

    static void truncationOfNothingSetsTimes(Env env) throws Exception {
        env.requires(Feature.TRUNCATE_TIMES);
        Client root = env.root();
        root.create("empty");
        var watch = Watch.of(env, "empty");
        root.close(root.open("empty", O_WRONLY | O_TRUNC));
        watch.expect("empty", "mc");
    }

    static void truncationAtOpenNeedsWritePermission(Env env) throws Exception {
        env.root().create("f", "abc");
        env.root().chmod("f", 0444);
        fails(EACCES, () -> env.user().open("f", O_RDONLY | O_TRUNC));
        assertThat(env.root().text("f")).isEqualTo("abc");
        env.root().chmod("f", 0666);
        env.user().close(env.user().open("f", O_RDONLY | O_TRUNC));
        assertThat(env.root().stat("f").size()).isZero();
    }

    static void openChecksPermissions(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        int[][] modes = {{0444, O_RDONLY}, {0222, O_WRONLY}, {0666, O_RDWR}};
        Client user = env.user();
        for (int[] granted : modes) {
            root.chmod("f", granted[0]);
            for (int[] asked : modes) {
                if (granted[1] == asked[1] || granted[1] == O_RDWR) {
                    user.close(user.open("f", asked[1]));
                } else {
                    fails(EACCES, () -> user.open("f", asked[1]));
                }
            }
        }
    }

    static void permissionsAreCheckedAtOpenOnly(Env env) throws Exception {
        env.root().create("f", "abc");
        env.root().chmod("f", 0666);
        Client user = env.user();
        int fd = user.open("f", O_RDWR);
        env.root().chmod("f", 0000);
        assertThat(user.pread(fd, 3, 0)).asString().isEqualTo("abc");
        user.pwrite(fd, "X", 0);
        user.ftruncate(fd, 2);
        user.close(fd);
        assertThat(env.root().text("f")).isEqualTo("Xb");
    }

    static void synchronousWrites(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR | O_SYNC);
        root.write(fd, "abc");
        root.calls().fdatasync(fd);
        root.fsync(fd);
        root.close(fd);
        root.calls().sync();
        assertThat(root.text("f")).isEqualTo("abc");
    }

    static void fsyncOfReadOnlyDescriptor(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDONLY);
        root.fsync(fd);
        root.calls().fdatasync(fd);
        root.close(fd);
    }

    static void blocksAreCounted(Env env) throws Exception {
        Client root = env.root();
        root.create("f", Data.of(1 << 20, 5));
        int fd = root.open("f", O_RDONLY);
        root.fsync(fd);
        root.close(fd);
        assertThat(root.stat("f").blocks()).isBetween(2048L, 2200L);
        assertThat(root.stat("f").blksize()).isBetween(512, 16 << 20);
    }

    static void copyOfRange(Env env) throws Exception {
        env.requires(Feature.COPY_RANGE);
        Client root = env.root();
        byte[] data = Data.of(200_000, 6);
        root.create("a", data);
        root.create("b", "start");
        int in = root.open("a", O_RDONLY);
        int out = root.open("b", O_RDWR);
        long done = 0;
        while (done < 150_000) {
            long n = root.calls().copyFileRange(in, 1000 + done, out, 5 + done, 150_000 - done);
            assertThat(n).isPositive();
            done += n;
        }
        assertThat(root.readAll(out, 200_000, 5)).isEqualTo(Arrays.copyOfRange(data, 1000, 151_000));
        assertThat(root.calls().copyFileRange(in, 200_000, out, 0, 10)).isZero();
        assertThat(root.calls().copyFileRange(in, 199_990, out, 0, 100)).isEqualTo(10);
        root.close(in);
        root.close(out);
    }

    static void copyWithinOneFile(Env env) throws Exception {
        env.requires(Feature.COPY_RANGE);
        Client root = env.root();
        root.create("f", "abcdefgh");
        int fd = root.open("f", O_RDWR);
        assertThat(root.calls().copyFileRange(fd, 0, fd, 4, 4)).isEqualTo(4);
        assertThat(root.text("f")).isEqualTo("abcdabcd");
        fails(EINVAL, () -> root.calls().copyFileRange(fd, 0, fd, 2, 4));
        root.close(fd);
    }

    static void copySetsTimes(Env env) throws Exception {
        env.requires(Feature.COPY_RANGE);
        Client root = env.root();
        root.create("a", "abc");
        root.create("b");
        int in = root.open("a", O_RDONLY);
        int out = root.open("b", O_WRONLY);
        var watch = Watch.of(env, "a", "b");
        root.calls().copyFileRange(in, 0, out, 0, 3);
        watch.expect("a", "");
        watch.expect("b", "mc");
        fails(EBADF, () -> root.calls().copyFileRange(out, 0, in, 0, 3));
        root.close(in);
        root.close(out);
    }

    static void seekForDataInFullFile(Env env) throws Exception {
        env.requires(Feature.SEEK_HOLE);
        Client root = env.root();
        root.create("f", "abc");
        int fd = root.open("f", O_RDONLY);
        assertThat(root.lseek(fd, 1, jpuffs.sys.Fcntl.SEEK_DATA)).isEqualTo(1);
        assertThat(root.lseek(fd, 1, jpuffs.sys.Fcntl.SEEK_HOLE)).isEqualTo(3);
        fails(ENXIO, () -> root.lseek(fd, 3, jpuffs.sys.Fcntl.SEEK_DATA));
        fails(ENXIO, () -> root.lseek(fd, 3, jpuffs.sys.Fcntl.SEEK_HOLE));
        fails(ENXIO, () -> root.lseek(fd, -1, jpuffs.sys.Fcntl.SEEK_DATA));
        root.close(fd);
    }
}
