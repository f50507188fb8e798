// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Map;
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

/// Image files that are opened to be read: the tree of [Sample], and no way to change it.
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
            assertThat(walk.map(Path::toString).filter(path -> !path.startsWith("/lost+found")))
                    .containsExactlyInAnyOrder(
                            "/", "/docs", "/docs/deeper", "/docs/deeper/large.bin", "/docs/hello.txt", "/empty");
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
