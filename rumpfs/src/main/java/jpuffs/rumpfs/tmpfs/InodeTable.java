// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import org.jspecify.annotations.Nullable;

/// All inodes by number: a hash table with linear probing, at most half full, since a map of boxed numbers
/// would take as much heap as all the rest of an inode.
final class InodeTable {
    private static final int MIN_LENGTH = 16;
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L; // 2^64 over the golden ratio

    private @Nullable Inode[] table = new @Nullable Inode[MIN_LENGTH];
    private int size;

    @Nullable
    Inode get(long ino) {
        int mask = table.length - 1;
        for (int at = home(ino); ; at = at + 1 & mask) {
            Inode inode = table[at];
            if (inode == null || inode.ino() == ino) {
                return inode;
            }
        }
    }

    /// Adds an inode whose number is not there.
    void add(Inode inode) {
        if (2 * size >= table.length) {
            resize(2 * table.length);
        }
        put(inode);
        size++;
    }

    /// Removes an inode that is there.
    void remove(Inode inode) {
        int mask = table.length - 1;
        int hole = home(inode.ino());
        while (!inode.equals(table[hole])) {
            hole = hole + 1 & mask;
        }
        int at = hole + 1 & mask;
        for (Inode next = table[at]; next != null; next = table[at]) {
            if ((at - home(next.ino()) & mask) >= (at - hole & mask)) {
                table[hole] = next;
                hole = at;
            }
            at = at + 1 & mask;
        }
        table[hole] = null;
        size--;
        if (8 * size < table.length && table.length > MIN_LENGTH) {
            resize(table.length / 2);
        }
    }

    private int home(long ino) {
        return (int) (ino * MULTIPLIER >>> 32) & table.length - 1;
    }

    private void put(Inode inode) {
        int at = home(inode.ino());
        while (table[at] != null) {
            at = at + 1 & table.length - 1;
        }
        table[at] = inode;
    }

    private void resize(int length) {
        @Nullable Inode[] old = table;
        table = new @Nullable Inode[length];
        for (Inode inode : old) {
            if (inode != null) {
                put(inode);
            }
        }
    }
}
