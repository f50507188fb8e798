// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jpuffs.rumpfs.fat.Names;
import jpuffs.rumpfs.fat.Slots;
import org.jspecify.annotations.Nullable;

/// Reads a directory from one place to the next: each file with its names, and the label of the volume.
final class Scanner {
    private final Slots slots;
    private final FatKind kind;
    private final int capacity;
    private final LongName.Collector collector = new LongName.Collector();
    private int next;
    private MemorySegment sector = MemorySegment.NULL; // what was read of the last one, up to its end
    private int sectorEnd; // the place that follows it
    private int nameStart = -1; // of the long name that is being collected
    private @Nullable Found found;

    /// A file in a directory.
    ///
    /// @param first the place of the first entry of its long name, or `slot`
    /// @param slot the place of the entry itself
    /// @param rec a copy of that
    /// @param name as it is shown
    record Found(int first, int slot, EntryRec rec, String name) {
        /// Whether it is a volume's label, and no file.
        boolean isVolume() {
            return rec.has(EntryRec.ATTR_VOLUME);
        }

        boolean isDot() {
            byte[] bytes = rec.name();
            return bytes[0] == '.' && (bytes[1] == ' ' || bytes[1] == '.' && bytes[2] == ' ');
        }
    }

    /// What is changed of a sector that it has begun with, it does not see.
    ///
    /// @param start the place to begin with
    Scanner(Slots slots, FatKind kind, int start) throws IOException {
        this.slots = slots;
        this.kind = kind;
        this.capacity = slots.capacity();
        this.next = start;
    }

    /// Whether there is one more.
    boolean next() throws IOException {
        while (next < capacity) {
            int slot = next;
            var rec = new EntryRec(read(slot), kind);
            if (rec.firstByte() == EntryRec.LAST) {
                return false;
            }
            next++;
            if (rec.firstByte() == EntryRec.REMOVED) {
                forget();
            } else if (rec.isLongName()) {
                collect(rec, slot);
            } else {
                if (rec.has(EntryRec.ATTR_VOLUME)) {
                    forget();
                }
                found = found(rec, slot);
                return true;
            }
        }
        return false;
    }

    private MemorySegment read(int slot) throws IOException {
        if (slot >= sectorEnd) {
            sector = slots.readSector(slot);
            sectorEnd = slot + (int) (sector.byteSize() / Slots.SIZE);
        }
        return sector.asSlice(sector.byteSize() - (sectorEnd - slot) * (long) Slots.SIZE, Slots.SIZE);
    }

    private void forget() {
        collector.clear();
        nameStart = -1;
    }

    private void collect(EntryRec rec, int slot) {
        boolean begins = (rec.firstByte() & LongName.LAST) != 0;
        if (!collector.add(rec.raw)) {
            nameStart = -1;
        } else if (begins) {
            nameStart = slot;
        }
    }

    private Found found(EntryRec rec, int slot) {
        String name = collector.take(rec.name());
        int first = name == null || nameStart < 0 ? slot : nameStart;
        nameStart = -1;
        boolean shown = name != null && Names.isShowable(name);
        return new Found(first, slot, rec, shown && name != null ? name : ShortName.text(rec));
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
