// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is in a directory, by name in any letters, and which of its places are free.
public final class DirIndex {
    private final Map<String, Place> names = new HashMap<>();
    private final BitSet used = new BitSet();
    private int end; // the first place that never was used
    private int files;

    /// Of two files with one name, which a damaged directory may have, the first is found.
    public void add(Place place) {
        names.putIfAbsent(place.key(), place);
        names.putIfAbsent(place.alias(), place);
        use(place.first(), place.last());
        files++;
    }

    /// Places that hold something that is no file, and is not to be overwritten.
    public void use(int first, int last) {
        used.set(first, last + 1);
        end = Math.max(end, last + 1);
    }

    /// The places before `place` were used, whatever is in them now.
    public void endsAt(int place) {
        end = Math.max(end, place);
    }

    void remove(Place place) {
        names.remove(place.key(), place);
        names.remove(place.alias(), place);
        used.clear(place.first(), place.last() + 1);
        files--;
    }

    public @Nullable Place get(String key) {
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
    ///
    /// @param together the first so many of them must lie in one sector of 512 bytes: else a crash could tear
    ///     them
    int findFree(int count, int together) {
        int perSector = 512 / Slots.SIZE;
        int start = used.nextClearBit(0);
        while (true) {
            if (start % perSector + together > perSector) {
                start = used.nextClearBit((start / perSector + 1) * perSector);
                continue;
            }
            int taken = used.nextSetBit(start);
            if (taken < 0 || taken - start >= count) {
                return start;
            }
            start = used.nextClearBit(taken);
        }
    }

    /// The first place that never was used, nor any behind it.
    public int end() {
        return end;
    }
}
