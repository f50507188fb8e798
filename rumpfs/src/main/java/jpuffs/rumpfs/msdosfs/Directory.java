// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rumpfs.msdosfs.DirIndex.Place;
import jpuffs.rumpfs.msdosfs.Scanner.Found;
import org.jspecify.annotations.Nullable;

/// A directory. Names are found in any letters and keep those they were made with.
final class Directory extends FatNode {
    private static final byte[] DOT = ".          ".getBytes(US_ASCII);
    private static final byte[] DOT_DOT = "..         ".getBytes(US_ASCII);

    private final @Nullable Chain chain;
    private final Slots slots;

    private Directory(MsdosFs fs, @Nullable Directory parent, long offset, EntryRec rec, @Nullable Chain chain) {
        super(fs, parent, offset, rec);
        this.chain = chain;
        this.slots = new Slots(fs.boot(), fs.changes(), chain);
    }

    /// The root, which has no entry.
    static Directory root(MsdosFs fs) {
        EntryRec rec = EntryRec.of(DOT, EntryRec.ATTR_DIRECTORY);
        int cluster = fs.boot().rootCluster;
        return new Directory(fs, null, -1, rec, cluster == 0 ? null : Slots.chain(fs.boot(), fs.fat(), cluster));
    }

    /// Another one.
    ///
    /// @throws IOException EUCLEAN if it has no cluster, or that of a directory it lies in
    static Directory of(MsdosFs fs, Directory parent, long offset, EntryRec rec) throws IOException {
        int cluster = rec.cluster(fs.boot().kind);
        fs.fat().requireCluster(cluster);
        for (Directory above = parent; above != null; above = above.parent()) {
            if (above.cluster() == cluster) {
                throw EUCLEAN.error("the directory of cluster %d lies in itself", cluster);
            }
        }
        return new Directory(fs, parent, offset, rec, Slots.chain(fs.boot(), fs.fat(), cluster));
    }

    @Override
    @Nullable
    Chain chain() {
        return chain;
    }

    Slots slots() {
        return slots;
    }

    private int cluster() {
        return chain == null ? 0 : chain.first();
    }

    @Override
    Attr attr(Attr common) throws IOException {
        long size = (long) slots.capacity() * EntryRec.SIZE;
        return common.withMode(Mode.S_IFDIR | permissions())
                .withNlink(isRemoved() ? 0 : 1)
                .withSize(size);
    }

    @Override
    void truncate(long size) throws IOException {
        throw EISDIR.error();
    }

    private DirIndex index() throws IOException {
        return fs.nodes().index(this);
    }

    // Finding

    private @Nullable Place find(Name name) throws IOException {
        String key = isRemoved() ? null : LongName.key(name);
        return key == null ? null : index().get(key);
    }

    private Place require(Name name) throws IOException {
        Place place = find(name);
        if (place == null) {
            throw ENOENT.error();
        }
        return place;
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        Place place = find(name);
        return place == null ? null : fs.nodes().get(this, place).answered();
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        if (isRemoved()) {
            return;
        }
        var scanner = new Scanner(slots, (int) Math.min(cookie, Slots.MAX));
        while (scanner.next()) {
            Found found = scanner.found();
            if (found.isDot()) {
                continue;
            }
            int mode = found.rec().has(EntryRec.ATTR_DIRECTORY) ? Mode.S_IFDIR : Mode.S_IFREG;
            long ino = fs.nodes().inoAt(slots.offset(found.slot()));
            if (!sink.add(Name.of(found.name()), ino, mode, found.slot() + 1)) {
                return;
            }
        }
    }

