// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import jpuffs.rumpfs.msdosfs.Scanner.Found;
import org.jspecify.annotations.Nullable;

/// What is in a directory, by name in any letters, and which of its places are free.
final class DirIndex {
    /// Where a file is: the places from `first` to `slot`.
    record Place(int first, int slot, String key, String shortKey) {}

    private final Map<String, Place> names = new HashMap<>();
    private final BitSet used = new BitSet();
    private int end; // the first place that never was used
    private int files;

    static DirIndex read(Slots slots) throws IOException {
        var index = new DirIndex();
        var scanner = new Scanner(slots, 0);
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.isDot()) {
                index.used.set(found.first(), found.slot() + 1);
            } else {
                index.add(found);
            }
        }
        index.end = scanner.position();
        index.findVolumes(slots);
        return index;
    }

    /// Places that hold something else, as the label of the volume.
    private void findVolumes(Slots slots) throws IOException {
        for (int slot = used.nextClearBit(0); slot < end; slot = used.nextClearBit(slot + 1)) {
            EntryRec rec = slots.read(slot);
            boolean volume = !rec.isLongName() && rec.has(EntryRec.ATTR_VOLUME);
            if (rec.firstByte() != EntryRec.REMOVED && volume) {
                used.set(slot);
            }
        }
    }

    /// Of two files with one name, which a damaged directory may have, the first is found.
    Place add(Found found) {
        var place = new Place(
                found.first(),
                found.slot(),
                LongName.key(found.name()),
                ShortName.key(found.rec().name()));
        names.putIfAbsent(place.key, place);
        names.putIfAbsent(place.shortKey, place);
        used.set(place.first, place.slot + 1);
        end = Math.max(end, place.slot + 1);
        files++;
        return place;
    }

    void remove(Place place) {
        names.remove(place.key, place);
        names.remove(place.shortKey, place);
        used.clear(place.first, place.slot + 1);
        files--;
    }

    @Nullable
    Place get(String key) {
        return names.get(key);
    }

    boolean isEmpty() {
        return files == 0;
    }

    /// How much memory it takes, in names.
    int weight() {
        return 16 + names.size();
    }

    /// The first of `count` free places side by side, which may lie behind the end.
    int findFree(int count) {
        int start = used.nextClearBit(0);
        while (true) {
            int taken = used.nextSetBit(start);
            if (taken < 0 || taken - start >= count) {
                return start;
            }
            start = used.nextClearBit(taken);
        }
    }

    int end() {
        return end;
    }
}
