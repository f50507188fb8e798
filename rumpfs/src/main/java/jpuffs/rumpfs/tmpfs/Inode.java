// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.util.List;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// A file of any type: its attributes, extended attributes, locks and life.
///
/// An inode lives while it has a name or the driver knows it: from an answer that had it to [#reclaim].
abstract class Inode implements Node {
    private static final long DAY = 24 * 60 * 60;

    final Tmpfs fs;
    private final long ino;
    private int mode;
    private int nlink;
    private int uid;
    private int gid;
    private Time atime;
    private Time mtime;
    private Time ctime;
    private final Time btime;
    private @Nullable Xattrs xattrs;
    private boolean known;

    /// @param attr the first attributes; the size is the subclass's
    Inode(Tmpfs fs, long ino, Attr attr) {
        this.fs = fs;
        this.ino = ino;
        this.mode = attr.mode();
        this.nlink = attr.nlink();
        this.uid = attr.uid();
        this.gid = attr.gid();
        this.atime = attr.atime();
        this.mtime = attr.mtime();
        this.ctime = attr.ctime();
        this.btime = attr.btime();
    }

    final long ino() {
        return ino;
    }

    final int mode() {
        return mode;
    }

    final int nlink() {
        return nlink;
    }

    final boolean isDirectory() {
        return Mode.isDirectory(mode);
    }

    // What differs with the type

    abstract long size();

    /// The blocks of data in use, of [Blocks#SIZE] bytes.
    long blocks() {
        return 0;
    }

    int rdev() {
        return 0;
    }

    /// Sets the size. EFBIG; EINVAL for what is not a regular file.
    void truncate(long size) throws ErrnoException {
        throw EINVAL.error();
    }

    /// Gives back what the content takes; the inode is at its end.
    void free() {}

    // Attributes

    @Override
    public final Attr getattr() {
        long sectors = blocks() * (Blocks.SIZE / 512);
        return new Attr(ino, mode, nlink, uid, gid, rdev(), size(), sectors, Blocks.SIZE, atime, mtime, ctime, btime);
    }

    @Override
    public final long generation() {
        return fs.generation();
    }

    @Override
    public final Attr setattr(SetAttr change) throws ErrnoException {
        Time now = fs.now();
        if (change.has(SetAttr.SIZE)) {
            truncate(change.size());
        }
        Attr after = timed(change, now).applyTo(getattr(), now);
        if (change.has(SetAttr.MODE)) {
            chmodAcl(after.mode());
        }
        if ((change.isChown() || change.has(SetAttr.SIZE | SetAttr.KILL_SUID)) && !isDirectory()) {
            dropCapability();
        }
        mode = after.mode();
        uid = after.uid();
        gid = after.gid();
        atime = after.atime();
        mtime = after.mtime();
        ctime = after.ctime();
        return getattr();
    }

    /// `change` with the times of now by the clock of this file system.
    private static SetAttr timed(SetAttr change, Time now) {
        SetAttr timed = change.has(SetAttr.ATIME_NOW) ? change.withAtime(now) : change;
        return change.has(SetAttr.MTIME_NOW) ? timed.withMtime(now) : timed;
    }

    private void chmodAcl(int newMode) throws ErrnoException {
        Acl acl = acl(Acl.ACCESS);
        if (acl != null) {
            xattrs().set(Acl.ACCESS, acl.withMode(newMode).toBytes(), 0);
        }
    }

    /// The content changed: mtime and ctime are now.
    final void changed() {
        mtime = fs.now();
        ctime = mtime;
    }

    /// The inode changed: ctime is now.
    final void touched() {
        ctime = fs.now();
    }

    /// The content was read: atime is now if that tells anybody anything, as Linux's relatime does it.
    final void accessed() {
        if (isAccessTold()) {
            atime = fs.now();
        }
    }

    /// Whether the next read sets atime: it is not later than mtime and ctime, or older than a day.
    final boolean isAccessTold() {
        return atime.compareTo(mtime) <= 0
                || atime.compareTo(ctime) <= 0
                || fs.now().seconds() - atime.seconds() >= DAY;
    }

    /// The content was changed by the caller: ends set-id bits, unless he is privileged, and capabilities.
    final void killSuid() {
        Cred cred = Caller.current().cred();
        if ((mode & (Mode.S_ISUID | Mode.S_ISGID)) != 0 && !cred.isPrivileged()) {
            mode = Access.withoutSuid(mode, gid, cred);
        }
        dropCapability();
    }

    final void dropCapability() {
        if (xattrs != null) {
            xattrs.remove(Xattrs.CAPABILITY);
        }
    }

    // Links and life

    final void addLinks(int count) {
        nlink += count;
    }

    /// The driver learns of this inode.
    final Inode answered() {
        known = true;
        return this;
    }

    /// Ends the inode if nobody can come to it any more.
    final void endIfUnused() {
        if (nlink == 0 && !known && fs.forget(this)) {
            free();
            if (xattrs != null) {
                xattrs.clear();
            }
        }
    }

    @Override
    public final void reclaim(long answers) {
        known = false;
        endIfUnused();
    }

    // Locks

    @Override
    public final @Nullable Lock getlk(Lock lock) {
        return fs.locks().get(this, lock);
    }

    @Override
    public final void setlk(Lock lock, boolean wait) throws ErrnoException {
        fs.locks().set(this, lock, wait);
    }

    // Extended attributes

    private Xattrs xattrs() {
        if (xattrs == null) {
            xattrs = new Xattrs(fs.space());
        }
        return xattrs;
    }

    /// The list of that name, or null.
    final @Nullable Acl acl(Name name) throws ErrnoException {
        return xattrs == null ? null : xattrs.acl(name);
    }

    /// What a new inode inherits of the default list of its directory: mode, access list and, a directory, the
    /// default list itself.
    final void inherit(Acl defaults) throws ErrnoException {
        Acl.Created created = defaults.create(mode);
        mode = created.mode();
        if (!created.acl().isMode()) {
            xattrs().set(Acl.ACCESS, created.acl().toBytes(), 0);
        }
        if (isDirectory()) {
            xattrs().set(Acl.DEFAULT, defaults.toBytes(), 0);
        }
    }

    @Override
    public final byte @Nullable [] getxattr(Name name) throws ErrnoException {
        checkXattr(name);
        return xattrs == null ? null : xattrs.get(name);
    }

    @Override
    public final List<Name> listxattr() {
        return xattrs == null ? List.of() : xattrs.names();
    }

    @Override
    public final void setxattr(Name name, byte[] value, int flags) throws ErrnoException {
        checkXattr(name);
        if (Acl.isName(name)) {
            setAcl(name, value);
        } else {
            xattrs().set(name, value, flags);
        }
        touched();
    }

    @Override
    public final void removexattr(Name name) throws ErrnoException {
        checkXattr(name);
        if (xattrs != null && xattrs.remove(name)) {
            touched();
        } else if (!Acl.isName(name)) { // to have no list is no error
            throw ENODATA.error();
        }
    }

    private void checkXattr(Name name) throws ErrnoException {
        Xattrs.checkName(name);
        if (Mode.isSymlink(mode) && Acl.isName(name)) {
            throw EOPNOTSUPP.error();
        }
    }

    private void setAcl(Name name, byte[] value) throws ErrnoException {
        Acl.Change change = Acl.change(name, value, mode, gid, Caller.current().cred());
        if (change.kept()) {
            xattrs().set(name, value, 0);
        } else {
            xattrs().remove(name);
        }
        mode = change.mode();
    }
}
