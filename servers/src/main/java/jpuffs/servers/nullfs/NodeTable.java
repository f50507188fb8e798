// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.ESTALE;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// The files the driver knows, by identity: one [NullNode] for each. Thread-safe.
///
/// A node counts how often it was answered, and [#reclaim] subtracts what the driver has counted. At 0 it dies, in
/// one step under its own monitor; after that nobody answers it any more, and a look-up that meets it here puts
/// another in its place. So it does not matter in which order a look-up and a reclaim of the same file come.
final class NodeTable {
    private final ConcurrentHashMap<FileId, NullNode> nodes = new ConcurrentHashMap<>();
    private final AtomicInteger placed = new AtomicInteger();

    /// The node of a file the driver knows, not counted as an answer.
    @Nullable
    NullNode find(FileId id) {
        return nodes.get(id);
    }

    /// The node of a file the driver knows; counts an answer.
    @Nullable
    NullNode answer(FileId id) {
        NullNode node = nodes.get(id);
        return node != null && node.answer() ? node : null;
    }

    /// The node for a file, `fresh` or an older one of the same identity; counts an answer. What `fresh` has,
    /// descriptor or place, goes to the older one if that is placed.
    NullNode adopt(NullNode fresh) {
        for (; ; ) {
            NullNode known = nodes.putIfAbsent(fresh.id(), fresh);
            if (known == null) {
                if (fresh.isPlaced()) {
                    placed.incrementAndGet();
                }
                return fresh;
            }
            if (known.answer()) {
                merge(known, fresh);
                return known;
            }
            nodes.remove(fresh.id(), known);
        }
    }

    private void merge(NullNode known, NullNode fresh) {
        if (fresh.isPlaced()) {
            move(known, fresh.place(null));
        } else if (!hold(known, fresh.descriptor())) {
            fresh.close();
        }
    }

    /// A place, which keeps `dir` from dying until [#move] or [#reclaim] of what is there.
    Place place(NullNode dir, Name name) throws ErrnoException {
        if (!dir.answer()) {
            throw ESTALE.error();
        }
        return new Place(dir, name);
    }

    /// Tells a placed node where it is now; a held one does not care.
    void move(NullNode node, @Nullable Place place) {
        leave(node.isPlaced() ? node.place(place) : place);
    }

    /// Gives a placed node a descriptor; false if it has one.
    boolean hold(NullNode node, int fd) {
        if (!node.hold(fd)) {
            return false;
        }
        placed.decrementAndGet();
        leave(node.place(null));
        return true;
    }

    private void leave(@Nullable Place place) {
        if (place != null) {
            reclaim(place.dir(), 1);
        }
    }

    /// Whether there is any placed node.
    boolean hasPlaced() {
        return placed.get() > 0;
    }

    /// The driver knows the node no more, having counted so many answers; or a place in it was left.
    void reclaim(NullNode node, long answers) {
        long count = answers;
        for (NullNode next = node; next != null && next.forget(count); count = 1) {
            nodes.remove(next.id(), next);
            if (next.isPlaced()) {
                placed.decrementAndGet();
            }
            next.close();
            Place place = next.place(null);
            next = place == null ? null : place.dir();
        }
    }

    /// How many nodes there are.
    int size() {
        return nodes.size();
    }

    /// Closes every node, whatever the driver knows.
    void clear() {
        for (NullNode node : nodes.values()) {
            reclaim(node, Long.MAX_VALUE);
        }
    }
}
