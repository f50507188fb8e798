// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import jpuffs.servers.sftp.Sftp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Directories are listed in advance for who lists one after the other.
@Timeout(value = 120, unit = SECONDS)
class WalkTest {
    @TempDir
    Path dir;

    private final LinkedBlockingQueue<String> opened = new LinkedBlockingQueue<>(); // directories, by OPENDIR
    private FaultyPeer peer;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
        peer.meddler(new FaultyPeer.Meddler() {
            @Override
            public void request(FaultyPeer.Session session, byte[] packet) throws IOException {
                if (FaultyPeer.type(packet) == Sftp.OPENDIR) {
                    opened.add(Path.of(new String(packet, 13, packet.length - 13, UTF_8))
                            .getFileName()
                            .toString());
                }
                session.toServer(packet);
            }
        });
        client = Client.of(peer, dir, Options.NONE);
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        peer.close();
    }

    private void make(int from, int to) throws IOException {
        for (int i : IntStream.range(from, to).toArray()) {
            Files.writeString(Files.createDirectory(dir.resolve("d" + i)).resolve("f"), "x".repeat(i));
        }
    }

    /// Lists a directory, as the kernel does: what is listed is looked up.
    private List<String> list(String... path) throws Exception {
        return client.call(root -> {
            var directory = root;
            for (String name : path) {
                directory = Client.lookup(directory, name);
            }
            List<String> names = Client.list(directory);
            for (String name : names) {
                Client.lookup(directory, name);
            }
            return names;
        });
    }

    private String nextOpened() throws Exception {
        String name = opened.poll(60, SECONDS);
        assertThat(name).as("a directory is listed").isNotNull();
        return name;
    }

    @Test
    void whoListsTwoInTheOrderOfTheirNamesGetsTheNext() throws Exception {
        make(1, 7);
        list();
        list("d1");
        list("d2");
        assertThat(nextOpened()).isEqualTo(dir.getFileName().toString());
        assertThat(List.of(nextOpened(), nextOpened(), nextOpened(), nextOpened()))
                .containsExactly("d1", "d2", "d3", "d4");
        assertThat(list("d3")).containsExactly("f");
        assertThat(List.of(nextOpened(), nextOpened())).containsExactly("d5", "d6");
        assertThat(list("d6")).containsExactly("f");
        assertThat(opened).as("each is listed once").isEmpty();
    }

    @Test
    void whoListsOneOfManyGetsThat() throws Exception {
        make(1, 9);
        List<String> listed = list();
        List<String> sorted = listed.stream().sorted().toList();
        String last = listed.getFirst();
        list(last);
        int count = 1;
        for (String name : listed) {
            if (listed.indexOf(name) != listed.indexOf(last) + 1 && sorted.indexOf(name) > sorted.indexOf(last) + 1) {
                list(name);
                last = name;
                count++;
            }
        }
        list(last); // whatever was begun before is asked for by now
        assertThat(opened).hasSize(1 + count);
    }

    @Test
    void largeOnesAreListedWhenTheyAreWanted() throws Exception {
        make(1, 4);
        Path large = Files.createDirectory(dir.resolve("d4"));
        for (int i = 0; i <= Walk.MAX_NAMES; i++) {
            Files.createFile(large.resolve("f" + i));
        }
        make(5, 9);
        list();
        list("d1");
        list("d2");
        list("d3");
        assertThat(list("d4")).hasSize(Walk.MAX_NAMES + 1);
        assertThat(list("d8")).containsExactly("f");
    }

    @Test
    void whatIsListedInAdvanceIsWhatIsThere() throws Exception {
        make(1, 4);
        list();
        list("d1");
        list("d2");
        for (int i = 0; i < 4; i++) {
            nextOpened(); // the root, and three
        }
        long size = client.call(
                root -> Client.lookup(Client.lookup(root, "d3"), "f").getattr().size());
        assertThat(size).isEqualTo(3);
        assertThat(opened).isEmpty();
    }
}
