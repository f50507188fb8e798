// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.puffs.Request.INT;
import static jpuffs.puffs.Request.LONG;
import static jpuffs.puffs.Request.SHORT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.puffs.wire.Wire;

/// Writes the structures of replies. Attributes are checked, and shown as the mount's options say.
final class Encoder {
    private static final int DEFAULT_BLKSIZE = 4096;

    private final long attrSeconds;
    private final int attrNanos;
    private final long entrySeconds;
    private final int entryNanos;
    private final long negativeSeconds;
    private final int negativeNanos;
    private final int uid;
    private final int gid;
    private final int umask;

    Encoder(MountOptions options) {
        Duration attr = options.attrTtl();
        Duration entry = options.entryTtl();
        Duration negative = options.negativeTtl();
        attrSeconds = attr.getSeconds();
        attrNanos = attr.getNano();
        entrySeconds = entry.getSeconds();
        entryNanos = entry.getNano();
        negativeSeconds = negative.getSeconds();
        negativeNanos = negative.getNano();
        uid = options.uid();
        gid = options.gid();
        umask = options.umask();
    }

    /// Whether a name that is not there may be cached.
    boolean cachesNegative() {
        return negativeSeconds != 0 || negativeNanos != 0;
    }

    /// Writes a fuse_entry_out of [Wire.EntryOut#SIZE] bytes.
    void entry(MemorySegment out, long at, Inode inode, Attr attr) throws ErrnoException {
        out.set(LONG, at + Wire.EntryOut.NODEID, inode.nodeid);
        out.set(LONG, at + Wire.EntryOut.GENERATION, generation(inode));
        out.set(LONG, at + Wire.EntryOut.ENTRY_VALID, entrySeconds);
        out.set(LONG, at + Wire.EntryOut.ATTR_VALID, attrSeconds);
        out.set(INT, at + Wire.EntryOut.ENTRY_VALID_NSEC, entryNanos);
        out.set(INT, at + Wire.EntryOut.ATTR_VALID_NSEC, attrNanos);
        attr(out, at + Wire.EntryOut.ATTR, inode, attr);
    }

    /// The kernel warns of a root that has one.
    private static long generation(Inode inode) {
        return inode.nodeid == Wire.ROOT_ID ? 0 : inode.node.generation();
    }

    /// Writes a fuse_entry_out that says the name is not there.
    void negative(MemorySegment out, long at) {
        out.asSlice(at, Wire.EntryOut.SIZE).fill((byte) 0);
        out.set(LONG, at + Wire.EntryOut.ENTRY_VALID, negativeSeconds);
        out.set(INT, at + Wire.EntryOut.ENTRY_VALID_NSEC, negativeNanos);
    }

    /// Writes a fuse_attr_out of [Wire.AttrOut#SIZE] bytes.
    void attrOut(MemorySegment out, Inode inode, Attr attr) throws ErrnoException {
        out.set(LONG, Wire.AttrOut.ATTR_VALID, attrSeconds);
        out.set(LONG, Wire.AttrOut.ATTR_VALID_NSEC, attrNanos & 0xffff_ffffL);
        attr(out, Wire.AttrOut.ATTR, inode, attr);
    }

    private void attr(MemorySegment out, long at, Inode inode, Attr attr) throws ErrnoException {
        check(inode, attr);
        out.set(LONG, at + Wire.AttrRec.INO, ino(inode, attr));
        out.set(LONG, at + Wire.AttrRec.FILE_SIZE, attr.size());
        out.set(LONG, at + Wire.AttrRec.BLOCKS, attr.blocks());
        time(out, at + Wire.AttrRec.ATIME, at + Wire.AttrRec.ATIMENSEC, attr.atime());
        time(out, at + Wire.AttrRec.MTIME, at + Wire.AttrRec.MTIMENSEC, attr.mtime());
        time(out, at + Wire.AttrRec.CTIME, at + Wire.AttrRec.CTIMENSEC, attr.ctime());
        out.set(INT, at + Wire.AttrRec.MODE, mode(attr));
        out.set(INT, at + Wire.AttrRec.NLINK, attr.nlink());
        out.set(INT, at + Wire.AttrRec.UID, uid(attr));
        out.set(INT, at + Wire.AttrRec.GID, gid(attr));
        out.set(INT, at + Wire.AttrRec.RDEV, attr.rdev());
        out.set(INT, at + Wire.AttrRec.BLKSIZE, blksize(attr));
        out.set(INT, at + Wire.AttrRec.FLAGS, 0);
    }

