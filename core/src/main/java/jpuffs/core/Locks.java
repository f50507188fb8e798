// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EDEADLK;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENOLCK;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The advisory locks of one file system: POSIX record locks (fcntl(2)) and locks of whole files (flock(2)), for
/// servers that keep locks themselves ([FileSystem#keepsLocks]).
///
/// ```java
/// private final Locks locks = new Locks();                       // one for all nodes: deadlocks span files
/// public @Nullable Lock getlk(Lock lock) { return locks.get(this, lock); }
/// public void setlk(Lock lock, boolean wait) throws ErrnoException { locks.set(this, lock, wait); }
/// ```
///
/// Locks are kept by file (any object; equal objects are one file) and by owner. A file without locks and waiters
/// costs nothing. Thread-safe; waiting parks a virtual thread.
///
/// Waiters of a file are served in the order they came, each as soon as nothing held is in its way. A request that
/// nothing held is in the way of is granted at once, also past waiters, as Linux does. (Rules: fcntl(2), flock(2),
/// Linux `fs/locks.c`.)
public final class Locks {
    /// Beyond this many locks held: ENOLCK.
    private static final int MAX_LOCKS = 1 << 20;

    private final ReentrantLock mutex = new ReentrantLock();
    private final Map<Key, LockTable> tables = new HashMap<>(); // guarded by mutex
    private final Map<Long, List<Waiter>> waiting = new HashMap<>(); // POSIX only, by owner; guarded by mutex
    private int held; // guarded by mutex

    public Locks() {}

    private record Key(Object file, boolean flock) {}

    /// A request that waits.
    static final class Waiter {
        final LockTable table;
        final Lock lock;
        final Condition wake;
        boolean granted; // guarded by mutex

        Waiter(LockTable table, Lock lock, Condition wake) {
            this.table = table;
            this.lock = lock;
            this.wake = wake;
        }
    }

    /// The held lock, the one with the lowest start, that keeps `lock` from being had; null if none does (F_GETLK).
    public @Nullable Lock get(Object file, Lock lock) {
        mutex.lock();
        try {
            LockTable table = tables.get(new Key(file, lock.flock()));
            return table == null ? null : table.conflict(lock);
        } finally {
            mutex.unlock();
        }
    }

    /// Takes a lock, changes what the owner holds in its range to its type, or gives up what he holds there.
    ///
    /// A lock is converted at once if nothing is in the way. Otherwise a POSIX lock is kept as it was, and a
    /// flock(2) lock is given up before the request waits or fails.
    ///
    /// @param wait whether to wait for those in the way
    /// @throws ErrnoException EAGAIN if another's lock is in the way and not `wait`; EDEADLK if one of those
    ///     waited for waits, maybe by way of others, for this owner (POSIX locks only); EINTR if the thread was
    ///     interrupted while it waited; ENOLCK for too many locks
    public void set(Object file, Lock lock, boolean wait) throws ErrnoException {
        var key = new Key(file, lock.flock());
        Lock wanted = lock.flock() ? lock.withRange(0, Long.MAX_VALUE) : lock;
        mutex.lock();
        try {
            LockTable table = tables.computeIfAbsent(key, k -> new LockTable());
            try {
                set(table, wanted, wait);
            } finally {
                if (table.isEmpty()) {
                    tables.remove(key, table);
                }
            }
        } finally {
            mutex.unlock();
        }
    }

    /// Gives up all locks of one kind that `owner` holds on `file`, as closing it does.
    public void release(Object file, long owner, boolean flock) {
        mutex.lock();
        try {
            LockTable table = tables.get(new Key(file, flock));
            if (table != null) {
                apply(table, new Lock(Lock.Type.NONE, owner, 0, Long.MAX_VALUE, 0, flock));
                if (table.isEmpty()) {
                    tables.remove(new Key(file, flock));
                }
            }
        } finally {
            mutex.unlock();
        }
    }

    /// The number of locks held, each a range of one owner.
    public int size() {
        mutex.lock();
        try {
            return held;
        } finally {
            mutex.unlock();
        }
    }

    /// The number of requests that wait.
    public int waiters() {
        mutex.lock();
        try {
            return tables.values().stream()
                    .mapToInt(table -> table.waiters.size())
                    .sum();
        } finally {
            mutex.unlock();
        }
    }

    private void set(LockTable table, Lock lock, boolean wait) throws ErrnoException {
        if (lock.type() != Lock.Type.NONE) {
            if (held >= MAX_LOCKS) {
                throw ENOLCK.error();
            }
            if (table.conflict(lock) != null) {
                if (lock.flock()) {
                    apply(table, new Lock(Lock.Type.NONE, lock.owner(), lock.start(), lock.end(), lock.pid(), true));
                }
                if (!wait) {
                    throw EAGAIN.error();
                }
                await(table, lock);
                return;
            }
        }
        apply(table, lock);
    }

    private void await(LockTable table, Lock lock) throws ErrnoException {
        if (!lock.flock() && deadlocks(table, lock)) {
            throw EDEADLK.error();
        }
        var waiter = new Waiter(table, lock, mutex.newCondition());
        add(waiter);
        try {
            while (!waiter.granted) {
                waiter.wake.await();
            }
        } catch (InterruptedException e) {
            if (waiter.granted) {
                Thread.currentThread().interrupt(); // too late to undo: for the next wait
                return;
            }
            remove(waiter);
            throw EINTR.error();
        }
    }

    /// Changes what is held and serves those whose way is free now.
    private void apply(LockTable table, Lock lock) {
        change(table, lock);
        boolean again = true;
        while (again) { // a grant can turn a write lock of the owner into a read lock
            again = false;
            for (Waiter waiter : List.copyOf(table.waiters)) {
                if (table.conflict(waiter.lock) == null) {
                    change(table, waiter.lock);
                    remove(waiter);
                    waiter.granted = true;
                    waiter.wake.signal();
                    again = true;
                }
            }
        }
    }

    private void change(LockTable table, Lock lock) {
        int before = table.size(lock.owner());
        table.apply(lock);
        held += table.size(lock.owner()) - before;
    }

    private void add(Waiter waiter) {
        waiter.table.waiters.add(waiter);
        if (!waiter.lock.flock()) {
            waiting.computeIfAbsent(waiter.lock.owner(), k -> new ArrayList<>()).add(waiter);
        }
    }

    private void remove(Waiter waiter) {
        waiter.table.waiters.remove(waiter);
        waiting.computeIfPresent(waiter.lock.owner(), (owner, list) -> {
            list.remove(waiter);
            return list.isEmpty() ? null : list;
        });
    }

    /// Whether somebody in the way of `lock` waits, directly or by way of others, for its owner.
    private boolean deadlocks(LockTable table, Lock lock) {
        var todo = new ArrayDeque<>(table.blockers(lock));
        var seen = new HashSet<Long>();
        while (!todo.isEmpty()) {
            Long owner = todo.pop();
            if (owner == lock.owner()) {
                return true;
            }
            if (seen.add(owner)) {
                waiting.getOrDefault(owner, List.of()).stream()
                        .map(waiter -> waiter.table.blockers(waiter.lock))
                        .flatMap(Collection::stream)
                        .forEach(todo::push);
            }
        }
        return false;
    }
}
