// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Time;
import jpuffs.rumpfs.io.Le;

/// An inode as the disk has it (kernel: Documentation/filesystems/ext4/inodes.rst): 128 bytes, and with larger
/// inodes `extra_isize` more, behind which extended attributes may lie.
final class InodeRec {
    static final int SYNC = 0x8;
    static final int IMMUTABLE = 0x10;
    static final int APPEND = 0x20;
    static final int NODUMP = 0x40;
    static final int NOATIME = 0x80;
    static final int ENCRYPT = 0x800;
    static final int INDEX = 0x1000;
    static final int DIRSYNC = 0x10000;
    static final int TOPDIR = 0x20000;
    static final int HUGE_FILE = 0x40000;
    static final int EXTENTS = 0x80000;
    static final int VERITY = 0x100000;
    static final int EA_INODE = 0x200000;
    static final int INLINE_DATA = 0x10000000;
    static final int PROJINHERIT = 0x20000000;
    static final int CASEFOLD = 0x40000000;

    /// The flags a new file takes from its directory; of them, those only a directory takes, and those nothing but
    /// files and directories take (kernel: `EXT4_FL_INHERITED`).
    static final int INHERITED =
            0x1 | 0x2 | 0x4 | SYNC | NODUMP | NOATIME | 0x400 | 0x4000 | 0x8000 | DIRSYNC | PROJINHERIT | CASEFOLD;

    static final int NOT_OF_FILES = DIRSYNC | TOPDIR | CASEFOLD | PROJINHERIT;
    static final int OF_OTHERS = NODUMP | NOATIME;

    private static final int MODE = 0x0;
    private static final int UID = 0x2;
    private static final int SIZE = 0x4;
    static final int ATIME = 0x8;
    static final int CTIME = 0xc;
    static final int MTIME = 0x10;
    private static final int DTIME = 0x14;
    private static final int GID = 0x18;
    private static final int LINKS = 0x1a;
    private static final int BLOCKS = 0x1c;
    private static final int FLAGS = 0x20;
    static final int BLOCK = 0x28;
    private static final int GENERATION = 0x64;
    private static final int FILE_ACL = 0x68;
    private static final int SIZE_HIGH = 0x6c;
    private static final int BLOCKS_HIGH = 0x74;
    private static final int FILE_ACL_HIGH = 0x76;
    private static final int UID_HIGH = 0x78;
    private static final int GID_HIGH = 0x7a;
    private static final int CHECKSUM = 0x7c;
    static final int EXTRA_ISIZE = 0x80;
    private static final int CHECKSUM_HIGH = 0x82;
    private static final int CTIME_EXTRA = 0x84;
    private static final int MTIME_EXTRA = 0x88;
    private static final int ATIME_EXTRA = 0x8c;
    static final int CRTIME = 0x90;
    private static final int CRTIME_EXTRA = 0x94;
    private static final int PROJID = 0x9c;
    static final int OLD_SIZE = 128;

    /// All of it. The fields are read and written in [#array], which costs a fraction of going through this until
    /// the JVM's second compiler has seen it, and a mount of an image does without that.
    final MemorySegment raw;

    private final byte[] array;

    /// One of `size` bytes, all zero.
    InodeRec(int size) {
        array = new byte[size];
        raw = MemorySegment.ofArray(array);
    }

    int mode() {
        return Le.u16(array, MODE);
    }

    void setMode(int mode) {
        Le.put16(array, MODE, mode);
    }

    int uid() {
        return Le.u16(array, UID) | Le.u16(array, UID_HIGH) << 16;
    }

    int gid() {
        return Le.u16(array, GID) | Le.u16(array, GID_HIGH) << 16;
    }

    void setOwner(int uid, int gid) {
        Le.put16(array, UID, uid);
        Le.put16(array, UID_HIGH, uid >>> 16);
        Le.put16(array, GID, gid);
        Le.put16(array, GID_HIGH, gid >>> 16);
    }

    long size() {
        return Le.u32(array, SIZE) | Le.u32(array, SIZE_HIGH) << 32;
    }

    void setSize(long size) {
        Le.put32(array, SIZE, size);
        Le.put32(array, SIZE_HIGH, size >>> 32);
    }

    int links() {
        return Le.u16(array, LINKS);
    }

    void setLinks(int count) {
        Le.put16(array, LINKS, count);
    }

    int flags() {
        return Le.i32(array, FLAGS);
    }

    boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    void setFlags(int flags) {
        Le.put32(array, FLAGS, flags);
    }

    /// The blocks in use in units of 512 bytes.
    long sectors(int logBlockSize) {
        long count = Le.u32(array, BLOCKS) | (long) Le.u16(array, BLOCKS_HIGH) << 32;
        return has(HUGE_FILE) ? count << (logBlockSize - 9) : count;
    }

