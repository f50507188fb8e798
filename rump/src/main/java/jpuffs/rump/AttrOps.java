// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import jpuffs.core.Access;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;

/// The calls that change attributes: Linux `fs/open.c`, `fs/utimes.c` and `fs/attr.c`.
final class AttrOps {
    private final Proc process;

    AttrOps(Proc process) {
        this.process = process;
    }

    private void change(Vnode vnode, SetAttr change) throws IOException {
        vnode.mount.requireWritable();
        vnode.node().setattr(Access.checkSetattr(vnode.attr(), change, process.cred()));
    }

    /// Both times become now, which whoever may write may ask for.
    private void touch(Vnode vnode, SetAttr change) throws IOException {
        vnode.mount.requireWritable();
        if (!process.owns(vnode.attr())) {
            process.checkMode(vnode, Access.WRITE);
        }
        vnode.node().setattr(change);
    }

    void chmod(Vnode vnode, int mode) throws IOException {
        if (vnode.isSymlink()) {
            throw EOPNOTSUPP.error();
        }
        change(vnode, SetAttr.none().withMode(mode & Mode.PERMISSIONS));
    }

    /// @param uid -1 for no change; with no change at all the set-id bits go all the same
    void chown(Vnode vnode, int uid, int gid) throws IOException {
        SetAttr change = SetAttr.none();
        if (uid != -1) {
            change = change.withUid(uid);
        }
        if (gid != -1) {
            change = change.withGid(gid);
        }
        if (!vnode.isDirectory()) {
            change = change.with(SetAttr.KILL_SUID);
        }
        if (process.killsSuid(vnode) && !process.owns(vnode.attr())) {
            throw EPERM.error(); // set-id bits are the owner's, also to lose
        }
        change(vnode, change);
    }

    void utimens(Vnode vnode, TimeSpec atime, TimeSpec mtime) throws IOException {
        SetAttr change = TimeSpec.change(atime, mtime, process.kernel().now());
        if (atime.isNow() && mtime.isNow()) {
            touch(vnode, change);
        } else {
            change(vnode, change);
        }
    }

    /// @throws ErrnoException EINVAL
    static void checkTimes(TimeSpec atime, TimeSpec mtime) throws ErrnoException {
        if (!atime.isValid() || !mtime.isValid()) {
            throw EINVAL.error();
        }
    }

    void truncate(Vnode vnode, long size) throws IOException {
        checkSize(size);
        if (vnode.isDirectory()) {
            throw EISDIR.error();
        }
        if (!vnode.isRegular()) {
            throw EINVAL.error();
        }
        process.checkAccess(vnode, Access.WRITE);
        vnode.node().setattr(resize(vnode, size));
    }

    void ftruncate(File file, long size) throws IOException {
        checkSize(size);
        if (!file.vnode.isRegular() || !OpenFlags.canWrite(file.flags())) {
            throw EINVAL.error();
        }
        file.handle().setattr(resize(file.vnode, size));
    }

    private static void checkSize(long size) throws ErrnoException {
        if (size < 0) {
            throw EINVAL.error();
        }
    }

    private SetAttr resize(Vnode vnode, long size) throws IOException {
        var change = SetAttr.none().withSize(size);
        return process.killsSuid(vnode) ? change.with(SetAttr.KILL_SUID) : change;
    }
}
