// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Tree;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.MemoryDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// In-process use, in a JVM that denies native access to everybody.
@Timeout(30)
class UkfsTest {
    @TempDir
    private Path dir;

    private static Ukfs tmpfs(String options) throws IOException {
        RumpFsType type = RumpFsTypes.named("tmpfs");
        return Ukfs.mount(type, MemoryDisk.ofSize(0), FsOptions.of(options), Rumpuser.HOST);
    }

    @Test
    void nativeAccessIsDenied() {
        assertThat(Ukfs.class.getModule().isNativeAccessEnabled()).isFalse();
    }

    @Test
    void files() throws IOException {
        try (Ukfs fs = tmpfs("")) {
            fs.mkdirs("/a/b/c");
            fs.mkdirs("/a/b/c");
            fs.write("/a/b/c/hello", "hello".getBytes(UTF_8));
            assertThat(fs.read("/a/b/c/hello")).isEqualTo("hello".getBytes(UTF_8));
            fs.write("/a/b/c/hello", "you".getBytes(UTF_8));
            assertThat(fs.stat("/a/b/c/hello").size()).isEqualTo(3);
            fs.symlink("b/c", "/a/link");
            assertThat(fs.readlink("/a/link")).isEqualTo("b/c");
            assertThat(fs.lstat("/a/link")).matches(Attr::isSymlink);
            fs.rename("/a/link/hello", "/a/moved");
            assertThat(fs.list("/a")).containsExactlyInAnyOrder("b", "link", "moved");
            assertThat(fs.exists("/a/moved/x")).isFalse();
            fs.removeTree("/a");
            assertThat(fs.list("/")).isEmpty();
        }
    }

    @Test
    void copies() throws IOException {
        byte[] content = new byte[3_000_001];
        content[3_000_000] = 7;
        Path in = Files.write(dir.resolve("in"), content);
        try (Ukfs fs = tmpfs("")) {
            fs.copyIn(in, "/file");
            fs.copyOut("/file", dir.resolve("out"));
            fs.sync();
        }
        assertThat(Files.readAllBytes(dir.resolve("out"))).isEqualTo(content);
    }

    @Test
    void aFileSystemThatIsThereAlready() throws IOException {
        try (Ukfs fs = Ukfs.of(Tree.of("hello", Tree.text("hello")), "tree")) {
            assertThat(fs.type().name()).isEqualTo("tree");
            assertThat(fs.list("/")).containsExactly("hello");
            assertThat(fs.read("/hello")).isEqualTo("hello".getBytes(UTF_8));
            assertThat(fs.isReadOnly()).isFalse();
        }
    }

    @Test
    void readOnlyIsReadOnly() throws IOException {
        try (Ukfs fs = tmpfs("ro")) {
            assertThatThrownBy(() -> fs.mkdir("/a"))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EROFS));
        }
    }

    @Test
    void anUnknownImageIsRefused() throws IOException {
        Path image = Files.write(dir.resolve("image"), new byte[1 << 20]);
        assertThatThrownBy(() -> Ukfs.open(image.toString(), FsOptions.NONE))
                .hasMessageContaining("no known file system");
        assertThatThrownBy(() -> tmpfs("color=red")).hasMessageContaining("color");
        assertThatThrownBy(() -> tmpfs("mode=9")).hasMessageContaining("mode");
    }

    @Test
    void aDiskImage() throws IOException {
        Path image = dir.resolve("disk.img");
        try (FileDisk disk = FileDisk.create(image, 16 << 20)) {
            RumpFsTypes.named("ext4").newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        }
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.NONE)) {
            fs.mkdirs("/a/b");
            fs.write("/a/b/hello", "hello".getBytes(UTF_8));
            assertThatThrownBy(() -> Ukfs.open(image.toString(), FsOptions.of("ro")))
                    .hasMessageContaining("in use");
        }
        try (Ukfs fs = Ukfs.open(image.toString(), FsOptions.of("ro"))) {
            assertThat(fs.isReadOnly()).isTrue();
            assertThat(fs.type().name()).isEqualTo("ext2fs");
            assertThat(fs.read("/a/b/hello")).isEqualTo("hello".getBytes(UTF_8));
            assertThatThrownBy(() -> fs.remove("/a/b/hello")).hasMessageContaining("EROFS");
        }
        RumpFsType fat = RumpFsTypes.named("msdosfs");
        assertThatThrownBy(() -> Ukfs.open(fat, image.toString(), FsOptions.NONE))
                .hasMessageContaining("EINVAL");
        try (Ukfs fs = Ukfs.open(RumpFsTypes.named("ext4"), image.toString(), FsOptions.NONE)) {
            assertThat(fs.isReadOnly()).isFalse();
        }
    }

    /// A driver may go on after it has asked.
    @Test
    void p2kEndsWithClose() throws IOException {
        P2k p2k = P2k.mount(RumpFsTypes.named("tmpfs"), MemoryDisk.ofSize(0), FsOptions.of("mode=700"), Rumpuser.HOST);
        p2k.unmount(false);
        p2k.unmount(true);
        assertThat(p2k.root().getattr().mode() & 07777).isEqualTo(0700);
        assertThat(p2k.isPrivate()).isTrue();
        p2k.close();
        p2k.close();
    }
}
