// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.EMLINK;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EXDEV;

import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.Entry;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// A directory. A removed one, nlink 0, is empty and takes no new entries.
final class Directory extends Inode {
    private static final int ENTRY_SIZE = 32; // what an entry adds to st_size
    private static final int ENTRY_BYTES = 64; // what it takes of heap, besides its name
    private static final int WHITEOUT = Mode.S_IFCHR; // device 0/0, no permissions

    private final Entries entries = new Entries();
    private Directory parent;

    /// @param parent null for the root, which is its own
    Directory(Tmpfs fs, long ino, Attr attr, @Nullable Directory parent) {
        super(fs, ino, attr);
        this.parent = parent == null ? this : parent;
    }

    @Override
    long size() {
        return (long) ENTRY_SIZE * entries.size();
    }

    @Override
    void truncate(long size) throws ErrnoException {
        throw EISDIR.error();
    }

    // Finding

    private @Nullable Inode find(Name name) {
        if (name.isDot()) {
            return this;
        }
        return name.isDotDot() ? parent : entries.get(name);
    }

    @Override
    public @Nullable Node lookup(Name name) {
        Inode inode = find(name);
        return inode == null ? null : inode.answered();
    }

    @Override
    public @Nullable Entry entry(Name name) {
        Inode inode = find(name);
        return inode == null ? null : new Entry(inode.answered(), inode.getattr());
    }

    private Inode require(Name name) throws ErrnoException {
        Inode inode = entries.get(name);
        if (inode == null) {
            throw ENOENT.error();
        }
        return inode;
    }

    @Override
    public Handle open(int flags) {
        return new OpenFile(this, flags);
    }

    @Override
    public void readdir(long cookie, DirSink sink) {
        accessed();
        list(cookie, sink);
    }

    /// [#readdir] without touching atime.
    void list(long cookie, DirSink sink) {
        entries.list(cookie, sink);
    }

