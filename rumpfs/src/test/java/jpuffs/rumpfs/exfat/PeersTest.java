// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/// Images of mkfs.exfat and of our own newfs, written here: fsck.exfat finds nothing wrong, and GRUB and sleuthkit
/// read what we wrote.
@Timeout(600)
class PeersTest {
    @TempDir
    private Path directory;

    static Stream<String> clusters() {
        return Stream.of("512", "1024", "4096", "32768", "131072", "1048576");
    }

    @Test
    void randomWork() throws Exception {
        work("mkfs.exfat -c 4096", 32 << 20, 300);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("clusters")
    void randomWorkOnEveryCluster(String cluster) throws Exception {
        work("mkfs.exfat -c " + cluster, Math.max(24 << 20, Integer.parseInt(cluster) * 300L), 1000);
    }

    private void work(String command, long size, int operations) throws Exception {
        long seed = Seeds.of("PeersTest " + command);
        Path image = directory.resolve("image");
        Kit.mkfs(image, size, command);
        var workload = new Workload[1];
        Kit.EXFAT.with(image, process -> {
            workload[0] = new Workload(process, seed);
            workload[0].run(operations);
            workload[0].check(process);
        });
        Kit.EXFAT.with(image, workload[0]::check);
        Kit.EXFAT.requireCleanHere(image);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1M",
                "5M",
                "64M",
                "300M",
                "40G",
                "16M sector=4K",
                "16M cluster=512",
                "16M cluster=1M",
                "900G cluster=32M",
                "2M cluster=512:guid=01234567-89ab-cdef-0123-456789abcdef"
            })
    void ourNewfsIsGood(String words) throws Exception {
        String[] parts = words.split(" ", -1);
        Path image = directory.resolve("image");
        long size = FsOptions.of("size=" + parts[0]).size("size", 0, 0, 1L << 42);
        try (var disk = FileDisk.create(image, size)) {
            String more = parts.length > 1 ? "," + parts[1].replace(':', ',') : "";
            var type = new ExfatType();
            type.newfs(disk, FsOptions.of("label=Größe 日本,id=1234-ABCD" + more), Rumpuser.HOST);
            var identity = type.probe(disk);
            assertThat(identity).isNotNull();
            assertThat(identity.label()).isEqualTo("Größe 日本");
            assertThat(identity.uuid()).isEqualTo("1234-ABCD");
            assertThat(identity.bytes()).isEqualTo(size);
            boolean guid = words.contains("guid");
            assertThat(identity.features())
                    .isEqualTo(guid ? List.of("guid 01234567-89ab-cdef-0123-456789abcdef") : List.of());
        }
        Kit.EXFAT.requireCleanHere(image);
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.NONE)) {
            fs.mkdirs("/a b/c");
            fs.write("/a b/c/file.data", new byte[100_000]);
            assertThat(fs.read("/A B/C/FILE.data")).hasSize(100_000);
        }
        Kit.EXFAT.requireCleanHere(image);
        if (!words.contains("guid")) { // fsck.exfat 1.2 does not know that entry
            Kit.EXFAT.requireClean(image);
        }
    }

    @Test
    void grubAndSleuthkitReadIt() throws Exception {
        Kit.require("grub-fstest", "fls", "icat");
        Path image = directory.resolve("image");
        var bytes = new byte[70_001];
        new SplittableRandom(5).nextBytes(bytes);
        try (var disk = FileDisk.create(image, 16 << 20)) {
            new ExfatType().newfs(disk, FsOptions.of("label=PEERS"), Rumpuser.HOST);
        }
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.NONE)) {
            fs.mkdirs("/sub/Deeper one");
            fs.write("/sub/Deeper one/a name that takes three entries.bin", bytes);
            fs.write("/other", new byte[5000]); // in the way of what follows
            byte[] longer = Arrays.copyOf(bytes, 90_000);
            fs.write("/sub/in pieces", bytes);
            fs.write("/between", new byte[5000]);
            fs.write("/sub/in pieces", longer);
        }
        Path file = directory.resolve("file");
        String path = "(loop0)/sub/Deeper one/a name that takes three entries.bin";
        Programs.succeed("grub-fstest", image.toString(), "cp", path, file.toString());
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        Programs.succeed("grub-fstest", image.toString(), "cp", "(loop0)/sub/in pieces", file.toString());
        assertThat(Files.readAllBytes(file)).isEqualTo(Arrays.copyOf(bytes, 90_000));
        assertThat(Programs.succeed("fls", "-f", "exfat", "-r", "-p", image.toString()))
                .contains("sub/Deeper one/a name that takes three entries.bin")
                .contains("sub/in pieces")
                .contains("PEERS");
    }

    @Test
    void theCopyOfTheBootSectorsIsTaken() throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, 8 << 20, "mkfs.exfat");
        try (var disk = FileDisk.open(image, false)) {
            disk.zero(0, 512);
            var report = new ArrayList<String>();
            var type = new ExfatType();
            assertThat(type.fsck(disk, false, report::add, Rumpuser.HOST)).isEqualTo(FsckResult.DAMAGED);
            assertThat(type.fsck(disk, true, report::add, Rumpuser.HOST)).isEqualTo(FsckResult.REPAIRED);
            assertThat(report).anyMatch(line -> line.contains("there is a good copy"));
        }
        Kit.EXFAT.requireClean(image);
    }

    /// As a crash leaves one that others wrote across two sectors.
    @Test
    void anEntryWithAWrongChecksumIsKept() throws Exception {
        var disk = MemoryDisk.ofSize(4 << 20);
        var type = new ExfatType();
        type.newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        byte[] bytes = "precious".repeat(1000).getBytes(UTF_8);
        try (Ukfs fs = Ukfs.mount(type, disk, FsOptions.NONE, Rumpuser.HOST)) {
            fs.write("/damaged", bytes);
            fs.write("/whole", bytes);
        }
        MemorySegment all = MemorySegment.ofArray(new byte[4 << 20]);
        disk.read(all, 0);
        long at = 0;
        while (Le.u8(all, at) != EntrySet.FILE || Le.u8(all, at + 32) != EntrySet.STREAM) {
            at += 32;
        }
        Le.put8(all, at + 12, Le.u8(all, at + 12) ^ 1); // the time of modification
        disk.write(all, 0);
        var report = new ArrayList<String>();
        assertThat(type.fsck(disk, true, report::add, Rumpuser.HOST)).isEqualTo(FsckResult.REPAIRED);
        assertThat(report).contains("/damaged: it has a wrong checksum").hasSize(2);
        assertThat(type.fsck(disk, false, report::add, Rumpuser.HOST)).isEqualTo(FsckResult.CLEAN);
        try (Ukfs fs = Ukfs.mount(type, disk, FsOptions.NONE, Rumpuser.HOST)) {
            assertThat(fs.read("/damaged")).isEqualTo(bytes);
            assertThat(fs.read("/whole")).isEqualTo(bytes);
        }
    }

    @Tag("long")
    @Test
    void aFullDisk() throws Exception {
        Path image = directory.resolve("image");
        Kit.mkfs(image, 2 << 20, "mkfs.exfat -c 512 -b 64K");
        Kit.EXFAT.with(image, process -> new Workload(process, 3).run(2000));
        Kit.EXFAT.requireCleanHere(image);
    }
}
