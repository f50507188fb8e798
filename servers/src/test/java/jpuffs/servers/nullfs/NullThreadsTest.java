// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import jpuffs.core.Entry;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Look-ups and reclaims of the same files on several threads, as of a file server with a loop for each queue.
@Timeout(value = 120, unit = SECONDS)
class NullThreadsTest {
    private static final int THREADS = 4;
    private static final int FILES = 8;
    private static final int STEPS = 20_000;

    @TempDir
    Path dir;

    /// Each thread counts its own answers, and reclaims them all at a time: the file server's one count, split.
    private static final class Driver implements Callable<Integer> {
        private final Node root;
        private final Random random;
        private final Map<Node, Integer> answers = new HashMap<>();

        Driver(Node root, long seed) {
            this.root = root;
            this.random = new Random(seed);
        }

        @Override
        public Integer call() throws IOException {
            int checked = 0;
            for (int i = 0; i < STEPS; i++) {
                if (random.nextInt(3) > 0) {
                    checked += look(random.nextInt(FILES));
                } else if (!answers.isEmpty()) {
                    forget(random.nextInt(answers.size()));
                }
            }
            while (!answers.isEmpty()) {
                forget(0);
            }
            return checked;
        }

        private int look(int i) throws IOException {
            Entry entry = root.entry(Name.of("file" + i));
            assertThat(entry).isNotNull();
            answers.merge(entry.node(), 1, Integer::sum);
            assertThat(entry.node().getattr().size()).isEqualTo(i);
            return 1;
        }

        private void forget(int index) throws IOException {
            Node node = List.copyOf(answers.keySet()).get(index);
            assertThat(node.getattr().isRegular()).isTrue(); // alive until the last is subtracted
            int count = answers.remove(node);
            node.reclaim(count);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 4, 0})
    void lookUpsAndReclaimsMayCross(int fdLimit) throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime());
        System.out.println("-Djpuffs.seed=" + seed);
        for (int i = 0; i < FILES; i++) {
            Files.writeString(dir.resolve("file" + i), "x".repeat(i));
        }
        try (Mirror mirror = Mirror.withFds(dir, fdLimit);
                var pool = Executors.newFixedThreadPool(THREADS)) {
            var drivers = new ArrayList<Driver>();
            for (int i = 0; i < THREADS; i++) {
                drivers.add(new Driver(mirror.root, seed + i));
            }
            for (var result : pool.invokeAll(drivers)) {
                assertThat(result.get()).isPositive();
            }
        }
    }
}
