// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The checker: finds nothing where nothing is, finds what debugfs has damaged, and repairs what a crash leaves.
@Timeout(600)
class FsckTest {
    @TempDir
    private Path directory;

    static Stream<String> writable() {
        return Fixture.WRITABLE.stream();
    }

    private static FsckResult fsck(BlockDevice disk, boolean repair, List<String> report) throws Exception {
        return new Ext2Type().fsck(disk, repair, report::add, Rumpuser.HOST);
    }

    @ParameterizedTest
    @MethodSource("writable")
    void findsNothingWhereNothingIs(String options) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 32 << 20, options);
        long seed = Seeds.of("FsckTest " + options);
        Fixture.with(image, process -> new Workload(process, seed, Fixture.hasExtents(options)).run(200));
        findsNothing(image);
    }

    private static void findsNothing(Path image) throws Exception {
        try (var disk = FileDisk.open(image, true)) {
            var report = new ArrayList<String>();
            assertThat(fsck(disk, false, report)).as("%s", report).isEqualTo(FsckResult.CLEAN);
        }
    }

    /// What cannot be written here is checked all the same, and sound.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext4 -b 1024 -O bigalloc -C 16384",
                "-t ext4 -b 1024 -O ea_inode",
                "-t ext4 -O casefold -E encoding=utf8",
                "-t ext4 -O encrypt,quota,verity",
                "-t ext4 -O mmp"
            })
    void findsNothingInWhatIsOnlyRead(String options) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 24 << 20, options);
        Path file = Files.writeString(directory.resolve("file"), "content\n".repeat(4000));
        Tool.debugfs(image, "write " + file + " f\nmkdir d\nea_set -f " + file + " f user.large\n");
        findsNothing(image);
    }

    /// Else a small sparse file that says it is large would end it.
    @ParameterizedTest
    @CsvSource({"4294967295,1000", "1000,17179869184", "30000000,1000", "1000,2147483647"})
    void needsMemoryForWhatItChecks(long inodes, long blocks) throws Exception {
        Fsck.requireMemory(15_000_000, 1 << 27, 256 << 20);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Fsck.requireMemory(inodes, blocks, 256 << 20))
                .withMessageContaining("ENOMEM: a check of " + inodes + " inodes and " + blocks + " blocks");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sif <12> links_count 7",
                "sif <12> block[0] 1",
                "freei <12>",
                "unlink /f",
                "setb 3000 20",
                "ln /d/e /second",
                "unlink /d/e/..\nln <2> /d/e/..",
                "unlink /d/e/.",
                "unlink /d/..",
                "zap_block -f /d -p 0x41 -o 4 -l 40 0"
            })
    void findsAndRepairsWhatIsDamaged(String damage) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 8 << 20, "-t ext2 -b 1024");
        Path file = Files.writeString(directory.resolve("file"), "content\n".repeat(1000));
        Tool.debugfs(image, "write " + file + " f\nmkdir d\nmkdir d/e\n" + damage + "\n");
        try (var disk = FileDisk.open(image, false)) {
            var report = new ArrayList<String>();
            assertThat(fsck(disk, false, report)).as("%s", report).isNotEqualTo(FsckResult.CLEAN);
            report.clear();
            assertThat(fsck(disk, true, report)).as("%s", report).isEqualTo(FsckResult.REPAIRED);
        }
        Tool.requireClean(image);
    }

    @Test
    void tellsAFullDirectoryOfRubbishInFewLines() throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 8 << 20, "-t ext2 -b 1024");
        Fixture.with(image, process -> {
            process.mkdirat(Process.AT_FDCWD, Workload.path("/d"), 0755);
            for (int i = 0; i < 300; i++) {
                process.symlinkat(Workload.path("to"), Process.AT_FDCWD, Workload.path("/d/link" + i));
            }
        });
        var clear = new StringBuilder();
        for (int ino = 13; ino < 13 + 300; ino++) {
            clear.append("clri <").append(ino).append(">\n");
        }
        Tool.debugfs(image, clear.toString());
        try (var disk = FileDisk.open(image, false)) {
            var report = new ArrayList<String>();
            assertThat(fsck(disk, false, report)).isEqualTo(FsckResult.DAMAGED);
            assertThat(report.subList(0, 100))
                    .allMatch(line -> line.matches("inode 12: entry link\\d+ is of no file.*"));
            assertThat(report.get(100)).isEqualTo("and 201 more in this directory"); // its index is wrong, too
            assertThat(report).last().asString().startsWith("damaged: ");
            assertThat(fsck(disk, true, report)).as("%s", report).isEqualTo(FsckResult.REPAIRED);
        }
        Tool.requireClean(image);
    }

    /// Each of its two sectors is the newer one once.
    @ParameterizedTest
    @ValueSource(ints = {0, 512})
    void mendsATornSuperblock(int older) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 8 << 20, "-t ext4");
        byte[] before = Arrays.copyOfRange(Files.readAllBytes(image), 1024 + older, 1024 + older + 512);
        Fixture.with(image, process -> process.mkdirat(Process.AT_FDCWD, Workload.path("/d"), 0755));
        try (var disk = FileDisk.open(image, false)) {
            disk.write(MemorySegment.ofArray(before), 1024 + older);
            var report = new ArrayList<String>();
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> Superblock.read(disk))
                    .withMessageContaining("checksum");
            assertThat(fsck(disk, false, report)).as("%s", report).isEqualTo(FsckResult.DAMAGED);
            assertThat(fsck(disk, true, report)).as("%s", report).isEqualTo(FsckResult.REPAIRED);
        }
        Tool.requireClean(image);
    }

    @Test
    void repairsExt2AfterSomeCrashes() throws Exception {
        crash(8, 25);
    }

    @Tag("long")
    @Test
    void repairsExt2AfterEveryCrash() throws Exception {
        crash(30, 1);
    }

    /// Repaired here, it is clean for e2fsck, and what was fsynced is there.
    private void crash(int rounds, int step) throws Exception {
        long seed = Seeds.of("FsckTest crash");
        Path image = directory.resolve("image");
        Path crashed = directory.resolve("crashed");
        Tool.mke2fs(image, 24 << 20, "-t ext2 -b 1024");
        try (var disk = FileDisk.open(image, true)) {
            var work = new CrashWork(disk, seed);
            work.run(rounds, false);
            for (int n = 0; n <= work.disk().events(); n += step) {
                BlockDevice after = work.disk().crash(n, seed + n);
                var report = new ArrayList<String>();
                assertThat(fsck(after, true, report))
                        .as("event %d: %s", n, report)
                        .isNotEqualTo(FsckResult.DAMAGED);
                Fixture.copy(after, crashed);
                Tool.requireClean(crashed);
                work.check(after, n);
            }
        }
    }
}
