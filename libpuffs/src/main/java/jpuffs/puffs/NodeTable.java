// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.ESTALE;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.puffs.wire.Wire;
import org.jspecify.annotations.Nullable;

/// The files the kernel knows, by node id and by node.
///
/// A node enters when an answer tells it to the kernel ([#acquire] counts a look-up) and leaves when the kernel has
/// forgotten it as often ([#forget]). Node ids are never used twice; those of an exportable file system are its
/// inode numbers, so that they can be found again after they left.
final class NodeTable {
    private final FileSystem fs;
    private final boolean exportable;
    private final InodeTable byId = new InodeTable();
    private final ConcurrentHashMap<Node, Inode> byNode = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(Wire.ROOT_ID + 1);
    private final Inode root;

    NodeTable(FileSystem fs) throws IOException {
        this.fs = fs;
        this.exportable = fs.isExportable();
        Node node = fs.root();
        Attr attr = node.getattr();
        root = new Inode(Wire.ROOT_ID, node, attr);
        root.lookups = 1;
        root.answers = 1;
        byId.putIfAbsent(root);
        byNode.put(node, root);
    }

    Inode root() {
        return root;
    }

    /// The file with this node id.
    ///
    /// @throws ErrnoException ESTALE if the kernel should not know it
    Inode get(long nodeid) throws ErrnoException {
        Inode inode = byId.get(nodeid);
        if (inode == null) {
            throw ESTALE.error();
        }
        return inode;
    }

    /// The file with this node id or null.
    @Nullable
    Inode find(long nodeid) {
        return byId.get(nodeid);
    }

    /// The file for a node, if the kernel knows it.
    @Nullable
    Inode find(Node node) {
        return byNode.get(node);
    }

    /// The node with this id that the kernel need not know (any more): it has a file handle of it.
    ///
    /// @throws IOException ESTALE if there is none
    Node byHandle(long nodeid) throws IOException {
        Node node = exportable ? fs.byIno(nodeid) : null;
        if (node == null) {
            throw ESTALE.error();
        }
        return node;
    }

    /// The file for `node`, which the file system just answered and the kernel is to be told: counts both.
    ///
    /// @param parent the node id of the directory it was found in; 0 if it was not found by a name
    /// @throws IOException EIO if the answer is impossible: the root as somebody's child, a file that has
    ///     changed its type, two files of one number
    Inode acquire(Node node, Attr attr, long parent) throws IOException {
        for (; ; ) {
            Inode inode = byNode.get(node);
            if (inode == null) {
                inode = enter(node, attr);
            }
            if (inode == null) {
                drop(node);
                throw Session.refuse("inode number %d is not one of a new file", attr.ino());
            }
            synchronized (inode) {
                if (!inode.dead) {
                    inode.answers++;
                    check(inode, attr, parent);
                    inode.lookups++;
                    if (parent != 0) {
                        inode.parent = parent;
                    }
                    return inode;
                }
            }
        }
    }

    /// By its id first, since that is what the kernel asks for as soon as it is told. Null if the number the file
    /// system gave it cannot be.
    private @Nullable Inode enter(Node node, Attr attr) {
        long id = exportable ? attr.ino() : nextId.getAndIncrement();
        if (id == 0 || id == Wire.ROOT_ID) {
            return null;
        }
        var made = new Inode(id, node, attr);
        Inode there = byId.putIfAbsent(made);
        if (there != null) {
            return there.node.equals(node) ? there : null; // somebody else is entering it
        }
        Inode before = byNode.putIfAbsent(node, made);
        if (before != null) {
            synchronized (made) {
                made.dead = true;
            }
            byId.remove(made);
            return before;
        }
        return made;
    }

    private void check(Inode inode, Attr attr, long parent) throws ErrnoException {
        if (inode == root && parent != 0) {
            throw Session.refuse("the root was answered as a child");
        }
        if (inode.type != Mode.type(attr.mode())) {
            throw Session.refuse("node %d changed its type from %o to %o", inode.nodeid, inode.type, attr.mode());
        }
    }

    /// Counts a further look-up of a file that the kernel is told again, without an answer of the file system.
    ///
    /// @throws ErrnoException ESTALE if the kernel has forgotten it meanwhile
    void again(Inode inode) throws ErrnoException {
        synchronized (inode) {
            if (inode.dead) {
                throw ESTALE.error();
            }
            inode.lookups++;
        }
    }

    /// An answer of the file system that the kernel is not told: it is counted, or given back at once.
    void drop(Node node) throws IOException {
        Inode inode = byNode.get(node);
        if (inode != null) {
            synchronized (inode) {
                if (!inode.dead) {
                    inode.answers++;
                    return;
                }
            }
        }
        node.reclaim(1);
    }

    /// The kernel has forgotten `count` look-ups of a file; unknown ones are none of our business.
    void forget(long nodeid, long count) throws IOException {
        Inode inode = byId.get(nodeid);
        if (inode != null && inode != root) {
            forget(inode, count);
        }
    }

    void forget(Inode inode, long count) throws IOException {
        long answers;
        synchronized (inode) {
            boolean all = count < 0 || count > inode.lookups; // the kernel counts unsigned
            inode.lookups = all ? 0 : inode.lookups - count;
            if (inode.lookups > 0 || inode.opens > 0 || inode.dead) {
                return;
            }
            answers = remove(inode);
        }
        inode.node.reclaim(answers);
    }

    private long remove(Inode inode) {
        inode.dead = true;
        byNode.remove(inode.node, inode);
        byId.remove(inode); // last: what is in the one table is in the other
        return inode.answers;
    }

    /// The number of files the kernel knows, the root included.
    int size() {
        return byId.size();
    }

    /// Takes every file out of the table, the root last, and reclaims it. Failures are for `log`.
    void clear(java.util.function.Consumer<Exception> log) {
        List<Inode> all = byId.values();
        all.remove(root);
        all.add(root);
        for (Inode inode : all) {
            long answers;
            synchronized (inode) {
                if (inode.dead) {
                    continue;
                }
                answers = remove(inode);
            }
            try {
                inode.node.reclaim(answers);
            } catch (IOException | RuntimeException e) {
                log.accept(e);
            }
        }
    }
}
