// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is known of the names in a directory stays right while the kernel learns and forgets.
@Timeout(value = 300, unit = SECONDS)
class NamesTest {
    @TempDir
    Path dir;

    private FaultyPeer peer;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        peer = FaultyPeer.start();
        for (String name : new String[] {"a", "b", "c"}) {
            Files.writeString(dir.resolve(name), name);
        }
        Files.createDirectory(dir.resolve("d"));
        client = Client.of(peer, dir, Options.NONE);
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        peer.close();
    }

    @Test
    void aListingKeepsWhatWasLookedUp() throws Exception {
        client.call(root -> {
            assertThat(Client.list(root)).containsExactlyInAnyOrder("a", "b", "c", "d");
            for (String name : Client.list(root)) {
                Client.lookup(root, name);
            }
            return assertThat(Client.list(root)).containsExactlyInAnyOrder("a", "b", "c", "d");
        });
    }

    @Test
    void whatTheKernelHasForgottenIsFoundAgain() throws Exception {
        client.call(root -> {
            for (String name : Client.list(root)) {
                Node node = Client.lookup(root, name);
                node.reclaim(1);
                assertThat(Client.lookup(root, name).getattr().ino())
                        .isEqualTo(node.getattr().ino());
            }
            return assertThat(Client.list(root)).hasSize(4);
        });
    }

    @Test
    void whatIsMadeAndRemovedHereIsListed() throws Exception {
        client.call(root -> {
            Client.list(root);
            Client.close(Client.create(root, "new"));
            root.unlink(Name.of("a"));
            root.rename(Name.of("b"), root, Name.of("e"), 0);
            return assertThat(Client.list(root)).containsExactlyInAnyOrder("c", "d", "e", "new");
        });
    }

    @Test
    void whatTookTheNameOfAnotherIsListed() throws Exception {
        client.call(root -> {
            Client.list(root);
            Client.lookup(root, "a");
            root.rename(Name.of("b"), root, Name.of("a"), 0);
            assertThat(Client.list(root)).containsExactlyInAnyOrder("a", "c", "d");
            return assertThat(Client.read(Client.lookup(root, "a"))).isEqualTo(new byte[] {'b'});
        });
    }
}
