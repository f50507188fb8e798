// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class FdTest {
    private static final int FIONREAD = 0x541b;

    @TempDir
    Path dir;

    private final Arena arena = Arena.ofConfined();
    private int openBefore;

    @BeforeEach
    void count() {
        openBefore = Fd.openCount();
    }

    @AfterEach
    void nothingLeaked() {
        arena.close();
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    private Fd create(String name) throws ErrnoException {
        return Fd.open(dir.resolve(name), Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL, 0600);
    }

    private MemorySegment bytes(String text) {
        return arena.allocateFrom(JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(MemorySegment segment, long length) {
        return new String(segment.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Test
    void readsAndWritesAtTheOffsetAndAtAnyOffset() throws Exception {
        MemorySegment buffer = arena.allocate(16);
        try (Fd file = create("f")) {
            assertThat(file.write(bytes("hello"))).isEqualTo(5);
            assertThat(file.pwrite(bytes("J"), 0)).isEqualTo(1);
            assertThat(file.read(buffer)).isZero();
            assertThat(file.seek(0, Fcntl.SEEK_SET)).isZero();
            assertThat(file.read(buffer)).isEqualTo(5);
            assertThat(text(buffer, 5)).isEqualTo("Jello");
            assertThat(file.pread(buffer, 3)).isEqualTo(2);
            assertThat(text(buffer, 2)).isEqualTo("lo");
            assertThat(file.tryPwrite(bytes("!"), 1L << 33)).isEqualTo(1);
            assertThat(file.seek(0, Fcntl.SEEK_END)).isEqualTo((1L << 33) + 1);
            assertThat(file.seek(4096 * 1024, Fcntl.SEEK_DATA)).isPositive();
            file.fsync();
            file.fdatasync();
            file.syncFileRange(0, 0, 2);
            file.ftruncate(3);
        }
        assertThat(Files.readString(dir.resolve("f"))).isEqualTo("Jel");
    }

    @Test
    void vectorsGoInTurn() throws Exception {
        MemorySegment a = arena.allocate(2);
        MemorySegment b = arena.allocate(10);
        try (Fd file = create("f")) {
            assertThat(file.writev(List.of(bytes("ab"), bytes("cde"), bytes("f"))))
                    .isEqualTo(6);
            file.seek(0, Fcntl.SEEK_SET);
            assertThat(file.readv(List.of(a, b))).isEqualTo(6);
            assertThat(text(a, 2) + text(b, 4)).isEqualTo("abcdef");
            List<MemorySegment> most = Collections.nCopies(Fd.IOV_MAX, bytes("x"));
            assertThat(file.tryWritev(most)).isEqualTo(Fd.IOV_MAX);
            List<MemorySegment> tooMany = Collections.nCopies(Fd.IOV_MAX + 1, bytes("x"));
            assertThatThrownBy(() -> file.writev(tooMany)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void heapAndReadOnlySegmentsAreRefused() throws Exception {
        MemorySegment heap = MemorySegment.ofArray(new byte[4]);
        try (Fd file = create("f")) {
            assertThatThrownBy(() -> file.read(heap)).hasMessageContaining("native");
            assertThatThrownBy(() -> file.write(heap)).hasMessageContaining("native");
            assertThatThrownBy(() -> file.writev(List.of(heap))).hasMessageContaining("native");
            MemorySegment constant = bytes("abc").asReadOnly();
            assertThat(file.write(constant)).isEqualTo(3);
            assertThatThrownBy(() -> file.pread(constant, 0)).hasMessageContaining("read-only");
            assertThatThrownBy(() -> file.readv(List.of(constant))).hasMessageContaining("read-only");
        }
    }

    @Test
    void closesOnce() throws ErrnoException {
        Fd file = create("f");
        int number = file.number();
        assertThat(Fd.openCount()).isEqualTo(openBefore + 1);
        file.close();
        assertThat(file.isOpen()).isFalse();
        try (Fd other = create("g")) {
            assertThat(other.number()).isEqualTo(number); // the kernel gives the lowest free number
            file.close();
            other.fsync();
        }
        assertFails(Errno.EBADF, () -> file.read(arena.allocate(1)));
        assertThat(file.tryRead(arena.allocate(1))).isEqualTo(-Errno.EBADF.number());
        assertThat(file.release()).isEqualTo(-1);
    }

    @Test
    void failuresOfOpenNameThePath() {
        String path = dir.resolve("none").toString();
        assertFails(Errno.ENOENT, () -> Fd.open(path, Fcntl.O_RDONLY, 0))
                .hasMessage("ENOENT: open " + path + ": No such file or directory");
        assertFails(Errno.EINVAL, () -> Fd.open("a\0b", Fcntl.O_RDONLY, 0));
        assertFails(Errno.ENAMETOOLONG, () -> Fd.open("/" + "x".repeat(4096), Fcntl.O_RDONLY, 0));
        assertThatThrownBy(() -> Fd.of(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void expectedNegativesAreValues() throws ErrnoException {
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK)) {
            MemorySegment buffer = arena.allocate(8);
            assertThat(pair.first().tryRead(buffer)).isEqualTo(-Errno.EAGAIN.number());
            assertThat(pair.first().tryReadv(List.of(buffer))).isEqualTo(-Errno.EAGAIN.number());
            assertFails(Errno.EAGAIN, () -> pair.first().read(buffer));
            pair.second().close();
            assertThat(pair.first().tryRead(buffer)).isZero();
            assertThat(pair.first().tryWrite(buffer)).isEqualTo(-Errno.EPIPE.number());
        }
    }

    @Test
    void seqpacketsKeepTheirBounds() throws ErrnoException {
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_SEQPACKET)) {
            Socket.setOption(pair.first(), Socket.SO_SNDBUF, 1 << 17);
            assertThat(Socket.option(pair.first(), Socket.SO_SNDBUF)).isGreaterThanOrEqualTo(1 << 17);
            pair.first().writeFully(bytes("one"));
            pair.first().writeFully(bytes("three"));
            MemorySegment buffer = arena.allocate(64);
            assertThat(pair.second().read(buffer)).isEqualTo(3);
            assertThat(pair.second().read(buffer)).isEqualTo(5);
            pair.first().shutdown(Fcntl.SHUT_WR);
            assertThat(pair.second().read(buffer)).isZero();
            assertFails(Errno.EPIPE, () -> pair.first().write(buffer));
        }
    }

    @Test
    void readFullyGoesOnUntilTheEnd() throws Exception {
        try (Socket.Pair pipe = Fd.pipe(0)) {
            var ready = new CountDownLatch(1);
            Thread writer = Thread.ofPlatform().start(() -> {
                try (Arena own = Arena.ofConfined()) {
                    pipe.second().writeFully(own.allocate(100_000).fill((byte) 7));
                    ready.await();
                    pipe.second().writeFully(own.allocate(5).fill((byte) 8));
                    pipe.second().close();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            MemorySegment all = arena.allocate(100_000);
            assertThat(pipe.first().readFully(all)).isEqualTo(100_000);
            assertThat(all.get(JAVA_BYTE, 99_999)).isEqualTo((byte) 7);
            ready.countDown();
            assertThat(pipe.first().readFully(all)).isEqualTo(5);
            writer.join();
        }
    }

    @Test
    void descriptorsAreDuplicatedAndFlagged() throws ErrnoException {
        try (Fd file = create("f");
                Fd dup = file.dup();
                Fd third = file.dup()) {
            dup.write(bytes("abc"));
            assertThat(file.seek(0, Fcntl.SEEK_CUR)).isEqualTo(3);
            assertThat(file.flags() & Fcntl.O_ACCMODE).isEqualTo(Fcntl.O_RDWR);
            file.setNonblock(true);
            assertThat(dup.flags() & Fcntl.O_NONBLOCK).isNotZero();
            dup.setNonblock(false);
            assertThat(file.flags() & Fcntl.O_NONBLOCK).isZero();
            assertThat(dup.fcntl(Fcntl.F_GETFD, 0)).isEqualTo(Fcntl.FD_CLOEXEC);
            try (Fd other = create("g")) {
                other.dup2(third.number());
                assertThat(third.fcntl(Fcntl.F_GETFD, 0)).isZero();
                third.write(bytes("z"));
                assertThat(other.seek(0, Fcntl.SEEK_CUR)).isEqualTo(1);
            }
            dup.dup2(dup.number());
            assertThat(dup.fcntl(Fcntl.F_GETFD, 0)).isZero();
        }
    }

    @Test
    void releaseGivesTheDescriptorAway() throws ErrnoException {
        Fd file = create("f");
        int number = file.release();
        file.close();
        try (Fd again = Fd.of(number)) {
            again.write(bytes("still open"));
        }
    }

    @Test
    void spaceIsReservedPunchedAndCopied() throws ErrnoException {
        try (Fd file = create("f");
                Fd copy = create("g")) {
            file.pwrite(arena.allocate(1 << 16).fill((byte) 1), 0);
            file.fallocate(Fcntl.FALLOC_FL_KEEP_SIZE | Fcntl.FALLOC_FL_PUNCH_HOLE, 4096, 8192);
            assertThat(file.seek(0, Fcntl.SEEK_HOLE)).isEqualTo(4096);
            assertThat(file.seek(4096, Fcntl.SEEK_DATA)).isEqualTo(12288);
            assertFails(Errno.ENXIO, () -> file.seek(1 << 20, Fcntl.SEEK_DATA));
            file.fallocate(0, 0, 1 << 17);
            assertThat(At.fstat(file.number()).attr().size()).isEqualTo(1 << 17);
            file.seek(7, Fcntl.SEEK_SET);
            assertThat(file.copyFileRange(0, copy, 10, 4096)).isEqualTo(4096);
            MemorySegment buffer = arena.allocate(5000);
            assertThat(copy.pread(buffer, 0)).isEqualTo(4106);
            assertThat(buffer.get(JAVA_BYTE, 9)).isZero();
            assertThat(buffer.get(JAVA_BYTE, 10)).isEqualTo((byte) 1);
            assertThat(file.seek(0, Fcntl.SEEK_CUR)).isEqualTo(7);
        }
    }

    @Test
    void descriptorsTravelOverSockets() throws ErrnoException {
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
                Fd file = create("f")) {
            pair.first().sendFd(file);
            try (Fd received = pair.second().recvFd()) {
                assertThat(received.number()).isNotEqualTo(file.number());
                assertThat(received.fcntl(Fcntl.F_GETFD, 0)).isEqualTo(Fcntl.FD_CLOEXEC);
                received.write(bytes("from afar"));
            }
            assertThat(file.seek(0, Fcntl.SEEK_CUR)).isEqualTo(9);
            pair.first().write(bytes("x"));
            assertFails(Errno.EPROTO, () -> pair.second().recvFd());
            pair.first().close();
            assertFails(Errno.EPROTO, () -> pair.second().recvFd()).hasMessageContaining("closed");
        }
    }

    @Test
    void ioctlsTakeStructsAndIntegers() throws ErrnoException {
        try (Socket.Pair pipe = Fd.pipe(Fcntl.O_NONBLOCK);
                Fd file = create("f")) {
            pipe.second().write(bytes("12345"));
            MemorySegment count = arena.allocate(JAVA_INT);
            assertThat(pipe.first().ioctl(FIONREAD, count)).isZero();
            assertThat(count.get(JAVA_INT, 0)).isEqualTo(5);
            assertThat(file.tryIoctl(FuseDev.SYNC_INIT, 0)).isEqualTo(-Errno.ENOTTY.number());
            assertFails(Errno.ENOTTY, () -> file.ioctl(FuseDev.SYNC_INIT, 0));
        }
    }

    @Test
    void isLocked() throws Exception {
        Path file = dir.resolve("f");
        try (Fd one = create("f")) {
            assertThat(one.tryLock(true)).isTrue();
            try (Fd two = Fd.open(file, Fcntl.O_RDWR, 0)) {
                assertThat(two.tryLock(true)).isTrue();
                assertThat(one.tryLock(false)).isFalse();
            }
            assertThat(one.tryLock(false)).isTrue();
            try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
                assertThat(other.tryLock()).isNull();
            }
        }
        try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE);
                Fd late = Fd.open(file, Fcntl.O_RDWR, 0)) {
            assertThat(other.tryLock()).isNotNull();
            assertThat(late.tryLock(true)).isFalse();
        }
    }
}
