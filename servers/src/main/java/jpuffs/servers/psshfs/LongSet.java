// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.SplittableRandom;

/// Numbers other than 0, eight to sixteen bytes each: a hash table with linear probing. (A HashSet takes 80 bytes for
/// one.) They come from names that a hostile server may choose, so where each goes is a secret of this set.
final class LongSet {
    private static final int MIN_CAPACITY = 64;

    private final long salt = new SplittableRandom().nextLong() | 1;
    private long[] slots = new long[MIN_CAPACITY];
    private int size;

    boolean contains(long number) {
        return slots[find(number)] == number;
    }

    void add(long number) {
        int slot = find(number);
        if (slots[slot] == number) {
            return;
        }
        slots[slot] = number;
        size++;
        if (2 * size > slots.length) {
            resize(2 * slots.length);
        }
    }

    void remove(long number) {
        int hole = find(number);
        if (slots[hole] != number) {
            return;
        }
        slots[hole] = 0;
        size--;
        closeGap(hole);
        if (slots.length > MIN_CAPACITY && 8 * size < slots.length) {
            resize(slots.length / 2);
        }
    }

    /// Where the number is, or the empty slot where it would go.
    private int find(long number) {
        int slot = home(number);
        while (slots[slot] != number && slots[slot] != 0) {
            slot = next(slot);
        }
        return slot;
    }

    private int home(long number) {
        return (int) (number * salt >>> Long.numberOfLeadingZeros(slots.length - 1));
    }

    private int next(int slot) {
        return slot + 1 & slots.length - 1;
    }

    /// Moves back what probing has pushed past the slot that became empty.
    private void closeGap(int gap) {
        int hole = gap;
        for (int slot = next(hole); slots[slot] != 0; slot = next(slot)) {
            int distance = slot - home(slots[slot]) & slots.length - 1;
            if (distance >= (slot - hole & slots.length - 1)) {
                slots[hole] = slots[slot];
                slots[slot] = 0;
                hole = slot;
            }
        }
    }

    private void resize(int capacity) {
        long[] old = slots;
        slots = new long[capacity];
        for (long number : old) {
            if (number != 0) {
                slots[find(number)] = number;
            }
        }
    }
}
