// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.util.concurrent.TimeUnit;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.puffs.wire.Wire.AttrRec;
import jpuffs.puffs.wire.Wire.SetattrIn;

/// Attributes between the wire and [Attr].
final class Attrs {
    private static final int MAX_NANOS = 999_999_999;

    /// A longer life of a cached thing is for ever.
    private static final long MAX_SECONDS = TimeUnit.DAYS.toSeconds(365);

    private Attrs() {}

    /// Reads a fuse_attr.
    ///
    /// @throws ErrnoException EPROTO for a type that is none, and for a negative size
    static Attr read(Reply reply, int at) throws ErrnoException {
        int mode = reply.u32(at + AttrRec.MODE);
        long size = reply.u64(at + AttrRec.FILE_SIZE);
        if (!Mode.isValidType(mode) || size < 0) {
            throw reply.wrong("mode %o, size %d", mode, size);
        }
        Time ctime = time(reply, at, AttrRec.CTIME, AttrRec.CTIMENSEC);
        return new Attr(
                reply.u64(at + AttrRec.INO),
                mode,
                Math.max(0, reply.u32(at + AttrRec.NLINK)),
                reply.u32(at + AttrRec.UID),
                reply.u32(at + AttrRec.GID),
                reply.u32(at + AttrRec.RDEV),
                size,
                Math.max(0, reply.u64(at + AttrRec.BLOCKS)),
                Math.max(0, reply.u32(at + AttrRec.BLKSIZE)),
                time(reply, at, AttrRec.ATIME, AttrRec.ATIMENSEC),
                time(reply, at, AttrRec.MTIME, AttrRec.MTIMENSEC),
                ctime,
                Time.EPOCH);
    }

    private static Time time(Reply reply, int at, int seconds, int nanos) {
        return new Time(reply.u64(at + seconds), Math.clamp(reply.u32(at + nanos), 0, MAX_NANOS));
    }

    /// When something ends that is valid for so long from now, of [System#nanoTime()].
    static long until(Reply reply, int secondsAt, int nanosAt) {
        long seconds = reply.u64(secondsAt);
        long limited = seconds < 0 || seconds > MAX_SECONDS ? MAX_SECONDS : seconds;
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(limited) + Math.clamp(reply.u32(nanosAt), 0, MAX_NANOS);
    }

    /// Whether the time has not come yet.
    static boolean isFuture(long nanoTime) {
        return nanoTime - System.nanoTime() > 0;
    }

    /// Writes a fuse_setattr_in, but for the handle.
    ///
    /// @return its `valid`
    static int write(Message message, SetAttr change) {
        int valid = bit(change, SetAttr.MODE, SetattrIn.VALID_MODE)
                | bit(change, SetAttr.UID, SetattrIn.VALID_UID)
                | bit(change, SetAttr.GID, SetattrIn.VALID_GID)
                | bit(change, SetAttr.SIZE, SetattrIn.VALID_SIZE)
                | bit(change, SetAttr.ATIME, SetattrIn.VALID_ATIME)
                | bit(change, SetAttr.MTIME, SetattrIn.VALID_MTIME)
                | bit(change, SetAttr.CTIME, SetattrIn.VALID_CTIME)
                | bit(change, SetAttr.ATIME_NOW, SetattrIn.VALID_ATIME_NOW)
                | bit(change, SetAttr.MTIME_NOW, SetattrIn.VALID_MTIME_NOW)
                | bit(change, SetAttr.KILL_SUID, SetattrIn.VALID_KILL_SUIDGID);
        message.set(SetattrIn.VALID, valid)
                .set(SetattrIn.FILE_SIZE, change.size())
                .set(SetattrIn.MODE, change.mode())
                .set(SetattrIn.UID, change.uid())
                .set(SetattrIn.GID, change.gid());
        time(message, SetattrIn.ATIME, SetattrIn.ATIMENSEC, change.atime());
        time(message, SetattrIn.MTIME, SetattrIn.MTIMENSEC, change.mtime());
        time(message, SetattrIn.CTIME, SetattrIn.CTIMENSEC, change.ctime());
        return valid;
    }

    private static int bit(SetAttr change, int field, int valid) {
        return change.has(field) ? valid : 0;
    }

    private static void time(Message message, int seconds, int nanos, Time time) {
        message.set(seconds, time.seconds()).set(nanos, time.nanos());
    }
}
