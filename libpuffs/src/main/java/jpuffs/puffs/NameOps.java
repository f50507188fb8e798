// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Entry;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;

/// Operations on names in directories.
final class NameOps {
    private static final int MAX_TARGET = 4095;
    private static final int RENAME_FLAGS = Node.RENAME_NOREPLACE | Node.RENAME_EXCHANGE | Node.RENAME_WHITEOUT;

    private final Session session;

    NameOps(Session session) {
        this.session = session;
    }

    void lookup(Request r) throws IOException {
        Name name = r.name();
        Inode parent = session.nodes.get(r.nodeid);
        if (name.isDot() || name.isDotDot()) {
            lookupDot(r, parent, name);
            return;
        }
        Entry entry = parent.node.entry(name.checkComponent());
        if (entry != null) {
            session.replyEntry(r, entry.node(), entry.attr(), Wire.EntryOut.SIZE);
        } else if (session.encoder.cachesNegative()) {
            session.encoder.negative(r.room(Wire.EntryOut.SIZE), 0);
            r.replyLength = Wire.EntryOut.SIZE;
        } else {
            throw ENOENT.error();
        }
    }

    /// Only asked for file handles (EXPORT_SUPPORT): the node itself, or the parent of a directory.
    private void lookupDot(Request r, Inode inode, Name name) throws IOException {
        Inode found = inode;
        if (name.isDotDot()) {
            found = session.nodes.find(inode.parent);
            Node node = found == null ? inode.node.lookup(Name.DOT_DOT) : found.node;
            if (node == null) {
                throw ESTALE.error();
            }
            found = session.nodes.find(node);
            if (found == null) {
                session.replyEntry(r, node, node.getattr(), Wire.EntryOut.SIZE);
                return;
            }
        }
        synchronized (found) {
            if (found.dead) {
                throw ESTALE.error();
            }
            found.lookups++;
        }
        session.encoder.entry(r.room(Wire.EntryOut.SIZE), 0, found, found.node.getattr());
        r.replyLength = Wire.EntryOut.SIZE;
    }

    void readlink(Request r) throws IOException {
        byte[] target = session.nodes.get(r.nodeid).node.readlink();
        if (target.length == 0 || target.length > MAX_TARGET) {
            throw Session.refuse("readlink: a target of %d bytes", target.length);
        }
        MemorySegment.copy(target, 0, r.room(target.length), ValueLayout.JAVA_BYTE, 0, target.length);
        r.replyLength = target.length;
    }

    void symlink(Request r) throws IOException {
        Name name = r.component();
        byte[] target = r.name().toBytes();
        if (target.length == 0) {
            throw ENOENT.error();
        }
        if (target.length > MAX_TARGET) {
            throw ENAMETOOLONG.error();
        }
        Node parent = session.nodes.get(r.nodeid).node;
        replyNew(r, parent.symlink(name, target, r.caller.cred()));
    }

    void mknod(Request r) throws IOException {
        int mode = r.argInt(Wire.MknodIn.MODE);
        int rdev = r.argInt(Wire.MknodIn.RDEV);
        int umask = r.argInt(Wire.MknodIn.UMASK);
        Name name = r.component();
        if (!Mode.isValidType(mode) || Mode.isDirectory(mode) || Mode.isSymlink(mode)) {
            throw EINVAL.error("mknod: mode %o", mode);
        }
        Node parent = session.nodes.get(r.nodeid).node;
        Cred cred = r.caller.cred();
        replyNew(r, parent.mknod(name, session.masked(parent, mode, umask), rdev, cred));
    }

    void mkdir(Request r) throws IOException {
        int mode = Mode.S_IFDIR | r.argInt(Wire.MkdirIn.MODE) & Mode.PERMISSIONS;
        int umask = r.argInt(Wire.MkdirIn.UMASK);
        Name name = r.component();
        Node parent = session.nodes.get(r.nodeid).node;
        replyNew(r, parent.mkdir(name, session.masked(parent, mode, umask), r.caller.cred()));
    }

    private void replyNew(Request r, Node node) throws IOException {
        session.replyEntry(r, node, node.getattr(), Wire.EntryOut.SIZE);
    }

    void unlink(Request r) throws IOException {
        Name name = r.component();
        session.nodes.get(r.nodeid).node.unlink(name);
    }

    void rmdir(Request r) throws IOException {
        Name name = r.component();
        session.nodes.get(r.nodeid).node.rmdir(name);
    }

    void rename(Request r, int flags) throws IOException {
        long newDirectory = r.argLong(Wire.RenameIn.NEWDIR);
        Name name = r.component();
        Name newName = r.component();
        if ((flags & ~RENAME_FLAGS) != 0) {
            throw EINVAL.error("rename: flags %x", flags);
        }
        Node from = session.nodes.get(r.nodeid).node;
        Inode to = session.nodes.get(newDirectory);
        from.rename(name, to.node, newName, flags);
        moved(to, newName);
    }

    /// A directory's `..` has changed, and the kernel may ask for it.
    private void moved(Inode to, Name newName) throws IOException {
        if (session.fs.isExportable()) {
            Node node = to.node.lookup(newName);
            Inode inode = node == null ? null : session.nodes.find(node);
            if (inode != null) {
                inode.parent = to.nodeid;
            }
        }
    }

    void link(Request r) throws IOException {
        Inode target = session.nodes.get(r.argLong(0));
        Name name = r.component();
        if (target.type == Mode.S_IFDIR) {
            throw EXDEV.error("link: node %d is a directory", target.nodeid);
        }
        session.nodes.get(r.nodeid).node.link(target.node, name);
        Attr attr = target.node.getattr();
        replyKnown(r, target, attr);
    }

    private void replyKnown(Request r, Inode inode, Attr attr) throws IOException {
        session.encoder.entry(r.room(Wire.EntryOut.SIZE), 0, inode, attr);
        synchronized (inode) {
            if (inode.dead) {
                throw ESTALE.error();
            }
            inode.lookups++;
        }
        r.replyLength = Wire.EntryOut.SIZE;
    }
}
