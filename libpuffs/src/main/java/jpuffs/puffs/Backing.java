// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final AtomicInteger files = new AtomicInteger(); // that are registered

    /// From now on files are backed where their handles name a descriptor.
    void use(Registry registry) {
        this.registry = registry;
    }

    /// Whether the kernel reads and writes an open file itself.
    boolean isUsed() {
        return files.get() > 0;
    }

    /// The descriptor of the host file behind a handle, -1 for none or if the kernel is not to use it.
    int descriptor(Handle handle) {
        return registry == null ? -1 : handle.backingFd();
    }

    /// The id under which the kernel shall back a new handle, 0 for none; registers the file `fd` if the handle is
    /// the first of the inode. Call with the inode's monitor held, before the open is counted.
    ///
    /// The kernel allows only one way for all open files of an inode (`fs/fuse/iomode.c`): what the first one got.
    int open(Inode inode, int fd) {
        Registry kernel = registry;
        if (inode.backingUsers == 0) {
            inode.backingId = kernel == null || fd < 0 || inode.opens > 0 ? 0 : register(kernel, fd);
        }
        if (inode.backingId > 0) {
            inode.backingUsers++;
        }
        return inode.backingId;
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
        files.incrementAndGet();
        return id;
    }

    /// A backed handle was released. Call with the inode's monitor held.
    void close(Inode inode) {
        inode.backingUsers--;
        Registry kernel = registry;
        if (inode.backingUsers == 0 && kernel != null) {
            files.decrementAndGet();
            kernel.close(inode.backingId);
            inode.backingId = 0;
        }
    }
}
