// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A tree of [Node]s and what belongs to the whole of it. Only [#root()] is mandatory.
public interface FileSystem {
    /// The root: usually a directory, but any type of file can be mounted. Always the same node.
    Node root() throws IOException;

    /// Sizes and counts. Default: [StatFs#UNKNOWN].
    default StatFs statfs() throws IOException {
        return StatFs.UNKNOWN;
    }

    /// Makes all that was written durable. Default: nothing to do.
    default void sync() throws IOException {}

    /// The file system is to be unmounted. A failure is a veto: the file system goes on, unless `force`. Default:
    /// agrees.
    default void unmount(boolean force) throws IOException {}

    /// The node with this inode number, for file handles that outlive the driver's knowledge; null if there is none
    /// any more (ESTALE). The driver compares [Node#generation()]. Only asked if [#isExportable()].
    default @Nullable Node byIno(long ino) throws IOException {
        return null;
    }

    /// Whether each node has an inode number of its own for life, and [#byIno] finds it: then files can be opened
    /// by handle (open_by_handle_at(2), NFS), and directories look up `..` as well. The root's number is 1 or
    /// anything no other file has. Default: false.
    default boolean isExportable() {
        return false;
    }

    /// Whether operations may run on several threads at once. Default: false, one at a time between two yields.
    default boolean isThreadSafe() {
        return false;
    }

    /// Whether names change by operations of this object only, so that a driver may remember what look-ups found
    /// and that they found nothing. Default: false.
    default boolean isPrivate() {
        return false;
    }

    /// Whether directories need no opening: [Node#readdir] and [Node#fsync] say all there is to say, and what is in
    /// them changes by operations of this object only. A driver may then leave [Node#open] out for them, and list
    /// from memory what has not changed. Default: false.
    default boolean listsUnopened() {
        return false;
    }

    /// Whether nodes keep advisory locks ([Node#getlk], [Node#setlk]). Default: false, the kernel keeps those of
    /// one mount.
    default boolean keepsLocks() {
        return false;
    }

    /// Whether nodes keep POSIX access control lists as the attributes `system.posix_acl_access` and
    /// `system.posix_acl_default`, which the driver then enforces. A node made in a directory with a default list
    /// gets the mode without the umask, and does the rest by itself. Default: false.
    default boolean keepsAcls() {
        return false;
    }

    /// The file system that has `root` and nothing else of its own.
    static FileSystem of(Node root) {
        return () -> root;
    }
}
