// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

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
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A directory. Names are found in any letters and keep those they were made with.
public abstract class Directory extends FatNode {
    /// What a disk writes wholly or not at all, whatever size the sectors of the file system have.
    public static final int ATOM = 512;

    private final Slots slots;

    /// @param parent null for the root
    protected Directory(FatFs fs, @Nullable Directory parent, FileRec rec, Slots slots) {
        super(fs, parent, rec);
        this.slots = slots;
    }

    // What a format says

    /// Reads what is in it.
    protected abstract DirIndex readIndex() throws IOException;

    /// The node of a file in it.
    ///
    /// @throws IOException EUCLEAN if it can be none
    protected abstract FatNode node(FileRec rec) throws IOException;

    /// A copy of the entry that lies there.
    protected abstract FileRec read(Place place) throws IOException;

    /// Writes an entry back, whose name is the same.
    protected abstract void write(Place place, FileRec rec) throws IOException;

    /// Puts an entry under this name in [#room].
    protected abstract Place enter(String text, FileRec rec) throws IOException;

    /// Says that nothing is in some of the places of an entry any more.
    protected abstract void clear(int first, int last) throws IOException;

    /// What a file of this name is found by.
    protected abstract String key(String text);

    /// An entry without name and content.
    protected abstract FileRec newRec(int attributes);

    /// Fills the cluster of a new directory in this one, and says in its entry where it is.
    protected abstract void fillNew(int cluster, FileRec rec) throws IOException;

    /// Whether only the table says where its clusters end, and for clusters that are free says anything. Then a new
    /// one must be an end in it before it is linked to. Default: false.
    protected boolean endsInTable() {
        return false;
    }

    /// It has another parent now.
    protected abstract void moved(Directory newParent) throws IOException;

    // The rest

    @Override
    protected final @Nullable Chain chain() {
        return slots.chain();
    }

    public final Slots slots() {
        return slots;
    }

    /// The first of its clusters; [Clusters#NONE] if it lies in an area.
    public final int cluster() {
        return slots.chain() == null ? Clusters.NONE : slots.chain().first();
    }

    @Override
    final Attr attr(Attr common) throws IOException {
        return common.withMode(Mode.S_IFDIR | permissions())
                .withNlink(isRemoved() ? 0 : 1)
                .withSize((long) slots.capacity() * Slots.SIZE);
    }

    @Override
    final void truncate(long size) throws IOException {
        throw EISDIR.error();
    }

    protected final DirIndex index() throws IOException {
        return fs().nodes().index(this);
    }

    /// The number of the file at that place.
    protected final long inoAt(int slot) throws IOException {
        return fs().nodes().inoAt(slots.offset(slot));
    }

    /// A directory that begins with that cluster may lie in this one.
    ///
    /// @throws ErrnoException EUCLEAN if it is one this lies in
    protected final void requireNotAbove(int cluster) throws ErrnoException {
        fs().clusters().requireCluster(cluster);
        for (Directory above = this; above != null; above = above.parent()) {
            if (above.cluster() == cluster) {
                throw EUCLEAN.error("the directory of cluster %d lies in itself", cluster);
            }
        }
    }

    // Finding

    private @Nullable Place find(Name name) throws IOException {
        String text = isRemoved() ? null : Names.toFind(name);
        return text == null ? null : index().get(key(text));
    }

    private Place require(Name name) throws IOException {
        Place place = find(name);
        if (place == null) {
            throw ENOENT.error();
        }
        return place;
    }

    @Override
    public final @Nullable Node lookup(Name name) throws IOException {
        Place place = find(name);
        return place == null ? null : fs().nodes().get(this, place).answered();
    }

    // Making

