// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// What the kernel knows of one file: its node, who uses it, where it hangs in the tree. (NetBSD: vnode(9).)
///
/// Whoever keeps a vnode over a yield holds it ([#hold], [#release]): walks, open files, working directories,
/// mounts and, since `..` is the kernel's, every known directory its parent. One that nobody holds stays known to
/// its [Mount] for a while and is reclaimed then, at once if it has no names left. All of it is guarded by the
/// kernel lock.
final class Vnode {
    final Mount mount;

    /// The file type, the type bits of a mode.
    final int type;

    private final Node node;
    private final long number;

    int uses;

    /// How often operations have answered the node, for [Node#reclaim].
    long answers;

    /// Open files on it.
    int handles;

    /// The directory of a directory; null for the root of a mount and for everything else.
    private @Nullable Vnode parent;

    /// What is mounted here.
    @Nullable
    Mount covering;

    /// A name of it was removed: perhaps the last one.
    boolean removed;

    /// A directory that was removed: nothing can be made in it.
    boolean dead;

    /// The node was given back to its file system.
    boolean reclaimed;

    /// Made by O_TMPFILE without O_EXCL: it may get a name though it has none.
    boolean linkable;

    @Nullable
    Fifo fifo;

    /// @param number stands in for an inode number if the node has none
    Vnode(Mount mount, Node node, int type, long number) {
        this.mount = mount;
        this.node = node;
        this.type = type;
        this.number = number;
    }

    /// The node.
    ///
    /// @throws ErrnoException EIO if its mount was removed by force
    Node node() throws ErrnoException {
        if (mount.isGone()) {
            throw EIO.error("the file system was unmounted");
        }
        return node;
    }

    boolean isDirectory() {
        return type == Mode.S_IFDIR;
    }

    boolean isRegular() {
        return type == Mode.S_IFREG;
    }

    boolean isSymlink() {
        return type == Mode.S_IFLNK;
    }

    @Nullable
    Vnode parent() {
        return parent;
    }

    Vnode hold() {
        uses++;
        return this;
    }

    void release() {
        mount.release(this);
    }

    /// Says where this directory hangs now.
    void setParent(Vnode directory) {
        Vnode old = parent;
        if (old != directory) {
            parent = directory.hold();
            if (old != null) {
                old.release();
            }
        }
    }

    /// Lets go of the parent when this is reclaimed; the caller releases it.
    @Nullable
    Vnode takeParent() {
        Vnode old = parent;
        parent = null;
        return old;
    }

    Attr attr() throws IOException {
        return complete(node().getattr());
    }

    /// `attr` with what a node may leave to the kernel.
    Attr complete(Attr attr) {
        Attr sized = attr.blksize() == 0 ? attr.withBlksize(4096) : attr;
        return sized.ino() == 0 ? sized.withIno(number) : sized;
    }
}
