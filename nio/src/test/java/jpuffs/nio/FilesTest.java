// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Names: making, removing, linking, copying, moving.
class FilesTest extends Contract {
    @TempDir
    private Path host;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(path(name), content);
    }

    @Test
    void making() throws IOException {
        Path directory = Files.createDirectory(path("/d"));
        Path file = Files.createFile(path("/d/f"));
        assertThat(directory).isDirectory().isNotEmptyDirectory();
        assertThat(file).isRegularFile().isEmptyFile();
        assertThatThrownBy(() -> Files.createDirectory(directory)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.createFile(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.createFile(path("/none/f")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("/none/f");
        assertThatThrownBy(() -> Files.createDirectory(path("/d/f/x"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> Files.createDirectories(path("/d/f/x"))).isInstanceOf(FileSystemException.class);
        Files.createDirectories(path("/d/e/f/g"));
        Files.createDirectories(path("/d/e/f/g"));
        assertThat(path("d/e/f/g")).as("relative to the root").isDirectory();
        assertThat(Files.exists(path("/d/f/x"))).isFalse();
        assertThat(Files.notExists(path("/d/x"))).isTrue();
    }

    @Test
    void removing() throws IOException {
        Files.createDirectories(path("/d/e"));
        file("/d/f", "x");
        assertThatThrownBy(() -> Files.delete(path("/d"))).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> Files.delete(path("/x"))).isInstanceOf(NoSuchFileException.class);
        assertThat(Files.deleteIfExists(path("/x"))).isFalse();
        Files.delete(path("/d/f"));
        Files.delete(path("/d/e"));
        assertThat(Files.deleteIfExists(path("/d"))).isTrue();
        assertThat(Files.exists(path("/d"))).isFalse();
    }

    @Test
    void temporary() throws IOException {
        Path directory = Files.createTempDirectory(path("/"), "tmp");
        Path file = Files.createTempFile(directory, "a", ".b");
        assertThat(file).isRegularFile().hasFileName(file.getFileName().toString());
        assertThat(Files.isHidden(file)).isFalse();
        assertThat(Files.isHidden(path("/.profile"))).isTrue();
    }

    @Test
    void sameFile() throws IOException {
        Path file = file("/f", "x");
        Path other = file("/g", "x");
        assertThat(Files.isSameFile(file, path("/./f"))).isTrue();
        assertThat(Files.isSameFile(file, other)).isFalse();
        assertThat(Files.isSameFile(path("/none"), path("/none"))).isTrue();
        assertThat(Files.isSameFile(file, host)).isFalse();
        assertThatThrownBy(() -> Files.isSameFile(file, path("/none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void symbolicLinks() throws IOException {
        requires(Subject.Lacks.LINKS);
        Path link = Files.createSymbolicLink(path("/l"), path("d/f"));
        assertThat(Files.readSymbolicLink(link)).isEqualTo(path("d/f"));
        assertThat(Files.exists(link)).isFalse();
        assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(link).isSymbolicLink();
        Files.createDirectory(path("/d"));
        Path file = file("/l", "through the link");
        assertThat(path("/d/f")).hasContent("through the link");
        assertThat(Files.isSameFile(file, path("/d/f"))).isTrue();
        assertThatThrownBy(() -> Files.readSymbolicLink(path("/d/f"))).isInstanceOf(NotLinkException.class);
        assertThatThrownBy(() -> Files.createSymbolicLink(link, path("x")))
                .isInstanceOf(FileAlreadyExistsException.class);
        Files.delete(link);
        assertThat(path("/d/f")).exists();
        Files.createSymbolicLink(path("/loop"), path("loop"));
        assertThatThrownBy(() -> Files.size(path("/loop")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("Too many levels");
    }

    @Test
    void hardLinks() throws IOException {
        requires(Subject.Lacks.LINKS);
        Path file = file("/f", "x");
        Path link = Files.createLink(path("/g"), file);
        assertThat(Files.isSameFile(file, link)).isTrue();
        assertThat(Files.getAttribute(link, "unix:nlink")).isEqualTo(2);
        assertThatThrownBy(() -> Files.createLink(link, file)).isInstanceOf(FileAlreadyExistsException.class);
        Files.delete(file);
        assertThat(link).hasContent("x");
    }

    @Test
    void linksOfAFileSystemWithout() {
        if (!subject.has(Subject.Lacks.LINKS)) {
            assertThatThrownBy(() -> Files.createSymbolicLink(path("/l"), path("x")))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> Files.createLink(path("/l"), file("/f", "x")))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void realPaths() throws IOException {
        Files.createDirectories(path("/d/e"));
        file("/d/e/f", "x");
        assertThat(path("d/./e/../e/f").toRealPath()).isEqualTo(path("/d/e/f"));
        assertThat(path("").toRealPath()).isEqualTo(path("/"));
        assertThatThrownBy(() -> path("/d/x").toRealPath()).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> path("/x/../d").toRealPath()).isInstanceOf(NoSuchFileException.class);
        if (!subject.has(Subject.Lacks.CASE)) {
            assertThat(path("/D/E/F").toRealPath()).isEqualTo(path("/d/e/f"));
        }
    }

    @Test
    void realPathsThroughLinks() throws IOException {
        requires(Subject.Lacks.LINKS);
        Files.createDirectories(path("/d/e"));
        Files.createSymbolicLink(path("/l"), path("d/e"));
        Files.createSymbolicLink(path("/d/e/m"), path("/l/.."));
        Files.createSymbolicLink(path("/loop"), path("/loop"));
        assertThat(path("/l/m").toRealPath()).isEqualTo(path("/d"));
        assertThat(path("/l/..").toRealPath()).isEqualTo(path("/d"));
        assertThat(path("/l").toRealPath(LinkOption.NOFOLLOW_LINKS)).isEqualTo(path("/l"));
        assertThat(path("/l/..").toRealPath(LinkOption.NOFOLLOW_LINKS)).isEqualTo(path("/d"));
        assertThatThrownBy(() -> path("/loop").toRealPath()).isInstanceOf(FileSystemException.class);
    }

    @Test
    void access() throws IOException {
        Path file = file("/f", "x");
        assertThat(Files.isReadable(file)).isTrue();
        assertThat(Files.isWritable(file)).isTrue();
        assertThat(Files.isReadable(path("/none"))).isFalse();
        if (subject.has(Subject.Lacks.POSIX)) {
            assertThat(Files.isExecutable(file)).isFalse();
            assertThatThrownBy(() -> fs.provider().checkAccess(file, AccessMode.EXECUTE))
                    .isInstanceOf(AccessDeniedException.class);
        }
        assertThat(Files.isExecutable(path("/"))).isTrue();
    }

    @Test
    void copying() throws IOException {
        Path from = file("/f", "hello");
        Files.setLastModifiedTime(from, FileTime.from(Instant.parse("2020-01-02T03:04:06Z")));
        Path to = path("/g");
        assertThat(Files.copy(from, to)).isEqualTo(to);
        assertThat(to).hasContent("hello");
        assertThat(Files.getLastModifiedTime(to)).isGreaterThan(Files.getLastModifiedTime(from));
        assertThatThrownBy(() -> Files.copy(from, to)).isInstanceOf(FileAlreadyExistsException.class);
        file("/f", "hello again");
        Files.setLastModifiedTime(from, FileTime.from(Instant.parse("2020-01-02T03:04:06Z")));
        Files.copy(from, to, REPLACE_EXISTING, COPY_ATTRIBUTES);
        assertThat(to).hasContent("hello again");
        assertThat(Files.getLastModifiedTime(to)).isEqualTo(Files.getLastModifiedTime(from));
        Files.copy(from, from);
        assertThat(from).hasContent("hello again");
        assertThatThrownBy(() -> Files.copy(path("/none"), to)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.copy(from, path("/x"), ATOMIC_MOVE))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void copyingOtherThanFiles() throws IOException {
        Files.createDirectories(path("/d/e"));
        Files.copy(path("/d"), path("/c"));
        assertThat(path("/c")).isEmptyDirectory();
        file("/f", "x");
        assertThatThrownBy(() -> Files.copy(path("/f"), path("/d"), REPLACE_EXISTING))
                .isInstanceOf(DirectoryNotEmptyException.class);
        Files.copy(path("/f"), path("/c"), REPLACE_EXISTING);
        assertThat(path("/c")).isRegularFile();
        requires(Subject.Lacks.LINKS);
        Files.createSymbolicLink(path("/l"), path("f"));
        Files.copy(path("/l"), path("/m"), LinkOption.NOFOLLOW_LINKS, COPY_ATTRIBUTES);
        assertThat(Files.readSymbolicLink(path("/m"))).isEqualTo(path("f"));
        Files.createSymbolicLink(path("/n"), path("nothing"));
        Files.copy(path("/l"), path("/n"), REPLACE_EXISTING);
        assertThat(path("/n")).isRegularFile().hasContent("x");
    }

    @Test
    void copyingFromAndToTheHost() throws IOException {
        byte[] content = new byte[300_000];
        content[299_999] = 7;
        Path file = Files.write(host.resolve("f"), content);
        Files.copy(file, path("/f"));
        assertThat(path("/f")).hasBinaryContent(content);
        Files.copy(path("/f"), host.resolve("g"), COPY_ATTRIBUTES);
        assertThat(host.resolve("g")).hasBinaryContent(content);
        Files.move(host.resolve("g"), path("/h"));
        assertThat(path("/h")).hasBinaryContent(content);
        try (var in = Files.newInputStream(path("/h"));
                var out = Files.newOutputStream(host.resolve("i"))) {
            assertThat(in.transferTo(out)).isEqualTo(content.length);
        }
        assertThat(host.resolve("i")).hasBinaryContent(content);
    }

    @Test
    void moving() throws IOException {
        Path from = file("/f", "hello");
        Path to = path("/g");
        Files.move(from, to);
        assertThat(from).doesNotExist();
        file("/f", "again");
        assertThatThrownBy(() -> Files.move(from, to)).isInstanceOf(FileAlreadyExistsException.class);
        Files.move(from, to, REPLACE_EXISTING);
        assertThat(to).hasContent("again");
        Files.move(to, to);
        assertThat(to).hasContent("again");
        file("/f", "atomic");
        Files.move(from, to, ATOMIC_MOVE);
        assertThat(to).hasContent("atomic");
        assertThatThrownBy(() -> Files.move(from, to)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void movingDirectories() throws IOException {
        Files.createDirectories(path("/d/e"));
        file("/d/e/f", "x");
        Files.move(path("/d"), path("/c"));
        assertThat(path("/c/e/f")).hasContent("x");
        Files.createDirectory(path("/d"));
        Files.move(path("/c"), path("/d"), REPLACE_EXISTING);
        assertThat(path("/d/e/f")).hasContent("x");
        Files.createDirectory(path("/c"));
        assertThatThrownBy(() -> Files.move(path("/c"), path("/d"), REPLACE_EXISTING))
                .isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> Files.move(path("/d"), path("/d/e/x"))).isInstanceOf(FileSystemException.class);
        Files.move(path("/d/e/f"), path("/c"), REPLACE_EXISTING);
        assertThat(path("/c")).isRegularFile();
        Files.move(path("/d/e"), path("/c"), REPLACE_EXISTING);
        assertThat(path("/c")).isDirectory();
    }

    @Test
    void walking() throws IOException {
        Files.createDirectories(path("/a/b/c"));
        Files.createDirectories(path("/a/d"));
        for (int i = 0; i < 700; i++) {
            Files.createFile(path("/a/d/file with a long name " + i));
        }
        var visited = new ArrayList<String>();
        Files.walkFileTree(path("/a"), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attrs) {
                visited.add(file.toString());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                visited.add(directory.toString());
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(visited).hasSize(704).doesNotHaveDuplicates().endsWith("/a");
        try (Stream<Path> found = Files.find(path("/a"), 9, (path, attrs) -> path.endsWith("c"))) {
            assertThat(found).containsExactly(path("/a/b/c"));
        }
        deleteTree(path("/a"));
        assertThat(path("/a")).doesNotExist();
    }

    private static void deleteTree(Path top) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(top)) {
            all = walk.toList();
        }
        for (Path path : all.reversed()) {
            Files.delete(path);
        }
    }

    @Test
    void lines() throws IOException {
        Files.write(path("/f"), List.of("a", "ä"), UTF_8);
        assertThat(Files.readAllLines(path("/f"))).containsExactly("a", "ä");
        assertThat(Files.mismatch(path("/f"), file("/g", "a\nö\n"))).isEqualTo(3);
        try (Stream<String> lines = Files.lines(path("/f"))) {
            assertThat(lines).hasSize(2);
        }
    }
}
