// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import jpuffs.core.Attr;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// What the server knows of a file the kernel knows: its node and how often each of the two told it the other.
///
/// Guarded by its monitor, but for the final fields. No operation of a node is called while it is held.
final class Inode {
    final long nodeid;
    final Node node;

    /// The type bits of the mode: a file never changes its type.
    final int type;

    /// The inode number users see.
    final long ino;

    /// How often the kernel was told this node and has not forgotten it since.
    long lookups;

    /// How often the file system answered this node.
    long answers;

    /// Open handles.
    int opens;

    /// The directory it was last found in, 0 if not known.
    volatile long parent;

    /// Whether it ever had a POSIX lock, so that closing must look for some to release.
    volatile boolean locked;

    /// The kernel's id of the host file that reads and writes are passed to, 0 for none.
    int backingId;

    /// The open handles that use `backingId`.
    int backingUsers;

    /// Taken out of the table: look the node up again.
    boolean dead;

    /// The next one in its chain: see [InodeTable].
    volatile @Nullable Inode next;

    Inode(long nodeid, Node node, Attr attr) {
        this.nodeid = nodeid;
        this.node = node;
        this.type = Mode.type(attr.mode());
        this.ino = attr.ino() == 0 ? nodeid : attr.ino();
    }
}
