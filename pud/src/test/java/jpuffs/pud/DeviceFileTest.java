// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.pud.chardev.EchoDevice;
import jpuffs.pud.chardev.LogDevice;
import jpuffs.pud.chardev.NullDevice;
import jpuffs.pud.chardev.RandomDevice;
import jpuffs.pud.chardev.ToggleDevice;
import jpuffs.pud.chardev.ZeroDevice;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Character devices as files of the kernel, used by system calls.
@Tag("mounted")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DeviceFileTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    @BeforeEach
    void require() {
        boolean there = Files.isWritable(Path.of("/dev/fuse"));
        assertThat(there || !Boolean.getBoolean("jpuffs.ci")).as("/dev/fuse").isTrue();
        assumeTrue(there, "there is no /dev/fuse");
    }

    private Path path() {
        return folder.resolve("device");
    }

    private Fd open(int flags) throws ErrnoException {
        return Fd.open(path(), flags, 0);
    }

    private static String read(Fd fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            int count = fd.read(buffer);
            return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), UTF_8);
        }
    }

    private static int write(Fd fd, String text) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return fd.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(UTF_8)));
        }
    }

    private static void fails(Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void theFileIsMadeAndGoesWithTheServer() throws IOException {
        try (var _ = DeviceServer.serve(path(), new NullDevice())) {
            try (Fd fd = open(Fcntl.O_RDWR | Fcntl.O_TRUNC)) {
                assertThat(read(fd)).isEmpty();
                assertThat(write(fd, "anything")).isEqualTo(8);
                fails(Errno.ESPIPE, () -> fd.seek(1, Fcntl.SEEK_SET));
            }
            Peer.bash("echo x > " + path() + " && cat " + path() + " && dd if=/dev/zero of=" + path()
                            + " bs=1M count=4")
                    .ok();
        }
        assertThat(path()).doesNotExist();
    }

    @Test
    void zerosAndRandomBytesHaveNoEnd() throws IOException {
        try (var _ = DeviceServer.serve(path(), new ZeroDevice())) {
            Peer.bash("head -c 3000000 %1$s | cmp -n 3000000 - /dev/zero".formatted(path()))
                    .ok();
        }
        try (var _ = DeviceServer.serve(path(), new RandomDevice())) {
            Peer.bash("test $(head -c 300000 %s | gzip | wc -c) -gt 290000".formatted(path()))
                    .ok();
        }
    }

    @Test
    void aReaderWaitsUntilSomebodyWrites() throws Exception {
        try (var _ = DeviceServer.serve(path(), new EchoDevice());
                Fd reader = open(Fcntl.O_RDONLY);
                Fd writer = open(Fcntl.O_WRONLY)) {
            var line = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(reader);
                } catch (ErrnoException e) {
                    throw new AssertionError(e);
                }
            });
            write(writer, "hexx\b\bllo");
            write(writer, "\n");
            assertThat(line.get(30, TimeUnit.SECONDS)).isEqualTo("hello\n");
        }
    }

    @Test
    void whoMayNotWaitGetsEagainAlsoWhenThatWasSetLater() throws IOException {
        try (var _ = DeviceServer.serve(path(), new EchoDevice())) {
            try (Fd fd = open(Fcntl.O_RDWR | Fcntl.O_NONBLOCK)) {
                fails(Errno.EAGAIN, () -> read(fd));
            }
            try (Fd fd = open(Fcntl.O_RDWR)) {
                fd.setNonblock(true);
                fails(Errno.EAGAIN, () -> read(fd));
                String line = "x".repeat(4000) + "\n";
                int lines = 0;
                try {
                    for (; lines < 100; lines++) {
                        write(fd, line);
                    }
                } catch (ErrnoException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                }
                assertThat(lines).isBetween(10, 20);
            }
        }
    }

    @Test
    void pollTellsWhatIsReadyAndWakesWhoWaits() throws Exception {
        try (var _ = DeviceServer.serve(path(), new EchoDevice());
                Fd fd = open(Fcntl.O_RDWR)) {
            assertThat(Poll.one(fd.number(), Poll.POLLIN | Poll.POLLOUT, 0)).isEqualTo(Poll.POLLOUT);
            var ready = CompletableFuture.supplyAsync(() -> {
                try {
                    return Poll.one(fd.number(), Poll.POLLIN, 30 * SECOND);
                } catch (ErrnoException e) {
                    throw new AssertionError(e);
                }
            });
            try (Fd writer = open(Fcntl.O_WRONLY)) {
                write(writer, "line\n");
            }
            assertThat(ready.get(40, TimeUnit.SECONDS)).isEqualTo(Poll.POLLIN);
            assertThat(read(fd)).isEqualTo("line\n");
        }
    }

    @Test
    void aSignalEndsAWaitingRead() throws IOException {
        try (var _ = DeviceServer.serve(path(), new EchoDevice())) {
            Peer.Result result = Peer.bash("timeout -s INT 1 cat %s || echo status $?".formatted(path()));
            assertThat(result.output()).contains("status 124");
        }
    }

    @Test
    void afterRemovalEverybodyGetsEnxio() throws Exception {
        var waiting = new CountDownLatch(1);
        var device = new EchoDevice();
        try (var server = DeviceServer.serve(path(), watched(device, waiting));
                Fd fd = open(Fcntl.O_RDWR)) {
            var failure = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(fd);
                } catch (ErrnoException e) {
                    return e.errno().name();
                }
            });
            waiting.await();
            server.remove();
            assertThat(failure.get(30, TimeUnit.SECONDS)).isEqualTo("ENXIO");
            fails(Errno.ENXIO, () -> write(fd, "x"));
            fails(Errno.ENOENT, () -> open(Fcntl.O_RDONLY).close());
        }
    }

    private static CharDevice watched(CharDevice device, CountDownLatch reading) {
        return new CharDevice() {
            @Override
            public int read(MemorySegment dst, long off, int flags) throws IOException {
                reading.countDown();
                return device.read(dst, off, flags);
            }

            @Override
            public int write(MemorySegment src, long off, int flags) throws IOException {
                return device.write(src, off, flags);
            }
        };
    }

    /// A device whose state belongs to the one who opened it, changed by ioctl(2).
    private static final class Counter implements CharDevice {
        static final int SET = 0x4004_7401; // _IOW('t', 1, int)
        static final int GET = 0x8004_7402; // _IOR('t', 2, int)
        private int value;
        private final CountDownLatch closed;

        Counter(CountDownLatch closed) {
            this.closed = closed;
        }

        @Override
        public CharDevice open(int flags) {
            return new Counter(closed);
        }

        @Override
        public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
            switch (command) {
                case SET -> value = in.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
                case GET -> out.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
                default -> throw Errno.ENOTTY.error();
            }
            return 7;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void eachOpenFileHasItsState() throws Exception {
        var closed = new CountDownLatch(2);
        try (var _ = DeviceServer.serve(path(), new Counter(closed));
                Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 42);
            try (Fd first = open(Fcntl.O_RDWR);
                    Fd second = open(Fcntl.O_RDWR)) {
                assertThat(first.ioctl(Counter.SET, value)).isEqualTo(7);
                second.ioctl(Counter.GET, value);
                assertThat(value.get(ValueLayout.JAVA_INT, 0)).isZero();
                first.ioctl(Counter.GET, value);
                assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(42);
                fails(Errno.ENOTTY, () -> first.ioctl(0x7403, 0));
                fails(Errno.EINVAL, () -> read(first));
            }
            assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void linesBecomeJson() throws IOException {
        var out = new ByteArrayOutputStream();
        var clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        try (var _ = DeviceServer.serve(path(), new LogDevice(out, clock))) {
            Peer.bash("printf 'a \"b\"\\nrest' > " + path()).ok();
        }
        assertThat(out.toString(UTF_8).lines().toList())
                .hasSize(2)
                .allMatch(line -> line.startsWith("{\"time\": \"1970-01-01T00:00:00Z\", \"pid\": "))
                .anyMatch(line -> line.endsWith("\"text\": \"a \\\"b\\\"\"}"))
                .anyMatch(line -> line.endsWith("\"text\": \"rest\"}"));
    }

    @Test
    void theToggleGivesTheTextThatWasChosen() throws IOException {
        try (var _ = DeviceServer.serve(path(), new ToggleDevice());
                Arena arena = Arena.ofConfined();
                Fd fd = open(Fcntl.O_RDWR)) {
            assertThat(read(fd)).isEqualTo("This is the first text.\n");
            fd.ioctl(ToggleDevice.TOGGLE, arena.allocateFrom(ValueLayout.JAVA_INT, 1));
            assertThat(Peer.bash("cat " + path()).ok().output()).isEqualTo("This is the other one.\n");
            fails(Errno.ERANGE, () -> fd.ioctl(ToggleDevice.TOGGLE, arena.allocateFrom(ValueLayout.JAVA_INT, 2)));
        }
    }
}
