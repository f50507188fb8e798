// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import jpuffs.core.Attr;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A file or directory: a copy of its entry, which is written back with each change.
abstract class FatNode implements Node {
    private static final int ANY_WRITE = 0222;

    final MsdosFs fs;
    final EntryRec rec;
    private @Nullable Directory parent; // null: the root
    private long offset; // of its entry on the disk; -1: it has none, or no more
    private long ino;
    private long answers;
    int children; // nodes in use whose parent this is

    /// @param offset of its entry, -1 for the root
    FatNode(MsdosFs fs, @Nullable Directory parent, long offset, EntryRec rec) {
        this.fs = fs;
        this.parent = parent;
        this.offset = offset;
        this.rec = rec;
        if (parent != null) {
            parent.children++;
        }
    }

    /// The clusters of its content.
    abstract @Nullable Chain chain();

    abstract Attr attr(Attr common) throws IOException;

    abstract void truncate(long size) throws IOException;

    @Nullable
    Directory parent() {
        return parent;
    }

    long offset() {
        return offset;
    }

    void setOffset(long newOffset) {
        offset = newOffset;
    }

    long ino() {
        return ino;
    }

    void setIno(long number) {
        ino = number;
    }

    boolean isRoot() {
        return parent == null;
    }

    boolean isRemoved() {
        return offset < 0 && !isRoot();
    }

    /// It was moved to another directory.
    void setParent(Directory newParent) throws IOException {
        Directory old = parent;
        parent = newParent;
        newParent.children++;
        if (old != null) {
            old.removeChild();
        }
    }

    // Attributes

    @Override
    public Attr getattr() throws IOException {
        Time modified = FatTime.time(rec.modified(), 0);
        Time born = FatTime.time(rec.born(), rec.bornHundredths());
        Attr common = Attr.of(0)
                .withIno(isRoot() ? 1 : ino)
                .withOwner(fs.options().uid(), fs.options().gid())
                .withBlksize(fs.boot().clusterSize)
                .withTimes(born)
                .withTimes(FatTime.time(rec.accessed(), 0), modified, modified);
        return attr(common);
    }

    int permissions() {
        boolean readOnly = rec.has(EntryRec.ATTR_READ_ONLY) && !rec.has(EntryRec.ATTR_DIRECTORY);
        return 0777 & ~fs.options().umask() & ~(readOnly ? ANY_WRITE : 0);
    }

    /// Of the permissions only "nobody may write" can be kept, and only of files; of owners nothing. A mode that
    /// cannot be kept is no error, as in Linux.
    @Override
    public Attr setattr(SetAttr change) throws IOException {
        if (change.has(SetAttr.UID) && change.uid() != fs.options().uid()
                || change.has(SetAttr.GID) && change.gid() != fs.options().gid()) {
            throw EPERM.error("owners cannot be changed");
        }
        fs.begin();
        if (change.has(SetAttr.SIZE)) {
            truncate(change.size());
        }
        if (change.has(SetAttr.MODE) && !rec.has(EntryRec.ATTR_DIRECTORY)) {
            boolean writable = (change.mode() & ANY_WRITE & ~fs.options().umask()) != 0;
            rec.set(EntryRec.ATTR_READ_ONLY, !writable);
        }
        if (change.has(SetAttr.ATIME)) {
            rec.setAccessed(FatTime.of(change.atime()));
        }
        if (change.has(SetAttr.MTIME) || change.has(SetAttr.SIZE)) {
            rec.setModified(FatTime.of(change.has(SetAttr.MTIME) ? change.mtime() : fs.now()));
        }
        save();
        return getattr();
    }

    /// The content has changed.
    void modified() {
        int now = FatTime.of(fs.now());
        rec.setModified(now);
        rec.setAccessed(now);
        if (!rec.has(EntryRec.ATTR_DIRECTORY)) {
            rec.set(EntryRec.ATTR_ARCHIVE, true);
        }
    }

    /// Writes the entry back, if there is one.
    void save() throws IOException {
        Chain chain = chain();
        if (chain != null && !isRoot()) {
            rec.setCluster(chain.first(), fs.boot().kind);
        }
        Directory in = parent;
        if (offset >= 0 && in != null) {
            in.slots().write(offset, rec.raw);
        }
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        fs.fsync();
    }

    // Life

    /// This node, which the driver knows from now on.
    FatNode answered() {
        answers++;
        return this;
    }

    void removeChild() throws IOException {
        children--;
        endIfUnused();
    }

    @Override
    public void reclaim(long count) throws IOException {
        answers -= count;
        endIfUnused();
    }

    /// The name is gone, and with it the file, unless somebody still uses it.
    void removed() throws IOException {
        fs.nodes().move(this, -1);
        endIfUnused();
    }

    void endIfUnused() throws IOException {
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
