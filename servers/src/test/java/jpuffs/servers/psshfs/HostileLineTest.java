// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.servers.sftp.Sftp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server, or somebody on the line, that means ill: nothing hangs, nothing outside of the mount is named, and the
/// mount is of use again once they behave.
@Timeout(value = 300, unit = SECONDS)
class HostileLineTest {
    @TempDir
    Path dir;

    private final Random random = new Random(seed());
    private final byte[] content = new byte[1 << 20];
    private FaultyPeer peer;

    private static long seed() {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        IO.println("seed " + seed);
        return seed;
    }

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
        random.nextBytes(content);
        Files.write(dir.resolve("f"), content);
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    private Client client() throws IOException {
        return Client.of(peer, dir, Options.NONE);
    }

    /// A little of everything; what it answers must be right.
    private byte[] session(Node root) throws IOException {
        assertThat(Client.list(root)).contains("f");
        Node f = Client.lookup(root, "f");
        assertThat(Client.read(f)).isEqualTo(content);
        byte[] some = "some text".getBytes(StandardCharsets.US_ASCII);
        try {
            root.unlink(Name.of("g"));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        Handle g = Client.create(root, "g");
        try {
            Client.write(g, some, 0);
            g.fsync(false);
        } finally {
            Client.close(g);
        }
        root.rename(Name.of("g"), root, Name.of("h"), 0);
        byte[] there = Client.read(Client.lookup(root, "h"));
        assertThat(there).isEqualTo(some);
        root.unlink(Name.of("h"));
        return there;
    }

    /// Replies in any order, as far as the server has said more than one already.
    @Test
    void repliesInAnyOrder() throws Exception {
        peer.meddler(new FaultyPeer.Meddler() {
            private final List<byte[]> held = new ArrayList<>();

            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                held.add(packet);
                if (!more || held.size() == 16) {
                    Collections.shuffle(held, random);
                    for (byte[] each : held) {
                        session.toClient(each);
                    }
                    held.clear();
                }
            }
        });
        try (Client client = client()) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.call(this::session)).hasSize(9);
            }
        }
    }

    @Test
    void aLineThatIsCutAnywhere() throws Exception {
        long length = lengthOfASession();
        for (int i = 0; i < 60; i++) {
            cutAt(random.nextLong(1, length));
        }
    }

    @Tag("long")
    @Timeout(value = 1800, unit = SECONDS)
    @Test
    void aLineThatIsCutAtEachByte() throws Exception {
        long length = lengthOfASession();
        IO.println("a session of " + length + " bytes");
        for (long at = 1; at < length; at += at > 3000 && at < length - 3000 ? random.nextInt(1, 999) : 1) {
            cutAt(at);
        }
    }

    /// In bytes to the client; most of them are those of one file.
    private long lengthOfASession() throws Exception {
        var last = new FaultyPeer.Session[1];
        peer.meddler(new FaultyPeer.Meddler() {
            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                last[0] = session;
                session.toClient(packet);
            }
        });
        try (Client client = client()) {
            client.call(this::session);
        }
        return last[0].sent();
    }

    /// The first connection ends after so many bytes.
    private void cutAt(long bytes) throws Exception {
        int first = peer.connections() + 1;
        peer.meddler(new FaultyPeer.Meddler() {
            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                if (session.number() == first) {
                    session.limit(bytes);
                }
                session.toClient(packet);
            }
        });
        try (Client client = client()) {
            Errno errno = client.errno(this::session);
            assertThat(errno).as("cut after " + bytes).isIn(null, Errno.EIO);
            client.call(root -> {
                removeIfThere(root, "g");
                removeIfThere(root, "h");
                return session(root);
            });
        } catch (ErrnoException e) { // in the greeting: nothing is mounted then
            assertThat(e.errno()).isIn(Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN);
        }
    }

    private static void removeIfThere(Node root, String name) throws IOException {
        if (root.lookup(Name.of(name)) != null) {
            root.unlink(Name.of(name));
        }
    }

    /// Bits turned over in replies: sooner or later the connection is given up; what was read may be wrong.
    @ParameterizedTest
    @ValueSource(ints = {3, 30, 300})
    void aLineThatCorrupts(int every) throws Exception {
        try (Client client = Client.of(peer, dir, Options.NONE.with("timeout", "3"))) {
            peer.meddler(corrupt(every, 40));
            for (int i = 0; i < 10; i++) {
                errnoOrWrong(client);
            }
            peer.meddler(FaultyPeer.HONEST);
            peer.cut();
            settled(client);
        }
    }

    /// Turns over a bit in one of `every` replies, `most` times in all; not in their lengths.
    private FaultyPeer.Meddler corrupt(int every, int most) {
        var left = new AtomicInteger(most);
        return new FaultyPeer.Meddler() {
            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                if (random.nextInt(every) == 0 && left.getAndDecrement() > 0) {
                    packet[4 + random.nextInt(packet.length - 4)] ^= (byte) (1 << random.nextInt(8));
                }
                session.toClient(packet);
            }
        };
    }

    private void errnoOrWrong(Client client) throws Exception {
        try {
            client.call(this::session);
        } catch (IOException e) {
            assertThat(e).isInstanceOf(ErrnoException.class);
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(AssertionError.class); // what it read was wrong
        }
    }

    /// All is well again, once what was cached is asked for anew.
    private void settled(Client client) throws Exception {
        client.call(root -> {
            client.fs().dropCaches();
            assertThat(root.getattr().isDirectory()).isTrue();
            Client.list(root);
            removeIfThere(root, "g");
            removeIfThere(root, "h");
            return session(root);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 1 << 20, 0})
    void aPacketWithoutMeasure(int length) throws Exception {
        brokenOnce(packet -> ByteBuffer.wrap(packet.clone()).putInt(length).array());
    }

    @Test
    void aReplyToNobody() throws Exception {
        brokenOnce(
                packet -> ByteBuffer.wrap(packet.clone()).putInt(5, 0x7777_7777).array());
    }

    /// What is sent in place of a packet.
    private interface Change {
        byte[] of(byte[] packet);
    }

    /// One reply is another: the connection is given up, and a new one gives the right answers.
    private void brokenOnce(Change change) throws Exception {
        try (Client client = client()) {
            peer.meddler(new FaultyPeer.Meddler() {
                @Override
                public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                    session.toClient(session.number() == 1 ? change.of(packet) : packet);
                }
            });
            assertThat(client.call(this::session)).hasSize(9);
        }
        assertThat(peer.connections()).isEqualTo(2);
    }

    // What a server says

    /// Answers requests of a type by itself.
    private interface Answer {
        byte[] to(byte[] request) throws IOException;
    }

    private static FaultyPeer.Meddler answering(int type, Answer answer) {
        return new FaultyPeer.Meddler() {
            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                if (FaultyPeer.type(packet) == type) {
                    session.toClient(answer.to(packet));
                } else {
                    session.toServer(packet);
                }
            }
        };
    }

    private static byte[] names(byte[] request, List<String> names) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeInt(names.size());
        for (String name : names) {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 2; i++) {
                out.writeInt(text.length);
                out.write(text);
            }
            out.writeInt(4); // permissions
            out.writeInt(0100644);
        }
        return FaultyPeer.reply(request, Sftp.NAME, bytes.toByteArray());
    }

    @Test
    void aListingWithoutEnd() throws Exception {
        var from = new AtomicInteger();
        peer.meddler(answering(Sftp.READDIR, request -> {
            var names = new ArrayList<String>();
            for (int i = 0; i < 5000; i++) {
                names.add("n" + from.getAndIncrement());
            }
            return names(request, names);
        }));
        try (Client client = client()) {
            assertThat(client.errno(Client::list)).isEqualTo(Errno.EOVERFLOW);
            peer.meddler(FaultyPeer.HONEST);
            assertThat(client.call(Client::list)).containsExactly("f");
        }
    }

    @Test
    void aListingThatRepeatsItself() throws Exception {
        List<String> names = Collections.nCopies(5000, "same");
        peer.meddler(answering(Sftp.READDIR, request -> names(request, names)));
        try (Client client = client()) {
            assertThat(client.errno(Client::list)).isEqualTo(Errno.EOVERFLOW);
        }
    }

    @Test
    void namesThatAreNone() throws Exception {
        var asked = new AtomicInteger();
        List<String> bad = List.of(
                ".", "..", "/etc/passwd", "a/b", "../x", "nul\0", "", "x".repeat(256), "good", "..good", "/", "\0");
        peer.meddler(answering(
                Sftp.READDIR, request -> names(request, asked.getAndIncrement() == 0 ? bad : List.of())));
        try (Client client = client()) {
            assertThat(client.call(Client::list)).containsExactly("good", "..good");
        }
    }

    @Test
    void aLinkWithoutATarget() throws Exception {
        Files.createSymbolicLink(dir.resolve("l"), Path.of("f"));
        peer.meddler(answering(Sftp.READLINK, request -> names(request, List.of("f\0/etc"))));
        try (Client client = client()) {
            assertThat(client.errno(root -> Client.lookup(root, "l").readlink()))
                    .isEqualTo(Errno.EIO);
            peer.meddler(FaultyPeer.HONEST);
            byte[] target = client.call(root -> Client.lookup(root, "l").readlink());
            assertThat(target).isEqualTo(new byte[] {'f'});
        }
    }

    // Writes that fail

    /// The `nth` WRITE and all later ones fail.
    private static FaultyPeer.Meddler failingWrites(int nth, boolean full) {
        var count = new AtomicInteger();
        return new FaultyPeer.Meddler() {
            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                if (FaultyPeer.type(packet) == Sftp.WRITE && count.incrementAndGet() >= nth) {
                    session.toClient(FaultyPeer.reply(packet, Sftp.STATUS, FaultyPeer.status(Sftp.FAILURE)));
                } else if (full && FaultyPeer.type(packet) == Sftp.EXTENDED) { // statvfs, fsync
                    session.toClient(FaultyPeer.reply(packet, Sftp.EXTENDED_REPLY, new byte[11 * 8]));
                } else {
                    session.toServer(packet);
                }
            }
        };
    }

    /// The data are on their way, and the error comes later: fsync tells it, and close does, once each.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriteThatFailsLateIsTold(boolean full) throws Exception {
        Errno expected = full ? Errno.ENOSPC : Errno.EIO;
        try (Client client = client()) {
            Handle open = client.call(root -> Client.create(root, "g"));
            peer.meddler(failingWrites(5, full));
            assertThat(client.errno(root -> {
                        Client.write(open, content, 0);
                        Client.write(open, content, content.length);
                        open.fsync(false);
                        return true;
                    }))
                    .isEqualTo(expected);
            peer.meddler(FaultyPeer.HONEST);
            client.call(root -> {
                Client.write(open, content, 0);
                open.fsync(false);
                Client.close(open);
                return true;
            });
            assertThat(Files.readAllBytes(dir.resolve("g"))).startsWith(content);
        }
    }

    @Test
    void aWriteThatFailsLateIsToldByClose() throws Exception {
        try (Client client = client()) {
            Handle open = client.call(root -> Client.create(root, "g"));
            peer.meddler(failingWrites(2, false));
            client.call(root -> {
                Client.write(open, new byte[1000], 0); // taken
                return true;
            });
            assertThat(client.errno(root -> {
                        Client.write(open, new byte[1000], 5000);
                        Client.close(open);
                        return true;
                    }))
                    .isEqualTo(Errno.EIO);
        }
    }
}
