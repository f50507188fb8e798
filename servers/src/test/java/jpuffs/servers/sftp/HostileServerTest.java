// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.servers.sftp.FakeServer.reply;
import static jpuffs.servers.sftp.FakeServer.type;
import static jpuffs.servers.sftp.FakeServer.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that break the protocol: nothing hangs, nothing large is allocated, and the error says what it was.
@Timeout(value = 60, unit = SECONDS)
class HostileServerTest {
    private static final Name PATH = Name.of("/x");
    private static final Name LONG_PATH = Name.of("/" + "x".repeat(64)); // tells statvfs from other extensions

    /// What happens when LSTAT gets `answer`.
    private static ErrnoException failure(FakeServer.Answer answer) {
        return catchThrowableOfType(ErrnoException.class, () -> lstat(answer));
    }

    private static FileAttrs lstat(FakeServer.Answer answer) throws Exception {
        FakeServer.Answer greeting = r -> type(r) == Sftp.INIT ? version() : answer.to(r);
        try (var server = new FakeServer(greeting)) {
            return server.call(c -> {
                try (FrameBuf reply = c.call(Requests.lstat(c, PATH))) {
                    return Replies.attrs(c, reply);
                }
            });
        }
    }

    @Test
    void attributesComeAsTheyAre() throws Exception {
        FileAttrs attrs = lstat(r ->
                reply(r, Sftp.ATTRS).u32(FileAttrs.PERMISSIONS).u32(0100644).done());
        assertThat(attrs).isEqualTo(FileAttrs.NONE.withPermissions(0100644));
    }

    @Test
    void textInPlaceOfSftpIsShown() throws Exception {
        FakeServer.Answer answer = r -> "Welcome to the machine!\n".getBytes(StandardCharsets.US_ASCII);
        try (var server = new FakeServer(answer)) {
            ErrnoException e = catchThrowableOfType(ErrnoException.class, () -> server.call(c -> 0));
            assertThat(e).hasMessageContaining("Welcome to the machine!?").hasMessageContaining("start-up file");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0xffff_ffffL, 0x8000_0000L, 1 << 20, 0x7fff_ffff, 0})
    void packetsOfBadLength(long length) {
        ErrnoException e = failure(r -> {
            byte[] packet = reply(r, Sftp.ATTRS).u32(0).done();
            for (int i = 0; i < 4; i++) {
                packet[i] = (byte) (length >> 8 * (3 - i));
            }
            return packet;
        });
        assertThat(e.errno()).isEqualTo(Errno.EPROTO);
        assertThat(e).hasMessageContaining("packet of " + (length + 4) + " bytes");
    }

    @Test
    void repliesNobodyAskedFor() {
        ErrnoException e = failure(
                r -> new FakeServer.Packet().u8(Sftp.STATUS).u32(77).u32(0).done());
        assertThat(e).hasMessageContaining("reply to request 77");
    }

    @Test
    void aSecondGreeting() {
        assertThat(failure(r -> version())).hasMessageContaining("second VERSION");
    }

    @ParameterizedTest
    @ValueSource(ints = {Sftp.HANDLE, Sftp.DATA, Sftp.NAME, Sftp.LSTAT, 255})
    void repliesOfAnotherType(int type) {
        assertThat(failure(r -> reply(r, type).u32(0).done())).hasMessageContaining("type " + type);
    }

    @Test
    void successInPlaceOfAnAnswer() {
        assertThat(failure(r -> reply(r, Sftp.STATUS).u32(Sftp.OK).done())).hasMessageContaining("nothing else");
    }

    @Test
    void attributesThatEndTooEarly() {
        assertThat(failure(r -> reply(r, Sftp.ATTRS).u32(FileAttrs.SIZE).u32(1).done()))
                .hasMessageContaining("bad reply");
    }

    @Test
    void extendedAttributesWithoutEnd() {
        ErrnoException e = failure(
                r -> reply(r, Sftp.ATTRS).u32(0x8000_0000L).u32(0xffff_ffffL).done());
        assertThat(e).hasMessageContaining("bad reply");
    }

    @Test
    void moreNamesThanThereIsRoomFor() throws Exception {
        FakeServer.Answer answer = r -> type(r) == Sftp.INIT
                ? version()
                : reply(r, Sftp.NAME).u32(0x7fff_ffff).done();
        try (var server = new FakeServer(answer)) {
            ErrnoException e = catchThrowableOfType(
                    ErrnoException.class,
                    () -> server.call(c -> {
                        try (FrameBuf reply = c.call(Requests.readdir(c, PATH))) {
                            return Replies.names(c, reply);
                        }
                    }));
            assertThat(e).hasMessageContaining("announces 2147483647 names");
        }
    }

    @Test
    void moreDataThanWasAskedFor() throws Exception {
        FakeServer.Answer answer = r -> type(r) == Sftp.INIT
                ? version()
                : reply(r, Sftp.DATA).string("too much").done();
        try (var server = new FakeServer(answer)) {
            ErrnoException e = catchThrowableOfType(
                    ErrnoException.class,
                    () -> server.call(c -> {
                        try (FrameBuf reply = c.call(Requests.read(c, PATH, 0, 4))) {
                            return Replies.data(c, reply, 4);
                        }
                    }));
            assertThat(e).hasMessageContaining("8 bytes of data where 4");
        }
    }

    @Test
    void aServerThatEnds() {
        ErrnoException e = failure(r -> {
            throw new IOException("enough");
        });
        assertThat(e.errno()).isIn(Errno.ECONNRESET, Errno.EPIPE);
    }

