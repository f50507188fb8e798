// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Open files.
class FileChannelTest extends Contract {
    private enum Strange implements OpenOption {
        OPTION
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private Path file(String content) throws IOException {
        return Files.writeString(path("/f"), content);
    }

    @Test
    void options() throws IOException {
        Path file = path("/f");
        assertThatThrownBy(() -> FileChannel.open(file, WRITE)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> FileChannel.open(file, READ, CREATE)).isInstanceOf(NoSuchFileException.class);
        FileChannel.open(file, WRITE, CREATE_NEW, SPARSE).close();
        assertThatThrownBy(() -> FileChannel.open(file, WRITE, CREATE_NEW))
                .isInstanceOf(FileAlreadyExistsException.class);
        FileChannel.open(file, WRITE, CREATE, SYNC).close();
        FileChannel.open(file, WRITE, DSYNC).close();
        assertThatThrownBy(() -> FileChannel.open(file, READ, APPEND)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FileChannel.open(file, APPEND, TRUNCATE_EXISTING))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Files.newByteChannel(file, Set.of(Strange.OPTION)))
                .isInstanceOf(UnsupportedOperationException.class);
        Files.writeString(file, "abc");
        FileChannel.open(file, READ, TRUNCATE_EXISTING).close();
        assertThat(file).hasContent("abc");
        FileChannel.open(file, WRITE, TRUNCATE_EXISTING).close();
        assertThat(file).isEmptyFile();
        FileChannel.open(file, WRITE, DELETE_ON_CLOSE).close();
        assertThat(file).doesNotExist();
    }

    @Test
    void noFollow() throws IOException {
        requires(Subject.Lacks.LINKS);
        file("x");
        Path link = Files.createSymbolicLink(path("/l"), path("f"));
        assertThatThrownBy(() -> FileChannel.open(link, READ, LinkOption.NOFOLLOW_LINKS))
                .isInstanceOf(FileSystemException.class);
    }

