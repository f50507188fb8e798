// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOTDIR;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Caller;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;

/// The mounts of a kernel, in the order they were made: mount(2), umount2(2). Guarded by the kernel lock.
final class MountTable {
    private final List<Mount> mounts = new ArrayList<>();
    private int nextDev = 1;

    /// Mounts the root file system of the kernel.
    Mount mountRoot(FileSystem fs, int flags) throws IOException {
        var mount = new Mount(fs, nextDev++, null, checkFlags(flags));
        mounts.add(mount);
        return mount;
    }

    /// A mount that is not in the tree.
    Mount mountBeside(FileSystem fs) throws IOException {
        return new Mount(fs, nextDev++, null, 0);
    }

    /// The root of the root file system.
    Vnode root() {
        return mounts.getFirst().root;
    }

    void mount(Proc process, FileSystem fs, byte[] path, int flags) throws IOException {
        process.requirePrivilege();
        Vnode covered = process.find(Process.AT_FDCWD, path, true, 0);
        boolean done = false;
        try {
            var mount = new Mount(fs, nextDev, covered, checkFlags(flags));
            if (mount.root.isDirectory() != covered.isDirectory()) {
                throw ENOTDIR.error();
            }
            nextDev++;
            covered.covering = mount; // which keeps the hold
            mounts.add(mount);
            done = true;
        } finally {
            if (!done) {
                covered.release();
            }
        }
    }

    void remount(Proc process, byte[] path, int flags) throws IOException {
        process.requirePrivilege();
        mountAt(process, path).setFlags(checkFlags(flags));
    }

    void unmount(Proc process, byte[] path, boolean force) throws IOException {
        process.requirePrivilege();
        Mount mount = mountAt(process, path);
        Vnode covered = mount.covered;
        if (covered == null) {
            throw EBUSY.error();
        }
        mount.unmount(force);
        covered.covering = null;
        mounts.remove(mount);
        covered.release();
    }

    /// What is mounted at `path`, the topmost.
    private static Mount mountAt(Proc process, byte[] path) throws IOException {
        try (var held = new Held(process.find(Process.AT_FDCWD, path, true, 0))) {
            Mount mount = held.vnode().mount;
            if (held.vnode() != mount.root) {
                throw EINVAL.error();
            }
            return mount;
        }
    }

    private static int checkFlags(int flags) throws ErrnoException {
        if ((flags & ~Kernel.MS_RDONLY) != 0) {
            throw EINVAL.error("mount flags %x", flags);
        }
        return flags;
    }

    /// Makes what was written to any mount durable.
    void sync() throws IOException {
        for (Mount mount : mounts) {
            if (!mount.isReadOnly()) {
                mount.fs.sync();
            }
        }
    }

    /// Unmounts everything, the last first.
    void unmountAll() throws IOException {
        while (!mounts.isEmpty()) {
            end(mounts.getLast());
        }
    }

    private void end(Mount mount) throws IOException {
        mount.unmount(false);
        mounts.remove(mount);
        if (mount.covered != null) {
            mount.covered.covering = null;
            mount.covered.release();
        }
    }

    /// Unmounts everything by force, the last first.
    void clear() {
        for (Mount mount : mounts.reversed()) {
            try {
                Caller.KERNEL.call(() -> {
                    mount.unmount(true);
                    return true;
                });
            } catch (IOException | RuntimeException e) {
                Kernel.LOG.log(System.Logger.Level.WARNING, "unmount", e);
            }
        }
        mounts.clear();
    }
}
