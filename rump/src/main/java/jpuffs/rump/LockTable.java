// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Lock;
import org.jspecify.annotations.Nullable;

/// The advisory locks on one file: who holds what. Waiting, and who is to be woken, is the user's business. (Linux:
/// `fs/locks.c`, `posix_lock_inode` and `flock_lock_inode`.)
///
/// Not thread-safe. A lock is taken like this:
///
/// ```
/// if (locks.conflict(wanted) == null) { locks.set(wanted); } else { ... EAGAIN, or wait and try again }
/// ```
final class LockTable {
    private List<Lock> held = new ArrayList<>();

    /// A lock that keeps `wanted` from being had, or null: the one that starts first.
    @Nullable
    Lock conflict(Lock wanted) {
        Lock first = null;
        for (Lock lock : held) {
            if (lock.conflicts(wanted) && (first == null || lock.start() < first.start())) {
                first = lock;
            }
        }
        return first;
    }

    /// Takes `lock`, or gives the range up for type NONE: what the owner held in the range is replaced, and what
    /// then adjoins with the same type becomes one lock. The caller has asked [#conflict].
    void set(Lock lock) {
        var next = new ArrayList<Lock>();
        Lock merged = lock;
        for (Lock old : held) {
            if (old.owner() != lock.owner() || old.flock() != lock.flock()) {
                next.add(old);
            } else if (old.type() == lock.type() && touches(old, merged)) {
                merged = merged.withRange(Math.min(old.start(), merged.start()), Math.max(old.end(), merged.end()));
            } else {
                addRest(next, old, lock);
            }
        }
        if (merged.type() != Lock.Type.NONE) {
            next.add(merged);
        }
        held = next;
    }

    private static boolean touches(Lock a, Lock b) {
        boolean apart =
                a.end() < b.start() && a.end() + 1 < b.start() || b.end() < a.start() && b.end() + 1 < a.start();
        return !apart;
    }

    private static void addRest(List<Lock> out, Lock old, Lock cut) {
        if (!old.overlaps(cut)) {
            out.add(old);
            return;
        }
        if (old.start() < cut.start()) {
            out.add(old.withRange(old.start(), cut.start() - 1));
        }
        if (old.end() > cut.end()) {
            out.add(old.withRange(cut.end() + 1, old.end()));
        }
    }

    /// Gives up all the locks of one kind that `owner` holds.
    ///
    /// @return whether there were any
    boolean release(long owner, boolean flock) {
        return held.removeIf(lock -> lock.owner() == owner && lock.flock() == flock);
    }

    /// Whether nobody holds a lock.
    boolean isEmpty() {
        return held.isEmpty();
    }

    /// A copy of the locks held.
    List<Lock> held() {
        return List.copyOf(held);
    }
}
