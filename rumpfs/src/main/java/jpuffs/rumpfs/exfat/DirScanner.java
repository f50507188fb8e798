// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Reads a directory from one place to the next: each file, and each other entry that is in use.
final class DirScanner {
    private final Slots slots;
    private final int capacity;
    private int next;
    private @Nullable Found found;

    /// What lies in some places.
    ///
    /// @param set null for what is no file or a damaged one: then `first` is `last`
    record Found(int first, int last, int type, @Nullable EntrySet set) {}

    /// @param start the place to begin with
    DirScanner(Slots slots, int start) throws IOException {
        this.slots = slots;
        this.capacity = slots.capacity();
        this.next = start;
    }

    /// Whether there is one more.
    boolean next() throws IOException {
        while (next < capacity) {
            int slot = next;
            int type = slots.firstByte(slot);
            if (type == EntrySet.END) {
                return false;
            }
            next++;
            if ((type & EntrySet.IN_USE) != 0) {
                EntrySet set = type == EntrySet.FILE ? readSet(slots, slot, capacity) : null;
                if (set != null && (!set.isWhole() || !set.hasGoodSum())) {
                    set = null;
                }
                found = new Found(slot, set == null ? slot : slot + set.entries() - 1, type, set);
                next = found.last + 1;
                return true;
            }
        }
        return false;
    }

    /// The entries of the file that begins there, if all are in use and none begins another; their content is not
    /// looked at.
    static @Nullable EntrySet readSet(Slots slots, int slot, int capacity) throws IOException {
        MemorySegment first = slots.read(slot);
        int secondary = EntrySet.secondary(first);
        if (secondary < EntrySet.MIN_SECONDARY || secondary > EntrySet.MAX_SECONDARY || slot + secondary >= capacity) {
            return null;
        }
        MemorySegment raw = MemorySegment.ofArray(new byte[(secondary + 1) * Slots.SIZE]);
        raw.asSlice(0, Slots.SIZE).copyFrom(first);
        for (int i = 1; i <= secondary; i++) {
            MemorySegment entry = slots.read(slot + i);
            if (!isSecondary(Le.u8(entry, 0))) {
                return null;
            }
            raw.asSlice((long) i * Slots.SIZE, Slots.SIZE).copyFrom(entry);
        }
        return new EntrySet(raw);
    }

    /// Whether an entry of this type belongs to one before it. (exFAT specification 6.2.1.)
    static boolean isSecondary(int type) {
        return (type & 0xc0) == 0xc0;
    }

    /// Goes on so many places farther.
    void skip(int places) {
        next += places;
    }

    /// What [#next()] has found.
    Found found() {
        return Objects.requireNonNull(found);
    }

    /// The place it has come to: where the directory ends, after the last.
    int position() {
        return next;
    }
}
