// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import jpuffs.rumpfs.FsIdentity;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.rumpfs.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// New file systems: e2fsck finds nothing, they take files, and the kernel mounts them.
@Timeout(120)
class NewfsTest {
    @TempDir
    private Path directory;

    private Path make(String options, int megabytes) throws Exception {
        Path image = directory.resolve("image");
        try (var disk = FileDisk.create(image, (long) megabytes << 20)) {
            new Ext2Type().newfs(disk, FsOptions.of(options.replace('/', ',')), Rumpuser.HOST);
        }
        Tool.requireClean(image);
        return image;
    }

    @ParameterizedTest
    @CsvSource({
        "version=2, 3",
        "version=2/block=4K/inode=128, 40",
        "version=3, 30",
        "version=3/block=2K/journal=8M, 100",
        "version=4, 20",
        "version=4, 600",
        "version=4, 9000",
        "version=4/features=^64bit:^flex_bg:^metadata_csum:uninit_bg, 300",
        "version=4/features=inline_data:metadata_csum_seed:large_dir:project/inode=512, 300",
        "version=4/features=^has_journal:^extent:^dir_index/block=1K/ratio=64K, 200"
    })
    void takesFiles(String options, int megabytes) throws Exception {
        Path image = make(options, megabytes);
        long seed = Seeds.of("NewfsTest " + options);
        Fixture.with(image, process -> {
            var workload = new Workload(process, seed, false);
            workload.run(150);
            workload.check();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void lostAndFoundIsAsLargeAsThatOfMke2fs(int block) throws Exception {
        Path theirs = directory.resolve("theirs");
        Tool.mke2fs(theirs, 64 << 20, "-t ext2 -b " + 1024 * block);
        assertThat(sizeOfLostAndFound(make("version=2/block=" + block + "K", 64)))
                .isEqualTo(sizeOfLostAndFound(theirs));
    }

    private static long sizeOfLostAndFound(Path image) throws Exception {
        byte[] path = "/lost+found".getBytes(StandardCharsets.UTF_8);
        long[] size = new long[1];
        Fixture.with(
                image,
                process -> size[0] =
                        process.fstatat(Process.AT_FDCWD, path, 0).attr().size());
        return size[0];
    }

    @Tag("root")
    @ParameterizedTest
    @CsvSource({"version=2, 40", "version=3, 40", "version=4, 40", "version=4/block=4K, 600"})
    void theKernelMountsIt(String options, int megabytes) throws Exception {
        assumeTrue(Tool.isRoot(), "only root mounts");
        Path image = make(options, megabytes);
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        Programs.succeed("mount", "-o", "loop", image.toString(), mounted.toString());
        try {
            Files.writeString(mounted.resolve("file"), "content");
        } finally {
            Programs.succeed("umount", mounted.toString());
        }
        Tool.requireClean(image);
    }

    @Test
    void isFoundByNameAndByContent() throws Exception {
        var disk = MemoryDisk.ofSize(16 << 20);
        var type = RumpFsTypes.named("ext4");
        assertThat(type).isNotNull();
        type.newfs(disk, FsOptions.of("label=volume"), Rumpuser.HOST);
        assertThat(RumpFsTypes.of(disk)).isInstanceOf(Ext2Type.class);
        FsIdentity identity = type.probe(disk);
        assertThat(identity.version()).isEqualTo("ext4");
        assertThat(identity.label()).isEqualTo("volume");
        assertThat(identity.state()).isEqualTo("clean");
        assertThat(identity.features()).contains("extent", "metadata_csum", "has_journal");
    }

    @ParameterizedTest
    @CsvSource({"version=5", "block=3K", "features=bigalloc", "label=more-than-16-bytes", "what=1"})
    void badOptionsAreRefused(String options) throws Exception {
        var disk = MemoryDisk.ofSize(16 << 20);
        assertThatThrownBy(() -> new Ext2Type().newfs(disk, FsOptions.of(options), Rumpuser.HOST))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void tooSmallADeviceIsRefused() throws Exception {
        var disk = MemoryDisk.ofSize(32 << 10);
        assertThatThrownBy(() -> new Ext2Type().newfs(disk, FsOptions.NONE, Rumpuser.HOST))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    }
}
