// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.OpenFlags.O_ACCMODE;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_DIRECTORY;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_NOATIME;
import static jpuffs.core.OpenFlags.O_NOFOLLOW;
import static jpuffs.core.OpenFlags.O_PATH;
import static jpuffs.core.OpenFlags.O_TMPFILE;
import static jpuffs.core.OpenFlags.O_TRUNC;

import java.io.IOException;
import jpuffs.core.Access;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;

/// One open(2): the rules of Linux `fs/namei.c` (`path_openat`, `may_open`) and `fs/open.c`.
final class Opener {
    private static final int TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;

    /// What is left of the flags with O_PATH.
    private static final int PATH_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | OpenFlags.O_CLOEXEC;

    /// What the file system does not see.
    private static final int KERNEL_FLAGS = O_CREAT | O_EXCL | O_TRUNC | OpenFlags.O_NOCTTY | O_NOFOLLOW | O_DIRECTORY;

    private final Proc process;
    private final int flags;
    private final int mode;

    /// @throws ErrnoException EINVAL for flags that do not go together
    Opener(Proc process, int flags, int mode) throws ErrnoException {
        this.process = process;
        this.flags = (flags & O_PATH) != 0 ? flags & PATH_FLAGS : flags;
        this.mode = mode;
        boolean tmpfile = has(TMPFILE_BIT);
        if ((this.flags & O_ACCMODE) == O_ACCMODE
                || tmpfile && (!has(O_DIRECTORY) || !writes() || has(O_CREAT))
                || !tmpfile && has(O_CREAT) && has(O_DIRECTORY)) {
            throw EINVAL.error();
        }
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private boolean writes() {
        return OpenFlags.canWrite(flags);
    }

    File open(int dirfd, byte[] path) throws IOException {
        try (var walk = new Namei(process, dirfd, path)) {
            if (has(TMPFILE_BIT)) {
                return tmpfile(walk);
            }
            return has(O_CREAT) ? create(walk) : openExisting(lookup(walk));
        }
    }

    private Vnode lookup(Namei walk) throws IOException {
        return walk.lookup(!has(O_NOFOLLOW));
    }

    /// Opens what is there or makes it; a symbolic link to nothing is followed and its target made.
    private File create(Namei walk) throws IOException {
        while (true) {
            walk.toParent();
            if (walk.kind() != Namei.Kind.NORMAL) {
                throw (has(O_EXCL) ? EEXIST : EISDIR).error();
            }
            if (walk.hasTrailingSlash()) {
                throw EISDIR.error();
            }
            Vnode child = walk.child();
            if (child == null) {
                return make(walk.directory(), walk.last());
            }
            if (has(O_EXCL)) {
                child.release();
                throw EEXIST.error();
            }
            if (!child.isSymlink() || has(O_NOFOLLOW)) {
                return openExisting(Namei.cross(child));
            }
            walk.follow(child);
        }
    }

    private File make(Vnode directory, Name name) throws IOException {
        process.checkMake(directory);
        int newMode = process.newMode(directory, Mode.S_IFREG | mode & Mode.PERMISSIONS);
        directory.mount.changes(directory, name);
        Handle handle = directory.node().create(name.checkComponent(), newMode, flags & ~KERNEL_FLAGS, process.cred());
        return made(directory, handle, newMode);
    }

    private File made(Vnode directory, Handle handle, int newMode) throws ErrnoException {
        Vnode vnode = directory.mount.get(handle.node(), newMode);
        return File.open(process.kernel(), vnode, handle, flags & ~O_CREAT & ~O_EXCL & ~O_TRUNC);
    }

    private File tmpfile(Namei walk) throws IOException {
        try (var held = new Held(walk.lookup(true))) {
            Vnode directory = held.vnode();
            if (!directory.isDirectory()) {
                throw ENOTDIR.error();
            }
            process.checkMake(directory);
            int newMode = process.newMode(directory, Mode.S_IFREG | mode & Mode.PERMISSIONS);
            Handle handle = directory.node().tmpfile(newMode, flags & ~KERNEL_FLAGS & ~TMPFILE_BIT, process.cred());
            File file = made(directory, handle, newMode);
            file.vnode.removed = true;
            file.vnode.linkable = !has(O_EXCL);
            return file;
        }
    }

    /// Opens a file; takes over the hold.
    private File openExisting(Vnode vnode) throws IOException {
        boolean done = false;
        try {
            checkType(vnode);
            File file = has(O_PATH) ? File.bare(process.kernel(), vnode, flags) : openChecked(vnode);
            done = true;
            return file;
        } finally {
            if (!done) {
                vnode.release();
            }
        }
    }

    private void checkType(Vnode vnode) throws ErrnoException {
        if (has(O_DIRECTORY) && !vnode.isDirectory()) {
            throw ENOTDIR.error();
        }
        if (has(O_PATH)) {
            return;
        }
        if (vnode.isSymlink()) {
            throw ELOOP.error();
        }
        if (vnode.isDirectory() && (writes() || has(O_CREAT) || has(O_TRUNC))) {
            throw EISDIR.error();
        }
    }

    private File openChecked(Vnode vnode) throws IOException {
        boolean truncate = has(O_TRUNC) && vnode.isRegular();
        int mask = (OpenFlags.canRead(flags) ? Access.READ : 0) | (writes() || has(O_TRUNC) ? Access.WRITE : 0);
        process.checkAccess(vnode, mask);
        if (has(O_NOATIME) && !process.owns(vnode.attr())) {
            throw EPERM.error();
        }
        if (vnode.type == Mode.S_IFIFO) {
            return openFifo(vnode);
        }
        if (!vnode.isRegular() && !vnode.isDirectory() && !(vnode.mount.fs instanceof Etfs)) {
            throw ENXIO.error(); // a device without a driver, a socket
        }
        Handle handle = vnode.node().open(flags & ~KERNEL_FLAGS);
        File file = File.open(process.kernel(), vnode, handle, flags & ~O_CREAT & ~O_EXCL & ~O_TRUNC);
        if (truncate) {
            truncate(file);
        }
        return file;
    }

    private void truncate(File file) throws IOException {
        try {
            Time now = process.kernel().now(); // told, since the size may not change
            var change = SetAttr.none().withSize(0).withMtime(now).with(SetAttr.MTIME_NOW);
            file.vnode.node().setattr(process.killsSuid(file.vnode) ? change.with(SetAttr.KILL_SUID) : change);
        } catch (IOException | RuntimeException e) {
            file.vnode.hold(); // drop() gives up the one the caller gives up as well
            file.hold().drop();
            throw e;
        }
    }

    private File openFifo(Vnode vnode) throws ErrnoException {
        Fifo fifo = vnode.fifo;
        if (fifo == null) {
            fifo = process.kernel().newFifo();
            vnode.fifo = fifo;
        }
        try {
            fifo.open(flags);
        } finally {
            vnode.fifo = fifo.isIdle() ? null : fifo;
        }
        return File.bare(process.kernel(), vnode, flags);
    }
}
