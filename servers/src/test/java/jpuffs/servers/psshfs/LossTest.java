// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.servers.sftp.Sftp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections that are lost: what can be done again is, what cannot is told, and nothing hangs.
@Timeout(value = 300, unit = SECONDS)
class LossTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path dir;

    private final Random random = new Random(seed());
    private FaultyPeer peer;

    private static long seed() {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        IO.println("seed " + seed);
        return seed;
    }

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    private Client client(String... options) throws IOException {
        Options all = Options.NONE;
        for (int i = 0; i < options.length; i += 2) {
            all = all.with(options[i], options[i + 1]);
        }
        return Client.of(peer, dir, all);
    }

    private static byte[] contentOf(Client client, String name) throws Exception {
        return client.call(root -> Client.read(Client.lookup(root, name)));
    }

    private byte[] bytes(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Cuts the connection when a reply of a type passes, in place of each of those that `when` tells, counted over
    /// all connections.
    private static FaultyPeer.Meddler cutAt(int type, int... when) {
        var count = new AtomicInteger();
        return new FaultyPeer.Meddler() {
            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                if (FaultyPeer.type(packet) == type) {
                    int now = count.incrementAndGet();
                    if (IntStream.of(when).anyMatch(n -> n == now)) {
                        throw new IOException("cut");
                    }
                }
                session.toClient(packet);
            }
        };
    }

    /// Cuts the connection when a request of a type comes, before or after the server has it.
    private static FaultyPeer.Meddler cutRequest(int type, boolean after) {
        var id = new AtomicInteger();
        return new FaultyPeer.Meddler() {
            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                boolean cut = FaultyPeer.type(packet) == type && id.compareAndSet(0, FaultyPeer.id(packet));
                if (!cut || after) {
                    session.toServer(packet);
                }
                if (cut && !after) {
                    throw new IOException("cut");
                }
            }

            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                if (FaultyPeer.id(packet) == id.get() && session.number() == 1) {
                    throw new IOException("cut");
                }
                session.toClient(packet);
            }
        };
    }

    @Test
    void aReaderGoesOn() throws Exception {
        byte[] content = bytes(8 * MIB);
        Files.write(dir.resolve("f"), content);
        try (Client client = client()) {
            peer.meddler(cutAt(Sftp.DATA, 1, 5, 6, 20));
            assertThat(contentOf(client, "f")).isEqualTo(content);
        }
        assertThat(peer.connections()).isGreaterThan(3);
    }

    @Test
    void aReaderOfAFileThatChangedMeanwhileIsTold() throws Exception {
        byte[] content = bytes(MIB);
        Files.write(dir.resolve("f"), content);
        try (Client client = client("no_readahead", "")) {
            assertThat(client.errno(root -> {
                        Handle open = Client.lookup(root, "f").open(OpenFlags.O_RDONLY);
                        try {
                            Client.read(open, MIB / 2);
                            peer.cut();
                            Files.write(dir.resolve("f"), Arrays.copyOf(content, MIB - 1));
                            return Client.read(open, MIB);
                        } finally {
                            open.release();
                        }
                    }))
                    .isEqualTo(Errno.EIO);
        }
    }

    @Test
    void aListingIsWhole() throws Exception {
        for (int i = 0; i < 1500; i++) {
            Files.createFile(dir.resolve("file" + i));
        }
        try (Client client = client()) {
            peer.meddler(cutAt(Sftp.NAME, 1, 4, 9));
            assertThat(client.call(Client::list)).hasSize(1500).doesNotHaveDuplicates();
        }
    }

    /// Either everybody hears of an error, or all that was written is there.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 20})
    void aWriterIsToldOrAllIsThere(int nth) throws Exception {
        byte[] content = bytes(6 * MIB);
        try (Client client = client()) {
            Errno errno = client.errno(root -> {
                Handle open = Client.create(root, "f");
                peer.meddler(cutAt(Sftp.STATUS, nth));
                try {
                    Client.write(open, content, 0);
                    open.fsync(false);
                    return true;
                } finally {
                    Client.close(open);
                }
            });
            if (errno == null) {
                assertThat(Files.readAllBytes(dir.resolve("f"))).isEqualTo(content);
            } else {
                assertThat(errno).isEqualTo(Errno.EIO);
            }
            peer.meddler(FaultyPeer.HONEST);
            client.call(root -> {
                Handle again = Client.create(root, "g");
                Client.write(again, content, 0);
                again.fsync(false);
                Client.close(again);
                return true;
            });
            assertThat(Files.readAllBytes(dir.resolve("g"))).isEqualTo(content);
        }
    }

    /// The server may have been started anew, and have lost what was not on its disk.
    @Test
    void fsyncDoesNotConfirmWhatAnEarlierServerHad() throws Exception {
        try (Client client = client()) {
            client.call(root -> {
                Handle open = Client.create(root, "f");
                Client.write(open, bytes(MIB), 0);
                open.flush();
                peer.cut();
                reconnected(root);
                assertThat(errnoOf(() -> open.fsync(false))).isEqualTo(Errno.EIO);
                Client.write(open, bytes(MIB), 0);
                open.fsync(false);
                Client.close(open);
                return true;
            });
        }
    }

    /// Something that may fail.
    private interface Action {
        void run() throws IOException;
    }

    /// There is a connection that was made after the last one was cut.
    private void reconnected(Node root) throws IOException {
        assertThat(root.lookup(Name.of("nothing"))).isNull();
        assertThat(peer.connections()).isGreaterThan(1);
    }

    @org.jspecify.annotations.Nullable
    private static Errno errnoOf(Action action) throws IOException {
        try {
            action.run();
            return null;
        } catch (jpuffs.core.ErrnoException e) {
            return e.errno();
        }
    }

    @Test
    void aCloseThatLosesNothingSucceeds() throws Exception {
        try (Client client = client()) {
            client.call(root -> {
                Handle open = Client.create(root, "f");
                Client.write(open, bytes(MIB), 0);
                open.fsync(false);
                peer.cut();
                Client.close(open);
                reconnected(root);
                return true;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRenamingUnderWayIsInDoubtAndNothingElse(boolean after) throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        Files.writeString(dir.resolve("b"), "b");
        try (Client client = client()) {
            client.call(root -> Client.list(root));
            peer.meddler(cutRequest(Sftp.EXTENDED, after)); // posix-rename
            assertThat(client.errno(root -> {
                        root.rename(Name.of("a"), root, Name.of("b"), 0);
                        return true;
                    }))
                    .isEqualTo(Errno.EIO);
            shows(client, "b");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRemovalUnderWayIsInDoubtAndNothingElse(boolean after) throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        try (Client client = client()) {
            client.call(root -> Client.lookup(root, "a"));
            peer.meddler(cutRequest(Sftp.REMOVE, after));
            assertThat(client.errno(root -> {
                        root.unlink(Name.of("a"));
                        return true;
                    }))
                    .isEqualTo(Errno.EIO);
            shows(client, "a");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCreationUnderWayIsInDoubtAndNothingElse(boolean after) throws Exception {
        try (Client client = client()) {
            peer.meddler(cutRequest(Sftp.MKDIR, after));
            assertThat(client.errno(root -> root.mkdir(Name.of("a"), 0755, Cred.ROOT)))
                    .isEqualTo(Errno.EIO);
            shows(client, "a");
        }
    }

    /// The mount tells the same as the server's directory, by listing and by looking up `name`.
    private void shows(Client client, String name) throws Exception {
        String[] there = dir.toFile().list();
        assertThat(client.call(Client::list)).containsExactlyInAnyOrder(there);
        boolean found = client.call(root -> root.lookup(Name.of(name))) != null;
        assertThat(found).isEqualTo(Arrays.asList(there).contains(name));
    }

    @Test
    void aStallShorterThanThePatienceIsNothing() throws Exception {
        byte[] content = bytes(2 * MIB);
        Files.write(dir.resolve("f"), content);
        try (Client client = client()) {
            peer.stall(true);
            CompletableFuture<byte[]> read = client.start(root -> Client.read(Client.lookup(root, "f")));
            Thread.sleep(1500);
            assertThat(read).isNotDone();
            peer.stall(false);
            assertThat(Client.await(read)).isEqualTo(content);
        }
        assertThat(peer.connections()).isEqualTo(1);
    }

    /// The peer is gone, and nobody has said so.
    @Test
    void aSilentServerIsGivenUpAndConnectedToAnew() throws Exception {
        silent("timeout", "3");
    }

    @Tag("long")
    @Test
    void aStallOfAMinute() throws Exception {
        byte[] content = bytes(2 * MIB);
        Files.write(dir.resolve("f"), content);
        try (Client client = client("wait", "90")) {
            peer.stall(true);
            CompletableFuture<byte[]> read = client.start(root -> Client.read(Client.lookup(root, "f")));
            Thread.sleep(60_000);
            peer.stall(false);
            assertThat(Client.await(read)).isEqualTo(content);
        }
    }

    private void silent(String... options) throws Exception {
        byte[] content = bytes(2 * MIB);
        Files.write(dir.resolve("f"), content);
        try (Client client = client(options)) {
            peer.meddler(new FaultyPeer.Meddler() {
                @Override
                public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                    if (session.number() > 1) {
                        session.toClient(packet);
                    }
                }
            });
            assertThat(contentOf(client, "f")).isEqualTo(content);
        }
        assertThat(peer.connections()).isGreaterThan(1);
    }

    @Test
    void withoutAServerOperationsFailInTime() throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        try (Client client = client("wait", "1")) {
            Node a = client.call(root -> Client.lookup(root, "a"));
            peer.close();
            assertThat(client.errno(root -> Client.read(a))).isEqualTo(Errno.EIO);
            assertThat(client.errno(root -> root.lookup(Name.of("b")))).isEqualTo(Errno.EIO);
        }
    }

    @Test
    void withoutReconnectingOperationsFailAtOnce() throws Exception {
        try (Client client = client("reconnect", "no")) {
            peer.cut();
            assertThat(client.errno(root -> root.lookup(Name.of("b")))).isIn(Errno.ENOTCONN, Errno.EIO);
            assertThat(client.errno(root -> root.lookup(Name.of("c")))).isEqualTo(Errno.ENOTCONN);
        }
        assertThat(peer.connections()).isEqualTo(1);
    }
}