    void setSectors(long sectors, int logBlockSize) {
        boolean huge = sectors >= 1L << 48;
        setFlags(huge ? flags() | HUGE_FILE : flags() & ~HUGE_FILE);
        long count = huge ? sectors >> (logBlockSize - 9) : sectors;
        Le.put32(array, BLOCKS, count);
        Le.put16(array, BLOCKS_HIGH, (int) (count >>> 32));
    }

    /// When it was deleted; the next of the orphan list while it is on that.
    long dtime() {
        return Le.u32(array, DTIME);
    }

    void setDtime(long value) {
        Le.put32(array, DTIME, value);
    }

    int generation() {
        return Le.i32(array, GENERATION);
    }

    void setGeneration(int generation) {
        Le.put32(array, GENERATION, generation);
    }

    /// The block of extended attributes, or 0.
    long xattrBlock() {
        return Le.u32(array, FILE_ACL) | (long) Le.u16(array, FILE_ACL_HIGH) << 32;
    }

    void setXattrBlock(long block) {
        Le.put32(array, FILE_ACL, block);
        Le.put16(array, FILE_ACL_HIGH, (int) (block >>> 32));
    }

    /// The bytes of it beyond the first 128 that have fields; 0 for what makes no sense.
    int extraIsize() {
        if (array.length <= OLD_SIZE) {
            return 0;
        }
        int extra = Le.u16(array, EXTRA_ISIZE);
        return extra % 4 == 0 && OLD_SIZE + extra <= array.length ? extra : 0;
    }

    void setExtraIsize(int bytes) {
        Le.put16(array, EXTRA_ISIZE, bytes);
    }

    /// Whether there is a field of `bytes` bytes at `offset`.
    private boolean fits(int offset, int bytes) {
        return offset + bytes <= OLD_SIZE + extraIsize();
    }

    long project() {
        return fits(PROJID, 4) ? Le.u32(array, PROJID) : 0;
    }

    void setProject(long id) {
        if (fits(PROJID, 4)) {
            Le.put32(array, PROJID, id);
        }
    }

    // Times: signed seconds, and where there is room two more bits for them and the nanoseconds

    private static int extraOf(int field) {
        return switch (field) {
            case CTIME -> CTIME_EXTRA;
            case MTIME -> MTIME_EXTRA;
            case ATIME -> ATIME_EXTRA;
            default -> CRTIME_EXTRA;
        };
    }

    Time time(int field) {
        if (field == CRTIME && !fits(CRTIME, 4)) {
            return Time.EPOCH;
        }
        long seconds = Le.i32(array, field);
        int at = extraOf(field);
        if (!fits(at, 4)) {
            return new Time(seconds, 0);
        }
        int extra = Le.i32(array, at);
        return new Time(seconds + ((extra & 3L) << 32), Math.min(extra >>> 2, 999_999_999));
    }

    /// Sets a time, the nearest that can be stored.
    void setTime(int field, Time time) {
        if (field == CRTIME && !fits(CRTIME, 4)) {
            return;
        }
        int at = extraOf(field);
        if (!fits(at, 4)) {
            Le.put32(array, field, Math.clamp(time.seconds(), Integer.MIN_VALUE, Integer.MAX_VALUE));
            return;
        }
        long seconds = Math.clamp(time.seconds(), Integer.MIN_VALUE, (3L << 32) + Integer.MAX_VALUE);
        long epoch = (seconds - (int) seconds) >> 32;
        Le.put32(array, field, seconds);
        Le.put32(array, at, epoch & 3 | (long) time.nanos() << 2);
    }

    // Checksum

    private boolean hasHighChecksum() {
        return fits(CHECKSUM_HIGH, 2);
    }

    /// Of all of it, with zeros where the checksum is.
    int checksum(int seed) {
        byte[] copy = array.clone();
        Le.put16(copy, CHECKSUM, 0);
        if (hasHighChecksum()) {
            Le.put16(copy, CHECKSUM_HIGH, 0);
            return Crc.crc32c(seed, copy);
        }
        return Crc.crc32c(seed, copy) & 0xffff;
    }

    int storedChecksum() {
        return Le.u16(array, CHECKSUM) | (hasHighChecksum() ? Le.u16(array, CHECKSUM_HIGH) << 16 : 0);
    }

    void seal(int seed) {
        int crc = checksum(seed);
        Le.put16(array, CHECKSUM, crc);
        if (hasHighChecksum()) {
            Le.put16(array, CHECKSUM_HIGH, crc >>> 16);
        }
    }
}
