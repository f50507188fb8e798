// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.Seeds;
import jpuffs.rumpfs.Ukfs;
import jpuffs.rumpfs.fat.Kit;
import jpuffs.rumpfs.fat.Workload;
import jpuffs.rumpfs.io.Le;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images of mkfs.fat and of our own newfs, written here: fsck.fat finds nothing wrong, and mtools reads what we
/// wrote and writes what we read.
@Timeout(600)
class PeersTest {
    private static final int SMALL = 4 << 20;

    @TempDir
    private Path directory;

    /// A width with sizes of sector and cluster, and bytes that are enough.
    record Format(int bits, int sector, int perCluster) {
        long size() {
            long clusters = bits == 12 ? 2000 : bits == 16 ? 6000 : 70_000;
            return clusters * sector * perCluster + (bits == 32 ? 2 << 20 : 128 << 10);
        }

        String options() {
            return "mkfs.fat -F " + bits + " -S " + sector + " -s " + perCluster;
        }
    }

    /// With all sizes of clusters that fit in 300 MB.
    private static Stream<Format> formats(int sector, int... widths) {
        var all = new ArrayList<Format>();
        for (int bits : widths) {
            for (int perCluster = 1; perCluster <= 128; perCluster *= 2) {
                var format = new Format(bits, sector, perCluster);
                if (format.size() < 300 << 20 && sector * perCluster <= 64 << 10) {
                    all.add(format);
                }
            }
        }
        return all.stream();
    }

    static Stream<Format> usual() {
        return Stream.of(
                new Format(12, 512, 4), new Format(16, 512, 8), new Format(32, 512, 1), new Format(32, 4096, 1));
    }

