// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.puffs.wire.Wire;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One session, used by several threads at once: each is a kernel that has its own look-ups and handles of the same
/// few files, and forgets them again.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadsTest {
    private static final long ROOT = Wire.ROOT_ID;
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());
    private static final int ROUNDS = 20_000;

    private final FlatFs fs = new FlatFs(8, 100);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void whatOneKnowsIsNeverTakenAwayByAnother(int count) throws Exception {
        System.out.println("jpuffs.seed=" + SEED);
        var session = new Session(fs, MountOptions.defaults());
        new DirectKernel(session).init();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < count; i++) {
            var client = new Client(new DirectKernel(session).withDirty(64), new Random(SEED + i));
            threads.add(Thread.ofPlatform().start(client));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(session.nodes.size())
                .as("nodes the kernels have not forgotten")
                .isEqualTo(1);
        assertThat(session.files.size()).isZero();
        fs.assertAllGivenBack();
        session.close();
    }

    private final class Client implements Runnable {
        private final DirectKernel kernel;
        private final Random random;
        private final Map<Long, Long> known = new HashMap<>();
        private final List<long[]> open = new ArrayList<>(); // node id and handle

        Client(DirectKernel kernel, Random random) {
            this.kernel = kernel;
            this.random = random;
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < ROUNDS && failure.get() == null; i++) {
                    step();
                }
                while (!open.isEmpty()) {
                    release();
                }
                known.forEach((id, count) -> kernel.forget(id, count));
            } catch (Throwable e) {
                failure.set(e);
            }
        }

        private void step() throws IOException {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> learn(kernel.find(ROOT, Integer.toString(random.nextInt(8))));
                case 3, 4 -> forget();
                case 5 -> open();
                case 6 -> release();
                default -> list();
            }
            known.keySet().forEach(id -> kernel.getattr(id).ok());
        }

        private void learn(long id) {
            known.merge(id, 1L, Long::sum);
        }

        private void forget() {
            if (known.isEmpty()) {
                return;
            }
            long id = known.keySet().iterator().next();
            long count = 1L + random.nextInt(known.get(id).intValue());
            if (known.merge(id, -count, Long::sum) == 0) {
                known.remove(id);
            }
            kernel.forget(id, count);
        }

        private void open() {
            if (!known.isEmpty() && open.size() < 5) {
                long id = known.keySet().iterator().next();
                open.add(new long[] {id, kernel.open(id, 0)});
            }
        }

        private void release() {
            if (!open.isEmpty()) {
                long[] file = open.remove(random.nextInt(open.size()));
                assertThat(kernel.read(file[0], file[1], 0, 200).ok().bytes()).hasSize(100);
                kernel.release(file[0], file[1]);
            }
        }

        private void list() throws IOException {
            long fh = kernel.opendir(ROOT);
            for (ReaddirTest.Dirent entry : ReaddirTest.entries(kernel.readdir(true, ROOT, fh, 0, 700), true)) {
                if (entry.nodeid() != 0) {
                    learn(entry.nodeid());
                }
            }
            kernel.releasedir(ROOT, fh);
        }
    }
}
