// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errors.assertFails;
import static jpuffs.core.Lock.Type.NONE;
import static jpuffs.core.Lock.Type.READ;
import static jpuffs.core.Lock.Type.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LocksTest {
    private static final String FILE = "file";
    private static final String OTHER_FILE = "other file";
    private static final long END = Long.MAX_VALUE;

    private final Locks locks = new Locks();

    private static Lock lock(Lock.Type type, long owner, long start, long end) {
        return new Lock(type, owner, start, end, (int) owner, false);
    }

    private static Lock flock(Lock.Type type, long owner) {
        return new Lock(type, owner, 0, END, (int) owner, true);
    }

    private void take(Lock.Type type, long owner, long start, long end) throws ErrnoException {
        locks.set(FILE, lock(type, owner, start, end), false);
    }

    /// Starts a request that waits, and returns when it does.
    private Waiting wait(Object file, Lock lock) throws InterruptedException {
        var task = new FutureTask<>(() -> {
            locks.set(file, lock, true);
            return lock;
        });
        Thread thread = Thread.ofVirtual().start(task);
        while (thread.getState() != Thread.State.WAITING && !task.isDone()) {
            Thread.sleep(1);
        }
        assertThat(task.state()).isEqualTo(Future.State.RUNNING);
        return new Waiting(thread, task);
    }

    private record Waiting(Thread thread, FutureTask<Lock> task) {
        void assertGranted() throws Exception {
            task.get();
        }

        void assertWaits() {
            assertThat(task.isDone()).isFalse();
        }
    }

    @Test
    void readersShareAndWritersDoNot() throws ErrnoException {
        take(READ, 1, 0, 9);
        take(READ, 2, 5, 14);
        assertFails(Errno.EAGAIN, () -> take(WRITE, 3, 9, 9));
        assertFails(Errno.EAGAIN, () -> take(WRITE, 1, 0, 9));
        take(WRITE, 1, 0, 4);
        assertFails(Errno.EAGAIN, () -> take(READ, 3, 4, 4));
        assertThat(locks.size()).isEqualTo(3);
    }

    @Test
    void tellsTheLowestLockInTheWay() throws ErrnoException {
        take(WRITE, 1, 20, 29);
        take(READ, 2, 5, 9);
        assertThat(locks.get(FILE, lock(WRITE, 3, 0, END))).isEqualTo(lock(READ, 2, 5, 9));
        assertThat(locks.get(FILE, lock(READ, 3, 0, END))).isEqualTo(lock(WRITE, 1, 20, 29));
        assertThat(locks.get(FILE, lock(WRITE, 2, 0, 10))).isNull();
        assertThat(locks.get(OTHER_FILE, lock(WRITE, 3, 0, END))).isNull();
        assertThat(locks.get(FILE, lock(NONE, 3, 0, END))).isNull();
    }

    @Test
    void rangesSplitAndMerge() throws ErrnoException {
        take(WRITE, 1, 0, END);
        take(NONE, 1, 10, 19);
        assertThat(locks.size()).isEqualTo(2);
        assertThat(locks.get(FILE, lock(READ, 2, 10, 19))).isNull();
        assertThat(locks.get(FILE, lock(READ, 2, 10, 20))).isEqualTo(lock(WRITE, 1, 20, END));
        take(READ, 1, 5, 24);
        assertThat(locks.size()).isEqualTo(3);
        take(WRITE, 1, 5, 24);
        assertThat(locks.size()).isEqualTo(1);
        assertThat(locks.get(FILE, lock(READ, 2, 7, 7))).isEqualTo(lock(WRITE, 1, 0, END));
        take(READ, 1, 7, 7);
        assertThat(locks.size()).isEqualTo(3);
        take(NONE, 1, 0, END);
        assertThat(locks.size()).isZero();
    }

    @Test
    void rangesReachTheLastByte() throws ErrnoException {
        take(READ, 1, END, END);
        take(READ, 1, END - 1, END - 1);
        assertThat(locks.size()).isEqualTo(1);
        assertThat(locks.get(FILE, lock(WRITE, 2, 0, END))).isEqualTo(lock(READ, 1, END - 1, END));
        assertThatThrownBy(() -> lock(READ, 1, -1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> lock(READ, 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theKindsDoNotSeeEachOther() throws ErrnoException {
        take(WRITE, 1, 0, END);
        locks.set(FILE, flock(WRITE, 2), false);
        assertFails(Errno.EAGAIN, () -> locks.set(FILE, flock(READ, 1), false));
        locks.release(FILE, 2, false);
        assertThat(locks.size()).isEqualTo(2);
        locks.release(FILE, 2, true);
        locks.release(FILE, 1, false);
        locks.release(OTHER_FILE, 1, false);
        assertThat(locks.size()).isZero();
    }

    @Test
    void waitersAreServedInOrder() throws Exception {
        take(WRITE, 1, 0, 9);
        Waiting writer = wait(FILE, lock(WRITE, 2, 0, 9));
        Waiting reader = wait(FILE, lock(READ, 3, 0, 4));
        Waiting second = wait(FILE, lock(READ, 4, 5, 9));
        take(NONE, 1, 0, 9);
        writer.assertGranted();
        reader.assertWaits();
        take(READ, 2, 5, 9);
        second.assertGranted();
        reader.assertWaits();
        locks.release(FILE, 2, false);
        reader.assertGranted();
        assertThat(locks.size()).isEqualTo(2);
        assertThat(locks.waiters()).isZero();
    }

    @Test
    void aGrantThatDowngradesServesAnEarlierWaiter() throws Exception {
        take(WRITE, 2, 0, 4);
        take(WRITE, 1, 5, 9);
        Waiting early = wait(FILE, lock(READ, 3, 0, 4));
        Waiting late = wait(FILE, lock(READ, 2, 0, 9));
        take(NONE, 1, 5, 9);
        late.assertGranted();
        early.assertGranted();
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        take(WRITE, 1, 0, 9);
        var outcome = new CompletableFuture<Errno>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                locks.set(FILE, lock(READ, 2, 0, 9), true);
            } catch (ErrnoException e) {
                outcome.complete(Thread.currentThread().isInterrupted() ? Errno.EIO : e.errno());
            }
        });
        while (locks.waiters() == 0) {
            Thread.sleep(1);
        }
        thread.interrupt();
        assertThat(outcome.get()).isEqualTo(Errno.EINTR);
        assertThat(locks.waiters()).isZero();
        assertThat(locks.size()).isEqualTo(1);
    }

    @Test
    void waitingForEachOtherIsADeadlock() throws Exception {
        take(WRITE, 1, 0, 0);
        locks.set(OTHER_FILE, lock(WRITE, 2, 0, 0), false);
        take(WRITE, 3, 5, 5);
        Waiting first = wait(FILE, lock(WRITE, 2, 0, 0));
        Waiting second = wait(FILE, lock(READ, 1, 5, 5));
        assertFails(Errno.EDEADLK, () -> locks.set(OTHER_FILE, lock(READ, 3, 0, 0), true));
        assertFails(Errno.EAGAIN, () -> locks.set(OTHER_FILE, lock(READ, 3, 0, 0), false));
        locks.release(FILE, 3, false);
        second.assertGranted();
        locks.release(FILE, 1, false);
        first.assertGranted();
    }

    @Test
    void twoUpgradesAreADeadlock() throws Exception {
        take(READ, 1, 0, 9);
        take(READ, 2, 0, 9);
        Waiting first = wait(FILE, lock(WRITE, 1, 0, 9));
        assertFails(Errno.EDEADLK, () -> locks.set(FILE, lock(WRITE, 2, 0, 9), true));
        assertThat(locks.size()).isEqualTo(2);
        locks.release(FILE, 2, false);
        first.assertGranted();
        assertThat(Objects.requireNonNull(locks.get(FILE, lock(READ, 3, 0, 0))).type())
                .isEqualTo(WRITE);
    }

    @Test
    void flockGivesUpBeforeItConverts() throws Exception {
        locks.set(FILE, flock(READ, 1), false);
        locks.set(FILE, flock(READ, 2), false);
        Waiting first = wait(FILE, flock(WRITE, 1));
        assertThat(locks.size()).isEqualTo(1);
        locks.set(FILE, flock(WRITE, 2), false);
        assertFails(Errno.EAGAIN, () -> locks.set(FILE, flock(READ, 3), false));
        locks.set(FILE, flock(READ, 2), false);
        first.assertWaits();
        locks.release(FILE, 2, true);
        first.assertGranted();
        assertThat(locks.size()).isEqualTo(1);
    }

    @Test
    void aFailedFlockConversionLosesTheLock() throws ErrnoException {
        locks.set(FILE, flock(READ, 1), false);
        locks.set(FILE, flock(READ, 2), false);
        assertFails(Errno.EAGAIN, () -> locks.set(FILE, flock(WRITE, 1), false));
        assertThat(locks.size()).isEqualTo(1);
        locks.set(FILE, flock(WRITE, 2), false);
        locks.set(FILE, flock(WRITE, 2), false);
        assertThat(locks.size()).isEqualTo(1);
    }
}
