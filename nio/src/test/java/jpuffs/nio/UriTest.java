// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.StandardCopyOption;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.RumpFsTypes;
import jpuffs.rumpfs.Ukfs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images by their URIs, in a JVM that denies native access to everybody.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UriTest {
    @TempDir
    private Path host;

    private Path image(String name) throws IOException {
        Path image = host.resolve(name);
        try (FileDisk disk = FileDisk.create(image, 8 << 20)) {
            RumpFsTypes.named("ext4").newfs(disk, FsOptions.NONE, Rumpuser.HOST);
        }
        return image;
    }

    private static FileSystem open(String uri) throws IOException {
        return FileSystems.newFileSystem(URI.create(uri), Map.of());
    }

    @Test
    void isFoundAsAService() {
        assertThat(FileSystemProvider.installedProviders())
                .filteredOn(provider -> provider.getScheme().equals("rump"))
                .hasSize(1);
        assertThat(RumpFileSystemProvider.class.getModule().isNativeAccessEnabled())
                .isFalse();
    }

    @Test
    void anImage() throws IOException {
        Path image = image("disk.img");
        String uri = "rump://" + image;
        try (FileSystem fs = open(uri)) {
            Files.writeString(fs.getPath("/f"), "hello");
            assertThat(FileSystems.getFileSystem(URI.create(uri))).isSameAs(fs);
            assertThat(FileSystems.getFileSystem(URI.create("rump://ext4" + host + "/./disk.img")))
                    .as("by another name")
                    .isSameAs(fs);
            Path file = Path.of(URI.create(uri + "!/f"));
            assertThat(file).isEqualTo(fs.getPath("/f")).hasContent("hello");
            assertThat(file.toUri()).isEqualTo(URI.create(uri + "!/f"));
            assertThat(fs.getPath("f").toUri()).isEqualTo(file.toUri());
            assertThatThrownBy(() -> open(uri)).isInstanceOf(FileSystemAlreadyExistsException.class);
        }
        assertThatThrownBy(() -> FileSystems.getFileSystem(URI.create(uri)))
                .isInstanceOf(FileSystemNotFoundException.class);
        assertThatThrownBy(() -> Path.of(URI.create(uri + "!/f"))).isInstanceOf(FileSystemNotFoundException.class);
        try (FileSystem fs = open("rump://ext2fs" + image + "!/ignored")) {
            assertThat(fs.getPath("/f")).hasContent("hello");
        }
    }

    @Test
    void anImageByItsPath() throws IOException {
        Path image = image("disk.img");
        try (FileSystem fs = FileSystems.newFileSystem(image, Map.of("ro", ""))) {
            assertThat(fs.isReadOnly()).isTrue();
            assertThat(fs.getPath("/lost+found")).isDirectory();
        }
        Path text = Files.writeString(host.resolve("text"), "this is no image\n");
        assertThatThrownBy(() -> FileSystems.newFileSystem(text)).isInstanceOf(ProviderNotFoundException.class);
        assertThatThrownBy(() -> FileSystems.newFileSystem(host)).isInstanceOf(ProviderNotFoundException.class);
    }

    @Test
    void strangeNames() throws IOException {
        Path image = image("a disk! ü%.img");
        URI uri = URI.create("rump://" + image.toUri().getRawPath().replace("!", "%21"));
        try (FileSystem fs = FileSystems.newFileSystem(uri, Map.of())) {
            for (String name : new String[] {"/a b", "/100%", "/!/?#", "/ä", "/a+b&c=d", "/\u0001"}) {
                Path path = fs.getPath(name);
                assertThat(Path.of(path.toUri())).isEqualTo(path);
            }
        }
    }

    /// On Linux a name is bytes.
    @Test
    void namesThatAreNotUnicode() throws IOException {
        byte[] name = {'/', 'b', (byte) 0xe4, 'r'};
        Ukfs ukfs = Ukfs.open(image("disk.img").toString(), FsOptions.NONE);
        try (FileSystem fs = RumpFileSystemProvider.over(ukfs, "mine")) {
            ukfs.process().mkdirat(Process.AT_FDCWD, name, 0755);
            try (var listed = Files.list(fs.getPath("/"))) {
                Path path = listed.filter(entry -> entry.toString().startsWith("/b"))
                        .findFirst()
                        .orElseThrow();
                assertThat(path).isDirectory();
                Files.createFile(path.resolve("in"));
                assertThat(path.toUri().toString()).endsWith("b%E4r");
                Files.move(path, fs.getPath("/bär"));
            }
            assertThat(ukfs.list("/bär")).containsExactly("in");
        }
    }

    @Test
    void inMemory() throws IOException {
        URI uri = URI.create("rump://tmpfs/scratch");
        try (FileSystem one = FileSystems.newFileSystem(uri, Map.of("size", "1M", "mode", 700));
                FileSystem two = open("rump://tmpfs/other")) {
            Files.createFile(one.getPath("/f"));
            assertThat(two.getPath("/f")).doesNotExist();
            assertThat(Path.of(URI.create(uri + "!/f"))).exists();
            assertThat(Files.getFileStore(one.getPath("/")).getTotalSpace()).isEqualTo(1 << 20);
            Files.copy(one.getPath("/f"), two.getPath("/g"));
            Files.createDirectory(one.getPath("/d"));
            Files.move(one.getPath("/d"), two.getPath("/d"));
            assertThat(two.getPath("/d")).isDirectory();
            assertThatThrownBy(() -> Files.move(one.getPath("/f"), two.getPath("/f"), StandardCopyOption.ATOMIC_MOVE))
                    .isInstanceOf(AtomicMoveNotSupportedException.class);
        }
    }

    @Test
    void failures() throws IOException {
        Path image = image("disk.img");
        Path text = Files.write(host.resolve("text"), new byte[1 << 20]);
        assertThatThrownBy(() -> open("rump://" + host + "/none")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> open("rump://" + text)).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> open("rump://msdosfs" + image)).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> open("rump://zfs" + image)).hasMessageContaining("zfs");
        assertThatThrownBy(() -> open("rump://" + image + "@p3")).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> FileSystems.newFileSystem(URI.create("rump://" + image), Map.of("colour", "red")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("colour");
        try (FileSystem fs = open("rump://" + image)) {
            assertThat(fs.isOpen()).isTrue();
            assertThatThrownBy(() -> FileSystems.newFileSystem(image)).hasMessageContaining("in use");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rump:disk.img", "rump:///a?b", "rump:///a#b", "rump:///a!b", "file:///a"})
    void urisThatAreNone(String uri) {
        assertThatThrownBy(() -> new RumpFileSystemProvider().getPath(URI.create(uri)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
