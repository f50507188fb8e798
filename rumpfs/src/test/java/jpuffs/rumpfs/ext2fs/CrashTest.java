// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The power is cut after a write, with and without what the disk had put off: replayed by e2fsck or by mounting
/// here, the image is clean and what was fsynced is there. A superblock of which one sector was written is not
/// mounted, neither by Linux; both checkers mend it, e2fsck not without being told to.
@Timeout(600)
class CrashTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -b 1024 -J size=1", "-t ext3 -b 1024 -J size=1"})
    void atSomeWrites(String options) throws Exception {
        crash(options, 8, 25);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext4 -b 1024 -J size=1",
                "-t ext3 -b 1024 -J size=1",
                "-t ext4 -b 4096 -J size=4",
                "-t ext4 -b 1024 -J size=1 -O 64bit,metadata_csum,metadata_csum_seed",
                "-t ext4 -b 1024 -J size=1 -O ^metadata_csum,uninit_bg"
            })
    void atEveryWrite(String options) throws Exception {
        crash(options, 30, 1);
    }

    private void crash(String options, int rounds, int step) throws Exception {
        long seed = Seeds.of("CrashTest " + options);
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 24 << 20, options);
        try (var disk = FileDisk.open(image, true)) {
            var work = new CrashWork(disk, seed);
            work.run(rounds, Fixture.hasExtents(options));
            assertThat(work.disk().events()).isGreaterThan(rounds);
            for (int n = 0; n <= work.disk().events(); n += step) {
                check(work, work.disk().crash(n), n);
                check(work, work.disk().crash(n, seed + n), n);
            }
        }
    }

    /// What was a directory or a symbolic link, and is a file's data now, must not be written over: neither by what
    /// the cache has still to write nor by a replay.
    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -b 1024 -J size=1", "-t ext3 -b 1024 -J size=1", "-t ext2 -b 1024"})
    void dataInBlocksThatWereMetadata(String options) throws Exception {
        Path image = directory.resolve("image");
        Tool.mke2fs(image, 8 << 20, options);
        try (var disk = FileDisk.open(image, true)) {
            var work = new CrashWork(disk, 0);
            work.reuse(30, options.contains("ext2"));
            BlockDevice crashed = work.disk().crash(work.disk().events());
            work.check(crashed, work.disk().events());
            Path replayed = directory.resolve("replayed");
            Fixture.copy(crashed, replayed);
            Tool.requireClean(replayed);
        }
    }

    private void check(CrashWork work, BlockDevice crashed, int events) throws Exception {
        Path image = directory.resolve("crashed");
        Fixture.copy(crashed, image);
        boolean torn = !Superblock.readUnsealed(crashed).isSealed();
        Programs.Result e2fsck = Programs.run(List.of("e2fsck", torn ? "-fy" : "-fp", image.toString()));
        assertThat(e2fsck.exitCode())
                .as("after event %d: %s", events, e2fsck.output())
                .isLessThan(2);
        Tool.requireClean(image);
        try (var disk = FileDisk.open(image, false)) {
            work.check(disk, events);
        }
        if (torn) {
            var report = new ArrayList<String>();
            assertThat(Fsck.check(crashed, true, report::add, Rumpuser.HOST))
                    .as("after event %d: %s", events, report)
                    .isEqualTo(FsckResult.REPAIRED);
        }
        work.check(crashed, events);
        Fixture.copy(crashed, image);
        Tool.requireClean(image);
    }
}
