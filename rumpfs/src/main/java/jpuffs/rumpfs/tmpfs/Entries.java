// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import java.util.Arrays;
import java.util.SplittableRandom;
import jpuffs.core.DirSink;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// The names in a directory, with a hash index for look-ups and in the order of their making for readdir.
///
/// An entry has a slot and a sequence number, which is its cookie; both grow from slot to slot. A removed
/// entry leaves its slot empty until half of them are. The index has, by hash and linear probing, slot
/// numbers plus one. The hash is not that of [Name], for which names that collide are easily found.
final class Entries {
    private static final int MIN_SLOTS = 8;
    private static final long MULTIPLIER = new SplittableRandom().nextLong() | 1;
    private static final Name[] NO_NAMES = {};
    private static final Inode[] NO_INODES = {};

    private @Nullable Name[] names = NO_NAMES;
    private @Nullable Inode[] inodes = NO_INODES;
    private long[] sequence = {};
    private int[] hashes = {};
    private int[] index = {};
    private int used; // slots up to the last entry
    private int first; // no entry in the slots below
    private int size;
    private long lastSequence;

    int size() {
        return size;
    }

    @Nullable
    Inode get(Name name) {
        int slot = slot(name);
        return slot < 0 ? null : inodes[slot];
    }

    /// Adds an entry with a name that is not there.
    void add(Name name, Inode inode) {
        if (used == names.length) {
            rebuild(Math.max(MIN_SLOTS, size > names.length / 2 ? 2 * names.length : names.length));
        }
        int slot = used++;
        names[slot] = name;
        inodes[slot] = inode;
        sequence[slot] = ++lastSequence;
        hashes[slot] = hash(name);
        index(slot);
        size++;
    }

    /// Gives the entry called `name`, which is there, another inode; its cookie stays.
    void replace(Name name, Inode inode) {
        inodes[slot(name)] = inode;
    }

    /// Removes the entry called `name`, which is there.
    void remove(Name name) {
        int slot = slot(name);
        unindex(slot);
        names[slot] = null;
        inodes[slot] = null;
        size--;
        if (size < used / 2 && used > MIN_SLOTS) {
            rebuild(Math.max(MIN_SLOTS, Integer.highestOneBit(size) << 1));
        }
        while (first < used && names[first] == null) {
            first++;
        }
    }

    /// Puts the entries after `cookie` into `sink` until it refuses one.
    void list(long cookie, DirSink sink) {
        for (int slot = Math.max(first, after(cookie)); slot < used; slot++) {
            Name name = names[slot];
            Inode inode = inodes[slot];
            if (name != null && inode != null) {
                if (!sink.add(name, inode.ino(), Mode.type(inode.mode()), sequence[slot])) {
                    return;
                }
            }
        }
    }

    private int after(long cookie) {
        int found = Arrays.binarySearch(sequence, 0, used, cookie);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private static int hash(Name name) {
        long hash = name.length();
        for (int at = 0; at < name.length(); at++) {
            hash = (hash ^ name.byteAt(at)) * MULTIPLIER;
            hash ^= hash >>> 32;
        }
        return (int) hash;
    }

    private int slot(Name name) {
        if (size == 0) {
            return -1;
        }
        int hash = hash(name);
        int mask = index.length - 1;
        for (int at = hash & mask; index[at] != 0; at = at + 1 & mask) {
            int slot = index[at] - 1;
            if (hashes[slot] == hash && name.equals(names[slot])) {
                return slot;
            }
        }
        return -1;
    }

    private void index(int slot) {
        int mask = index.length - 1;
        int at = hashes[slot] & mask;
        while (index[at] != 0) {
            at = at + 1 & mask;
        }
        index[at] = slot + 1;
    }

    /// Takes a slot out of the index and moves those that came later in its run up.
    private void unindex(int slot) {
        int mask = index.length - 1;
        int hole = hashes[slot] & mask;
        while (index[hole] != slot + 1) {
            hole = hole + 1 & mask;
        }
        for (int at = hole + 1 & mask; index[at] != 0; at = at + 1 & mask) {
            int home = hashes[index[at] - 1] & mask;
            if ((at - home & mask) >= (at - hole & mask)) {
                index[hole] = index[at];
                hole = at;
            }
        }
        index[hole] = 0;
    }

    /// Moves the entries together, into `slots` slots.
    private void rebuild(int slots) {
        var newNames = new @Nullable Name[slots];
        var newInodes = new @Nullable Inode[slots];
        var newSequence = new long[slots];
        var newHashes = new int[slots];
        int to = 0;
        for (int slot = 0; slot < used; slot++) {
            if (names[slot] != null) {
                newNames[to] = names[slot];
                newInodes[to] = inodes[slot];
                newSequence[to] = sequence[slot];
                newHashes[to++] = hashes[slot];
            }
        }
        names = newNames;
        inodes = newInodes;
        sequence = newSequence;
        hashes = newHashes;
        used = to;
        first = 0;
        index = new int[2 * slots];
        for (int slot = 0; slot < used; slot++) {
            index(slot);
        }
    }
}
