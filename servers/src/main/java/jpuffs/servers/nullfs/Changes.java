// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.SetAttr;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.OPath;
import jpuffs.sys.Stat;

/// setattr on the host.
///
/// The parts come in an order that leaves what was asked for: the size first, as it sets mtime; then the owner, as
/// that clears the set-id bits; then the mode; the times last. The host sets ctime by itself, and no other (CTIME
/// is not looked at).
final class Changes {
    private static final int NOBODY = -1; // leave this id alone (chown(2))

    private Changes() {}

    /// Makes the change; returns what the file is then.
    ///
    /// @param fd any descriptor of the file
    static Stat apply(int fd, SetAttr change) throws ErrnoException {
        if (change.has(SetAttr.SIZE)) {
            OPath.truncate(fd, change.size());
        }
        return applyRest(fd, change);
    }

    /// As [#apply], but for the size.
    static Stat applyRest(int fd, SetAttr change) throws ErrnoException {
        if (change.has(SetAttr.UID | SetAttr.GID)) {
            int uid = change.has(SetAttr.UID) ? change.uid() : NOBODY;
            int gid = change.has(SetAttr.GID) ? change.gid() : NOBODY;
            At.fchownat(fd, At.EMPTY, uid, gid, Fcntl.AT_EMPTY_PATH);
        }
        boolean kill = change.has(SetAttr.KILL_SUID);
        if (change.has(SetAttr.MODE)) {
            At.chmodFd(fd, kill ? Mode.withoutSuid(change.mode()) : change.mode());
        } else if (kill) {
            killSuid(fd);
        }
        if (change.has(SetAttr.ATIME | SetAttr.MTIME)) {
            At.utimensat(fd, At.EMPTY, change, Fcntl.AT_EMPTY_PATH);
        }
        return At.fstat(fd);
    }

    private static void killSuid(int fd) throws ErrnoException {
        Attr attr = At.fstat(fd).attr();
        int mode = Mode.withoutSuid(attr.mode());
        if (mode != attr.mode()) {
            At.chmodFd(fd, mode);
        }
    }
}
