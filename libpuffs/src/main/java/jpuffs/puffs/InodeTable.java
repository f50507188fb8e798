// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Inodes by node id: a hash table whose chains go through the inodes ([Inode#next]), since there may be a million of
/// them. (An entry of a ConcurrentHashMap and its key take 60 bytes for each, which the collector copies.)
///
/// Ids in order go to slots in order, by runs: the collector looks through all parts of the table that were written
/// to. Where a run goes is a secret of this table, since the numbers in a disk image may be chosen to collide.
///
/// Who changes it holds its monitor. Who looks a node id up does not, as long as it is there: while a chain is being
/// moved, the end of another one may be met too early, and then the monitor is waited for. A walk ends: links of
/// what was moved lead to what was moved before, all others to what was not.
final class InodeTable {
    private static final int RUN_BITS = 6;
    private static final int RUN = 1 << RUN_BITS;

    private final long salt = new SplittableRandom().nextLong() | 1;
    private volatile @Nullable Inode[] chains = new Inode[RUN];
    private int size;

    @Nullable
    Inode get(long nodeid) {
        Inode found = search(nodeid);
        return found == null ? searchAgain(nodeid) : found;
    }

    private @Nullable Inode search(long nodeid) {
        Inode[] all = chains;
        Inode inode = all[slot(nodeid, all.length)];
        while (inode != null && inode.nodeid != nodeid) {
            inode = inode.next;
        }
        return inode;
    }

    private synchronized @Nullable Inode searchAgain(long nodeid) {
        return search(nodeid);
    }

    private int slot(long nodeid, int capacity) {
        long mixed = (nodeid >>> RUN_BITS) * salt;
        return (int) ((mixed ^ mixed >>> 32) << RUN_BITS | nodeid & RUN - 1) & capacity - 1;
    }

    /// Enters it, unless there is one of its id.
    ///
    /// @return the one that was there, or null
    synchronized @Nullable Inode putIfAbsent(Inode inode) {
        Inode before = search(inode.nodeid);
        if (before == null) {
            if (size == chains.length && size < 1 << 30) {
                grow();
            }
            link(chains, inode);
            size++;
        }
        return before;
    }

    private void link(@Nullable Inode[] all, Inode inode) {
        int slot = slot(inode.nodeid, all.length);
        inode.next = all[slot];
        all[slot] = inode;
    }

    private void grow() {
        Inode[] old = chains;
        var all = new Inode[2 * old.length];
        for (Inode first : old) {
            for (Inode inode = first; inode != null; ) {
                Inode next = inode.next;
                link(all, inode);
                inode = next;
            }
        }
        chains = all;
    }

    /// Takes it out; who stands on it goes on from there.
    synchronized void remove(Inode inode) {
        int slot = slot(inode.nodeid, chains.length);
        Inode before = null;
        Inode at = chains[slot];
        while (at != null && at != inode) {
            before = at;
            at = at.next;
        }
        if (at == null) {
            return;
        }
        if (before == null) {
            chains[slot] = inode.next;
        } else {
            before.next = inode.next;
        }
        size--;
    }

    synchronized int size() {
        return size;
    }

    /// All there are now.
    synchronized List<Inode> values() {
        var all = new ArrayList<Inode>(size);
        for (Inode first : chains) {
            for (Inode inode = first; inode != null; inode = inode.next) {
                all.add(inode);
            }
        }
        return all;
    }
}
