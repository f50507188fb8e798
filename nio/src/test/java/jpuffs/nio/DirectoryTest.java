// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Open directories.
class DirectoryTest extends Contract {
    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectories(path("/d/e"));
        Files.writeString(path("/d/f.txt"), "f");
        Files.writeString(path("/d/g.bin"), "g");
    }

    @Test
    void entries() throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/d"))) {
            assertThat(stream).containsExactlyInAnyOrder(path("/d/e"), path("/d/f.txt"), path("/d/g.bin"));
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("d"), "*.{txt,doc}")) {
            assertThat(stream).containsExactly(path("d/f.txt"));
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/d"), Files::isDirectory)) {
            assertThat(stream).containsExactly(path("/d/e"));
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/d/e"))) {
            Iterator<Path> none = stream.iterator();
            assertThat(none.hasNext()).isFalse();
            assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void misuse() throws IOException {
        assertThatThrownBy(() -> Files.newDirectoryStream(path("/none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.newDirectoryStream(path("/d/f.txt"))).isInstanceOf(NotDirectoryException.class);
        DirectoryStream<Path> closed;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/d"))) {
            assertThat(stream.iterator()).hasNext();
            assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
            closed = stream;
        }
        closed.close();
        assertThatThrownBy(closed::iterator).isInstanceOf(IllegalStateException.class);
        try (DirectoryStream<Path> failing = Files.newDirectoryStream(path("/d"), entry -> {
            throw new IOException("no");
        })) {
            Iterator<Path> iterator = failing.iterator();
            assertThatThrownBy(iterator::hasNext)
                    .isInstanceOf(DirectoryIteratorException.class)
                    .hasRootCauseMessage("no");
        }
    }

    @Test
    void closingEndsTheIteration() throws IOException {
        Iterator<Path> iterator;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(path("/d"))) {
            iterator = stream.iterator();
        }
        assertThat(iterator.hasNext()).isFalse();
    }

    @Test
    void secure() throws IOException {
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(path("/d"))) {
            var stream = (SecureDirectoryStream<Path>) opened;
            Files.move(path("/d"), path("/moved"));
            try (SeekableByteChannel channel = stream.newByteChannel(path("new"), Set.of(WRITE, CREATE_NEW))) {
                channel.write(ByteBuffer.wrap(new byte[3]));
            }
            assertThat(path("/moved/new")).hasSize(3);
            var view = stream.getFileAttributeView(path("new"), BasicFileAttributeView.class);
            assertThat(view.readAttributes().size()).isEqualTo(3);
            assertThat(stream.getFileAttributeView(PosixFileAttributeView.class)
                            .readAttributes()
                            .isDirectory())
                    .isTrue();
            try (SecureDirectoryStream<Path> inner = stream.newDirectoryStream(path("e"))) {
                stream.move(path("new"), inner, path("newer"));
                inner.deleteFile(path("newer"));
                assertThatThrownBy(() -> inner.deleteFile(path("newer"))).isInstanceOf(NoSuchFileException.class);
                assertThat(inner).isEmpty();
            }
            stream.deleteDirectory(path("e"));
            assertThatThrownBy(() -> stream.deleteDirectory(path("f.txt"))).isInstanceOf(NotDirectoryException.class);
            stream.close();
            assertThatThrownBy(() -> stream.deleteFile(path("f.txt")))
                    .isInstanceOf(ClosedDirectoryStreamException.class);
            assertThatThrownBy(view::readAttributes).isInstanceOf(ClosedDirectoryStreamException.class);
        }
        try (var moved = Files.list(path("/moved"))) {
            assertThat(moved).hasSize(2);
        }
    }

    @Test
    void secureWithoutFollowing() throws IOException {
        requires(Subject.Lacks.LINKS);
        Files.createSymbolicLink(path("/d/l"), path("e"));
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(path("/d"))) {
            var stream = (SecureDirectoryStream<Path>) opened;
            stream.newDirectoryStream(path("l")).close();
            assertThatThrownBy(() -> stream.newDirectoryStream(path("l"), LinkOption.NOFOLLOW_LINKS))
                    .isInstanceOf(IOException.class);
            var view = stream.getFileAttributeView(path("l"), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            assertThat(view.readAttributes().isSymbolicLink()).isTrue();
        }
    }
}
