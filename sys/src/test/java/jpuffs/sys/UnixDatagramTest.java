// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class UnixDatagramTest {
    private static final int BIND = Syscalls.X86_64 ? 49 : 200;
    private static final int AF_UNIX = 1;

    @TempDir
    private Path dir;

    private int openBefore;

    @BeforeEach
    void count() {
        openBefore = Fd.openCount();
    }

    @AfterEach
    void nothingLeaked() {
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    @Test
    void sendsToAPath() throws Exception {
        String path = dir.resolve("log").toString();
        try (Fd receiver = bind(path);
                UnixDatagram log = UnixDatagram.to(Name.of(path))) {
            assertThat(send(log, "<30>one")).isEqualTo(7);
            assertThat(send(log, "<30>two")).isEqualTo(7);
            assertThat(receive(receiver)).isEqualTo("<30>one");
            assertThat(receive(receiver)).isEqualTo("<30>two");
        }
    }

    @Test
    void sendsToAnAbstractAddress() throws Exception {
        String address = "@jpuffs-test-" + ThreadLocalRandom.current().nextLong();
        try (Fd receiver = bind(address);
                UnixDatagram notify = UnixDatagram.to(Name.of(address))) {
            assertThat(send(notify, "READY=1")).isEqualTo(7);
            assertThat(receive(receiver)).isEqualTo("READY=1");
        }
    }

    @Test
    void withoutAReceiverItFails() throws Exception {
        String path = dir.resolve("log").toString();
        try (UnixDatagram log = UnixDatagram.to(Name.of(path))) {
            assertThat(send(log, "x")).isEqualTo(-Errno.ENOENT.number());
            bind(path).close();
            assertThat(send(log, "x")).isEqualTo(-Errno.ECONNREFUSED.number());
        }
    }

    @Test
    void aFullQueueDoesNotMakeItWait() throws Exception {
        String path = dir.resolve("log").toString();
        try (Fd _ = bind(path);
                UnixDatagram log = UnixDatagram.to(Name.of(path))) {
            long result = 0;
            for (int i = 0; i < 100_000 && result >= 0; i++) {
                result = send(log, "x".repeat(1000));
            }
            assertThat(result).isEqualTo(-Errno.EAGAIN.number());
        }
    }

    @Test
    void refusesAddressesThatAreNone() {
        assertThatThrownBy(() -> UnixDatagram.to(Name.of("x".repeat(108))))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENAMETOOLONG));
        assertThatThrownBy(() -> UnixDatagram.to(Name.of("")))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    private static Fd bind(String address) throws ErrnoException {
        int type = Socket.SOCK_DGRAM | Socket.SOCK_CLOEXEC;
        Fd fd = Fd.of((int) Native.check(Native.call(Syscalls.SOCKET, AF_UNIX, type, 0)));
        byte[] path = address.replace('@', '\0').getBytes(UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sockaddr = arena.allocate(110);
            sockaddr.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, sockaddr, JAVA_BYTE, 2, path.length);
            int length = 2 + path.length + (address.startsWith("@") ? 0 : 1);
            Native.check(Native.call(BIND, fd.number(), sockaddr.address(), length));
        }
        return fd;
    }

    private static long send(UnixDatagram socket, String text) {
        try (Arena arena = Arena.ofConfined()) {
            return socket.trySend(arena.allocateFrom(JAVA_BYTE, text.getBytes(UTF_8)));
        }
    }

    private static String receive(Fd fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(100);
            int count = fd.read(buffer);
            return new String(buffer.asSlice(0, count).toArray(JAVA_BYTE), UTF_8);
        }
    }
}