    static Stream<Format> every() {
        return Stream.of(512, 1024, 2048, 4096).flatMap(sector -> formats(sector, 12, 16, 32));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("usual")
    void randomWork(Format format) throws Exception {
        work(format, 300);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("every")
    void randomWorkOnEveryFormat(Format format) throws Exception {
        work(format, 1000);
    }

    private void work(Format format, int operations) throws Exception {
        long seed = Seeds.of("PeersTest " + format);
        Path image = directory.resolve("image");
        Kit.mkfs(image, format.size(), format.options());
        var workload = new Workload[1];
        Kit.MSDOSFS.with(image, process -> {
            workload[0] = new Workload(process, seed);
            workload[0].run(operations);
            workload[0].check(process);
        });
        Kit.MSDOSFS.with(image, workload[0]::check);
        Kit.MSDOSFS.requireCleanHere(image);
        Kit.require("mcopy");
        Path copy = Files.createDirectory(directory.resolve("copy"));
        var copied = Programs.run(List.of("mcopy", "-s", "-n", "-i", image.toString(), "::*", copy.toString()));
        try {
            workload[0].check(copy);
        } catch (IOException | AssertionError e) {
            throw new AssertionError("mcopy ended with " + copied.exitCode() + ": " + copied.output(), e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "12 2M",
                "12 16M",
                "16 16M",
                "16 500M",
                "32 40M",
                "32 512M",
                "12 1440K",
                "16 32M sector=2K",
                "32 300M sector=4K",
                "16 64M cluster=4K:fats=1",
                "32 8G"
            })
    void ourNewfsIsGood(String words) throws Exception {
        String[] parts = words.split(" ", -1);
        Path image = directory.resolve("image");
        long size = FsOptions.of("size=" + parts[1]).size("size", 0, 0, 1L << 40);
        try (var disk = FileDisk.create(image, size)) {
            String more = parts.length > 2 ? "," + parts[2].replace(':', ',') : "";
            FsOptions options = FsOptions.of("version=" + parts[0] + ",label=My disk,id=1234-ABCD" + more);
            new MsdosType().newfs(disk, options, Rumpuser.HOST);
            var identity = new MsdosType().probe(disk);
            assertThat(identity).isNotNull();
            assertThat(identity.version()).isEqualTo("fat" + parts[0]);
            assertThat(identity.label()).isEqualTo("MY DISK");
            assertThat(identity.uuid()).isEqualTo("1234-ABCD");
        }
        Kit.MSDOSFS.requireClean(image);
        Kit.MSDOSFS.requireCleanHere(image);
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.NONE)) {
            fs.mkdirs("/a b/c");
            fs.write("/a b/c/file.data", new byte[100_000]);
        }
        Kit.MSDOSFS.requireClean(image);
        Kit.require("mdir");
        assertThat(Programs.succeed("mdir", "-i", image.toString(), "::/a b/c"))
                .containsPattern("100000 .* file\\.data\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 16, 32})
    void aBadClusterIsMarkedInAllCopies(int bits) throws Exception {
        var disk = MemoryDisk.ofSize(40 << 20);
        var type = new MsdosType();
        type.newfs(disk, FsOptions.of("version=" + bits), Rumpuser.HOST);
        int bad = switch (bits) {
            case 12 -> 0xff7 << 4 * (9 % 2);
            case 16 -> 0xfff7;
            default -> 0xffffff7;
        };
        MemorySegment sector = MemorySegment.ofArray(new byte[512]);
        long table = BootSector.read(disk).fatStart;
        disk.read(sector, table);
        Le.put32(sector, 9L * bits / 8, Le.u32(sector, 9L * bits / 8) | bad);
        disk.write(sector, table);
        var report = new ArrayList<String>();
        assertThat(type.fsck(disk, true, report::add, Rumpuser.HOST)).isEqualTo(FsckResult.REPAIRED);
        assertThat(report).contains("table: copy 2 differs from the first in 1 entries");
        assertThat(type.fsck(disk, false, report::add, Rumpuser.HOST))
                .as("%s", report)
                .isEqualTo(FsckResult.CLEAN);
    }

    @Test
    void whatMtoolsWritesIsReadHere() throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, SMALL, "mkfs.fat -F 12");
        Kit.require("mcopy");
        var bytes = new byte[50_000];
        new SplittableRandom(7).nextBytes(bytes);
        for (String name : List.of("SHORT.TXT", "small.txt", "a long name with blänks", "日本語.txt", "UP.low")) {
            Path file = Files.write(directory.resolve(name), bytes);
            Programs.succeed("mcopy", "-i", image.toString(), file.toString(), "::");
        }
        Programs.succeed("mmd", "-i", image.toString(), "::sub", "::sub/Deeper");
        Programs.succeed("mattrib", "-i", image.toString(), "+r", "::SHORT.TXT");
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.of("ro"))) {
            assertThat(fs.list("/"))
                    .containsExactlyInAnyOrder(
                            "SHORT.TXT", "small.txt", "a long name with blänks", "日本語.txt", "UP.low", "sub");
            assertThat(fs.read("/A LONG NAME WITH BLÄNKS")).isEqualTo(bytes);
            assertThat(fs.read("/日本語.txt")).isEqualTo(bytes);
            assertThat(fs.stat("/SHORT.TXT").mode() & 0777).isEqualTo(0555);
            assertThat(fs.stat("/sub/deeper").isDirectory()).isTrue();
            assertThat(fs.stat("/small.txt").size()).isEqualTo(50_000);
        }
    }

    /// In directories of several clusters, and in pieces, since mtools takes what is free first.
    @Tag("long")
    @ParameterizedTest
    @MethodSource("every")
    void whatMtoolsWritesOnEveryFormatIsReadHere(Format format) throws Exception {
        Kit.require("mcopy");
        Path image = directory.resolve("image");
        Kit.mkfs(image, format.size(), format.options());
        var random = new SplittableRandom(Seeds.of("PeersTest " + format));
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Path first = Files.createDirectories(tree.resolve("first/a directory/deeper/Still deeper"));
        for (int i = 0; i < 60; i++) {
            write(first.resolve("file number " + i + (i % 2 == 0 ? ".gone" : ".kept")), random.nextInt(9000), random);
        }
        String name = image.toString();
        Programs.succeed("mcopy", "-s", "-i", name, tree.resolve("first").toString(), "::");
        Programs.succeed("mdel", "-i", name, "::first/a directory/deeper/Still deeper/*.gone");
        for (int i = 0; i < 60; i += 2) {
            Files.delete(first.resolve("file number " + i + ".gone"));
        }
        Path second = Files.createDirectories(tree.resolve("Zweites Verzeichnis für Größeres"));
        for (int size : new int[] {0, 1, 511, 4096, 70_000, 150_001}) {
            write(second.resolve(size + " Bytes"), size, random);
        }
        Programs.succeed("mcopy", "-s", "-i", name, second.toString(), "::");
        Kit.MSDOSFS.requireCleanHere(image);
        try (Ukfs fs = Ukfs.open(name, FsOptions.of("ro"))) {
            requireSame(tree, fs, "");
        }
    }

    private static void write(Path file, int size, SplittableRandom random) throws IOException {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }

    private static void requireSame(Path tree, Ukfs fs, String path) throws IOException {
        List<Path> children;
        try (Stream<Path> list = Files.list(tree)) {
            children = list.toList();
        }
        assertThat(fs.list(path.isEmpty() ? "/" : path))
                .containsExactlyInAnyOrderElementsOf(children.stream()
                        .map(child -> child.getFileName().toString())
                        .toList());
        for (Path child : children) {
            String below = path + "/" + child.getFileName();
            if (Files.isDirectory(child)) {
                requireSame(child, fs, below);
            } else {
                assertThat(fs.read(below)).as(below).isEqualTo(Files.readAllBytes(child));
            }
        }
    }

    @Tag("long")
    @Test
    void aFullDiskAndAFullRoot() throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, 1440 << 10, "mkfs.fat -F 12");
        Kit.MSDOSFS.with(image, process -> new Workload(process, 3).run(2000));
        Kit.mkfs(image, 1440 << 10, "mkfs.fat -F 12 -r 16");
        Kit.MSDOSFS.with(image, process -> new Workload(process, 4).run(300));
    }
}
