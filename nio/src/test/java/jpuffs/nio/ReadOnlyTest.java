// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Image files that are opened to be read: the part of the [Contract] that needs no writing, on the tree of [Sample],
/// and no way to change that. What can never be written (ISO 9660) is here only.
@ParameterizedClass(name = "{0}")
@MethodSource("samples")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReadOnlyTest {
    @Parameter
    private Sample sample;

    @TempDir
    private Path host;

    private FileSystem fs;

    static Stream<Sample> samples() {
        return Sample.all();
    }

    @BeforeEach
    void open() throws Exception {
        Path image = host.resolve("disk.img");
        sample.maker().make(image);
        fs = FileSystems.newFileSystem(URI.create("rump://" + image), Map.of("ro", true));
    }

    @AfterEach
    void close() throws IOException {
        if (fs != null) {
            fs.close();
        }
    }

    @Test
    void whatIsInIt() throws IOException {
        assertThat(fs.isReadOnly()).isTrue();
        try (Stream<Path> walk = Files.walk(fs.getPath("/"))) {
            var expected = new ArrayList<>(
                    List.of("/", "/docs", "/docs/deeper", "/docs/deeper/large.bin", "/docs/hello.txt", "/empty"));
            if (sample.links()) {
                expected.add("/link");
            }
            assertThat(walk.map(Path::toString).filter(path -> !path.startsWith("/lost+found")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(fs.getPath("/docs/hello.txt")).hasContent("Hello, world!\n").hasSize(14);
        assertThat(fs.getPath("/docs/deeper/large.bin")).hasBinaryContent(Sample.large());
        assertThat(fs.getPath("/empty")).isEmptyFile();
        assertThat(Files.getLastModifiedTime(fs.getPath("/docs/hello.txt")).toInstant())
                .isEqualTo(Sample.TIME);
        assertThat(Files.getFileStore(fs.getPath("/")).isReadOnly()).isTrue();
    }

    @Test
    void copiedOut() throws IOException {
        Path large = fs.getPath("/docs/deeper/large.bin");
        Files.copy(large, host.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(host.resolve("copy")).hasBinaryContent(Sample.large());
        try (FileChannel from = FileChannel.open(large, StandardOpenOption.READ);
                FileChannel to =
                        FileChannel.open(host.resolve("part"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(from.transferTo(99_990, 100, to)).isEqualTo(10);
        }
    }

    @Test
    void names() throws IOException {
        Path hello = fs.getPath("/docs/hello.txt");
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(fs.getPath("docs"), "*.{txt,doc}")) {
            assertThat(stream).containsExactly(fs.getPath("docs/hello.txt"));
        }
        assertThat(fs.getPath("docs/./deeper/../hello.txt").toRealPath()).isEqualTo(hello);
        assertThat(Files.isSameFile(hello, fs.getPath("docs/./hello.txt"))).isTrue();
        assertThat(Files.isSameFile(hello, fs.getPath("/empty"))).isFalse();
        assertThat(Files.notExists(fs.getPath("/none"))).isTrue();
        assertThatThrownBy(() -> Files.size(fs.getPath("/none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.size(hello.resolve("x"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> Files.newDirectoryStream(hello)).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> fs.getPath("/none/..").toRealPath()).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.readSymbolicLink(hello)).isInstanceOf(NotLinkException.class);
    }

    @Test
    void attributes() throws IOException {
        Path hello = fs.getPath("/docs/hello.txt");
        assertThat(Files.readAttributes(hello, "size,isDirectory"))
                .isEqualTo(Map.of("size", 14L, "isDirectory", false));
        assertThat(Files.readAttributes(hello, "*")).hasSize(9);
        assertThat(Files.readAttributes(hello, "posix:*")).hasSize(12);
        assertThat((Integer) Files.getAttribute(hello, "unix:mode") & 0170000).isEqualTo(0100000);
        assertThat((Integer) Files.getAttribute(fs.getPath("/docs"), "unix:mode") & 0170000)
                .isEqualTo(0040000);
        assertThat(Files.readAttributes(hello, BasicFileAttributes.class).fileKey())
                .isEqualTo(Files.readAttributes(fs.getPath("docs/hello.txt"), BasicFileAttributes.class)
                        .fileKey())
                .isNotEqualTo(Files.readAttributes(fs.getPath("/empty"), BasicFileAttributes.class)
                        .fileKey());
        assertThat(Files.getFileStore(hello).getTotalSpace()).isPositive();
    }

    @Test
    void channels() throws IOException {
        Path large = fs.getPath("/docs/deeper/large.bin");
        byte[] content = Sample.large();
        try (FileChannel channel = FileChannel.open(large, StandardOpenOption.READ)) {
            ByteBuffer some = ByteBuffer.allocate(5000);
            assertThat(channel.read(some, 70_000)).isEqualTo(5000);
            assertThat(some.array()).isEqualTo(Arrays.copyOfRange(content, 70_000, 75_000));
            assertThat(channel.position(99_999).read(some.clear())).isEqualTo(1);
            assertThat(channel.read(some)).isEqualTo(-1);
            var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 4095, 3);
            assertThat(mapped.get(1)).isEqualTo(content[4096]);
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
        }
        assertThatThrownBy(() -> FileChannel.open(large, StandardOpenOption.READ, StandardOpenOption.WRITE))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(fs.getPath("/docs"))) {
            var stream = (SecureDirectoryStream<Path>) opened;
            try (SeekableByteChannel channel =
                    stream.newByteChannel(fs.getPath("hello.txt"), Set.of(StandardOpenOption.READ))) {
                assertThat(channel.size()).isEqualTo(14);
            }
            assertThatThrownBy(() -> stream.deleteFile(fs.getPath("hello.txt")))
                    .isInstanceOf(ReadOnlyFileSystemException.class);
        }
    }

    @Test
    void links() throws IOException {
        assumeTrue(sample.links(), () -> sample + " lacks LINKS");
        Path link = fs.getPath("/link");
        assertThat(link).isSymbolicLink().hasContent("Hello, world!\n");
        assertThat(Files.readSymbolicLink(link)).isEqualTo(fs.getPath("docs/hello.txt"));
        assertThat(link.toRealPath()).isEqualTo(fs.getPath("/docs/hello.txt"));
        assertThat(Files.isSameFile(link, fs.getPath("/docs/hello.txt"))).isTrue();
        assertThat(Files.readAttributes(link, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isSymbolicLink())
                .isTrue();
        Files.copy(link, host.resolve("copy"));
        assertThat(host.resolve("copy")).hasContent("Hello, world!\n");
        assertThatThrownBy(() -> Files.createSymbolicLink(fs.getPath("/new"), link))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.createLink(fs.getPath("/new"), fs.getPath("/empty")))
                .isInstanceOf(ReadOnlyFileSystemException.class);
    }

    @Test
    void nothingCanBeChanged() {
        Path file = fs.getPath("/docs/hello.txt");
        assertThatThrownBy(() -> Files.writeString(file, "x")).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.createFile(fs.getPath("/new"))).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.createDirectory(fs.getPath("/new")))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.move(file, fs.getPath("/new"))).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.copy(file, fs.getPath("/new"))).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.setLastModifiedTime(file, FileTime.fromMillis(0)))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        assertThat(Files.isWritable(file)).isFalse();
        assertThat(Files.isReadable(file)).isTrue();
    }
}
