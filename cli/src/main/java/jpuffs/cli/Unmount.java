// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fusermount;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;

/// Unmounts what puffs has mounted, dead servers included: by umount2(2), and where the user may not do that by
/// fusermount3, which lets users unmount what they have mounted.
final class Unmount {
    private Unmount() {}

    /// Unmounts what nobody uses. EBUSY if somebody does.
    static void now(Dir dir) throws ErrnoException {
        unmount(dir, 0);
    }

    /// Takes it out of the tree now; it is unmounted when the last user is gone.
    static void lazily(Dir dir) throws ErrnoException {
        unmount(dir, Mounts.MNT_DETACH);
    }

    /// Ends the connection, so that all who use it get errors, and takes it out of the tree.
    static void byForce(Dir dir, MountInfo mount) throws IOException {
        try {
            if (!Mounts.takeAway(mount)) {
                throw Errno.EBUSY.error("%s: something else is mounted on top", dir);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            abort(mount);
            if (Mounts.find(mount) != null) { // its server was not faster
                Fusermount.unmount(dir.name(), true);
            }
        }
    }

    private static void abort(MountInfo mount) throws ErrnoException {
        try {
            Mounts.abort(mount.fuseConnection());
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EACCES) { // no fusectl mounted here, or not ours
                throw e;
            }
        }
    }

    private static void unmount(Dir dir, int flags) throws ErrnoException {
        try {
            Mounts.umount(dir.name(), flags | Mounts.UMOUNT_NOFOLLOW);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            Fusermount.unmount(dir.name(), flags != 0);
        }
    }
}
