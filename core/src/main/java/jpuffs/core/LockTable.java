// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The locks of one kind held on one file, and who waits for one. Guarded by the mutex of its [Locks].
///
/// The locks of an owner do not overlap, and neighbours of the same type are one lock.
final class LockTable {
    /// Owner to his locks by their first byte.
    private final Map<Long, NavigableMap<Long, Lock>> owners = new HashMap<>();

    /// In the order of their arrival.
    final List<Locks.Waiter> waiters = new ArrayList<>();

    boolean isEmpty() {
        return owners.isEmpty() && waiters.isEmpty();
    }

    int size() {
        return owners.values().stream().mapToInt(Map::size).sum();
    }

    int size(long owner) {
        NavigableMap<Long, Lock> held = owners.get(owner);
        return held == null ? 0 : held.size();
    }

    /// The held lock with the lowest start that is in the way of `wanted`, or null.
    @Nullable
    Lock conflict(Lock wanted) {
        Lock first = null;
        for (var entry : owners.entrySet()) {
            Lock found = entry.getKey() == wanted.owner() ? null : conflict(entry.getValue(), wanted);
            if (found != null && (first == null || found.start() < first.start())) {
                first = found;
            }
        }
        return first;
    }

    /// The owners of all held locks that are in the way of `wanted`.
    List<Long> blockers(Lock wanted) {
        var blockers = new ArrayList<Long>();
        for (var entry : owners.entrySet()) {
            if (entry.getKey() != wanted.owner() && conflict(entry.getValue(), wanted) != null) {
                blockers.add(entry.getKey());
            }
        }
        return blockers;
    }

    private static @Nullable Lock conflict(NavigableMap<Long, Lock> held, Lock wanted) {
        var before = held.floorEntry(wanted.start());
        if (before != null && before.getValue().conflicts(wanted)) {
            return before.getValue();
        }
        for (Lock lock : held.subMap(wanted.start(), false, wanted.end(), true).values()) {
            if (lock.conflicts(wanted)) {
                return lock;
            }
        }
        return null;
    }

    /// Sets the range of `lock` to its type for its owner, without asking others.
    void apply(Lock lock) {
        NavigableMap<Long, Lock> held = owners.computeIfAbsent(lock.owner(), k -> new TreeMap<>());
        cut(held, lock.start(), lock.end());
        if (lock.type() != Lock.Type.NONE) {
            insert(held, lock);
        }
        if (held.isEmpty()) {
            owners.remove(lock.owner());
        }
    }

    private static void cut(NavigableMap<Long, Lock> held, long start, long end) {
        var before = held.lowerEntry(start);
        if (before != null && before.getValue().end() >= start) {
            Lock lock = before.getValue();
            held.put(lock.start(), lock.withRange(lock.start(), start - 1));
            if (lock.end() > end) {
                held.put(end + 1, lock.withRange(end + 1, lock.end()));
            }
        }
        var inside = held.subMap(start, true, end, true);
        Lock last = inside.isEmpty() ? null : inside.lastEntry().getValue();
        inside.clear();
        if (last != null && last.end() > end) {
            held.put(end + 1, last.withRange(end + 1, last.end()));
        }
    }

    private static void insert(NavigableMap<Long, Lock> held, Lock lock) {
        Lock whole = lock;
        var before = held.lowerEntry(lock.start());
        if (before != null
                && before.getValue().end() == lock.start() - 1
                && before.getValue().type() == lock.type()) {
            whole = whole.withRange(before.getKey(), whole.end());
        }
        Lock after = lock.end() == Long.MAX_VALUE ? null : held.get(lock.end() + 1);
        if (after != null && after.type() == lock.type()) {
            held.remove(after.start());
            whole = whole.withRange(whole.start(), after.end());
        }
        held.put(whole.start(), whole);
    }
}
