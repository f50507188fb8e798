// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.eventloop.Blocking;
import jpuffs.servers.sftp.Sftp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is sent without waiting for the answer: attributes of new files, and writes over several connections.
@Timeout(value = 300, unit = SECONDS)
class BehindTest {
    private static final int SIZE = 24 << 20;

    @TempDir
    Path dir;

    private FaultyPeer peer;

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
    }

    private static SetAttr times() {
        return SetAttr.none().withMtime(new Time(1_000_000, 0)).withAtime(new Time(2_000_000, 0));
    }

    // Attributes

    @Test
    void attributesOfANewFileAreNotWaitedForUntilItIsClosed() throws Exception {
        var held = new CountDownLatch(1);
        peer.meddler(new FaultyPeer.Meddler() {
            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                if (FaultyPeer.type(packet) == Sftp.SETSTAT) {
                    try {
                        held.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
                session.toServer(packet);
            }
        });
        try (Client client = Client.of(peer, dir, Options.NONE)) {
            Handle open = client.call(root -> {
                Handle made = Client.create(root, "f");
                Client.write(made, new byte[3000], 0);
                made.setattr(times());
                assertThat(made.setattr(SetAttr.none().withMode(0600)).mode()).isEqualTo(0100600);
                return made;
            });
            held.countDown();
            client.call(root -> {
                Client.close(open);
                return true;
            });
        }
        assertThat(Files.getLastModifiedTime(dir.resolve("f"))).isEqualTo(FileTime.from(1_000_000, SECONDS));
        assertThat(Files.getPosixFilePermissions(dir.resolve("f"))).hasSize(2);
        assertThat(Files.size(dir.resolve("f"))).isEqualTo(3000);
    }

    @Test
    void attributesThatFailAreToldAtClose() throws Exception {
        peer.meddler(new FaultyPeer.Meddler() {
            private final Set<Integer> refused = ConcurrentHashMap.newKeySet();

            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                if (FaultyPeer.type(packet) == Sftp.SETSTAT) {
                    refused.add(ByteBuffer.wrap(packet).getInt(5));
                }
                session.toServer(packet);
            }

            @Override
            public void reply(FaultyPeer.Session session, byte[] packet, boolean more) throws IOException {
                boolean bad = refused.remove(ByteBuffer.wrap(packet).getInt(5));
                session.toClient(bad ? FaultyPeer.status(packet, 3) : packet);
            }
        });
        try (Client client = Client.of(peer, dir, Options.NONE)) {
            assertThat(client.errno(root -> {
                        Handle made = Client.create(root, "f");
                        made.setattr(times());
                        Client.close(made);
                        return true;
                    }))
                    .isEqualTo(Errno.EACCES);
        }
    }

    // Writes

    /// A line that is far, and who has taken writes.
    private static final class Far implements FaultyPeer.Meddler {
        private final Set<Integer> writers = ConcurrentHashMap.newKeySet();

        @Override
        public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
            if (FaultyPeer.type(packet) == Sftp.WRITE) {
                writers.add(session.number());
            }
            Blocking.pause(Duration.ofMillis(4));
            session.toServer(packet);
        }
    }

    private static byte[] content() {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        IO.println("seed " + seed);
        var content = new byte[SIZE];
        new Random(seed).nextBytes(content);
        return content;
    }

    @Test
    void aFarServerIsWrittenOverSeveralConnections() throws Exception {
        byte[] content = content();
        var far = new Far();
        peer.meddler(far);
        try (Client client = Client.of(peer, dir, Options.NONE)) {
            client.call(root -> {
                Handle made = Client.create(root, "f");
                Client.write(made, content, 0);
                for (int i = 0; i < 10 && far.writers.size() < 2; i++) {
                    Client.write(made, content, 0); // a second connection takes its time
                }
                made.fsync(false);
                assertThat(made.getattr().size()).isEqualTo(SIZE);
                Client.close(made);
                return true;
            });
        }
        assertThat(far.writers).hasSizeGreaterThan(1);
        assertThat(Files.readAllBytes(dir.resolve("f"))).isEqualTo(content);
        long age = System.currentTimeMillis()
                - Files.getLastModifiedTime(dir.resolve("f")).toMillis();
        assertThat(age)
                .as("the time of modification is not what it was marked with")
                .isBetween(-60_000L, 600_000L);
    }

    @Test
    void whatHasTakenTheNameOfTheFileIsNotWrittenTo() throws Exception {
        byte[] content = content();
        var far = new Far();
        peer.meddler(far);
        Path other = Files.writeString(dir.resolve("other"), "other");
        try (Client client = Client.of(peer, dir, Options.NONE)) {
            client.call(root -> {
                Handle made = Client.create(root, "f");
                Files.move(dir.resolve("f"), dir.resolve("g"));
                Files.move(other, dir.resolve("f"));
                for (int i = 0; i < 3; i++) {
                    Client.write(made, content, 0);
                }
                Client.close(made);
                return true;
            });
        }
        assertThat(peer.connections()).isGreaterThan(1);
        assertThat(far.writers).containsExactly(1);
        assertThat(dir.resolve("f")).hasContent("other");
        assertThat(Files.readAllBytes(dir.resolve("g"))).isEqualTo(content);
    }
}
