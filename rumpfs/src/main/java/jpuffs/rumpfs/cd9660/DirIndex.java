// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Name;
import jpuffs.rumpfs.cd9660.SystemUse.Budget;
import org.jspecify.annotations.Nullable;

/// What is in a directory: its files by name, in the order of the disc. Of several with one name the first counts,
/// which is the newest version.
final class DirIndex {
    /// The longest directory, of about half a million files.
    private static final long MAX_LENGTH = 64 << 20;

    /// Continuations may be this many times as long as the records, and a MiB.
    private static final int CONTINUATIONS = 64;

    private final Map<Name, Place> byName = new LinkedHashMap<>();
    private final List<Place> inOrder = new ArrayList<>();

    /// A file in a directory.
    ///
    /// @param position of its first record on the disc
    /// @param records how many it has: one for each section of its data
    /// @param ino its inode number
    /// @param type the type bits of its mode
    record Place(Name name, long position, int records, long ino, int type) {}

    private DirIndex() {}

    @Nullable
    Place get(Name name) {
        return byName.get(name);
    }

    /// In the order of the disc.
    List<Place> places() {
        return inOrder;
    }

    /// Reads a directory.
    ///
    /// @throws IOException EUCLEAN for damage
    static DirIndex read(Records records, Directory directory) throws IOException {
        long length = directory.length();
        if (length > MAX_LENGTH) {
            throw EUCLEAN.error("the directory at %d has %d bytes", directory.begin(), length);
        }
        var index = new DirIndex();
        var budget = new Budget((1 << 20) + CONTINUATIONS * length);
        var scan = new DirScan(records.disc(), directory.begin(), directory.end());
        DirRec first = null;
        int count = 0;
        for (DirRec rec = scan.next(); rec != null; rec = scan.next()) {
            first = first == null ? rec : first;
            count++;
            if (!rec.has(DirRec.MORE)) {
                RockRidge rock = records.rockRidge(first, budget);
                boolean elsewhere = rock.isRelocated || directory.holdsMoved() && records.isMoved(first, budget);
                if (!elsewhere) {
                    index.add(records, first, count, rock);
                }
                first = null;
                count = 0;
            }
        }
        return index;
    }

    private void add(Records records, DirRec first, int count, RockRidge rock) {
        Name name = records.name(first, rock);
        if (name != null) {
            var place = new Place(name, first.position(), count, records.ino(first, rock), records.type(first, rock));
            if (byName.putIfAbsent(name, place) == null) {
                inOrder.add(place);
            }
        }
    }

    /// How much it counts in a cache.
    int weight() {
        return inOrder.size() + 16;
    }
}
