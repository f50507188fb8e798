// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.chardev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import jpuffs.core.CharDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.IoctlMemory;
import jpuffs.pud.Peer;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Poll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Serial lines of others: over TCP with a server of ours, by RFC 2217 with ser2net on a pseudo terminal.
@Timeout(value = 100, unit = TimeUnit.SECONDS)
class RemoteSerialTest {
    private static final int TCGETS = 0x5401;
    private static final int TCSETSF = 0x5404;
    private static final int TIOCMGET = 0x5415;
    private static final int FIONREAD = 0x541b;
    private static final int CFLAG = 8;

    @TempDir
    Path folder;

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    private static CharDevice device(String url) throws IOException {
        return RemoteSerialDevice.of(url);
    }

    private static String socket(ServerSocket server) {
        return "socket://localhost:" + server.getLocalPort();
    }

    private static int write(CharDevice open, String text) throws IOException {
        return open.write(MemorySegment.ofArray(text.getBytes(ISO_8859_1)), 0, 0);
    }

    /// Reads until there are `length` bytes, or the end.
    private static String read(CharDevice open, int length) throws IOException {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int count = open.read(MemorySegment.ofArray(bytes).asSlice(done), 0, 0);
            if (count == 0) {
                break;
            }
            done += count;
        }
        return new String(bytes, 0, done, ISO_8859_1);
    }

    @Test
    void bytesGoBothWays() throws Exception {
        try (ServerSocket server = listen()) {
            CharDevice open = device(socket(server)).open(Fcntl.O_RDWR);
            try (Socket peer = server.accept()) {
                assertThat(write(open, "there\u00ff")).isEqualTo(6);
                assertThat(new String(peer.getInputStream().readNBytes(6), ISO_8859_1))
                        .isEqualTo("there\u00ff");
                peer.getOutputStream().write("back\u00ff".getBytes(ISO_8859_1));
                assertThat(read(open, 5)).isEqualTo("back\u00ff");
                assertThat(open.poll(Poll.POLLIN | Poll.POLLOUT, null)).isEqualTo(Poll.POLLOUT);
                assertThatThrownBy(() -> open.read(MemorySegment.ofArray(new byte[1]), 0, Fcntl.O_NONBLOCK))
                        .isInstanceOfSatisfying(
                                ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
                open.close();
            }
        }
    }

    @Test
    void whatWasWrittenArrivesThoughTheDeviceIsClosedAtOnce() throws Exception {
        try (ServerSocket server = listen()) {
            CharDevice device = device(socket(server));
            for (int i = 0; i < 20; i++) {
                CharDevice open = device.open(Fcntl.O_RDWR);
                write(open, "line " + i);
                open.close();
                try (Socket peer = server.accept()) {
                    peer.getOutputStream().write(1); // which nobody reads
                    assertThat(new String(peer.getInputStream().readAllBytes(), ISO_8859_1))
                            .isEqualTo("line " + i);
                }
            }
        }
    }

    @Test
    void aLostLineIsTheEndAndIsMadeAnewByTheNextWhoOpens() throws Exception {
        try (ServerSocket server = listen()) {
            CharDevice device = device(socket(server));
            CharDevice first = device.open(Fcntl.O_RDWR);
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write('x');
            }
            assertThat(read(first, 2)).isEqualTo("x");
            CharDevice second = device.open(Fcntl.O_RDWR);
            try (Socket peer = server.accept()) {
                assertThatThrownBy(() -> write(first, "lost"))
                        .isInstanceOfSatisfying(
                                ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
                first.close();
                write(second, "y");
                assertThat(peer.getInputStream().read()).isEqualTo('y');
            }
            second.close();
        }
    }

    @Test
    void whatIsNotThereIsToldOf() throws Exception {
        assertThatThrownBy(() -> device("socket://localhost:1").open(Fcntl.O_RDWR))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
        for (String url : new String[] {
            "tcp://a:1",
            "socket://a",
            "socket://a:1?speed=9600",
            "rfc2217://a:1?speed=0",
            "rfc2217://a:1?mode=9N1",
            "x y"
        }) {
            assertThatThrownBy(() -> device(url))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    @Test
    void aServerWithoutComPortsIsRefused() throws Exception {
        try (ServerSocket server = listen()) {
            var url = "rfc2217://localhost:" + server.getLocalPort();
            Thread peer = Thread.startVirtualThread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write(new byte[] {(byte) 255, (byte) 254, 44}); // DONT
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // it has hung up
                }
            });
            assertThatThrownBy(() -> device(url).open(Fcntl.O_RDWR)).hasMessageContaining("RFC 2217");
            peer.join();
        }
    }

    /// A program that is killed in the end.
    private static final class Running implements AutoCloseable {
        private final Process process;

        Running(Path log, String... command) throws IOException {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        }

        void await(Path file) throws InterruptedException {
            while (!Files.exists(file)) {
                assertThat(process.isAlive())
                        .as(process + " that makes " + file)
                        .isTrue();
                Thread.sleep(10);
            }
        }

        void await(int port) throws InterruptedException {
            while (true) {
                try (var socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                    return;
                } catch (IOException e) {
                    assertThat(process.isAlive())
                            .as(process + " at port " + port)
                            .isTrue();
                    Thread.sleep(10);
                }
            }
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    /// A port that the system gives to nobody by itself (ip_local_port_range), so that it stays free.
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException e) {
                // it is taken
            }
        }
    }

    /// With ser2net in between, device and `far` are the ends of a line; `near` is ser2net's.
    private interface Line {
        void use(String url, Path near, Path far) throws Exception;
    }

    private void withSer2net(Line line) throws Exception {
        Peer.require("ser2net", "socat", "stty");
        int port = freePort();
        Path near = folder.resolve("near");
        Path far = folder.resolve("far");
        Path config = Files.writeString(folder.resolve("ser2net.yaml"), """
                connection: &line
                  accepter: telnet(rfc2217),tcp,127.0.0.1,%d
                  connector: serialdev,%s,9600n81,local
                  options:
                    max-connections: 3
                    kickolduser: false
                """.formatted(port, near));
        try (var pair = new Running(
                folder.resolve("socat.log"), "socat", "pty,raw,echo=0,link=" + near, "pty,raw,echo=0,link=" + far)) {
            pair.await(near);
            pair.await(far);
            try (var server = new Running(
                    folder.resolve("ser2net.log"),
                    "ser2net",
                    "-n",
                    "-d",
                    "-c",
                    config.toString(),
                    "-P",
                    folder.resolve("pid").toString())) {
                server.await(port);
                line.use("rfc2217://localhost:" + port, near, far);
            }
        }
    }

    private static int ioctl(CharDevice open, int command, MemorySegment in, MemorySegment out) throws IOException {
        return open.ioctl(command, 0x1000, new IoctlMemory(in, out));
    }

    /// A pseudo terminal has speeds and stop bits, but always 8 bits and no parity.
    @Test
    void ser2netTakesSettings() throws Exception {
        withSer2net((url, near, far) -> {
            CharDevice open = device(url + "?speed=57600&mode=7E2").open(Fcntl.O_RDWR);
            String there = Peer.bash("stty -a -F " + near).ok().output();
            assertThat(there).contains("speed 57600 baud", "cs8", "-parenb", " cstopb");

            MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
            MemorySegment termios = MemorySegment.ofArray(new byte[36]);
            ioctl(open, TCGETS, nothing, termios);
            assertThat(termios.get(JAVA_INT_UNALIGNED, CFLAG) & 0x100f)
                    .as("B57600")
                    .isEqualTo(0x1001);
            assertThat(termios.get(JAVA_INT_UNALIGNED, CFLAG) & 0x40)
                    .as("CSTOPB")
                    .isEqualTo(0x40);
            termios.set(JAVA_INT_UNALIGNED, CFLAG, 0x1002 | 0x30 | 0x80); // 115200 8N1
            ioctl(open, TCSETSF, termios, nothing);
            there = Peer.bash("stty -a -F " + near).ok().output();
            assertThat(there).contains("speed 115200 baud", "-cstopb");

            MemorySegment number = MemorySegment.ofArray(new byte[4]);
            ioctl(open, FIONREAD, nothing, number);
            assertThat(number.get(JAVA_INT_UNALIGNED, 0)).isZero();
            ioctl(open, TIOCMGET, nothing, number);
            assertThat(number.get(JAVA_INT_UNALIGNED, 0) & 6).as("DTR and RTS").isEqualTo(6);
            assertThatThrownBy(() -> ioctl(open, 0x7777, nothing, nothing))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTTY));
            open.close();
        });
    }

    /// All values of bytes, IAC among them, and more than any buffer holds.
    @Test
    void ser2netPassesAllBytes() throws Exception {
        withSer2net((url, near, far) -> {
            byte[] data = new byte[200_000];
            new SplittableRandom(5).nextBytes(data);
            for (int i = 0; i < data.length; i += 3) {
                data[i] = (byte) 255;
            }
            Path sent = Files.write(folder.resolve("sent"), data);
            CharDevice open = device(url).open(Fcntl.O_RDWR);
            try (var reader = new Running(folder.resolve("got"), "head", "-c", "200000", far.toString())) {
                for (MemorySegment rest = MemorySegment.ofArray(data); rest.byteSize() > 0; ) {
                    rest = rest.asSlice(open.write(rest, 0, 0));
                }
                reader.process.waitFor();
                assertThat(Files.mismatch(sent, folder.resolve("got"))).isEqualTo(-1);
            }
            try (var _ = new Running(folder.resolve("log"), "dd", "if=" + sent, "of=" + far)) {
                assertThat(read(open, data.length).getBytes(ISO_8859_1)).isEqualTo(data);
            }
            open.close();
        });
    }

    @Test
    void nonsenseOfTheServerIsSkipped() throws Exception {
        var port = new ComPort(bytes -> {});
        byte[] bytes = new byte[100_000];
        new SplittableRandom(Long.getLong("jpuffs.seed", 7)).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i += 5) {
            bytes[i] = (byte) (250 + i % 6);
        }
        assertThat(port.decode(bytes, bytes.length).length).isLessThan(bytes.length);
        assertThat(MemorySegment.ofArray(ComPort.encode(new byte[] {1, -1}, 2)).toArray(JAVA_BYTE))
                .containsExactly(1, -1, -1);
    }

    @Test
    void aWaitIsEndedByAnInterrupt() throws Exception {
        try (ServerSocket server = listen()) {
            CharDevice open = device(socket(server)).open(Fcntl.O_RDWR);
            try (Socket peer = server.accept()) {
                var outcome = new java.util.concurrent.CompletableFuture<Errno>();
                Thread reader = Thread.startVirtualThread(() -> {
                    try {
                        open.read(MemorySegment.ofArray(new byte[1]), 0, 0);
                        outcome.complete(Errno.EIO);
                    } catch (IOException e) {
                        outcome.complete(Errno.of(e));
                    }
                });
                reader.interrupt();
                assertThat(outcome.get()).isEqualTo(Errno.EINTR);
                peer.getOutputStream().write('x');
                assertThat(read(open, 1)).as("the line is still there").isEqualTo("x");
            }
            open.close();
        }
    }
}