    // Making

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        if (!Mode.isRegular(mode)) {
            throw EPERM.error("FAT has files and directories only");
        }
        fs.begin();
        String text = newName(name);
        EntryRec rec = EntryRec.of(new byte[EntryRec.NAME_LENGTH], EntryRec.ATTR_ARCHIVE);
        boolean writable = (mode & 0222 & ~fs.options().umask()) != 0;
        rec.set(EntryRec.ATTR_READ_ONLY, !writable);
        stamp(rec);
        return made(enter(text, rec));
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        fs.begin();
        String text = newName(name);
        EntryRec rec = EntryRec.of(new byte[EntryRec.NAME_LENGTH], EntryRec.ATTR_DIRECTORY);
        stamp(rec);
        int cluster = fs.takeOne();
        boolean done = false;
        try {
            fillNew(cluster, rec);
            rec.setCluster(cluster, fs.boot().kind);
            Node node = made(enter(text, rec));
            done = true;
            return node;
        } finally {
            if (!done) {
                fs.fat().give(cluster);
            }
        }
    }

    /// The two entries a directory begins with.
    private void fillNew(int cluster, EntryRec rec) throws IOException {
        Slots.clear(fs.boot(), fs.changes(), cluster);
        EntryRec dot = rec.copy();
        dot.setName(DOT);
        dot.setCluster(cluster, fs.boot().kind);
        EntryRec dotDot = rec.copy();
        dotDot.setName(DOT_DOT);
        dotDot.setCluster(isRoot() ? 0 : cluster(), fs.boot().kind);
        fs.writeNew(cluster, dot, dotDot);
    }

    private void stamp(EntryRec rec) {
        int now = FatTime.of(fs.now());
        rec.setBorn(now, FatTime.hundredths(fs.now()));
        rec.setModified(now);
        rec.setAccessed(now);
    }

    private Node made(Place place) throws IOException {
        FatNode node = fs.nodes().get(this, place).answered();
        changed();
        return node;
    }

    private void changed() throws IOException {
        modified();
        save();
    }

    private String newName(Name name) throws IOException {
        String text = LongName.toCreate(name);
        if (isRemoved()) {
            throw ENOENT.error();
        }
        if (index().get(LongName.key(text)) != null) {
            throw EEXIST.error();
        }
        return text;
    }

    /// Puts an entry and the long name before it in free places.
    private Place enter(String text, EntryRec rec) throws IOException {
        DirIndex index = index();
        byte[] alias = ShortName.alias(text, key -> index.get(key) != null);
        rec.setName(alias);
        int longs = ShortName.isShort(text) ? 0 : LongName.entries(text);
        int first = room(index, longs + 1);
        int checksum = LongName.checksum(alias);
        for (int i = 0; i < longs; i++) {
            slots.write(first + i, LongName.entry(text, longs - i, checksum));
        }
        slots.write(first + longs, rec.raw);
        int before = index.weight();
        Place place = index.add(new Found(first, first + longs, rec, text));
        fs.nodes().weighed(before, index);
        return place;
    }

    /// So many free places side by side. What follows them is the end, or was used before.
    private int room(DirIndex index, int count) throws IOException {
        int first = index.findFree(count);
        if (first + count > Slots.MAX) {
            throw ENOSPC.error("the directory is full");
        }
        while (first + count > slots.capacity()) {
            growOnce();
        }
        if (first + count > index.end() && first + count < slots.capacity()) {
            EntryRec after = slots.read(first + count);
            if (after.firstByte() != EntryRec.LAST) {
                slots.mark(first + count, EntryRec.LAST);
            }
        }
        return first;
    }

    private void growOnce() throws IOException {
        try {
            fs.zeroNow(slots.grow());
        } catch (ErrnoException e) {
            if (e.errno() != ENOSPC || chain == null || !fs.freeSome()) {
                throw e;
            }
            fs.zeroNow(slots.grow());
        }
    }

    // Removing

    private void erase(Place place) throws IOException {
        DirIndex index = index();
        for (int slot = place.first(); slot <= place.slot(); slot++) {
            slots.mark(slot, EntryRec.REMOVED);
        }
        int before = index.weight();
        index.remove(place);
        fs.nodes().weighed(before, index);
    }

    @Override
    public void unlink(Name name) throws IOException {
        fs.begin();
        Place place = require(name);
        FatNode node = fs.nodes().get(this, place);
        if (node instanceof Directory) {
            node.endIfUnused();
            throw EISDIR.error();
        }
        erase(place);
        changed();
        node.removed();
    }

    @Override
    public void rmdir(Name name) throws IOException {
        fs.begin();
        Place place = require(name);
        FatNode node = fs.nodes().get(this, place);
        try {
            requireEmpty(node);
        } catch (IOException e) {
            node.endIfUnused();
            throw e;
        }
        erase(place);
        changed();
        node.removed();
    }

    private static void requireEmpty(FatNode node) throws IOException {
        if (!(node instanceof Directory directory)) {
            throw ENOTDIR.error();
        }
        if (!directory.index().isEmpty()) {
            throw ENOTEMPTY.error();
        }
    }

    // Renaming

    /// Between two sectors, the new name is on the disk before the old one goes: a crash leaves both, and not none.
    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        if ((flags & ~RENAME_NOREPLACE) != 0) {
            throw EINVAL.error();
        }
        if (!(newDirectory instanceof Directory target)) {
            throw ENOTDIR.error();
        }
        fs.begin();
        Place from = require(name);
        Place to = target.find(newName);
        if (to != null && (flags & RENAME_NOREPLACE) != 0) {
            throw EEXIST.error();
        }
        FatNode node = fs.nodes().get(this, from).answered(); // stays in use meanwhile
        try {
            target.requireOutside(node);
            if (to == null) {
                target.moveHere(node, this, from, target.enter(target.newName(newName), node.rec.copy()));
            } else if (!to.equals(from) || target != this) {
                target.replace(node, this, from, to);
            }
        } finally {
            node.reclaim(1);
        }
    }

    /// A driver has looked for that; but a circle of directories would have no end.
    private void requireOutside(FatNode node) throws ErrnoException {
        for (Directory above = this; above != null; above = above.parent()) {
            if (above.equals(node)) {
                throw EINVAL.error("a directory cannot be moved into itself");
            }
        }
    }

    private void replace(FatNode node, Directory source, Place from, Place to) throws IOException {
        FatNode victim = fs.nodes().get(this, to).answered();
        try {
            if (node instanceof Directory) {
                requireEmpty(victim);
            } else if (victim instanceof Directory) {
                throw EISDIR.error();
            }
            EntryRec rec = victim.rec.copy();
            rec.copyFileOf(node.rec);
            slots.write(to.slot(), rec.raw);
            victim.removed();
            moveHere(node, source, from, to);
        } finally {
            victim.reclaim(1);
        }
    }

    /// The entry is here; now the old one goes.
    private void moveHere(FatNode node, Directory source, Place from, Place to) throws IOException {
        long offset = slots.offset(to.slot());
        int sectorSize = fs.boot().sectorSize;
        boolean oneSector = source.slots.offset(from.first()) / sectorSize == offset / sectorSize
                && source.slots.offset(from.slot()) / sectorSize == offset / sectorSize;
        if (!oneSector) {
            fs.commit();
        }
        source.erase(from);
        node.rec.setName(slots.read(to.slot()).name());
        fs.nodes().move(node, offset);
        if (source != this) {
            node.setParent(this);
            if (node instanceof Directory directory) {
                directory.setDotDot(this);
            }
            source.changed();
        }
        changed();
    }

    private void setDotDot(Directory parent) throws IOException {
        EntryRec rec = slots.read(1);
        if (rec.firstByte() != '.') {
            throw EUCLEAN.error("the directory of cluster %d does not begin with . and ..", cluster());
        }
        rec.setCluster(parent.isRoot() ? 0 : parent.cluster(), fs.boot().kind);
        slots.write(1, rec.raw);
    }
}
