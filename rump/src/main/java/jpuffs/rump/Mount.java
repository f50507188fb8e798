// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errno.ESTALE;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import jpuffs.core.Entry;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// A file system in the kernel's tree, and the table of its known vnodes. Guarded by the kernel lock.
final class Mount {
    /// Vnodes kept that nobody uses (NetBSD: RUMP_NVNODES).
    private static final int MAX_UNUSED = 1024;

    final FileSystem fs;

    /// The number stat(2) shows.
    final int dev;

    /// The vnode this lies on; null for the root file system. Held.
    final @Nullable Vnode covered;

    final Vnode root;

    private final @Nullable NameCache names;

    private final Map<Node, Vnode> vnodes = new HashMap<>();
    private final Set<Vnode> unused = new LinkedHashSet<>(); // the one unused longest first
    private long nextNumber = 1;
    private int flags;
    private int writers;
    private boolean gone;

    Mount(FileSystem fs, int dev, @Nullable Vnode covered, int flags) throws IOException {
        this.fs = fs;
        this.dev = dev;
        this.covered = covered;
        this.flags = flags;
        this.names = fs.isPrivate() ? new NameCache() : null;
        Node node = fs.root();
        root = get(node, node.getattr().mode());
        root.answers = 0;
    }

    int flags() {
        return flags;
    }

    boolean isReadOnly() {
        return (flags & Kernel.MS_RDONLY) != 0;
    }

    boolean isGone() {
        return gone;
    }

    /// @throws ErrnoException EROFS
    void requireWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
    }

    /// A file was opened for writing (1) or such a one was closed (-1).
    void countWriter(int change) {
        writers += change;
    }

    /// @throws ErrnoException EBUSY if it shall be read-only while files are open for writing
    void setFlags(int newFlags) throws IOException {
        boolean toReadOnly = (newFlags & Kernel.MS_RDONLY) != 0 && !isReadOnly();
        if (toReadOnly && writers > 0) {
            throw EBUSY.error();
        }
        if (toReadOnly) {
            fs.sync();
        }
        flags = newFlags;
    }

    /// The file called `name` in a directory, held, or null.
    @Nullable
    Vnode lookup(Vnode directory, Name name) throws IOException {
        NameCache.Found known = names == null ? null : names.find(directory, name);
        if (known != null) {
            return known.child() == null ? null : use(known.child());
        }
        Entry entry = directory.node().entry(name);
        Vnode child = entry == null ? null : get(entry.node(), entry.attr().mode());
        if (child != null && child.isDirectory()) {
            hang(child, directory);
        }
        if (names != null) {
            names.enter(directory, name, child);
        }
        return child;
    }

    /// A directory was found in another. In a damaged file system one may lie below itself: no walk would end.
    ///
    /// @throws ErrnoException ELOOP for that, and lets go of it
    private static void hang(Vnode child, Vnode directory) throws ErrnoException {
        for (Vnode at = directory; at != null; at = at.parent()) {
            if (at == child) {
                child.release();
                throw ELOOP.error("a directory lies in itself");
            }
        }
        child.setParent(directory);
    }

    /// An operation changes what `name` in the directory is.
    void changes(Vnode directory, Name name) {
        if (names != null) {
            names.forget(directory, name);
        }
    }

    private Vnode use(Vnode vnode) {
        if (vnode.uses == 0) {
            unused.remove(vnode);
        }
        return vnode.hold();
    }

    /// The vnode of a node that an operation has answered, held.
    Vnode get(Node node, int mode) throws ErrnoException {
        int type = Mode.type(mode);
        Vnode known = vnodes.get(node);
        if (known == null) {
            known = new Vnode(this, node, type, nextNumber++);
            vnodes.put(node, known);
        } else if (known.type != type) {
            throw ESTALE.error("a file has become one of another type");
        }
        known.answers++;
        return use(known);
    }

    void release(Vnode vnode) {
        Vnode next = vnode;
        while (next != null && --next.uses == 0) {
            next = retire(next);
        }
        while (unused.size() > MAX_UNUSED) {
            Vnode oldest = unused.iterator().next();
            unused.remove(oldest);
            releaseIfAny(reclaim(oldest));
        }
    }

    /// Nobody uses the vnode any more: keeps or reclaims it; answers one more to release.
    private @Nullable Vnode retire(Vnode vnode) {
        if (gone) {
            return vnode.takeParent();
        }
        if (vnode.removed && !hasNames(vnode)) {
            return reclaim(vnode);
        }
        unused.add(vnode);
        return null;
    }

    private static boolean hasNames(Vnode vnode) {
        try {
            return vnode.attr().nlink() > 0 && !vnode.dead;
        } catch (IOException e) {
            Kernel.LOG.log(System.Logger.Level.WARNING, "getattr of a removed file", e);
            return false;
        }
    }

    private @Nullable Vnode reclaim(Vnode vnode) {
        vnode.reclaimed = true;
        try {
            Node node = vnode.node();
            vnodes.remove(node);
            node.reclaim(vnode.answers);
        } catch (IOException | RuntimeException e) {
            Kernel.LOG.log(System.Logger.Level.WARNING, "reclaim", e);
        }
        return vnode.takeParent();
    }

    private void releaseIfAny(@Nullable Vnode vnode) {
        if (vnode != null) {
            release(vnode);
        }
    }

    /// Reclaims all that nobody uses.
    private void purge() {
        while (!unused.isEmpty()) {
            Vnode oldest = unused.iterator().next();
            unused.remove(oldest);
            releaseIfAny(reclaim(oldest));
        }
    }

    /// Ends the file system, asking it first. With `force` nothing stops that, and what is still open answers EIO.
    ///
    /// @throws IOException EBUSY, or the file system's veto
    void unmount(boolean force) throws IOException {
        purge();
        boolean busy = vnodes.size() > 1 || root.uses > 1;
        if (busy && !force) {
            throw EBUSY.error();
        }
        try {
            if (!isReadOnly()) {
                fs.sync();
            }
            fs.unmount(force);
        } catch (IOException e) {
            if (!force) {
                throw e;
            }
            Kernel.LOG.log(System.Logger.Level.WARNING, "forced unmount", e);
        }
        gone = true;
    }
}
