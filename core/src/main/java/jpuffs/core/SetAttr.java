// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// A change of attributes: what chmod, chown, truncate and utimensat ask for, together in one request.
///
/// Only the fields named in `valid` are asked for; the others are zero. `ATIME_NOW` and `MTIME_NOW` come with
/// `ATIME` and `MTIME` and a time the driver read from its clock: a server with a clock of its own may use that
/// instead. Made by `SetAttr.none().withMode(0644)...`.
///
/// @param valid the fields asked for, a set of the constants here
/// @param mode the new permissions; the type bits are those of the file or zero
/// @param size the new size in bytes
public record SetAttr(int valid, int mode, int uid, int gid, long size, Time atime, Time mtime, Time ctime) {
    public static final int MODE = 1;
    public static final int UID = 1 << 1;
    public static final int GID = 1 << 2;
    public static final int SIZE = 1 << 3;
    public static final int ATIME = 1 << 4;
    public static final int MTIME = 1 << 5;
    public static final int CTIME = 1 << 6;
    public static final int ATIME_NOW = 1 << 7;
    public static final int MTIME_NOW = 1 << 8;

    /// Clear set-user-id and set-group-id as [Access#withoutSuid] does: somebody without privilege wrote or
    /// truncated.
    public static final int KILL_SUID = 1 << 9;

    private static final SetAttr NONE = new SetAttr(0, 0, 0, 0, 0, Time.EPOCH, Time.EPOCH, Time.EPOCH);

    /// A change of nothing, to start from.
    public static SetAttr none() {
        return NONE;
    }

    /// Whether any of the fields in `mask` is asked for.
    public boolean has(int mask) {
        return (valid & mask) != 0;
    }

    public SetAttr withMode(int mode) {
        return new SetAttr(valid | MODE, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withUid(int uid) {
        return new SetAttr(valid | UID, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withGid(int gid) {
        return new SetAttr(valid | GID, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withSize(long size) {
        return new SetAttr(valid | SIZE, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withAtime(Time atime) {
        return new SetAttr(valid | ATIME, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withMtime(Time mtime) {
        return new SetAttr(valid | MTIME, mode, uid, gid, size, atime, mtime, ctime);
    }

    public SetAttr withCtime(Time ctime) {
        return new SetAttr(valid | CTIME, mode, uid, gid, size, atime, mtime, ctime);
    }

    /// The same with further bits of `valid` set, for [#ATIME_NOW], [#MTIME_NOW] and [#KILL_SUID].
    public SetAttr with(int flags) {
        return new SetAttr(valid | flags, mode, uid, gid, size, atime, mtime, ctime);
    }

    /// Whether it is what chown(2) asks for: an owner, a group or, with neither, nothing at all.
    public boolean isChown() {
        return has(UID | GID) || (valid & ~CTIME) == 0;
    }

    /// `old` after this change at the time `now`: every change sets ctime; a change of size sets mtime unless that
    /// is set too; a chown clears set-user-id and set-group-id of what is not a directory, unless the mode is set
    /// too, by the rights of [Caller#current()]. The number of blocks is the server's to correct.
    public Attr applyTo(Attr old, Time now) {
        int newMode = has(MODE) ? Mode.type(old.mode()) | mode & Mode.PERMISSIONS : old.mode();
        boolean chown = isChown() && !has(MODE) && !old.isDirectory();
        if (chown || has(KILL_SUID)) {
            newMode = Access.withoutSuid(newMode, old.gid(), Caller.current().cred());
        }
        Time newMtime = has(MTIME) ? mtime : has(SIZE) ? now : old.mtime();
        return new Attr(
                old.ino(),
                newMode,
                old.nlink(),
                has(UID) ? uid : old.uid(),
                has(GID) ? gid : old.gid(),
                old.rdev(),
                has(SIZE) ? size : old.size(),
                old.blocks(),
                old.blksize(),
                has(ATIME) ? atime : old.atime(),
                newMtime,
                has(CTIME) ? ctime : now,
                old.btime());
    }
}
