// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.rump.Process.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.io.Le;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a mount does about damage, which is here a file whose extents make no sense.
@Timeout(60)
class DamageTest {
    @TempDir
    private Path directory;

    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        image = directory.resolve("image");
        Tool.mke2fs(image, 16 << 20, "-t ext4 -b 1024 -O ^metadata_csum");
        Fixture.with(image, process -> new Workload(process, 1, true).run(5));
        Tool.debugfs(image, "mkdir bad\nset_inode_field bad block[0] 1\n");
    }

    private FileSystem mount(FileDisk disk, String options) throws Exception {
        FileSystem fs = Fixture.mount(disk, options);
        assertThatThrownBy(() -> requireBad(fs)).hasMessageContaining("EUCLEAN");
        return fs;
    }

    private static void requireBad(FileSystem fs) throws Exception {
        var bad = fs.root().lookup(Name.of("bad"));
        assertThat(bad).isNotNull();
        bad.lookup(Name.of("x"));
    }

    private static void write(FileSystem fs) throws Exception {
        fs.root().mkdir(Name.of("new"), 0755, Cred.ROOT);
    }

    private String state() throws Exception {
        return Programs.run(List.of("dumpe2fs", "-h", image.toString())).output();
    }

    /// tune2fs -e sets what the superblock says, for mounts that say nothing.
    @ParameterizedTest
    @CsvSource({"continue,", "remount-ro,errors=continue", "panic,errors=continue"})
    void goesOn(String superblock, String options) throws Exception {
        Programs.succeed("tune2fs", "-e", superblock, image.toString());
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = mount(disk, options == null ? "" : options);
            write(fs);
            fs.unmount(true);
        }
        assertThat(state()).contains("clean with errors").containsPattern("FS Error count: +1\n");
    }

    @ParameterizedTest
    @CsvSource({"remount-ro,", "continue,errors=remount-ro"})
    void writesNoMore(String superblock, String options) throws Exception {
        Programs.succeed("tune2fs", "-e", superblock, image.toString());
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = mount(disk, options == null ? "" : options);
            assertThatThrownBy(() -> write(fs)).hasMessageContaining("EROFS");
            assertThat(fs.root().lookup(Name.of("lost+found"))).isNotNull();
            fs.unmount(true);
        }
        assertThat(state()).contains("with errors");
        try (var disk = FileDisk.open(image, false)) { // replays the journal, which must not make that unsaid
            Fixture.mount(disk, "errors=continue").unmount(true);
        }
        assertThat(state()).contains("with errors");
    }

    @Test
    void stops() throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            FileSystem fs = mount(disk, "errors=panic");
            assertThatThrownBy(() -> write(fs)).hasMessageContaining("EIO");
            assertThatThrownBy(fs::root).hasMessageContaining("EIO");
            fs.unmount(true);
        }
        assertThat(state()).contains("with errors");
    }

    @Test
    void fsckEndsIt() throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            mount(disk, "").unmount(true);
            assertThat(new Ext2Type().fsck(disk, true, line -> {}, Rumpuser.HOST))
                    .isEqualTo(FsckResult.REPAIRED);
        }
        assertThat(state()).doesNotContain("with errors");
        Tool.requireClean(image);
    }

    @Test
    void aDirectoryDamagedAfterItWasFoundGood() throws Exception {
        try (var disk = FileDisk.open(image, true)) {
            var fs = (Ext2Fs) Fixture.mount(disk, "");
            var root = (Directory) fs.root();
            assertThat(root.lookup(Name.of("lost+found"))).isNotNull();
            try (Buf block = root.content().requireBlock(0)) {
                Le.put16(block.data(), 4, 3);
            }
            assertThatThrownBy(() -> root.lookup(Name.of("x"))).hasMessageContaining("EUCLEAN");
            fs.unmount(true); // which finds no buffer in use
        }
    }

    /// A directory with a second name below itself: the kernel leads nobody there.
    @Test
    void directoriesInALoop() throws Exception {
        Tool.mke2fs(image, 16 << 20, "-t ext4 -b 1024 -O ^metadata_csum");
        Tool.debugfs(image, "mkdir a\nmkdir a/b\nln <12> a/b/a\nln <2> a/b/root\nln <13> a/b/self\n");
        try (var disk = FileDisk.open(image, false)) {
            var kernel = new Kernel(Fixture.mount(disk, ""));
            Process process = kernel.newProcess(Cred.ROOT);
            for (String path : List.of("/a/b/a", "/a/b/root", "/a/b/self", "/a/b/a/b/a")) {
                assertThatThrownBy(() -> process.fstatat(AT_FDCWD, path.getBytes(UTF_8), 0))
                        .hasMessageContaining("ELOOP");
            }
            process.mkdirat(AT_FDCWD, "/a/b/c".getBytes(UTF_8), 0755);
            process.renameat2(AT_FDCWD, "/a/b/c".getBytes(UTF_8), AT_FDCWD, "/c".getBytes(UTF_8), 0);
            process.close();
            kernel.unmountAll();
        }
    }

    @Test
    void aBadGroupDescriptor() throws Exception {
        Tool.mke2fs(image, 16 << 20, "-t ext4 -b 1024 -O ^metadata_csum");
        Tool.debugfs(image, "set_bg 0 inode_table 99999999\n");
        try (var disk = FileDisk.open(image, false)) {
            assertThatThrownBy(() -> Fixture.mount(disk, "")).hasMessageContaining("EUCLEAN: group 0");
        }
    }

    /// One of the two that a crash left to remove is of no type.
    @Test
    void aBadOrphan() throws Exception {
        Tool.mke2fs(image, 16 << 20, "-t ext4 -b 1024 -O ^metadata_csum");
        Tool.debugfs(image, "mkdir a\nmkdir b\nsif <12> mode 0\nsif <12> dtime 13\nssv last_orphan 12\n");
        try (var disk = FileDisk.open(image, false)) {
            assertThatThrownBy(() -> Fixture.mount(disk, "")).hasMessageContaining("EUCLEAN: inode 12");
        }
    }

    @Test
    void unknownBehaviourIsRefused() throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            assertThatThrownBy(() -> Fixture.mount(disk, "errors=explode"))
                    .hasMessageContaining("must be continue, remount-ro or panic");
        }
    }
}
