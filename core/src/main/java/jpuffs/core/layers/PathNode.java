// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;

/// A file of a [PathView]: a name in a directory, which is a node in turn.
///
/// A directory has those of its children that the driver knows, or that have such children; the others come and go
/// with each look-up.
final class PathNode implements Node {
    private final PathFileSystem paths;
    private final int type;
    private final long ino;
    private final Map<Name, PathNode> children = new HashMap<>();
    private @Nullable PathNode parent; // null for the root and for a file that was removed
    private Name name;
    private @Nullable Attr removed; // the last attributes of a file that was removed
    private boolean known;

    /// The root.
    PathNode(PathFileSystem paths) {
        this.paths = paths;
        this.type = Mode.S_IFDIR;
        this.ino = 0;
        this.name = Name.DOT;
        this.known = true;
    }

    private PathNode(PathNode parent, Name name, Attr attr) {
        this.paths = parent.paths;
        this.type = Mode.type(attr.mode());
        this.ino = attr.ino();
        this.parent = parent;
        this.name = name;
    }

    /// Where the file is now. ESTALE if it was removed.
    private NamePath path() throws ErrnoException {
        if (removed != null) {
            throw ESTALE.error();
        }
        return parent == null ? NamePath.ROOT : parent.path().child(name);
    }

    private NamePath path(Name child) throws ErrnoException {
        if (type != Mode.S_IFDIR) {
            throw ENOTDIR.error();
        }
        return path().child(child);
    }

    @Override
    public Attr getattr() throws IOException {
        if (removed != null) {
            return removed;
        }
        Attr attr = paths.getattr(path());
        if (attr == null) {
            throw ESTALE.error(); // somebody else removed it
        }
        return attr;
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        paths.setattr(path(), change);
        return getattr();
    }

    // Directories

    @Override
    public @Nullable Node lookup(Name child) throws IOException {
        if (child.isDot() || child.isDotDot()) {
            PathNode node = child.isDot() || parent == null ? this : parent;
            node.known = true;
            return node;
        }
        if (removed != null && type == Mode.S_IFDIR) {
            return null;
        }
        Attr attr = paths.getattr(path(child));
        PathNode node = children.get(child);
        if (node != null && (attr == null || !node.isStill(attr))) {
            node.leave(null);
            node = null;
        }
        if (node == null && attr != null) {
            node = new PathNode(this, child, attr);
            children.put(child, node);
        }
        if (node != null) {
            node.known = true;
        }
        return node;
    }

    /// Whether `attr`, found at the path of this node, is of the same file.
    private boolean isStill(Attr attr) {
        return Mode.type(attr.mode()) == type && attr.ino() == ino;
    }

    /// Takes this node out of its directory, since its file is not there any more.
    private void leave(@Nullable Attr last) {
        unlinkFromParent();
        Attr attr = last == null ? Attr.of(type) : last;
        removed = attr.withNlink(0);
    }

    private void unlinkFromParent() {
        PathNode directory = parent;
        if (directory != null) {
            directory.children.remove(name);
            parent = null;
            directory.forgetIfUnused();
        }
    }

    private void forgetIfUnused() {
        if (!known && children.isEmpty() && removed == null) {
            unlinkFromParent();
        }
    }