    // Making

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws ErrnoException {
        checkNew(name);
        return enter(name, fs.make(this, mode, rdev, cred)).answered();
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws ErrnoException {
        checkNew(name);
        Inode inode = fs.make(this, Mode.S_IFREG | mode & Mode.PERMISSIONS, 0, cred);
        return new OpenFile(enter(name, inode).answered(), flags);
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws ErrnoException {
        checkAlive();
        return new OpenFile(fs.makeUnnamed(this, mode, cred).answered(), flags);
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws ErrnoException {
        checkNew(name);
        Inode inode = enter(name, fs.make(this, Mode.S_IFDIR | mode & Mode.PERMISSIONS, 0, cred));
        addLinks(1);
        return inode.answered();
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws ErrnoException {
        checkNew(name);
        return enter(name, fs.makeSymlink(this, target, cred)).answered();
    }

    /// Gives an inode that was just made its name, or ends it. ENOSPC.
    private Inode enter(Name name, Inode inode) throws ErrnoException {
        try {
            addEntry(name, inode);
        } catch (ErrnoException e) {
            inode.addLinks(-inode.nlink());
            inode.endIfUnused();
            throw e;
        }
        changed();
        return inode;
    }

    private void addEntry(Name name, Inode inode) throws ErrnoException {
        fs.space().charge(ENTRY_BYTES + name.length());
        entries.add(name, inode);
    }

    private void removeEntry(Name name) {
        entries.remove(name);
        fs.space().refund(ENTRY_BYTES + name.length());
    }

    private void checkNew(Name name) throws ErrnoException {
        checkAlive();
        if (entries.get(name) != null) {
            throw EEXIST.error();
        }
    }

    private void checkAlive() throws ErrnoException {
        if (nlink() == 0) {
            throw ENOENT.error();
        }
    }

    @Override
    public void link(Node target, Name name) throws ErrnoException {
        Inode inode = inode(target);
        if (inode.isDirectory()) {
            throw EPERM.error();
        }
        if (inode.nlink() == 0 && !(inode instanceof RegularFile file && file.isLinkable())) {
            throw ENOENT.error();
        }
        if (inode.nlink() == Integer.MAX_VALUE) {
            throw EMLINK.error();
        }
        checkNew(name);
        addEntry(name, inode);
        inode.addLinks(1);
        inode.touched();
        changed();
    }

    /// `node` as one of this file system. EXDEV.
    private Inode inode(Node node) throws ErrnoException {
        if (node instanceof Inode inode && inode.fs.equals(fs)) {
            return inode;
        }
        throw EXDEV.error();
    }

    // Removing

    @Override
    public void unlink(Name name) throws ErrnoException {
        Inode inode = require(name);
        if (inode.isDirectory()) {
            throw EISDIR.error();
        }
        removeEntry(name);
        changed();
        unlinked(inode);
    }

    @Override
    public void rmdir(Name name) throws ErrnoException {
        if (!(require(name) instanceof Directory directory)) {
            throw ENOTDIR.error();
        }
        directory.checkEmpty();
        removeEntry(name);
        changed();
        unlinked(directory);
    }

    private void checkEmpty() throws ErrnoException {
        if (entries.size() > 0) {
            throw ENOTEMPTY.error();
        }
    }

    /// `inode` has lost a name in this directory, a directory its only one.
    private void unlinked(Inode inode) {
        inode.addLinks(inode.isDirectory() ? -2 : -1);
        addLinks(inode.isDirectory() ? -1 : 0);
        inode.touched();
        inode.endIfUnused();
    }

    // Renaming

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws ErrnoException {
        if (!(inode(newDirectory) instanceof Directory to)) {
            throw ENOTDIR.error();
        }
        boolean exchange = (flags & RENAME_EXCHANGE) != 0;
        int known = RENAME_NOREPLACE | RENAME_WHITEOUT;
        if ((flags & ~known) != (exchange ? RENAME_EXCHANGE : 0) || exchange && (flags & known) != 0) {
            throw EINVAL.error();
        }
        Inode moved = require(name);
        to.checkAlive();
        Inode target = to.entries.get(newName);
        if (target != null && (flags & RENAME_NOREPLACE) != 0) {
            throw EEXIST.error();
        }
        if (moved.equals(target)) {
            return;
        }
        to.checkNotBelow(moved);
        if (exchange) {
            exchange(name, moved, to, newName, to.require(newName));
        } else {
            move(name, moved, to, newName, target, (flags & RENAME_WHITEOUT) != 0);
        }
    }

    /// Checks that this directory is not `inode` and not in it. EINVAL.
    private void checkNotBelow(Inode inode) throws ErrnoException {
        if (inode.isDirectory()) {
            for (Directory at = this; at != at.parent; at = at.parent) {
                if (at == inode) {
                    throw EINVAL.error();
                }
            }
        }
    }

    private void exchange(Name name, Inode moved, Directory to, Name newName, Inode target) throws ErrnoException {
        checkNotBelow(target);
        entries.replace(name, target);
        to.entries.replace(newName, moved);
        moved(moved, to);
        to.moved(target, this);
    }

    private void move(Name name, Inode moved, Directory to, Name newName, @Nullable Inode target, boolean whiteout)
            throws ErrnoException {
        if (target != null) {
            checkReplaces(moved, target);
        }
        Inode left = whiteout ? fs.make(this, WHITEOUT, 0, Caller.current().cred()) : null;
        if (target == null) {
            to.enterMoved(newName, moved, left);
        } else {
            to.entries.replace(newName, moved);
            to.unlinked(target);
        }
        if (left == null) {
            removeEntry(name);
        } else {
            entries.replace(name, left);
        }
        moved(moved, to);
    }

    private static void checkReplaces(Inode moved, Inode target) throws ErrnoException {
        if (target instanceof Directory directory) {
            if (!moved.isDirectory()) {
                throw EISDIR.error();
            }
            directory.checkEmpty();
        } else if (moved.isDirectory()) {
            throw ENOTDIR.error();
        }
    }

    /// Adds the entry, or ends the whiteout that was made for it. ENOSPC.
    private void enterMoved(Name name, Inode moved, @Nullable Inode whiteout) throws ErrnoException {
        try {
            addEntry(name, moved);
        } catch (ErrnoException e) {
            if (whiteout != null) {
                whiteout.addLinks(-1);
                whiteout.endIfUnused();
            }
            throw e;
        }
    }

    /// `inode` has gone from this directory to `to`: counts and times.
    private void moved(Inode inode, Directory to) {
        if (inode instanceof Directory directory && to != this) {
            directory.parent = to;
            addLinks(-1);
            to.addLinks(1);
        }
        inode.touched();
        changed();
        to.changed();
    }
}
