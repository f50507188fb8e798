// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.core.DirSink;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.DirIndex;
import jpuffs.rumpfs.fat.Directory;
import jpuffs.rumpfs.fat.FatNode;
import jpuffs.rumpfs.fat.FileRec;
import jpuffs.rumpfs.fat.Place;
import jpuffs.rumpfs.fat.RegularFile;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.msdosfs.Scanner.Found;
import org.jspecify.annotations.Nullable;

/// A directory of FAT: entries with short names, before them the parts of the long ones; `.` and `..`.
final class MsdosDirectory extends Directory {
    static final byte[] DOT = ".          ".getBytes(US_ASCII);
    static final byte[] DOT_DOT = "..         ".getBytes(US_ASCII);

    /// So many places a directory has at most. (FAT32 specification: 2 MiB.)
    static final int MAX_SLOTS = 65536;

    private final MsdosFs msdos;

    private MsdosDirectory(MsdosFs fs, @Nullable MsdosDirectory parent, EntryRec rec, Slots slots) {
        super(fs, parent, rec, slots);
        this.msdos = fs;
    }

    /// The root, which has no entry.
    static MsdosDirectory root(MsdosFs fs, Fat fat) {
        EntryRec rec = EntryRec.of(fs.boot().kind, fs.zone(), DOT, FileRec.ATTR_DIRECTORY);
        return new MsdosDirectory(fs, null, rec, slots(fs.boot(), fat, fs.boot().rootCluster));
    }

    /// The places of a directory.
    ///
    /// @param cluster its first one, 0 for the area of the root
    static Slots slots(BootSector boot, Fat fat, int cluster) {
        if (cluster == 0) {
            return Slots.area(fat, boot.rootStart, boot.rootSlots);
        }
        int max = Math.max(1, MAX_SLOTS / (boot.clusterSize / Slots.SIZE));
        return Slots.of(fat, Chain.inTable(fat, cluster, max), MAX_SLOTS);
    }

    @Override
    protected FatNode node(FileRec rec) throws IOException {
        int cluster = ((EntryRec) rec).cluster();
        if (!rec.isDirectory()) {
            Chain chain = Chain.inTable(msdos.fat(), cluster, msdos.boot().clusters);
            return new RegularFile(msdos, this, rec, chain);
        }
        requireNotAbove(cluster);
        return new MsdosDirectory(msdos, this, (EntryRec) rec, slots(msdos.boot(), msdos.fat(), cluster));
    }

    // Reading

    @Override
    protected DirIndex readIndex() throws IOException {
        var index = new DirIndex();
        var scanner = new Scanner(slots(), msdos.boot().kind, 0);
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.isDot() || found.isVolume()) {
                index.use(found.first(), found.slot());
            } else {
                index.add(place(found));
            }
        }
        index.endsAt(scanner.position());
        return index;
    }

    private static Place place(Found found) {
        String key = LongName.key(found.name());
        return new Place(
                found.first(),
                found.slot(),
                found.slot(),
                key,
                ShortName.key(found.rec().name()));
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        if (isRemoved()) {
            return;
        }
        var scanner = new Scanner(slots(), msdos.boot().kind, (int) Math.min(cookie, MAX_SLOTS));
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.isDot() || found.isVolume()) {
                continue;
            }
            int mode = found.rec().isDirectory() ? Mode.S_IFDIR : Mode.S_IFREG;
            if (!sink.add(Name.of(found.name()), inoAt(found.slot()), mode, found.slot() + 1)) {
                return;
            }
        }
    }

    @Override
    protected EntryRec read(Place place) throws IOException {
        return new EntryRec(slots().read(place.main()), msdos.boot().kind, msdos.zone());
    }

    @Override
    protected String key(String text) {
        return LongName.key(text);
    }

    // Writing

    @Override
    protected FileRec newRec(int attributes) {
        return EntryRec.of(msdos.boot().kind, msdos.zone(), new byte[EntryRec.NAME_LENGTH], attributes);
    }

    @Override
    protected void write(Place place, FileRec rec) throws IOException {
        slots().write(place.main(), ((EntryRec) rec).raw);
    }

    @Override
    protected Place enter(String text, FileRec rec) throws IOException {
        DirIndex index = index();
        byte[] alias = ShortName.alias(text, key -> index.get(key) != null, 1);
        EntryRec entry = ((EntryRec) rec).copy();
        entry.setName(alias);
        int longs = ShortName.isShort(text) ? 0 : LongName.entries(text);
        int first = room(longs + 1, 1);
        int checksum = LongName.checksum(alias);
        for (int i = 0; i < longs; i++) {
            slots().write(first + i, LongName.entry(text, longs - i, checksum));
        }
        slots().write(first + longs, entry.raw);
        return place(new Found(first, first + longs, entry, text));
    }

    @Override
    protected void clear(int first, int last) throws IOException {
        for (int slot = first; slot <= last; slot++) {
            slots().mark(slot, EntryRec.REMOVED);
        }
    }

    /// The two entries a directory begins with, and zeros.
    @Override
    protected void fillNew(int cluster, FileRec rec) throws IOException {
        EntryRec entry = (EntryRec) rec;
        entry.setCluster(cluster);
        EntryRec dot = entry.copy();
        dot.setName(DOT);
        EntryRec dotDot = entry.copy();
        dotDot.setName(DOT_DOT);
        dotDot.setCluster(isRoot() ? 0 : cluster());
        msdos.fillNew(cluster, dot, dotDot);
    }

    @Override
    protected void moved(Directory newParent) throws IOException {
        var rec = new EntryRec(slots().read(1), msdos.boot().kind);
        if (rec.firstByte() != '.') {
            throw EUCLEAN.error("the directory of cluster %d does not begin with . and ..", cluster());
        }
        rec.setCluster(newParent.equals(fs().root()) ? 0 : newParent.cluster());
        slots().write(1, rec.raw);
    }
}