    @Override
    public void reclaim(long answers) {
        known = parent == null && removed == null; // the root stays
        forgetIfUnused();
    }

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        PathEntries.of(list()).after(cookie, sink);
    }

    private Iterable<Name> list() throws IOException {
        if (type != Mode.S_IFDIR) {
            throw ENOTDIR.error();
        }
        return removed == null ? paths.list(path()) : List.of();
    }

    /// The attributes of a child. ENOENT.
    private Attr require(Name child) throws IOException {
        Attr attr = paths.getattr(path(child));
        if (attr == null) {
            throw ENOENT.error();
        }
        return attr;
    }

    /// The path of a child that is not there. EEXIST.
    private NamePath free(Name child) throws IOException {
        NamePath path = path(child);
        if (paths.getattr(path) != null) {
            throw EEXIST.error();
        }
        return path;
    }

    private Node made(Name child) throws IOException {
        Node node = lookup(child);
        if (node == null) {
            throw EIO.error("%s was made and is not there", path(child));
        }
        return node;
    }

    @Override
    public Node mknod(Name child, int mode, int rdev, Cred cred) throws IOException {
        paths.mknod(free(child), mode, rdev, cred);
        return made(child);
    }

    @Override
    public Node mkdir(Name child, int mode, Cred cred) throws IOException {
        paths.mkdir(free(child), mode, cred);
        return made(child);
    }

    @Override
    public Node symlink(Name child, byte[] target, Cred cred) throws IOException {
        paths.symlink(free(child), target, cred);
        return made(child);
    }

    @Override
    public void link(Node target, Name child) throws ErrnoException {
        throw EPERM.error();
    }

    @Override
    public void unlink(Name child) throws IOException {
        Attr attr = require(child);
        if (attr.isDirectory()) {
            throw EISDIR.error();
        }
        paths.unlink(path(child));
        gone(child, attr);
    }

    @Override
    public void rmdir(Name child) throws IOException {
        Attr attr = require(child);
        if (!attr.isDirectory()) {
            throw ENOTDIR.error();
        }
        paths.rmdir(path(child));
        gone(child, attr);
    }

    private void gone(Name child, Attr last) {
        PathNode node = children.get(child);
        if (node != null) {
            node.leave(last);
        }
    }

    @Override
    public void rename(Name child, Node newDirectory, Name newName, int flags) throws IOException {
        if (!(newDirectory instanceof PathNode to) || !to.paths.equals(paths)) {
            throw EXDEV.error();
        }
        NamePath from = path(child);
        NamePath target = to.path(newName);
        Attr attr = require(child);
        Attr old = paths.getattr(target);
        boolean exchange = flags == RENAME_EXCHANGE;
        checkRename(attr, old, flags);
        if (from.equals(target)) {
            return;
        }
        paths.rename(from, target, flags);
        PathNode moved = children.get(child);
        PathNode other = to.children.get(newName);
        if (other != null && !exchange && old != null) {
            other.leave(old);
        }
        if (moved != null) {
            moved.move(to, newName);
        }
        if (other != null && exchange) {
            other.move(this, child);
        }
    }

    private static void checkRename(Attr attr, @Nullable Attr old, int flags) throws ErrnoException {
        if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE) {
            throw EINVAL.error();
        }
        if (old == null) {
            if (flags == RENAME_EXCHANGE) {
                throw ENOENT.error();
            }
            return;
        }
        if (flags == RENAME_NOREPLACE) {
            throw EEXIST.error();
        }
        if (flags == 0 && attr.isDirectory() != old.isDirectory()) {
            throw old.isDirectory() ? EISDIR.error() : ENOTDIR.error();
        }
    }

    /// Follows the file to its new path.
    private void move(PathNode to, Name newName) {
        PathNode from = parent;
        if (from != null && equals(from.children.get(name))) {
            from.children.remove(name);
        }
        to.children.put(newName, this);
        parent = to;
        name = newName;
        if (from != null) {
            from.forgetIfUnused();
        }
    }

    // Files

    @Override
    public byte[] readlink() throws IOException {
        if (type != Mode.S_IFLNK) {
            throw EINVAL.error();
        }
        return paths.readlink(path());
    }

    @Override
    public Handle open(int flags) throws IOException {
        return type == Mode.S_IFDIR ? new OpenDirectory(this, flags) : paths.open(path(), this, flags);
    }

    /// Tells the entries that were there when it was read from the beginning.
    private static final class OpenDirectory extends Handle {
        private final PathNode directory;
        private @Nullable PathEntries entries;

        OpenDirectory(PathNode directory, int flags) {
            super(directory, flags);
            this.directory = directory;
        }

        @Override
        public void readdir(long cookie, DirSink sink) throws IOException {
            PathEntries from = entries;
            if (from == null || cookie == 0) {
                from = PathEntries.of(directory.list());
                entries = from;
            }
            from.after(cookie, sink);
        }
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        if (type == Mode.S_IFDIR) {
            throw EISDIR.error();
        }
        return paths.read(path(), dst, off);
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return paths.write(path(), src, off);
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        paths.fsync(path(), dataOnly);
    }

    @Override
    public byte @Nullable [] getxattr(Name attribute) throws IOException {
        return paths.getxattr(path(), attribute);
    }

    @Override
    public List<Name> listxattr() throws IOException {
        return paths.listxattr(path());
    }

    @Override
    public void setxattr(Name attribute, byte[] value, int flags) throws IOException {
        paths.setxattr(path(), attribute, value, flags);
    }

    @Override
    public void removexattr(Name attribute) throws IOException {
        paths.removexattr(path(), attribute);
    }
}
