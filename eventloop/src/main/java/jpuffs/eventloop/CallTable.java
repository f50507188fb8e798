// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The calls of a channel that wait for their replies, by tag: a hash table with linear probing, without boxing.
final class CallTable {
    private static final int MIN_CAPACITY = 16;

    private @Nullable Call[] slots = new @Nullable Call[MIN_CAPACITY];
    private int size;

    int size() {
        return size;
    }

    @Nullable
    Call get(long tag) {
        return slots[find(tag)];
    }

    /// Adds a call whose tag is not in the table.
    void put(Call call) {
        if (2 * (size + 1) > slots.length) {
            resize(2 * slots.length);
        }
        slots[find(call.tag)] = call;
        size++;
    }

    void remove(Call call) {
        int hole = find(call.tag);
        if (slots[hole] != call) {
            return;
        }
        size--;
        slots[hole] = null;
        closeGap(hole);
    }

    /// Empties the table.
    ///
    /// @return what was in it
    List<Call> removeAll() {
        var calls = new ArrayList<Call>(size);
        for (Call call : slots) {
            if (call != null) {
                calls.add(call);
            }
        }
        slots = new @Nullable Call[MIN_CAPACITY];
        size = 0;
        return calls;
    }

    /// The slot of `tag`, or the empty one where it would go.
    private int find(long tag) {
        int slot = home(tag);
        for (Call call = slots[slot]; call != null && call.tag != tag; call = slots[slot]) {
            slot = next(slot);
        }
        return slot;
    }

    private int home(long tag) {
        long mixed = tag * 0x9e37_79b9_7f4a_7c15L; // 2^64 divided by the golden ratio: spreads runs of tags
        return (int) (mixed >>> 32) & slots.length - 1;
    }

    private int next(int slot) {
        return slot + 1 & slots.length - 1;
    }

    /// Moves back what linear probing has pushed past the slot that became empty.
    private void closeGap(int gap) {
        int hole = gap;
        int slot = next(hole);
        for (Call call = slots[slot]; call != null; call = slots[slot]) {
            int distance = slot - home(call.tag) & slots.length - 1;
            if (distance >= (slot - hole & slots.length - 1)) {
                slots[hole] = call;
                slots[slot] = null;
                hole = slot;
            }
            slot = next(slot);
        }
    }

    private void resize(int capacity) {
        @Nullable Call[] old = slots;
        slots = new @Nullable Call[capacity];
        for (Call call : old) {
            if (call != null) {
                slots[find(call.tag)] = call;
            }
        }
    }
}
