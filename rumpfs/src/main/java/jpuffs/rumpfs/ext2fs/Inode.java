// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import org.jspecify.annotations.Nullable;

/// A file of any type in use: a copy of its inode, which goes back to the disk's at the end of the transaction.
///
/// It is in the [InodeTable] while the driver knows it or it has changed. One without names is on the orphan list,
/// and ends with [#reclaim].
abstract class Inode implements Node {
    static final int BLOCK = InodeRec.BLOCK;
    static final int BLOCK_BYTES = 60;

    private static final long DAY = 24 * 60 * 60;

    final Ext2Fs fs;
    final InodeRec rec;
    private final int ino;
    private final int seed;
    private final Seal extentSeal;
    private @Nullable BlockMap map;
    private @Nullable Buf place; // the block of the inode table; of the transaction, so held by it
    private boolean urgent;
    private long answers; // to drivers that have not reclaimed them
    private boolean deleted;

    Inode(Ext2Fs fs, int ino, InodeRec rec) {
        this.fs = fs;
        this.ino = ino;
        this.rec = rec;
        this.seed = seedOf(fs.sb(), ino, rec);
        this.extentSeal = fs.sb().checksums ? (data, block) -> Checksums.sealExtents(seed, data) : Seal.NONE;
    }

    static int seedOf(Superblock sb, int ino, InodeRec rec) {
        return sb.checksums ? Crc.crc32c(Crc.crc32c(sb.seed, ino), rec.generation()) : 0;
    }

    final int ino() {
        return ino;
    }

    final MemorySegment raw() {
        return rec.raw;
    }

    /// What the checksums of its blocks start with.
    final int seed() {
        return seed;
    }

    final Seal extentSeal() {
        return extentSeal;
    }

    final boolean isDirectory() {
        return Mode.isDirectory(rec.mode());
    }

    final boolean isInline() {
        return rec.has(InodeRec.INLINE_DATA);
    }

    // Changing

    /// The copy has changed, or is about to.
    final void changed() throws IOException {
        touch();
        urgent = true;
    }

    /// A time has changed, which fdatasync(2) need not write.
    private void touch() throws IOException {
        if (place == null) {
            place = fs.inodes().join(this);
        }
    }

    final boolean isDirty() {
        return place != null;
    }

    final boolean isUrgent() {
        return urgent;
    }

    /// Puts the copy into the block of the inode table.
    final void store() {
        Buf buf = place;
        if (buf == null) {
            return;
        }
        if (fs.sb().checksums) {
            rec.seal(seed);
        }
        MemorySegment.copy(rec.raw, 0, buf.data(), fs.inodes().offset(ino), rec.raw.byteSize());
        place = null;
        urgent = false;
    }

    /// The running transaction is given up.
    final void forgetChanges() {
        place = null;
    }

    // Blocks

    /// Where its blocks are; not for inline data and what has no blocks.
    final BlockMap map() {
        if (map == null) {
            map = rec.has(InodeRec.EXTENTS) ? new ExtentMap(fs, this) : new IndirectMap(fs, this);
        }
        return map;
    }

    /// The form of the map has changed.
    final void forgetMap() {
        map = null;
    }

    final void addBlocks(long count) throws IOException {
        int log = fs.sb().logBlockSize;
        rec.setSectors(Math.max(rec.sectors(log) + (count << (log - 9)), 0), log);
        changed();
    }

    /// A new block of metadata, zero and part of the transaction, held.
    final Buf newMetadata(Kind kind, Seal seal) throws IOException {
        var run = new Run();
        fs.blocks().allocate(fs.blocks().hint(group(), false), 1, run);
        addBlocks(1);
        return fs.meta().fresh(run.physical, kind, seal);
    }

    final void freeMetadata(long block) throws IOException {
        fs.blocks().free(block, 1);
        fs.meta().forget(block, 1);
        addBlocks(-1);
    }

    /// Frees blocks of the content: that of all but regular files is metadata.
    final void freeContent(long first, long count) throws IOException {
        fs.blocks().free(first, count);
        if (!Mode.isRegular(rec.mode())) {
            fs.meta().forget(first, count);
        }
        addBlocks(-count);
    }

