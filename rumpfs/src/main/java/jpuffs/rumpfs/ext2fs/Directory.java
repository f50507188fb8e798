// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.EMLINK;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EUCLEAN;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
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
    private static final int WHITEOUT = Mode.S_IFCHR; // device 0/0, no permissions
    private static final int MAX_DEPTH = 1 << 16;

    private final DirContent content;

    Directory(Ext2Fs fs, int ino, InodeRec rec) {
        super(fs, ino, rec);
        this.content = new DirContent(fs, this);
    }

    DirContent content() {
        return content;
    }

    @Override
    void truncate(long size) throws ErrnoException {
        throw EISDIR.error();
    }

    // Finding

    private @Nullable Inode find(Name name) throws IOException {
        if (name.isDot()) {
            return this;
        }
        long ino = content.lookup(name);
        return ino == 0 ? null : fs.inodes().get(ino);
    }

    @Override
    public @Nullable Node lookup(Name name) throws IOException {
        return fs.lock().find(() -> {
            Inode inode = find(name);
            return inode == null ? null : requireNamed(inode).answered();
        });
    }

    @Override
    public @Nullable Entry entry(Name name) throws IOException {
        return fs.lock().find(() -> {
            Inode inode = find(name);
            return inode == null ? null : new Entry(requireNamed(inode).answered(), inode.attr());
        });
    }

    /// A name of an inode that has none is damage.
    private static Inode requireNamed(Inode inode) throws ErrnoException {
        if (inode.rec.links() == 0 && !inode.isKnown()) {
            throw EUCLEAN.error("inode %d: has a name and no links", inode.ino());
        }
        return inode;
    }

    private Inode require(Name name) throws IOException {
        Inode inode = find(name);
        if (inode == null) {
            throw ENOENT.error();
        }
        return requireNamed(inode);
    }

    @Override
    public Handle open(int flags) {
        return new OpenFile(this, flags);
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        readdir(cookie, sink, false);
    }

    /// @param quiet does not touch atime
    void readdir(long cookie, DirSink sink, boolean quiet) throws IOException {
        fs.act(() -> {
            if (!quiet) {
                accessed();
            }
            new DirReader(content).list(cookie, sink);
        });
    }

    // Making

    @Override
    public Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        return fs.run(() -> {
            begin(name);
            return enter(name, fs.maker().make(this, mode, rdev, cred)).answered();
        });
    }

    @Override
    public Handle create(Name name, int mode, int flags, Cred cred) throws IOException {
        return fs.run(() -> {
            begin(name);
            Inode inode = fs.maker().make(this, Mode.S_IFREG | mode & Mode.PERMISSIONS, 0, cred);
            return new OpenFile(enter(name, inode).answered(), flags);
        });
    }

    @Override
    public Handle tmpfile(int mode, int flags, Cred cred) throws IOException {
        return fs.run(() -> {
            fs.begin();
            requireAlive();
            Inode inode = fs.maker().make(this, Mode.S_IFREG | mode & Mode.PERMISSIONS, 0, cred);
            inode.rec.setLinks(0);
            ((RegularFile) inode).setLinkable();
            fs.orphans().add(inode);
            return new OpenFile(inode.answered(), flags);
        });
    }

    @Override
    public Node mkdir(Name name, int mode, Cred cred) throws IOException {
        return fs.run(() -> makeDirectory(name, mode, cred));
    }

    private Node makeDirectory(Name name, int mode, Cred cred) throws IOException {
        begin(name);
        requireLinkRoom();
        Inode inode = fs.maker().make(this, Mode.S_IFDIR | mode & Mode.PERMISSIONS, 0, cred);
        try {
            ((Directory) inode).content.initialise(ino());
        } catch (IOException e) {
            fs.maker().discard(inode);
            throw e;
        }
        inode.rec.setLinks(2);
        enter(name, inode);
        addLink();
        return inode.answered();
    }

    @Override
    public Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        return fs.run(() -> {
            begin(name);
            return enter(name, fs.maker().makeSymlink(this, target, cred)).answered();
        });
    }

    /// An operation begins that makes `name`.
    private void begin(Name name) throws IOException {
        fs.begin();
        requireAlive();
        requireMutable(false);
        if (content.lookup(name) != 0) {
            throw EEXIST.error();
        }
        content.leaveInline();
    }

    private void requireAlive() throws ErrnoException {
        if (rec.links() == 0) {
            throw ENOENT.error();
        }
    }

    /// Gives an inode that was just made its name, or ends it. ENOSPC.
    private Inode enter(Name name, Inode inode) throws IOException {
        try {
            content.add(new DirEntry(name, inode.ino(), fs.sb().typeOf(inode.rec.mode())));
        } catch (IOException e) {
            fs.maker().discard(inode);
            throw e;
        }
        inode.changed();
        entriesChanged();
        return inode;
    }

    private void entriesChanged() throws IOException {
        changed();
        contentChanged();
    }

    @Override
    public void link(Node target, Name name) throws IOException {
        Inode inode = inode(target);
        fs.act(() -> link(inode, name));
    }

    private void link(Inode inode, Name name) throws IOException {
        fs.begin(); // before anything is looked at
        if (inode.isDirectory()) {
            throw EPERM.error();
        }
        boolean unnamed = inode.rec.links() == 0;
        if (unnamed && !(inode instanceof RegularFile file && file.isLinkable())) {
            throw ENOENT.error();
        }
        begin(name);
        inode.requireMutable(true);
        if (inode.rec.links() >= Ext2Fs.MAX_LINKS) {
            throw EMLINK.error();
        }
        content.add(new DirEntry(name, inode.ino(), fs.sb().typeOf(inode.rec.mode())));
        if (unnamed) {
            fs.orphans().remove(inode);
        }
        inode.rec.setLinks(inode.rec.links() + 1);
        inode.inodeChanged();
        entriesChanged();
    }

    /// `node` as one of this file system. EXDEV.
    private Inode inode(Node node) throws ErrnoException {
        if (node instanceof Inode inode && inode.fs == fs) {
            return inode;
        }
        throw EXDEV.error();
    }

    // Links of directories: one that has had too many counts no more and says 1

    private void requireLinkRoom() throws ErrnoException {
        if (rec.links() >= Ext2Fs.MAX_LINKS && !fs.sb().features.roCompat(Features.DIR_NLINK)) {
            throw EMLINK.error();
        }
    }

    private void addLink() throws IOException {
        int links = rec.links();
        if (links > 1) {
            rec.setLinks(
                    links + 1 >= Ext2Fs.MAX_LINKS && fs.sb().features.roCompat(Features.DIR_NLINK) ? 1 : links + 1);
        }
        changed();
    }

    private void removeLink() throws IOException {
        if (rec.links() > 2) {
            rec.setLinks(rec.links() - 1);
        }
        changed();
    }

    // Removing

    @Override
    public void unlink(Name name) throws IOException {
        fs.act(() -> removeFile(name));
    }

    private void removeFile(Name name) throws IOException {
        fs.begin();
        requireMutable(true);
        Inode inode = require(name);
        if (inode.isDirectory()) {
            throw EISDIR.error();
        }
        inode.requireMutable(true);
        remove(name);
        unlinked(inode);
    }

    @Override
    public void rmdir(Name name) throws IOException {
        fs.act(() -> removeDirectory(name));
    }

    private void removeDirectory(Name name) throws IOException {
        fs.begin();
        requireMutable(true);
        if (!(require(name) instanceof Directory directory)) {
            throw ENOTDIR.error();
        }
        directory.requireEmpty();
        directory.requireMutable(true);
        remove(name);
        unlinked(directory);
    }

    private void remove(Name name) throws IOException {
        content.leaveInline();
        try {
            if (!content.find(name)) {
                throw ENOENT.error();
            }
            content.removeFound();
        } finally {
            content.close();
        }
        entriesChanged();
    }

    private void requireEmpty() throws IOException {
        if (!new DirReader(content).isEmpty()) {
            throw ENOTEMPTY.error();
        }
    }

    /// `inode` has lost a name in this directory, a directory its only one.
    private void unlinked(Inode inode) throws IOException {
        if (inode.isDirectory()) {
            inode.rec.setLinks(0);
            removeLink();
        } else if (inode.rec.links() > 0) {
            inode.rec.setLinks(inode.rec.links() - 1);
        }
        inode.inodeChanged();
        if (inode.rec.links() == 0) {
            if (!fs.orphans().has(inode)) { // it is being truncated
                fs.orphans().add(inode);
            }
            if (!inode.isKnown()) {
                fs.orphans().end(inode);
            }
        }
    }

    // Renaming

    @Override
    public void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        if (!(inode(newDirectory) instanceof Directory to)) {
            throw ENOTDIR.error();
        }
        boolean exchange = (flags & RENAME_EXCHANGE) != 0;
        int others = RENAME_NOREPLACE | RENAME_WHITEOUT;
        if ((flags & ~others) != (exchange ? RENAME_EXCHANGE : 0) || exchange && (flags & others) != 0) {
            throw EINVAL.error();
        }
        fs.act(() -> rename(name, to, newName, flags));
    }

    private void rename(Name name, Directory to, Name newName, int flags) throws IOException {
        fs.begin();
        Inode moved = require(name);
        to.requireAlive();
        Inode target = to.find(newName);
        if (target != null && (flags & RENAME_NOREPLACE) != 0) {
            throw EEXIST.error();
        }
        if (moved.equals(target)) {
            return;
        }
        requireMutable(true);
        to.requireMutable(target != null);
        moved.requireMutable(true);
        to.requireNotBelow(moved);
        content.leaveInline();
        to.content.leaveInline();
        if ((flags & RENAME_EXCHANGE) != 0) {
            exchange(name, moved, to, newName);
        } else {
            move(new Move(name, moved, to, newName, target), (flags & RENAME_WHITEOUT) != 0);
        }
    }

    /// Checks that this directory is not `inode` and not in it. EINVAL.
    private void requireNotBelow(Inode inode) throws IOException {
        if (!inode.isDirectory()) {
            return;
        }
        Directory at = this;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            if (at.equals(inode)) {
                throw EINVAL.error();
            }
            long parent = at.content.lookup(Name.DOT_DOT);
            if (parent == at.ino() || at.ino() == Ext2Fs.ROOT_INO) {
                return;
            }
            if (!(fs.inodes().get(parent) instanceof Directory directory)) {
                throw EUCLEAN.error("inode %d: its .. is no directory", at.ino());
            }
            at = directory;
        }
        throw EUCLEAN.error("directories are in a loop");
    }

    private void replace(Name name, Inode inode) throws IOException {
        try {
            if (!content.find(name)) {
                throw ENOENT.error();
            }
            content.replaceFound(inode.ino(), fs.sb().typeOf(inode.rec.mode()));
        } finally {
            content.close();
        }
        entriesChanged();
    }

    private void exchange(Name name, Inode moved, Directory to, Name newName) throws IOException {
        Inode target = to.require(newName);
        requireNotBelow(target);
        target.requireMutable(true);
        if (!to.equals(this) && moved.isDirectory() != target.isDirectory()) {
            (moved.isDirectory() ? to : this).requireLinkRoom();
        }
        replace(name, target);
        to.replace(newName, moved);
        moved(moved, to);
        to.moved(target, this);
    }

    /// What a rename without exchange does.
    ///
    /// @param target what has the new name, or null
    private record Move(
            Name name,
            Inode moved,
            Directory to,
            Name newName,
            @Nullable Inode target) {}

    private void move(Move move, boolean whiteout) throws IOException {
        Inode target = move.target;
        if (target != null) {
            requireReplaces(move.moved, target);
        } else if (move.moved.isDirectory() && !move.to.equals(this)) {
            move.to.requireLinkRoom();
        }
        Inode left =
                whiteout ? fs.maker().make(this, WHITEOUT, 0, Caller.current().cred()) : null;
        if (target == null) {
            enterMoved(move, left);
        } else {
            move.to.replace(move.newName, move.moved);
        }
        if (left == null) {
            remove(move.name);
        } else {
            replace(move.name, left);
        }
        moved(move.moved, move.to);
        if (target != null) {
            move.to.unlinked(target); // in the end, since it may take several transactions
        }
    }

    private static void requireReplaces(Inode moved, Inode target) throws IOException {
        if (target instanceof Directory directory) {
            if (!moved.isDirectory()) {
                throw EISDIR.error();
            }
            directory.requireEmpty();
        } else if (moved.isDirectory()) {
            throw ENOTDIR.error();
        }
        target.requireMutable(true);
    }

    /// Adds the entry, or ends the whiteout that was made for it. ENOSPC.
    private void enterMoved(Move move, @Nullable Inode whiteout) throws IOException {
        try {
            int type = fs.sb().typeOf(move.moved.rec.mode());
            move.to.content.add(new DirEntry(move.newName, move.moved.ino(), type));
        } catch (IOException e) {
            if (whiteout != null) {
                fs.maker().discard(whiteout);
            }
            throw e;
        }
        move.to.entriesChanged();
    }

    /// `inode` has gone from this directory to `to`: its parent, counts and times.
    private void moved(Inode inode, Directory to) throws IOException {
        if (inode instanceof Directory directory && !to.equals(this)) {
            directory.content.setParent(to.ino());
            removeLink();
            to.addLink();
        }
        inode.inodeChanged();
    }
}
