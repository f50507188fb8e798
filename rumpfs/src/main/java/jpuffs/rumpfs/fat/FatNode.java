// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import jpuffs.core.Attr;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A file or directory: a copy of its entry, which is written back with each change.
public abstract class FatNode implements Node {
    private static final int ANY_WRITE = 0222;
    static final long NOWHERE = -1;

    private final FatFs fs;
    private FileRec rec;
    private @Nullable Directory parent; // null: the root
    private @Nullable Place place; // null: the root, or it has no name any more
    private long offset = NOWHERE; // of its place on the disk
    private long ino;
    private long answers;
    private int children; // nodes in use whose parent this is

    /// @param parent null for the root
    FatNode(FatFs fs, @Nullable Directory parent, FileRec rec) {
        this.fs = fs;
        this.parent = parent;
        this.rec = rec;
        if (parent != null) {
            parent.addChild();
        }
    }

    /// The clusters of its content; null for a directory that lies in an area of its own.
    abstract @Nullable Chain chain();

    abstract Attr attr(Attr common) throws IOException;

    abstract void truncate(long size) throws IOException;

    protected final FatFs fs() {
        return fs;
    }

    protected final FileRec rec() {
        return rec;
    }

    /// Its entry on the disk is another one now, of the same file.
    final void setRec(FileRec newRec) {
        rec = newRec;
    }

    final @Nullable Directory parent() {
        return parent;
    }

    final long offset() {
        return offset;
    }

    /// Where its entry lies: null for nowhere.
    final void setPlace(@Nullable Place newPlace, long newOffset) {
        place = newPlace;
        offset = newOffset;
    }

    final long ino() {
        return ino;
    }

    final void setIno(long number) {
        ino = number;
    }

    protected final boolean isRoot() {
        return parent == null;
    }

    protected final boolean isRemoved() {
        return place == null && !isRoot();
    }

    /// It was moved to another directory.
    final void setParent(Directory newParent) throws IOException {
        Directory old = parent;
        parent = newParent;
        newParent.addChild();
        if (old != null) {
            old.removeChild();
        }
    }

    // Attributes

    @Override
    public final Attr getattr() throws IOException {
        Attr common = Attr.of(0)
                .withIno(isRoot() ? 1 : ino)
                .withOwner(fs.options().uid(), fs.options().gid())
                .withBlksize(fs.clusters().size())
                .withTimes(rec.born())
                .withTimes(rec.accessed(), rec.modified(), rec.modified());
        return attr(common);
    }

    final int permissions() {
        boolean readOnly = rec.has(FileRec.ATTR_READ_ONLY) && !rec.isDirectory();
        return 0777 & ~fs.options().umask() & ~(readOnly ? ANY_WRITE : 0);
    }

    /// Of the permissions only "nobody may write" can be kept, and only of files; of owners nothing. A mode that
    /// cannot be kept is no error, as in Linux.
    @Override
    public final Attr setattr(SetAttr change) throws IOException {
        if (change.has(SetAttr.UID) && change.uid() != fs.options().uid()
                || change.has(SetAttr.GID) && change.gid() != fs.options().gid()) {
            throw EPERM.error("owners cannot be changed");
        }
        fs.begin();
        if (change.has(SetAttr.SIZE)) {
            truncate(change.size());
        }
        if (change.has(SetAttr.MODE) && !rec.isDirectory()) {
            boolean writable = (change.mode() & ANY_WRITE & ~fs.options().umask()) != 0;
            rec.set(FileRec.ATTR_READ_ONLY, !writable);
        }
        if (change.has(SetAttr.ATIME)) {
            rec.setAccessed(change.atime());
        }
        if (change.has(SetAttr.MTIME) || change.has(SetAttr.SIZE)) {
            rec.setModified(change.has(SetAttr.MTIME) ? change.mtime() : fs.now());
        }
        save();
        return getattr();
    }

    /// The content has changed.
    final void modified() {
        Time now = fs.now();
        rec.setModified(now);
        rec.setAccessed(now);
        if (!rec.isDirectory()) {
            rec.set(FileRec.ATTR_ARCHIVE, true);
        }
    }

    /// Writes the entry back, if there is one.
    final void save() throws IOException {
        Chain chain = chain();
        if (chain != null && !isRoot()) {
            rec.setChain(chain);
        }
        if (place != null && parent != null) {
            parent.write(place, rec);
        }
    }

    @Override
    public final void fsync(boolean dataOnly) throws IOException {
        fs.commit();
    }

    // Life

    /// This node, which the driver knows from now on.
    final FatNode answered() {
        answers++;
        return this;
    }

    final void addChild() {
        children++;
    }

    final void removeChild() throws IOException {
        children--;
        endIfUnused();
    }

    @Override
    public final void reclaim(long count) throws IOException {
        answers -= count;
        endIfUnused();
    }

    /// The name is gone, and with it the file, unless somebody still uses it.
    final void removed() throws IOException {
        fs.nodes().move(this, null, NOWHERE);
        endIfUnused();
    }

    final void endIfUnused() throws IOException {
        Directory in = parent;
        if (answers > 0 || children > 0 || in == null) {
            return;
        }
        fs.nodes().remove(this);
        try {
            Chain chain = chain();
            if (isRemoved() && chain != null) {
                fs.giveBack(chain);
            }
        } finally {
            in.removeChild();
        }
    }
}