    final int group() {
        return (ino - 1) / fs.sb().inodesPerGroup;
    }

    // Attributes

    int rdev() {
        return 0;
    }

    /// Sets the size. EINVAL for what is not a regular file.
    void truncate(long size) throws IOException {
        throw EINVAL.error();
    }

    @Override
    public final Attr getattr() throws IOException {
        return fs.run(this::attr);
    }

    final Attr attr() {
        return new Attr(
                ino & 0xffffffffL,
                rec.mode(),
                rec.links(),
                rec.uid(),
                rec.gid(),
                rdev(),
                Math.max(rec.size(), 0),
                rec.sectors(fs.sb().logBlockSize),
                fs.sb().blockSize,
                rec.time(InodeRec.ATIME),
                rec.time(InodeRec.MTIME),
                rec.time(InodeRec.CTIME),
                rec.time(InodeRec.CRTIME));
    }

    @Override
    public final long generation() {
        return rec.generation() & 0xffffffffL;
    }

    @Override
    public final Attr setattr(SetAttr change) throws IOException {
        return fs.run(() -> change(change));
    }

    private Attr change(SetAttr change) throws IOException {
        fs.begin();
        requireMutable(change.has(SetAttr.SIZE));
        Time now = fs.now();
        if (change.has(SetAttr.SIZE)) {
            truncate(change.size());
        }
        Attr after = timed(change, now).applyTo(attr(), now);
        if (change.has(SetAttr.MODE)) {
            chmodAcl(after.mode());
        }
        if ((change.isChown() || change.has(SetAttr.SIZE | SetAttr.KILL_SUID)) && !isDirectory()) {
            dropCapability();
        }
        changed();
        rec.setMode(after.mode());
        rec.setOwner(after.uid(), after.gid());
        rec.setTime(InodeRec.ATIME, after.atime());
        rec.setTime(InodeRec.MTIME, after.mtime());
        rec.setTime(InodeRec.CTIME, after.ctime());
        return attr();
    }

    /// `change` with the times of now by the clock of this file system.
    private static SetAttr timed(SetAttr change, Time now) {
        SetAttr timed = change.has(SetAttr.ATIME_NOW) ? change.withAtime(now) : change;
        return change.has(SetAttr.MTIME_NOW) ? timed.withMtime(now) : timed;
    }

    /// @param content whether the content is to be changed other than by appending
    /// @throws ErrnoException EPERM for immutable files (chattr(1)), and those that only grow
    final void requireMutable(boolean content) throws ErrnoException {
        if (rec.has(InodeRec.IMMUTABLE) || content && rec.has(InodeRec.APPEND)) {
            throw EPERM.error("inode %d is immutable", ino);
        }
    }

    private void chmodAcl(int newMode) throws IOException {
        Acl acl = acl(Acl.ACCESS);
        if (acl != null) {
            xattrs().set(Acl.ACCESS, acl.withMode(newMode).toBytes(), 0);
        }
    }

    /// The content changed: mtime and ctime are now.
    final void contentChanged() throws IOException {
        touch();
        Time now = fs.now();
        rec.setTime(InodeRec.MTIME, now);
        rec.setTime(InodeRec.CTIME, now);
    }

    /// The inode changed: ctime is now.
    final void inodeChanged() throws IOException {
        changed();
        rec.setTime(InodeRec.CTIME, fs.now());
    }

    /// The content was read: atime is now if that tells anybody anything, as Linux's relatime does it.
    final void accessed() throws IOException {
        if (isAccessTold()) {
            touch();
            rec.setTime(InodeRec.ATIME, fs.now());
        }
    }

    /// As [#isAccessTold], for those who do not hold the lock.
    final boolean willTellAccess() {
        fs.lock().enter();
        try {
            return isAccessTold();
        } finally {
            fs.lock().leave();
        }
    }