    @Test
    void limitsAreBounded() throws Exception {
        FakeServer.Answer answer = r -> {
            if (type(r) == Sftp.INIT) {
                return version(Sftp.LIMITS, "1");
            }
            FakeServer.Packet packet = reply(r, Sftp.EXTENDED_REPLY);
            for (int i = 0; i < 8; i++) {
                packet.u32(0xffff_ffffL);
            }
            return packet.done();
        };
        try (var server = new FakeServer(answer)) {
            Limits limits = server.call(SftpConnection::limits);
            assertThat(limits.maxRead()).isBetween(512, 1 << 20);
            assertThat(limits.maxWrite()).isBetween(512, 1 << 20);
        }
    }

    /// A good reply with bits turned over, or its end cut off: an answer or an error, nothing else.
    @Test
    void mutatedReplies() throws Exception {
        mutate(2_000);
    }

    @Test
    @Tag("long")
    @Timeout(value = 600, unit = SECONDS)
    void aMillionMutatedReplies() throws Exception {
        mutate(1_000_000);
    }

    private static void mutate(int count) throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        IO.println("seed " + seed);
        var random = new Random(seed);
        for (int done = 0; done < count; ) {
            done += mutateUntilItBreaks(random, count - done);
        }
    }

    /// One connection, until the mutations end it.
    private static int mutateUntilItBreaks(Random random, int most) throws Exception {
        var done = new int[1];
        FakeServer.Answer answer = r -> {
            done[0]++;
            return mutated(type(r) == Sftp.INIT ? version("one@example.org", "1") : goodReply(r), random);
        };
        try (var server = new FakeServer(answer)) {
            return server.call(c -> {
                while (c.isOpen() && done[0] < most) {
                    ask(c, random.nextInt(7));
                }
                return done[0];
            });
        } catch (ErrnoException e) { // the greeting was not good enough
            return done[0];
        }
    }

    private static byte[] goodReply(FrameBuf r) throws IOException {
        return switch (type(r)) {
            case Sftp.READDIR ->
                reply(r, Sftp.NAME)
                        .u32(1)
                        .string("name")
                        .string("long name")
                        .u32(4)
                        .u32(0100644)
                        .done();
            case Sftp.READ -> reply(r, Sftp.DATA).string("data").done();
            case Sftp.OPEN -> reply(r, Sftp.HANDLE).string("h").done();
            case Sftp.LSTAT ->
                reply(r, Sftp.ATTRS).u32(12).u32(0100644).u32(1).u32(2).done();
            case Sftp.EXTENDED -> r.size() > 60 ? statvfs(r) : owners(r);
            default -> reply(r, Sftp.STATUS).u32(0).string("fine").string("en").done();
        };
    }

    private static byte[] statvfs(FrameBuf request) throws IOException {
        FakeServer.Packet packet = reply(request, Sftp.EXTENDED_REPLY);
        for (int i = 0; i < 11; i++) {
            packet.u32(0).u32(512);
        }
        return packet.done();
    }

    private static byte[] owners(FrameBuf request) throws IOException {
        return reply(request, Sftp.EXTENDED_REPLY)
                .u32(8)
                .string("root")
                .u32(9)
                .string("users")
                .done();
    }

    /// In most cases the type and the id stay right, so that it is the content that is looked at; cutting changes
    /// the length too.
    private static byte[] mutated(byte[] packet, Random random) {
        byte[] copy = packet.clone();
        int from = random.nextInt(64) == 0 ? SftpFraming.TYPE : SftpFraming.BODY;
        for (int i = random.nextInt(4); i > 0; i--) {
            copy[from + random.nextInt(copy.length - from)] ^= (byte) (1 << random.nextInt(8));
        }
        if (random.nextInt(8) == 0) {
            copy = Arrays.copyOf(copy, SftpFraming.BODY + random.nextInt(copy.length - SftpFraming.BODY));
            copy[3] = (byte) (copy.length - 4);
        }
        return copy;
    }

    private static void ask(SftpConnection c, int what) throws IOException {
        try (FrameBuf reply = c.call(request(c, what))) {
            switch (what) {
                case 0 -> assertThat(Replies.names(c, reply)).hasSizeLessThan(10);
                case 1 -> assertThat(Replies.data(c, reply, 16)).isLessThanOrEqualTo(16);
                case 2 -> assertThat(Replies.handle(c, reply).length()).isLessThanOrEqualTo(256);
                case 3 -> assertThat(Replies.attrs(c, reply)).isNotNull();
                case 4 -> assertThat(Replies.statvfs(c, reply).blockSize()).isPositive();
                case 5 -> assertThat(Replies.usersGroups(c, reply)).hasSize(2);
                default -> Replies.status(c, reply);
            }
        } catch (ErrnoException e) {
            assertThat(List.of(Errno.values())).contains(e.errno());
        }
    }

    private static FrameBuf request(SftpConnection c, int what) throws IOException {
        return switch (what) {
            case 0 -> Requests.readdir(c, PATH);
            case 1 -> Requests.read(c, PATH, 0, 16);
            case 2 -> Requests.open(c, PATH, Sftp.FXF_READ, FileAttrs.NONE);
            case 3 -> Requests.lstat(c, PATH);
            case 4 -> Requests.statvfs(c, LONG_PATH);
            case 5 -> Requests.usersGroups(c, List.of(0), List.of(0));
            default -> Requests.close(c, PATH);
        };
    }
}
