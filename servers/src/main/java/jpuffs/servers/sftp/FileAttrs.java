// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import jpuffs.core.ErrnoException;
import jpuffs.eventloop.FrameBuf;

/// The attributes of a file as the protocol has them (section 5): any of them may be missing.
///
/// @param valid which are there, a set of the constants
/// @param size in bytes
/// @param permissions the whole mode, type included
/// @param atime seconds since 1970, unsigned 32 bits
/// @param mtime as atime
public record FileAttrs(int valid, long size, int uid, int gid, int permissions, long atime, long mtime) {
    public static final int SIZE = 1;
    public static final int UIDGID = 2;
    public static final int PERMISSIONS = 4;
    public static final int TIMES = 8;
    private static final int EXTENDED = 0x8000_0000;
    private static final int KNOWN = SIZE | UIDGID | PERMISSIONS | TIMES;

    /// The attributes of nothing in particular: for requests that need not say any.
    public static final FileAttrs NONE = new FileAttrs(0, 0, 0, 0, 0, 0, 0);

    /// Whether all of `mask` are there.
    public boolean has(int mask) {
        return (valid & mask) == mask;
    }

    public FileAttrs withSize(long newSize) {
        return new FileAttrs(valid | SIZE, newSize, uid, gid, permissions, atime, mtime);
    }

    public FileAttrs withOwner(int newUid, int newGid) {
        return new FileAttrs(valid | UIDGID, size, newUid, newGid, permissions, atime, mtime);
    }

    public FileAttrs withPermissions(int mode) {
        return new FileAttrs(valid | PERMISSIONS, size, uid, gid, mode, atime, mtime);
    }

    public FileAttrs withTimes(long newAtime, long newMtime) {
        return new FileAttrs(valid | TIMES, size, uid, gid, permissions, newAtime, newMtime);
    }

    /// These, and what `newer` has instead.
    public FileAttrs with(FileAttrs newer) {
        FileAttrs now = newer.has(SIZE) ? withSize(newer.size) : this;
        now = newer.has(UIDGID) ? now.withOwner(newer.uid, newer.gid) : now;
        now = newer.has(PERMISSIONS) ? now.withPermissions(newer.permissions) : now;
        return newer.has(TIMES) ? now.withTimes(newer.atime, newer.mtime) : now;
    }

    /// Reads them at the cursor of a reply.
    static FileAttrs read(FrameBuf from) throws ErrnoException {
        int flags = (int) from.u32();
        long size = (flags & SIZE) == 0 ? 0 : from.u64();
        int uid = (flags & UIDGID) == 0 ? 0 : from.i32();
        int gid = (flags & UIDGID) == 0 ? 0 : from.i32();
        int mode = (flags & PERMISSIONS) == 0 ? 0 : from.i32();
        long atime = (flags & TIMES) == 0 ? 0 : from.u32();
        long mtime = (flags & TIMES) == 0 ? 0 : from.u32();
        if ((flags & EXTENDED) != 0) {
            for (long i = from.u32(); i > 0; i--) { // each takes eight bytes at least, so the frame ends it
                skipString(from);
                skipString(from);
            }
        }
        return new FileAttrs(flags & KNOWN, Math.max(0, size), uid, gid, mode, atime, mtime);
    }

    static void skipString(FrameBuf from) throws ErrnoException {
        from.skip((int) Math.min(from.u32(), Integer.MAX_VALUE));
    }

    /// Adds them to a request.
    FrameBuf write(FrameBuf to) throws ErrnoException {
        to.put32(valid);
        if (has(SIZE)) {
            to.put64(size);
        }
        if (has(UIDGID)) {
            to.put32(uid).put32(gid);
        }
        if (has(PERMISSIONS)) {
            to.put32(permissions);
        }
        if (has(TIMES)) {
            to.put32(atime).put32(mtime);
        }
        return to;
    }
}
