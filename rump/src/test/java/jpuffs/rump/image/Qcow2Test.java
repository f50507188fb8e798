// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.DiskName;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// qcow2 against QEMU's own tools, both ways.
@Timeout(300)
class Qcow2Test {
    private static final int SIZE = 6 << 20;

    @TempDir
    private Path dir;

    private Path file(String name) {
        return dir.resolve(name);
    }

    private static void img(Object... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("qemu-img"));
        for (Object word : words) {
            command.add(word.toString());
        }
        Kit.succeed(command.toArray(new String[0]));
    }

    /// An image that QEMU makes of `content`, and the raw one.
    private Path made(byte[] content, String options, String... more) throws IOException, InterruptedException {
        Path raw = Files.write(file("raw"), content);
        var words = new ArrayList<Object>(List.of("convert", "-f", "raw", "-O", "qcow2"));
        if (!options.isEmpty()) {
            words.addAll(List.of("-o", options));
        }
        words.addAll(List.of(more));
        words.addAll(List.of(raw, file("image")));
        img(words.toArray());
        return file("image");
    }

    private void assertSound(Path image, byte[] content) throws IOException, InterruptedException {
        Kit.Result check = Kit.run("qemu-img", "check", "-f", "qcow2", image.toString());
        assertThat(check.exitCode()).as(check.output()).isZero();
        Path model = Files.write(file("model"), content);
        img("compare", "-f", "qcow2", "-F", "raw", image, model);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "compat=0.10",
                "cluster_size=512",
                "cluster_size=2M",
                "extended_l2=on",
                "refcount_bits=1",
                "preallocation=metadata"
            })
    void readsWhatQemuWrites(String options) throws Exception {
        long seed = Kit.seed("readsWhatQemuWrites " + options);
        byte[] content = Kit.content(SIZE, seed);
        try (BlockDevice disk = Kit.open(made(content, options), true)) {
            Kit.assertContent(disk, content, seed);
            assertThat(disk.isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "compression_type=zstd", "compression_type=zstd,cluster_size=4k", "cluster_size=2M"})
    void readsAndReplacesCompressedClusters(String options) throws Exception {
        long seed = Kit.seed("readsAndReplacesCompressedClusters " + options);
        byte[] content = Kit.content(SIZE, seed);
        Path image = made(content, options, "-c");
        try (BlockDevice disk = Kit.open(image, true)) {
            Kit.assertContent(disk, content, seed);
        }
        work(image, content, new SplittableRandom(seed), 40);
        assertSound(image, content);
    }

    private static void work(Path image, byte[] model, SplittableRandom random, int steps) throws IOException {
        try (BlockDevice disk = Kit.open(image, false)) {
            for (int i = 0; i < steps; i++) {
                Kit.step(disk, model, random);
            }
            Kit.assertContent(disk, model, random.nextLong());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "compat=0.10",
                "cluster_size=512",
                "cluster_size=512,refcount_bits=64",
                "cluster_size=2M",
                "extended_l2=on",
                "refcount_bits=1",
                "refcount_bits=8",
                "lazy_refcounts=on"
            })
    void qemuReadsWhatWeWrite(String options) throws Exception {
        long seed = Kit.seed("qemuReadsWhatWeWrite " + options);
        var random = new SplittableRandom(seed);
        var words = new ArrayList<Object>(List.of("create", "-f", "qcow2"));
        if (!options.isEmpty()) {
            words.addAll(List.of("-o", options));
        }
        words.addAll(List.of(file("image"), String.valueOf(SIZE)));
        img(words.toArray());
        byte[] model = new byte[SIZE];
        for (int round = 0; round < 3; round++) {
            work(file("image"), model, random, 20);
            assertSound(file("image"), model);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow2 ", "qcow2 compat=0.10", "qcow2 extended_l2=on", "raw cluster_size=4k"})
    void standsOnAnother(String options) throws Exception {
        long seed = Kit.seed("standsOnAnother " + options);
        byte[] model = Kit.content(SIZE, seed);
        String format = options.split(" ", -1)[0];
        Path base = format.equals("raw") ? Files.write(file("raw"), model) : made(model, "");
        String baseOptions = "backing_file=" + base.getFileName() + ",backing_fmt=" + format;
        String rest = options.substring(format.length() + 1);
        String all = rest.isEmpty() ? baseOptions : baseOptions + "," + rest;
        img("create", "-f", "qcow2", "-o", all, file("top"), String.valueOf(SIZE));
        byte[] before = Files.readAllBytes(base);
        try (BlockDevice disk = Kit.open(file("top"), true)) {
            Kit.assertContent(disk, model, seed);
        }
        for (int round = 0; round < 2; round++) {
            work(file("top"), model, new SplittableRandom(seed + round), 20);
            assertSound(file("top"), model);
        }
        assertThat(Files.readAllBytes(base)).isEqualTo(before);
    }

    @Test
    void standsOnASmallerOneOfOddSize() throws Exception {
        byte[] base = Kit.content(SIZE, 1);
        Files.write(file("raw"), Arrays.copyOf(base, 100_001));
        img("create", "-f", "qcow2", "-b", "raw", "-F", "raw", file("top"), String.valueOf(SIZE));
        byte[] model = Arrays.copyOf(Arrays.copyOf(base, 100_001), SIZE);
        work(file("top"), model, new SplittableRandom(1), 10);
        assertSound(file("top"), model);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "extended_l2=on", "compat=0.10,cluster_size=4k"})
    void snapshotsStay(String options) throws Exception {
        long seed = Kit.seed("snapshotsStay " + options);
        var random = new SplittableRandom(seed);
        byte[] first = Kit.content(SIZE, seed);
        Path image = made(first, options);
        img("snapshot", "-c", "one", image);
        byte[] second = first.clone();
        work(image, second, random, 20);
        assertSound(image, second);
        img("snapshot", "-c", "two", image);
        byte[] now = second.clone();
        work(image, now, random, 20);
        assertSound(image, now);
        assertSnapshot(image, "one", first);
        assertSnapshot(image, "2", second);
        img("snapshot", "-d", "one", image);
        work(image, now, random, 20);
        assertSound(image, now);
        assertErrno(Errno.ENOENT, () -> Images.open(DiskName.parse(image + "#one"), true));
    }

    private static void assertSnapshot(Path image, String name, byte[] content) throws IOException {
        try (BlockDevice disk = Images.open(DiskName.parse(image + "#" + name), true)) {
            Kit.assertContent(disk, content, 1);
            assertThat(((ImageDisk) disk).info().snapshots()).containsExactly("one", "two");
        }
    }

    @Test
    void aDirtyImageIsCountedAgain() throws Exception {
        img("create", "-f", "qcow2", "-o", "lazy_refcounts=on", file("image"), String.valueOf(SIZE));
        Kit.run(
                "qemu-io",
                "-c",
                "write -P 7 64k 3M",
                "-c",
                "flush",
                "-c",
                "abort",
                file("image").toString());
        byte[] model = new byte[SIZE];
        Arrays.fill(model, 64 << 10, (64 << 10) + (3 << 20), (byte) 7);
        try (BlockDevice disk = Kit.open(file("image"), true)) {
            assertThat(((ImageDisk) disk).info().state()).isEqualTo("dirty");
            Kit.assertContent(disk, model, 1);
        }
        work(file("image"), model, new SplittableRandom(3), 20);
        assertSound(file("image"), model);
    }

    @Test
    void tellsOfItself() throws Exception {
        Path image = made(new byte[SIZE], "lazy_refcounts=on,cluster_size=32k");
        try (BlockDevice disk = Kit.open(image, true)) {
            assertThat(((ImageDisk) disk).info())
                    .isEqualTo(new ImageInfo(
                            "qcow2",
                            "3",
                            SIZE,
                            32 << 10,
                            "",
                            "clean",
                            List.of("compression=zlib", "refcount_bits=16", "lazy_refcounts"),
                            List.of()));
            assertThat(disk.extent(0, SIZE).isHole()).isTrue();
        }
    }

    static void assertErrno(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        byte[] image = Files.readAllBytes(made(new byte[SIZE], ""));
        refused(Errno.EOPNOTSUPP, "LUKS", image, 35, 2);
        refused(Errno.EOPNOTSUPP, "external data file", image, 79, 4);
        refused(Errno.EOPNOTSUPP, "incompatible feature 8", image, 78, 1);
        refused(Errno.EOPNOTSUPP, "version 9", image, 7, 9);
        refused(Errno.EUCLEAN, "clusters of 2^60 bytes", image, 23, 60);
        refused(Errno.EUCLEAN, "L1 table", image, 40, 1);
        refused(Errno.EUCLEAN, "refcount table", image, 56, 1);
        refused(Errno.EUCLEAN, "snapshot", image, 60, 1);
        refused(Errno.EUCLEAN, "corrupt", image, 79, 2);
    }

    private void refused(Errno errno, String words, byte[] image, int at, int value) throws IOException {
        byte[] bad = image.clone();
        bad[at] = (byte) value;
        Path path = Files.write(file("bad"), bad);
        assertThatThrownBy(() -> Kit.open(path, false))
                .hasMessageContaining(words)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void anEncryptedOneIsRefusedByName() throws Exception {
        Path image = made(new byte[SIZE], "");
        byte[] bytes = Files.readAllBytes(image);
        bytes[35] = 1;
        Files.write(image, bytes);
        assertThatThrownBy(() -> Kit.open(image, true)).hasMessageContaining("AES");
    }
}
