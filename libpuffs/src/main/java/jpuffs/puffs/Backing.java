// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.lang.System.Logger.Level;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import org.jspecify.annotations.Nullable;

/// Host files the kernel passes reads and writes to (FUSE_PASSTHROUGH): one registration for each inode while it is
/// open, since all open files of an inode must use the same.
final class Backing {
    /// Registers descriptors with the kernel; answers ids or negative errnos.
    interface Registry {
        int open(int fd);

        void close(int id);
    }

    private volatile @Nullable Registry registry;

    /// From now on files are backed where their handles name a descriptor.
    void use(Registry registry) {
        this.registry = registry;
    }

    /// Whether the kernel shall back this handle; registers its file if it is the first of the inode. Call with the
    /// inode's monitor held, before the open is counted.
    boolean open(Inode inode, Handle handle) {
        Registry kernel = registry;
        int fd = kernel == null ? -1 : handle.backingFd();
        if (kernel == null || fd < 0) {
            return false;
        }
        if (inode.backingUsers == 0) {
            if (inode.opens > 0) {
                return false; // open without: the kernel does not allow both at once
            }
            inode.backingId = register(kernel, fd);
        }
        if (inode.backingId > 0) {
            inode.backingUsers++;
        }
        return inode.backingId > 0;
    }

    private int register(Registry kernel, int fd) {
        int id = kernel.open(fd);
        if (id < 0) {
            Session.LOG.log(Level.DEBUG, "no backing files: " + Errno.of(-id));
            if (id == -Errno.EPERM.number()) {
                registry = null;
            }
            return 0;
        }
        return id;
    }

    /// A backed handle was released. Call with the inode's monitor held.
    void close(Inode inode) {
        inode.backingUsers--;
        Registry kernel = registry;
        if (inode.backingUsers == 0 && kernel != null) {
            kernel.close(inode.backingId);
            inode.backingId = 0;
        }
    }
}
