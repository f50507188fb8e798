// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.GetattrIn;
import jpuffs.puffs.wire.Wire.SetattrIn;

/// Attributes of files and of the file system.
final class AttrOps {
    private static final int NANOS = 1_000_000_000;

    private final Session session;

    AttrOps(Session session) {
        this.session = session;
    }

    void getattr(Request r) throws IOException {
        Inode inode = session.nodes.get(r.nodeid);
        Attr attr = current(r, inode);
        session.encoder.attrOut(r.room(Wire.AttrOut.SIZE), inode, attr);
        r.replyLength = Wire.AttrOut.SIZE;
    }

    void statx(Request r) throws IOException {
        Inode inode = session.nodes.get(r.nodeid);
        Attr attr = current(r, inode);
        session.encoder.statx(r.room(Wire.StatxOut.SIZE), inode, attr);
        r.replyLength = Wire.StatxOut.SIZE;
    }

    private Attr current(Request r, Inode inode) throws IOException {
        boolean byHandle = (r.argInt(GetattrIn.FLAGS) & GetattrIn.FLAG_FH) != 0;
        return byHandle ? handle(r.argLong(GetattrIn.FH), inode).getattr() : inode.node.getattr();
    }

    private Handle handle(long fh, Inode inode) throws ErrnoException {
        OpenFile file = session.files.get(fh);
        if (file.inode() != inode) {
            throw EBADF.error("fh %d is of node %d, not %d", fh, file.inode().nodeid, inode.nodeid);
        }
        return file.handle();
    }

    void setattr(Request r) throws IOException {
        Inode inode = session.nodes.get(r.nodeid);
        SetAttr change = change(r, inode.type);
        boolean byHandle = (r.argInt(SetattrIn.VALID) & SetattrIn.VALID_FH) != 0;
        Attr attr = byHandle ? handle(r.argLong(SetattrIn.FH), inode).setattr(change) : inode.node.setattr(change);
        session.encoder.attrOut(r.room(Wire.AttrOut.SIZE), inode, attr);
        r.replyLength = Wire.AttrOut.SIZE;
    }

    private static SetAttr change(Request r, int type) throws IOException {
        int valid = r.argInt(SetattrIn.VALID);
        SetAttr change = SetAttr.none();
        if ((valid & SetattrIn.VALID_MODE) != 0) {
            change = change.withMode(type | r.argInt(SetattrIn.MODE) & Mode.PERMISSIONS);
        }
        if ((valid & SetattrIn.VALID_UID) != 0) {
            change = change.withUid(r.argInt(SetattrIn.UID));
        }
        if ((valid & SetattrIn.VALID_GID) != 0) {
            change = change.withGid(r.argInt(SetattrIn.GID));
        }
        if ((valid & SetattrIn.VALID_SIZE) != 0) {
            change = change.withSize(size(r));
        }
        if ((valid & SetattrIn.VALID_KILL_SUIDGID) != 0) {
            change = change.with(SetAttr.KILL_SUID);
        }
        return times(r, valid, change);
    }

    private static long size(Request r) throws IOException {
        long size = r.argLong(SetattrIn.FILE_SIZE);
        if (size < 0) {
            throw EINVAL.error("setattr: size %d", size);
        }
        return size;
    }

    private static SetAttr times(Request r, int valid, SetAttr change) throws IOException {
        SetAttr result = change;
        if ((valid & SetattrIn.VALID_ATIME_NOW) != 0) {
            result = result.withAtime(Time.now()).with(SetAttr.ATIME_NOW);
        } else if ((valid & SetattrIn.VALID_ATIME) != 0) {
            result = result.withAtime(time(r, SetattrIn.ATIME, SetattrIn.ATIMENSEC));
        }
        if ((valid & SetattrIn.VALID_MTIME_NOW) != 0) {
            result = result.withMtime(Time.now()).with(SetAttr.MTIME_NOW);
        } else if ((valid & SetattrIn.VALID_MTIME) != 0) {
            result = result.withMtime(time(r, SetattrIn.MTIME, SetattrIn.MTIMENSEC));
        }
        if ((valid & SetattrIn.VALID_CTIME) != 0) {
            result = result.withCtime(time(r, SetattrIn.CTIME, SetattrIn.CTIMENSEC));
        }
        return result;
    }

    private static Time time(Request r, int secondsAt, int nanosAt) throws IOException {
        int nanos = r.argInt(nanosAt);
        if (nanos < 0 || nanos >= NANOS) {
            throw EINVAL.error("setattr: %d ns", nanos);
        }
        return new Time(r.argLong(secondsAt), nanos);
    }

    void statfs(Request r) throws IOException {
        Encoder.statfs(r.room(Wire.Kstatfs.SIZE), session.fs.statfs());
        r.replyLength = Wire.Kstatfs.SIZE;
    }

    /// Only asked if the kernel does not check permissions by itself.
    void access(Request r) throws IOException {
        int mask = r.argInt(0) & (Access.READ | Access.WRITE | Access.EXECUTE);
        Access.check(session.nodes.get(r.nodeid).node.getattr(), mask, r.caller.cred());
    }
}