    @Test
    void positions() throws IOException {
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE, CREATE)) {
            assertThat(channel.write(bytes("hello, world"))).isEqualTo(12);
            assertThat(channel.position()).isEqualTo(12);
            assertThat(channel.size()).isEqualTo(12);
            channel.position(7);
            ByteBuffer five = ByteBuffer.allocate(5);
            assertThat(channel.read(five)).isEqualTo(5);
            assertThat(five.array()).isEqualTo("world".getBytes(UTF_8));
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
            assertThat(channel.write(bytes("HELLO"), 0)).isEqualTo(5);
            assertThat(channel.position()).isEqualTo(12);
            assertThat(channel.read(five.clear(), 100)).isEqualTo(-1);
            channel.position(20);
            assertThat(channel.size()).isEqualTo(12);
            channel.write(bytes("!"));
            assertThat(channel.size()).isEqualTo(21);
            assertThat(channel.truncate(5).position()).isEqualTo(5);
            channel.truncate(100);
            assertThat(channel.size()).isEqualTo(5);
            channel.force(true);
            channel.force(false);
            assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channel.read(five, -1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channel.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(path("/f")).hasContent("HELLO");
    }

    @Test
    void gapsAreZeros() throws IOException {
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE, CREATE)) {
            channel.write(bytes("x"), 70_000);
            ByteBuffer all = ByteBuffer.allocate(70_001);
            while (all.hasRemaining() && channel.read(all) > 0) {
                // more
            }
            assertThat(all.position()).isEqualTo(70_001);
            assertThat(Arrays.copyOf(all.array(), 70_000)).containsOnly(0);
        }
    }

    @Test
    void buffersOfAllKinds() throws IOException {
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE, CREATE)) {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(10).put(bytes("0123456789")).flip();
            direct.position(2).limit(7);
            assertThat(channel.write(direct)).isEqualTo(5);
            assertThat(direct.position()).isEqualTo(7);
            assertThat(channel.write(bytes("abc").asReadOnlyBuffer())).isEqualTo(3);
            ByteBuffer slice = ByteBuffer.allocate(20).slice(3, 6);
            assertThat(channel.read(slice, 1)).isEqualTo(6);
            assertThat(UTF_8.decode(slice.flip()).toString()).isEqualTo("3456ab");
            assertThatThrownBy(() -> channel.read(slice.asReadOnlyBuffer(), 0))
                    .isInstanceOfAny(IllegalArgumentException.class, ReadOnlyBufferException.class);
        }
    }

    @Test
    void scatterAndGather() throws IOException {
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE, CREATE)) {
            assertThat(channel.write(new ByteBuffer[] {bytes("ab"), bytes(""), bytes("cde")}))
                    .isEqualTo(5);
            var to = new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocate(9), ByteBuffer.allocate(1)};
            channel.position(0);
            assertThat(channel.read(to)).isEqualTo(5);
            assertThat(to[1].position()).isEqualTo(2);
            assertThat(channel.read(to)).isEqualTo(-1);
            assertThat(channel.read(to, 1, 1)).isEqualTo(-1);
            assertThatThrownBy(() -> channel.read(to, 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void appending() throws IOException {
        file("abc");
        try (FileChannel channel = FileChannel.open(path("/f"), APPEND)) {
            assertThat(channel.position()).isEqualTo(3);
            channel.position(0);
            channel.write(bytes("def"));
            assertThat(channel.position()).isEqualTo(6);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(NonReadableChannelException.class);
        }
        Files.writeString(path("/f"), "ghi", APPEND);
        assertThat(path("/f")).hasContent("abcdefghi");
    }

    @Test
    void whatItIsNotOpenFor() throws IOException {
        file("abc");
        try (FileChannel channel = FileChannel.open(path("/f"), READ)) {
            assertThatThrownBy(() -> channel.write(bytes("x"))).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.tryLock()).isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.transferFrom(channel, 0, 1))
                    .isInstanceOf(NonWritableChannelException.class);
        }
        FileChannel closed = FileChannel.open(path("/f"), READ);
        closed.close();
        closed.close();
        assertThatThrownBy(() -> closed.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(closed::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(closed::position).isInstanceOf(ClosedChannelException.class);
        try (FileChannel directory = FileChannel.open(path("/"), READ)) {
            directory.force(true);
            assertThatThrownBy(() -> directory.read(ByteBuffer.allocate(1))).hasMessageContaining("directory");
        }
    }

    @Test
    void transfersBetweenChannels() throws IOException {
        byte[] content = new byte[200_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31);
        }
        Files.write(path("/f"), content);
        try (FileChannel from = FileChannel.open(path("/f"), READ);
                FileChannel to = FileChannel.open(path("/g"), READ, WRITE, CREATE)) {
            assertThat(from.transferTo(0, 300_000, to)).isEqualTo(200_000);
            assertThat(from.transferTo(200_000, 1, to)).isZero();
            assertThat(to.transferFrom(from, 10, 5)).isEqualTo(5);
            assertThat(from.position()).isEqualTo(5);
            assertThat(to.transferFrom(from, 1_000_000, 5)).as("behind the end").isZero();
            assertThat(to.transferFrom(Channels.newChannel(Files.newInputStream(path("/f"))), 0, 1 << 20))
                    .isEqualTo(200_000);
        }
        assertThat(path("/g")).hasBinaryContent(content);
    }

    @Test
    void mappingsAreCopies() throws IOException {
        file("hello");
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE);
                Arena arena = Arena.ofConfined()) {
            var buffer = channel.map(MapMode.READ_ONLY, 1, 4);
            assertThat(buffer.isReadOnly()).isTrue();
            assertThat(UTF_8.decode(buffer).toString()).isEqualTo("ello");
            var own = channel.map(MapMode.PRIVATE, 0, 5);
            own.put(0, (byte) 'J');
            MemorySegment segment = channel.map(MapMode.READ_ONLY, 0, 5, arena);
            assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).isEqualTo("hello".getBytes(UTF_8));
            assertThat(segment.isReadOnly()).isTrue();
            assertThat(channel.map(MapMode.READ_ONLY, 5, 0).remaining()).isZero();
            assertThatThrownBy(() -> channel.map(MapMode.READ_WRITE, 0, 5))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> channel.map(MapMode.READ_ONLY, 0, 6)).hasMessageContaining("ends at 5");
        }
        assertThat(path("/f")).hasContent("hello");
    }

    @Test
    void locks() throws IOException {
        file("hello");
        FileLock ended;
        try (FileChannel one = FileChannel.open(path("/f"), READ, WRITE)) {
            try (FileChannel two = FileChannel.open(path("/f"), READ, WRITE)) {
                FileLock lock = one.lock(0, 10, false);
                assertThat(lock.isValid()).isTrue();
                assertThatThrownBy(() -> two.tryLock(9, 5, true)).isInstanceOf(OverlappingFileLockException.class);
                assertThatThrownBy(two::lock).isInstanceOf(OverlappingFileLockException.class);
                ended = two.tryLock(10, 5, true);
                lock.release();
                assertThat(lock.isValid()).isFalse();
                one.tryLock(0, 10, true).release();
            }
            assertThat(ended.isValid()).isFalse();
            assertThat(one.tryLock()).isNotNull();
        }
    }

    @Test
    void anInterruptClosesIt() throws IOException {
        file("hello");
        FileChannel channel = FileChannel.open(path("/f"), READ);
        try {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(5)))
                    .isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(channel.isOpen()).isFalse();
        assertThat(path("/f")).as("the file system goes on").hasContent("hello");
    }

    @Test
    void aRemovedFileStaysOpen() throws IOException {
        file("hello");
        try (FileChannel channel = FileChannel.open(path("/f"), READ, WRITE)) {
            Files.delete(path("/f"));
            channel.write(bytes("J"), 0);
            ByteBuffer all = ByteBuffer.allocate(9);
            assertThat(channel.read(all)).isEqualTo(5);
            assertThat(path("/f")).doesNotExist();
        }
    }
}
