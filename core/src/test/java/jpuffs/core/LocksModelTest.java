// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Lock.Type.NONE;
import static jpuffs.core.Lock.Type.READ;
import static jpuffs.core.Lock.Type.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// POSIX locks beside a model that keeps a type for each byte of each owner.
@Timeout(120)
class LocksModelTest {
    private static final int OWNERS = 5;
    private static final int FILES = 3;
    private static final int BYTES = 24;
    private static final Lock.Type[] TYPES = {READ, WRITE, NONE};
    private static final long SEED = Long.getLong("jpuffs.seed", System.nanoTime());

    private final Random random = new Random(SEED);
    private final Locks locks = new Locks();
    private final Lock.Type[][][] model = new Lock.Type[FILES][OWNERS][BYTES];
    private final List<Waiting> waiting = new ArrayList<>();

    private record Waiting(int file, Lock lock, FutureTask<@Nullable Errno> task, Thread thread) {}

    LocksModelTest() {
        for (Lock.Type[][] file : model) {
            for (Lock.Type[] owner : file) {
                Arrays.fill(owner, NONE);
            }
        }
    }

    @Test
    void agreesWithTheModel() throws Exception {
        for (int step = 0; step < 20_000; step++) {
            String where = "-Djpuffs.seed=" + SEED + " step " + step;
            int file = random.nextInt(FILES);
            Lock lock = randomLock();
            @Nullable Errno expected = expect(file, lock);
            if (isWaiting(lock.owner())) {
                continue; // one thread for each owner: it waits
            }
            boolean wait = random.nextInt(4) == 0;
            if (wait && expected == Errno.EAGAIN && !deadlocks(file, lock)) {
                start(file, lock);
            } else {
                Errno onConflict = wait ? Errno.EDEADLK : Errno.EAGAIN;
                assertThat(set(file, lock, wait)).as(where).isEqualTo(expected == null ? null : onConflict);
                applyIf(expected == null, file, lock);
            }
            serveWaiters(where);
            if (random.nextInt(16) == 0) {
                interruptOne(where);
            }
            compare(where);
        }
    }

    private Lock randomLock() {
        int start = random.nextInt(BYTES);
        int end = start + random.nextInt(BYTES - start);
        return new Lock(TYPES[random.nextInt(3)], random.nextInt(OWNERS), start, end, 0, false);
    }

    private boolean isWaiting(long owner) {
        return waiting.stream().anyMatch(w -> w.lock.owner() == owner);
    }

    private @Nullable Errno set(int file, Lock lock, boolean wait) {
        try {
            locks.set(file, lock, wait);
            return null;
        } catch (ErrnoException e) {
            return e.errno();
        }
    }

    private @Nullable Errno expect(int file, Lock lock) {
        return blockers(file, lock).length == 0 ? null : Errno.EAGAIN;
    }

    private int[] blockers(int file, Lock lock) {
        return IntStream.range(0, OWNERS)
                .filter(owner -> owner != lock.owner())
                .filter(owner -> IntStream.rangeClosed((int) lock.start(), (int) lock.end())
                        .anyMatch(at -> conflict(model[file][owner][at], lock.type())))
                .toArray();
    }

    private static boolean conflict(Lock.Type held, Lock.Type wanted) {
        return held != NONE && wanted != NONE && (held == WRITE || wanted == WRITE);
    }

    /// Whether the graph of who waits for whom has a way back to the owner, by transitive closure.
    private boolean deadlocks(int file, Lock lock) {
        var waits = new boolean[OWNERS][OWNERS];
        for (Waiting w : waiting) {
            for (int owner : blockers(w.file, w.lock)) {
                waits[(int) w.lock.owner()][owner] = true;
            }
        }
        for (int k = 0; k < OWNERS; k++) {
            for (int i = 0; i < OWNERS; i++) {
                for (int j = 0; j < OWNERS; j++) {
                    waits[i][j] |= waits[i][k] && waits[k][j];
                }
            }
        }
        int self = (int) lock.owner();
        return Arrays.stream(blockers(file, lock)).anyMatch(owner -> waits[owner][self]);
    }

    private void start(int file, Lock lock) throws InterruptedException {
        int before = locks.waiters();
        var task = new FutureTask<@Nullable Errno>(() -> set(file, lock, true));
        waiting.add(new Waiting(file, lock, task, Thread.ofVirtual().start(task)));
        while (locks.waiters() == before) {
            Thread.sleep(0, 50_000);
        }
    }

    private void interruptOne(String where) throws Exception {
        if (!waiting.isEmpty()) {
            Waiting w = waiting.remove(random.nextInt(waiting.size()));
            w.thread.interrupt();
            assertThat(w.task.get()).as(where).isEqualTo(Errno.EINTR);
        }
    }

    /// In the order they came, again and again until nobody can be served.
    private void serveWaiters(String where) throws Exception {
        boolean again = true;
        while (again) {
            again = false;
            for (Waiting w : List.copyOf(waiting)) {
                if (blockers(w.file, w.lock).length == 0) {
                    assertThat(w.task.get()).as(where).isNull();
                    applyIf(true, w.file, w.lock);
                    waiting.remove(w);
                    again = true;
                }
            }
        }
        assertThat(locks.waiters()).as(where).isEqualTo(waiting.size());
    }

    private void applyIf(boolean granted, int file, Lock lock) {
        if (granted) {
            Arrays.fill(model[file][(int) lock.owner()], (int) lock.start(), (int) lock.end() + 1, lock.type());
        }
    }

    private void compare(String where) {
        assertThat(locks.size()).as(where).isEqualTo(runs());
        int file = random.nextInt(FILES);
        Lock lock = randomLock();
        Lock found = locks.get(file, lock);
        assertThat(found != null).as(where).isEqualTo(blockers(file, lock).length > 0);
        if (found != null) {
            Lock.Type[] held = model[file][(int) found.owner()];
            for (int at = (int) found.start(); at <= found.end(); at++) {
                assertThat(held[at]).as(where).isEqualTo(found.type());
            }
            assertThat(found.conflicts(lock)).as(where).isTrue();
        }
    }

    /// How many ranges of one type there are: what the locks must have been merged to.
    private int runs() {
        int runs = 0;
        for (Lock.Type[][] file : model) {
            for (Lock.Type[] owner : file) {
                for (int at = 0; at < BYTES; at++) {
                    runs += owner[at] != NONE && (at == 0 || owner[at - 1] != owner[at]) ? 1 : 0;
                }
            }
        }
        return runs;
    }
}