    private static void time(MemorySegment out, long secondsAt, long nanosAt, Time time) {
        out.set(LONG, secondsAt, time.seconds());
        out.set(INT, nanosAt, time.nanos());
    }

    /// Writes a fuse_statx_out of [Wire.StatxOut#SIZE] bytes.
    void statx(MemorySegment out, Inode inode, Attr attr) throws ErrnoException {
        check(inode, attr);
        out.asSlice(0, Wire.StatxOut.SIZE).fill((byte) 0);
        out.set(LONG, Wire.StatxOut.ATTR_VALID, attrSeconds);
        out.set(INT, Wire.StatxOut.ATTR_VALID_NSEC, attrNanos);
        boolean born = !attr.btime().equals(Time.EPOCH);
        out.set(INT, Wire.StatxOut.MASK, Wire.StatxOut.BASIC | (born ? Wire.StatxOut.BTIME_KNOWN : 0));
        out.set(INT, Wire.StatxOut.BLKSIZE, blksize(attr));
        out.set(INT, Wire.StatxOut.NLINK, attr.nlink());
        out.set(INT, Wire.StatxOut.UID, uid(attr));
        out.set(INT, Wire.StatxOut.GID, gid(attr));
        out.set(SHORT, Wire.StatxOut.MODE, (short) mode(attr));
        out.set(LONG, Wire.StatxOut.INO, ino(inode, attr));
        out.set(LONG, Wire.StatxOut.FILE_SIZE, attr.size());
        out.set(LONG, Wire.StatxOut.BLOCKS, attr.blocks());
        time(out, Wire.StatxOut.ATIME, Wire.StatxOut.ATIME + 8, attr.atime());
        time(out, Wire.StatxOut.BTIME, Wire.StatxOut.BTIME + 8, attr.btime());
        time(out, Wire.StatxOut.CTIME, Wire.StatxOut.CTIME + 8, attr.ctime());
        time(out, Wire.StatxOut.MTIME, Wire.StatxOut.MTIME + 8, attr.mtime());
        out.set(INT, Wire.StatxOut.RDEV_MAJOR, Dev.major(attr.rdev()));
        out.set(INT, Wire.StatxOut.RDEV_MINOR, Dev.minor(attr.rdev()));
    }

    /// Writes a fuse_kstatfs of [Wire.Kstatfs#SIZE] bytes.
    static void statfs(MemorySegment out, StatFs stat) throws ErrnoException {
        if (stat.blockSize() <= 0 || stat.nameMax() < 0) {
            throw Session.refuse("statfs: blocks of %d bytes, names of %d", stat.blockSize(), stat.nameMax());
        }
        out.asSlice(0, Wire.Kstatfs.SIZE).fill((byte) 0);
        out.set(LONG, Wire.Kstatfs.BLOCKS, stat.blocks());
        out.set(LONG, Wire.Kstatfs.BFREE, stat.free());
        out.set(LONG, Wire.Kstatfs.BAVAIL, stat.available());
        out.set(LONG, Wire.Kstatfs.FILES, stat.files());
        out.set(LONG, Wire.Kstatfs.FFREE, stat.filesFree());
        out.set(INT, Wire.Kstatfs.BSIZE, stat.blockSize());
        out.set(INT, Wire.Kstatfs.NAMELEN, stat.nameMax());
        out.set(INT, Wire.Kstatfs.FRSIZE, stat.blockSize());
    }

    /// The kernel makes an inode bad for good that it is told impossible things of, so they are not told.
    private static void check(Inode inode, Attr attr) throws ErrnoException {
        if (Mode.type(attr.mode()) != inode.type || !Mode.isValidType(attr.mode())) {
            throw Session.refuse("node %d: mode %o, was of type %o", inode.nodeid, attr.mode(), inode.type);
        }
        if (attr.size() < 0 || attr.nlink() < 0 || attr.blocks() < 0) {
            throw Session.refuse("node %d: size %d, nlink %d", inode.nodeid, attr.size(), attr.nlink());
        }
    }

    private static long ino(Inode inode, Attr attr) {
        return attr.ino() == 0 ? inode.ino : attr.ino();
    }

    private int mode(Attr attr) {
        return umask < 0 ? attr.mode() & 0xffff : Mode.type(attr.mode()) | 0777 & ~umask;
    }

    private int uid(Attr attr) {
        return uid == -1 ? attr.uid() : uid;
    }

    private int gid(Attr attr) {
        return gid == -1 ? attr.gid() : gid;
    }

    private static int blksize(Attr attr) {
        return attr.blksize() > 0 ? attr.blksize() : DEFAULT_BLKSIZE;
    }
}