    /// Whether the next read sets atime: it is not later than mtime and ctime, or older than a day.
    final boolean isAccessTold() {
        if (!fs.keepsAtime() || rec.has(InodeRec.NOATIME)) {
            return false;
        }
        Time atime = rec.time(InodeRec.ATIME);
        return atime.compareTo(rec.time(InodeRec.MTIME)) <= 0
                || atime.compareTo(rec.time(InodeRec.CTIME)) <= 0
                || fs.now().seconds() - atime.seconds() >= DAY;
    }

    /// The content was changed by the caller: ends set-id bits, unless he is privileged, and capabilities.
    final void killSuid() throws IOException {
        Cred cred = Caller.current().cred();
        int mode = rec.mode();
        if ((mode & (Mode.S_ISUID | Mode.S_ISGID)) != 0 && !cred.isPrivileged()) {
            rec.setMode(Access.withoutSuid(mode, rec.gid(), cred));
            changed();
        }
        dropCapability();
    }

    final void dropCapability() throws IOException {
        if (xattrs().mayHave()) {
            xattrs().remove(Xattrs.CAPABILITY);
        }
    }

    // Links and life

    /// A driver learns of this inode.
    final Inode answered() {
        answers++;
        return this;
    }

    final boolean isKnown() {
        return answers > 0;
    }

    final boolean isDeleted() {
        return deleted;
    }

    final void setDeleted() {
        deleted = true;
    }

    @Override
    public final void reclaim(long count) throws IOException {
        fs.act(() -> {
            answers = Math.max(answers - count, 0);
            if (rec.links() == 0 && !isKnown() && fs.isWritable()) {
                fs.begin();
            }
            forgotten();
        });
    }

    private void forgotten() throws IOException {
        if (isKnown()) {
            return; // a look-up was on its way
        }
        if (rec.links() == 0 && !deleted && fs.isWritable()) {
            fs.orphans().end(this);
        } else if (!isDirty()) {
            fs.inodes().forget(this);
        }
    }

    @Override
    public final void fsync(boolean dataOnly) throws IOException {
        fs.act(() -> {
            fs.fsync(dataOnly && !urgent);
        });
    }

    // Extended attributes

    final Xattrs xattrs() {
        return new Xattrs(fs, this);
    }

    /// The list of that name, or null.
    final @Nullable Acl acl(Name name) throws IOException {
        Xattrs xattrs = xattrs();
        byte[] value = xattrs.mayHave() ? xattrs.get(name) : null;
        return value == null ? null : Acl.parse(value);
    }

    @Override
    public final byte @Nullable [] getxattr(Name name) throws IOException {
        checkXattr(name);
        return fs.lock().find(() -> xattrs().get(name));
    }

    @Override
    public final List<Name> listxattr() throws IOException {
        return fs.run(() -> xattrs().names());
    }

    @Override
    public final void setxattr(Name name, byte[] value, int flags) throws IOException {
        checkXattr(name);
        fs.act(() -> {
            fs.begin();
            requireMutable(true);
            if (Acl.isName(name)) {
                setAcl(name, value);
            } else {
                xattrs().set(name, value, flags);
            }
            inodeChanged();
        });
    }

    @Override
    public final void removexattr(Name name) throws IOException {
        checkXattr(name);
        fs.act(() -> {
            fs.begin();
            requireMutable(true);
            if (xattrs().remove(name)) {
                inodeChanged();
            } else if (!Acl.isName(name)) { // to have no list is no error
                throw ENODATA.error();
            }
        });
    }

    private void checkXattr(Name name) throws ErrnoException {
        Xattrs.checkName(name);
        if (Mode.isSymlink(rec.mode()) && Acl.isName(name)) {
            throw EOPNOTSUPP.error();
        }
    }

    private void setAcl(Name name, byte[] value) throws IOException {
        Acl.Change change =
                Acl.change(name, value, rec.mode(), rec.gid(), Caller.current().cred());
        if (change.kept()) {
            xattrs().set(name, value, 0);
        } else {
            xattrs().remove(name);
        }
        if (change.mode() != rec.mode()) {
            rec.setMode(change.mode());
            changed();
        }
    }
}
