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
import jpuffs.puffs.wire.Wire;

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
        if (name.isDot()) {
            lookupSelf(r);
            return;
        }
        Inode parent = session.nodes.get(r.nodeid);
        if (name.isDotDot()) {
            lookupParent(r, parent);
            return;
        }
        Entry entry = parent.node.entry(name.checkComponent());
        if (entry != null) {
            session.replyEntry(r, entry.node(), entry.attr(), Wire.EntryOut.SIZE);
        } else if (session.encoder.cachesNegative()) {
            session.encoder.negative(r.room(Wire.EntryOut.SIZE), 0);
            r.replyLength = Wire.EntryOut.SIZE;
        } else {
            r.error = ENOENT.number(); // not thrown: nothing happens as often as this
        }
    }

    /// The kernel has a file handle and wants its file (EXPORT_SUPPORT), which it may have forgotten.
    private void lookupSelf(Request r) throws IOException {
        Inode inode = session.nodes.find(r.nodeid);
        if (inode == null) {
            replyUnnamed(r, session.nodes.byHandle(r.nodeid));
            return;
        }
        Attr attr = inode.node.getattr();
        if (attr.nlink() == 0) {
            throw ESTALE.error(); // its FORGET is on the way: the kernel would not ask for what is open
        }
        replyKnown(r, inode, attr);
    }

    private void replyKnown(Request r, Inode inode, Attr attr) throws IOException {
        session.nodes.again(inode);
        session.writeEntry(r, inode, attr, Wire.EntryOut.SIZE);
    }

    /// The kernel has a directory by a file handle, and wants the one it is in.
    private void lookupParent(Request r, Inode directory) throws IOException {
        Node node = directory.node.lookup(Name.DOT_DOT);
        if (node == null) {
            throw ESTALE.error();
        }
        replyUnnamed(r, node);
    }

    private void replyUnnamed(Request r, Node node) throws IOException {
        Attr attr;
        try {
            attr = node.getattr();
        } catch (Throwable e) {
            session.nodes.drop(node);
            throw e;
        }
        session.writeEntry(r, session.nodes.acquire(node, attr, 0), attr, Wire.EntryOut.SIZE);
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
        replyNew(r, parent.symlink(name, target, r.caller.cred()), Mode.S_IFLNK);
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
        replyNew(r, parent.mknod(name, session.masked(parent, mode, umask), rdev, cred), mode);
    }

    void mkdir(Request r) throws IOException {
        int mode = Mode.S_IFDIR | r.argInt(Wire.MkdirIn.MODE) & Mode.PERMISSIONS;
        int umask = r.argInt(Wire.MkdirIn.UMASK);
        Name name = r.component();
        Node parent = session.nodes.get(r.nodeid).node;
        replyNew(r, parent.mkdir(name, session.masked(parent, mode, umask), r.caller.cred()), mode);
    }

    private void replyNew(Request r, Node node, int mode) throws IOException {
        session.replyNew(r, node, mode, Wire.EntryOut.SIZE);
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
        from.rename(name, session.nodes.get(newDirectory).node, newName, flags);
    }

    void link(Request r) throws IOException {
        Inode target = session.nodes.get(r.argLong(0));
        Name name = r.component();
        if (target.type == Mode.S_IFDIR) {
            throw EXDEV.error("link: node %d is a directory", target.nodeid);
        }
        session.nodes.get(r.nodeid).node.link(target.node, name);
        replyKnown(r, target, target.node.getattr());
    }
}