    @Override
    public final Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        throw EPERM.error("there are no symbolic links");
    }

    @Override
    public final void link(Node target, Name name) throws IOException {
        throw EPERM.error("a file has one name");
    }

    @Override
    public final Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        if (!Mode.isRegular(mode)) {
            throw EPERM.error("there are files and directories only");
        }
        fs().begin();
        String text = newName(name);
        FileRec rec = newRec(FileRec.ATTR_ARCHIVE);
        boolean writable = (mode & 0222 & ~fs().options().umask()) != 0;
        rec.set(FileRec.ATTR_READ_ONLY, !writable);
        stamp(rec);
        return made(entered(text, rec));
    }

    @Override
    public final Node mkdir(Name name, int mode, Cred cred) throws IOException {
        fs().begin();
        String text = newName(name);
        FileRec rec = newRec(FileRec.ATTR_DIRECTORY);
        stamp(rec);
        int cluster = fs().takeOne();
        boolean done = false;
        try {
            fillNew(cluster, rec);
            Node node = made(entered(text, rec));
            done = true;
            return node;
        } finally {
            if (!done) {
                fs().clusters().give(new Run(cluster, 1));
            }
        }
    }

    private void stamp(FileRec rec) {
        Time now = fs().now();
        rec.setBorn(now);
        rec.setModified(now);
        rec.setAccessed(now);
    }

    private Node made(Place place) throws IOException {
        FatNode node = fs().nodes().get(this, place).answered();
        changed();
        return node;
    }

    private void changed() throws IOException {
        modified();
        save();
    }

    private String newName(Name name) throws IOException {
        String text = Names.toCreate(name);
        if (isRemoved()) {
            throw ENOENT.error();
        }
        if (index().get(key(text)) != null) {
            throw EEXIST.error();
        }
        return text;
    }

    private Place entered(String text, FileRec rec) throws IOException {
        DirIndex index = index();
        Place place = enter(text, rec);
        int before = index.weight();
        index.add(place);
        fs().nodes().weighed(before, index);
        return place;
    }

    /// So many free places side by side. What follows them is the end, or was used before.
    ///
    /// @param together the first so many of them lie in one sector
    protected final int room(int count, int together) throws IOException {
        DirIndex index = index();
        int first = index.findFree(count, together);
        if (first + count > slots.max()) {
            throw ENOSPC.error("the directory is full");
        }
        while (first + count > slots.capacity()) {
            growOnce();
        }
        if (first + count > index.end() && first + count < slots.capacity()) {
            endAt(first + count);
        }
        return first;
    }

    /// What others left behind the end must not be seen, whatever part of the new entries a crash leaves.
    private void endAt(int slot) throws IOException {
        if (slots.firstByte(slot) != 0) {
            slots.mark(slot, 0);
            fs().commit();
        }
    }

    private void growOnce() throws IOException {
        Run run;
        try {
            run = slots.take();
        } catch (ErrnoException e) {
            if (e.errno() != ENOSPC || slots.chain() == null || !fs().freeSome()) {
                throw e;
            }
            run = slots.take();
        }
        fs().zeroNow(run.first());
        if (endsInTable()) {
            fs().clusters().chain(run);
            fs().commit();
        }
        slots.adopt(run);
        save(); // where its length is kept
    }

    // Removing

    private void erase(Place place) throws IOException {
        DirIndex index = index();
        clear(place.first(), place.last());
        int before = index.weight();
        index.remove(place);
        fs().nodes().weighed(before, index);
    }

    @Override
    public final void unlink(Name name) throws IOException {
        fs().begin();
        Place place = require(name);
        FatNode node = fs().nodes().get(this, place);
        if (node instanceof Directory) {
            node.endIfUnused();
            throw EISDIR.error();
        }
        erase(place);
        changed();
        node.removed();
    }

    @Override
    public final void rmdir(Name name) throws IOException {
        fs().begin();
        Place place = require(name);
        FatNode node = fs().nodes().get(this, place);
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
    public final void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        if ((flags & ~RENAME_NOREPLACE) != 0) {
            throw EINVAL.error();
        }
        if (!(newDirectory instanceof Directory target)) {
            throw ENOTDIR.error();
        }
        fs().begin();
        Place from = require(name);
        Place to = target.find(newName);
        if (to != null && (flags & RENAME_NOREPLACE) != 0) {
            throw EEXIST.error();
        }
        FatNode node = fs().nodes().get(this, from).answered(); // stays in use meanwhile
        try {
            target.requireOutside(node);
            if (to == null) {
                String text = target.newName(newName);
                target.moveHere(
                        node, this, from, target.entered(text, node.rec().copy()));
            } else if (!to.equals(from) || !target.equals(this)) {
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
        FatNode victim = fs().nodes().get(this, to).answered();
        try {
            if (node instanceof Directory) {
                requireEmpty(victim);
            } else if (victim instanceof Directory) {
                throw EISDIR.error();
            }
            FileRec rec = victim.rec().copy();
            rec.copyFileOf(node.rec());
            write(to, rec);
            victim.removed();
            moveHere(node, source, from, to);
        } finally {
            victim.reclaim(1);
        }
    }

    /// The entry is here; now the old one goes.
    private void moveHere(FatNode node, Directory source, Place from, Place to) throws IOException {
        if (!isTogether(source, from, to)) {
            fs().commit();
            source.endName(from);
        }
        source.erase(from);
        node.setRec(read(to));
        fs().nodes().move(node, to, slots.offset(to.main()));
        if (!source.equals(this)) {
            node.setParent(this);
            if (node instanceof Directory directory) {
                directory.moved(this);
            }
            source.changed();
        }
        changed();
    }

    /// A name that lies in two sectors: without its main entry there is no file, whatever a crash leaves of the
    /// others. Without those it would have another name, and what it had in common with the new one could become
    /// its.
    private void endName(Place place) throws IOException {
        if (slots.offset(place.first()) / ATOM != slots.offset(place.last()) / ATOM) {
            clear(place.main(), place.main());
            fs().commit();
        }
    }

    /// Whether a crash leaves both names as they were or both as they are to be.
    private boolean isTogether(Directory source, Place from, Place to) throws IOException {
        long sector = slots.offset(to.last()) / ATOM;
        return slots.offset(to.first()) / ATOM == sector
                && source.slots.offset(from.first()) / ATOM == sector
                && source.slots.offset(from.last()) / ATOM == sector;
    }
}
