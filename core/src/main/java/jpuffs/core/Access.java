// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EPERM;

/// The permission rules of POSIX and Linux, for drivers and for servers that check by themselves. User 0 has every
/// privilege. (Linux: `fs/namei.c`, `fs/attr.c`; NetBSD: puffs_cred(3).)
public final class Access {
    /// Access asked for: execute a file, search a directory.
    public static final int EXECUTE = 1;

    public static final int WRITE = 2;
    public static final int READ = 4;

    private static final int ANY_EXECUTE = 0111;

    private Access() {}

    /// Checks that `cred` has the access `mask`, a set of [#READ], [#WRITE], [#EXECUTE], by the mode bits: those of
    /// the owner, else those of the group, else the others'. The super-user has it, but may execute only what
    /// somebody may.
    ///
    /// @throws ErrnoException EACCES
    public static void check(Attr attr, int mask, Cred cred) throws ErrnoException {
        if (!allowed(attr, mask, cred)) {
            throw EACCES.error();
        }
    }

    /// Whether [#check] would succeed.
    public static boolean allowed(Attr attr, int mask, Cred cred) {
        if (cred.isPrivileged()) {
            return (mask & EXECUTE) == 0 || attr.isDirectory() || (attr.mode() & ANY_EXECUTE) != 0;
        }
        if (cred.uid() == attr.uid()) {
            return (attr.mode() >> 6 & mask) == mask;
        }
        boolean forGroup = (attr.mode() >> 3 & mask) == mask;
        boolean forOthers = (attr.mode() & mask) == mask;
        if (forGroup == forOthers) { // then nobody need look the groups up
            return forOthers;
        }
        return cred.inGroup(attr.gid()) ? forGroup : forOthers;
    }

    /// Checks that `cred` may remove or replace the entry of `victim` in `directory`: write and search permission,
    /// and in a sticky directory to be the owner of one of the two.
    ///
    /// @throws ErrnoException EACCES, EPERM
    public static void checkDelete(Attr directory, Attr victim, Cred cred) throws ErrnoException {
        check(directory, WRITE | EXECUTE, cred);
        boolean sticky = (directory.mode() & Mode.S_ISVTX) != 0;
        if (sticky && !isOwner(directory, cred) && !isOwner(victim, cred)) {
            throw EPERM.error();
        }
    }

    /// Checks that `cred` may make the change, and returns it as it is to be made: a set-group-id bit that chmod
    /// asks for in a foreign group is dropped.
    ///
    /// Changing the mode and setting times needs the owner; the owner may change the group to one of his; nobody
    /// else than the super-user changes the owner; setting both times to now needs the owner or write permission,
    /// changing the size write permission (which an open file has proved already: then leave the size out). Times
    /// of now that come with a size are the truncation's own.
    ///
    /// @throws ErrnoException EPERM, EACCES
    public static SetAttr checkSetattr(Attr attr, SetAttr change, Cred cred) throws ErrnoException {
        if (change.has(SetAttr.SIZE)) {
            check(attr, WRITE, cred);
        }
        if (cred.isPrivileged()) {
            return change;
        }
        checkOwnerChange(attr, change, cred);
        checkTimes(attr, change, cred);
        if (!change.has(SetAttr.MODE)) {
            return change;
        }
        requireOwner(attr, cred);
        int group = change.has(SetAttr.GID) ? change.gid() : attr.gid();
        return cred.inGroup(group) ? change : change.withMode(change.mode() & ~Mode.S_ISGID);
    }

    private static void checkOwnerChange(Attr attr, SetAttr change, Cred cred) throws ErrnoException {
        boolean owner = isOwner(attr, cred);
        if (change.has(SetAttr.UID) && !(owner && change.uid() == attr.uid())) {
            throw EPERM.error();
        }
        boolean member = change.gid() == attr.gid() || cred.inGroup(change.gid());
        if (change.has(SetAttr.GID) && !(owner && member)) {
            throw EPERM.error();
        }
    }

    private static void checkTimes(Attr attr, SetAttr change, Cred cred) throws ErrnoException {
        if (!change.has(SetAttr.ATIME | SetAttr.MTIME) || isOwner(attr, cred)) {
            return;
        }
        boolean atimeNow = change.has(SetAttr.ATIME) == change.has(SetAttr.ATIME_NOW);
        boolean mtimeNow = change.has(SetAttr.MTIME) == change.has(SetAttr.MTIME_NOW);
        boolean both = change.has(SetAttr.ATIME) && change.has(SetAttr.MTIME);
        if (!atimeNow || !mtimeNow || !both && !change.has(SetAttr.SIZE)) {
            throw EPERM.error();
        }
        check(attr, WRITE, cred);
    }

    /// `mode`, of a file of group `gid`, as a write or chown by `cred` leaves it: no set-user-id, and no
    /// set-group-id where the group may execute or where it is foreign to `cred`.
    public static int withoutSuid(int mode, int gid, Cred cred) {
        int cleared = Mode.withoutSuid(mode);
        boolean keep = (cleared & Mode.S_ISGID) == 0 || cred.isPrivileged() || cred.inGroup(gid);
        return keep ? cleared : cleared & ~Mode.S_ISGID;
    }

    /// The attributes of a file that `cred` makes in `directory` at `now`: it belongs to the maker, and to the
    /// group of a set-group-id directory, which a new directory passes on; a set-group-id program in a foreign
    /// group loses that bit. mkdir(2) takes no set-id bits.
    ///
    /// @param mode type and permissions, the umask applied
    public static Attr created(Attr directory, int mode, Cred cred, Time now) {
        boolean inherit = (directory.mode() & Mode.S_ISGID) != 0;
        int gid = inherit ? directory.gid() : cred.gid();
        int newMode = mode;
        if (Mode.isDirectory(mode)) {
            newMode = mode & ~(Mode.S_ISUID | Mode.S_ISGID) | (inherit ? Mode.S_ISGID : 0);
        } else if (isSgidProgram(mode) && inherit && !cred.isPrivileged() && !cred.inGroup(gid)) {
            newMode &= ~Mode.S_ISGID;
        }
        return Attr.of(newMode).withOwner(cred.uid(), gid).withTimes(now);
    }

    /// Whether listxattr(2) tells `cred` of the attribute `name`: those of the `trusted.` space are the
    /// super-user's (xattr(7)).
    public static boolean mayList(Name name, Cred cred) {
        return cred.isPrivileged() || !name.toString().startsWith("trusted.");
    }

    private static boolean isSgidProgram(int mode) {
        int bits = Mode.S_ISGID | Mode.S_IXGRP;
        return (mode & bits) == bits;
    }

    private static void requireOwner(Attr attr, Cred cred) throws ErrnoException {
        if (!isOwner(attr, cred)) {
            throw EPERM.error();
        }
    }

    private static boolean isOwner(Attr attr, Cred cred) {
        return cred.isPrivileged() || cred.uid() == attr.uid();
    }
}
