// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The lock that every operation on a mounted file system holds, but while the data of a file moves between the
/// disk and its caller.
///
/// Who waits here gives the lock up meanwhile, so others go on. Therefore an operation waits when it begins, or
/// where everything is consistent and it has claimed the file it works on.
final class FsLock {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private int moving; // operations that have blocks of which no commit may tell yet
    private final Damage damage;
    private final Consumer<ErrnoException> damaged;
    private int commits; // that wait for them

    /// @param damaged runs with the lock when an operation has failed for damage
    FsLock(Damage damage, Consumer<ErrnoException> damaged) {
        this.damage = damage;
        this.damaged = damaged;
    }

    /// An operation of a driver.
    @FunctionalInterface
    interface Operation<T> {
        T run() throws IOException;
    }

    /// An operation that may find nothing.
    @FunctionalInterface
    interface Search<T> {
        @Nullable
        T run() throws IOException;
    }

    /// Something done.
    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }

    /// Runs one at a time.
    <T> @Nullable T find(Search<T> search) throws IOException {
        lock.lock();
        try {
            if (damage.isStopped()) {
                throw EIO.error("stopped, for damage");
            }
            return search.run();
        } catch (ErrnoException e) {
            if (e.errno() == EUCLEAN) {
                damaged.accept(e);
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /// As [#find], with a result always.
    <T> T run(Operation<T> operation) throws IOException {
        T result = find(operation::run);
        return Objects.requireNonNull(result);
    }

    /// As [#find], without a result.
    void act(Action action) throws IOException {
        var unused = find(() -> {
            action.run();
            return null;
        });
    }

    void enter() {
        lock.lock();
    }

    void leave() {
        lock.unlock();
    }

    /// Waits while that is so; who ends it calls [#wake].
    void awaitWhile(BooleanSupplier busy) {
        while (busy.getAsBoolean()) {
            moved.awaitUninterruptibly();
        }
    }

    /// What others wait for may have come.
    void wake() {
        moved.signalAll();
    }

    /// The move of data begins, before blocks are allocated for it: a commit waits for its end.
    void beginMove() {
        awaitWhile(() -> commits > 0);
        moving++;
    }

    void endMove() {
        moving--;
        wake();
    }

    /// A commit begins: waits until no data moves. Not between [#beginMove] and [#endMove].
    void awaitMoves() {
        if (moving == 0) {
            return;
        }
        commits++;
        awaitWhile(() -> moving > 0);
        commits--;
        wake();
    }

    /// Moves data while others have the lock, if that is possible here.
    void without(Action move) throws IOException {
        if (lock.getHoldCount() != 1) { // the caller of the caller counts on it
            move.run();
            return;
        }
        lock.unlock();
        try {
            move.run();
        } finally {
            lock.lock();
        }
    }
}
