// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.core.DirSink;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rumpfs.exfat.DirScanner.Found;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.DirIndex;
import jpuffs.rumpfs.fat.Directory;
import jpuffs.rumpfs.fat.FatNode;
import jpuffs.rumpfs.fat.FileRec;
import jpuffs.rumpfs.fat.Names;
import jpuffs.rumpfs.fat.Place;
import jpuffs.rumpfs.fat.RegularFile;
import jpuffs.rumpfs.fat.Slots;
import org.jspecify.annotations.Nullable;

/// A directory of exFAT: sets of entries, without `.` and `..`. Its length is kept in its own entry.
final class ExfatDirectory extends Directory {
    /// What changes while a file is written is in its first two entries: a crash must not tear those.
    private static final int TOGETHER = 2;

    private final ExfatFs exfat;

    private ExfatDirectory(ExfatFs fs, @Nullable ExfatDirectory parent, FileRec rec, Slots slots) {
        super(fs, parent, rec, slots);
        this.exfat = fs;
    }

    static ExfatDirectory root(ExfatFs fs, Slots slots) {
        return new ExfatDirectory(fs, null, EntrySet.of(FileRec.ATTR_DIRECTORY), slots);
    }

    @Override
    protected DirIndex readIndex() throws IOException {
        var index = new DirIndex();
        var scanner = new DirScanner(slots(), 0);
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.set() == null) {
                index.use(found.first(), found.last());
            } else {
                index.add(place(found.first(), found.set()));
            }
        }
        index.endsAt(scanner.position());
        return index;
    }

    private Place place(int first, EntrySet set) {
        String key = exfat.upCase().key(shown(first, set));
        return new Place(first, first + set.entries() - 1, first, key, key);
    }

    /// A name that cannot be shown is shown as something else.
    private static String shown(int first, EntrySet set) {
        String name = set.name();
        return Names.isShowable(name) ? name : "_" + Integer.toHexString(name.hashCode()) + "~" + first;
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        if (isRemoved()) {
            return;
        }
        var scanner = new DirScanner(slots(), (int) Math.min(cookie, slots().max()));
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.set() != null) {
                int mode = found.set().isDirectory() ? Mode.S_IFDIR : Mode.S_IFREG;
                String name = shown(found.first(), found.set());
                if (!sink.add(Name.of(name), inoAt(found.first()), mode, found.last() + 1)) {
                    return;
                }
            }
        }
    }

    @Override
    protected FatNode node(FileRec rec) throws IOException {
        var set = (EntrySet) rec;
        Clusters clusters = fs().clusters();
        if (!set.isDirectory()) {
            return new RegularFile(exfat, this, set, set.chain(clusters));
        }
        requireNotAbove(set.cluster());
        if (set.length() == 0 || clusters.of(set.length()) > RootScan.MAX_SLOTS / (clusters.size() / Slots.SIZE)) {
            throw EUCLEAN.error("a directory of %d bytes", set.length());
        }
        return new ExfatDirectory(exfat, this, set, Slots.of(clusters, set.chain(clusters), RootScan.MAX_SLOTS));
    }

    @Override
    protected EntrySet read(Place place) throws IOException {
        EntrySet set = DirScanner.readSet(slots(), place.main(), slots().capacity());
        if (set == null || !set.isWhole()) {
            throw EUCLEAN.error("the entry at place %d of a directory is damaged", place.main());
        }
        return set;
    }

    @Override
    protected void write(Place place, FileRec rec) throws IOException {
        var set = (EntrySet) rec;
        set.setSum();
        for (int i = 0; i < TOGETHER; i++) {
            slots().write(place.first() + i, set.raw.asSlice((long) i * Slots.SIZE, Slots.SIZE));
        }
    }

    @Override
    protected Place enter(String text, FileRec rec) throws IOException {
        EntrySet set = ((EntrySet) rec).named(text, exfat.upCase().key(text));
        set.setSum();
        int first = room(set.entries(), TOGETHER);
        for (int slot = index().end(); slot < first; slot++) { // else the directory would end here
            slots().mark(slot, EntrySet.FILE & ~EntrySet.IN_USE);
        }
        for (int i = 0; i < set.entries(); i++) {
            slots().write(first + i, set.raw.asSlice((long) i * Slots.SIZE, Slots.SIZE));
        }
        return place(first, set);
    }

    @Override
    protected void clear(int first, int last) throws IOException {
        for (int slot = first; slot <= last; slot++) {
            slots().mark(slot, slots().firstByte(slot) & ~EntrySet.IN_USE);
        }
    }

    @Override
    protected String key(String text) {
        return exfat.upCase().key(text);
    }

    @Override
    protected FileRec newRec(int attributes) {
        return EntrySet.of(attributes);
    }

    @Override
    protected void fillNew(int cluster, FileRec rec) throws IOException {
        exfat.zeroNow(cluster);
        rec.setChain(Chain.contiguous(fs().clusters(), cluster, 1));
    }

    @Override
    protected boolean endsInTable() {
        return isRoot();
    }

    @Override
    protected void moved(Directory newParent) {}
}
