// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
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

    private static final int KEEP = -1;

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
        int mode = mode(fd, change);
        if (change.has(SetAttr.UID | SetAttr.GID)) {
            int uid = change.has(SetAttr.UID) ? change.uid() : NOBODY;
            int gid = change.has(SetAttr.GID) ? change.gid() : NOBODY;
            At.fchownat(fd, At.EMPTY, uid, gid, Fcntl.AT_EMPTY_PATH);
        }
        if (mode != KEEP) {
            At.chmodFd(fd, mode);
        }
        if (change.has(SetAttr.ATIME | SetAttr.MTIME)) {
            At.utimensat(fd, At.EMPTY, change, Fcntl.AT_EMPTY_PATH);
        }
        return At.fstat(fd);
    }

    /// The mode to set, or [#KEEP]. Of a chown by the super-user the host takes care.
    private static int mode(int fd, SetAttr change) throws ErrnoException {
        int asked = change.has(SetAttr.MODE) ? change.mode() : KEEP;
        Cred cred = Caller.current().cred();
        boolean chown = change.has(SetAttr.UID | SetAttr.GID) && asked == KEEP && !cred.isPrivileged();
        if (!chown && !change.has(SetAttr.KILL_SUID)) {
            return asked;
        }
        Attr old = At.fstat(fd).attr();
        if (old.isDirectory()) {
            return asked;
        }
        int mode = Access.withoutSuid(asked == KEEP ? old.mode() : asked, old.gid(), cred);
        return asked == KEEP && mode == old.mode() ? KEEP : mode;
    }
}
