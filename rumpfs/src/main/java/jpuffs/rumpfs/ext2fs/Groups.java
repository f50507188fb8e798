// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// The group descriptors, all in memory: of 32 bytes, or 64 with the upper halves of their numbers (kernel:
/// Documentation/filesystems/ext4/group_descr.rst). Changed ones go to their blocks at the end of a transaction.
final class Groups {
    static final int INODE_UNINIT = 1;
    static final int BLOCK_UNINIT = 2;
    static final int INODE_ZEROED = 4;

    private static final long MAX_BYTES = 64 << 20;

    private static final int BLOCK_BITMAP = 0x0;
    private static final int INODE_BITMAP = 0x4;
    private static final int INODE_TABLE = 0x8;
    private static final int FREE_BLOCKS = 0xc;
    private static final int FREE_INODES = 0xe;
    private static final int USED_DIRS = 0x10;
    private static final int FLAGS = 0x12;
    private static final int BLOCK_BITMAP_CSUM = 0x18;
    private static final int INODE_BITMAP_CSUM = 0x1a;
    private static final int ITABLE_UNUSED = 0x1c;
    private static final int CHECKSUM = 0x1e;
    private static final int BLOCK_HI = 0x20; // from an address' lower half to its upper
    private static final int COUNT_HI = 0x20; // the same for the counts of blocks, inodes and directories
    private static final int FREE_BLOCKS_HI = FREE_BLOCKS + COUNT_HI;
    private static final int ITABLE_UNUSED_HI = 0x32;
    private static final int BITMAP_CSUM_HI = 0x20; // from a checksum's lower half to its upper

    private final Superblock sb;
    private final boolean wide;
    private final boolean uninit;
    private final MemorySegment table;
    private final BitSet dirty = new BitSet();

    private Groups(Superblock sb, MemorySegment table) {
        this.sb = sb;
        this.table = table;
        this.wide = sb.descSize >= 64;
        this.uninit = sb.checksums || sb.features.roCompat(Features.GDT_CSUM);
    }

    /// Descriptors that are all zero, to be filled in.
    static Groups blank(Superblock sb) throws ErrnoException {
        long bytes = (long) sb.gdtBlocks() * sb.blockSize;
        if (bytes > MAX_BYTES) {
            throw EUCLEAN.error("superblock: %d groups are too many", sb.groups);
        }
        return new Groups(sb, MemorySegment.ofArray(new byte[(int) bytes]));
    }

    /// Reads the table and checks that what it points to lies inside.
    ///
    /// @throws IOException EUCLEAN
    static Groups read(Superblock sb, Meta meta) throws IOException {
        Groups groups = blank(sb);
        for (int i = 0; i < sb.gdtBlocks(); i++) {
            try (Buf buf = meta.read(sb.gdtBlock(i), Kind.DESCRIPTORS)) {
                MemorySegment.copy(buf.data(), 0, groups.table, (long) i * sb.blockSize, sb.blockSize);
            }
        }
        for (int group = 0; group < sb.groups; group++) {
            groups.check(group);
        }
        return groups;
    }

    private void check(int group) throws ErrnoException {
        boolean inside = isInside(blockBitmap(group), 1)
                && isInside(inodeBitmap(group), 1)
                && isInside(inodeTable(group), tableBlocks());
        if (!inside) {
            throw EUCLEAN.error("group %d: its bitmaps or inodes are outside of the file system", group);
        }
        if (uninit && Le.u16(table, at(group) + CHECKSUM) != checksum(group)) {
            throw EUCLEAN.error("group %d: bad checksum of its descriptor", group);
        }
    }

    private boolean isInside(long block, long count) {
        return block > sb.block() && block <= sb.blocks - count;
    }

    /// The blocks the inodes of a group take.
    int tableBlocks() {
        return (int) (((long) sb.inodesPerGroup * sb.inodeSize + sb.blockSize - 1) / sb.blockSize);
    }

    private long at(int group) {
        return (long) group * sb.descSize;
    }

    private int checksum(int group) {
        long at = at(group);
        if (sb.checksums) {
            int crc = Crc.crc32c(Crc.crc32c(sb.seed, group), table, at, CHECKSUM);
            crc = Crc.crc32c(crc, MemorySegment.ofArray(new byte[2]), 0, 2);
            return Crc.crc32c(crc, table, at + CHECKSUM + 2, sb.descSize - CHECKSUM - 2) & 0xffff;
        }
        MemorySegment number = MemorySegment.ofArray(new byte[4]);
        Le.put32(number, 0, group);
        int crc = Crc.crc16(Crc.crc16(0xffff, sb.raw, 0x68, 16), number, 0, 4);
        crc = Crc.crc16(crc, table, at, CHECKSUM);
        return wide ? Crc.crc16(crc, table, at + CHECKSUM + 2, sb.descSize - CHECKSUM - 2) : crc;
    }

    /// Whether bitmaps and inodes may be left uninitialised, as the flags say.
    boolean hasUninit() {
        return uninit;
    }

    // Fields

    private long address(int group, int field) {
        long at = at(group) + field;
        return Le.u32(table, at) | (wide ? Le.u32(table, at + BLOCK_HI) << 32 : 0);
    }

    private void setAddress(int group, int field, long block) {
        long at = at(group) + field;
        Le.put32(table, at, block);
        if (wide) {
            Le.put32(table, at + BLOCK_HI, block >>> 32);
        }
        changed(group);
    }

    private int count(int group, int field, int high) {
        long at = at(group);
        return Le.u16(table, at + field) | (wide ? Le.u16(table, at + high) << 16 : 0);
    }

    private void setCount(int group, int field, int high, int count) {
        long at = at(group);
        Le.put16(table, at + field, count);
        if (wide) {
            Le.put16(table, at + high, count >>> 16);
        }
        changed(group);
    }

    private void changed(int group) {
        dirty.set(group / sb.descsPerBlock());
    }

    long blockBitmap(int group) {
        return address(group, BLOCK_BITMAP);
    }

    long inodeBitmap(int group) {
        return address(group, INODE_BITMAP);
    }

    long inodeTable(int group) {
        return address(group, INODE_TABLE);
    }

    void setPlaces(int group, long blockBitmap, long inodeBitmap, long inodeTable) {
        setAddress(group, BLOCK_BITMAP, blockBitmap);
        setAddress(group, INODE_BITMAP, inodeBitmap);
        setAddress(group, INODE_TABLE, inodeTable);
    }

    int freeBlocks(int group) {
        return count(group, FREE_BLOCKS, FREE_BLOCKS_HI);
    }

    void setFreeBlocks(int group, int count) {
        setCount(group, FREE_BLOCKS, FREE_BLOCKS_HI, count);
    }

    int freeInodes(int group) {
        return count(group, FREE_INODES, FREE_INODES + COUNT_HI);
    }

    void setFreeInodes(int group, int count) {
        setCount(group, FREE_INODES, FREE_INODES + COUNT_HI, count);
    }

    int usedDirs(int group) {
        return count(group, USED_DIRS, USED_DIRS + COUNT_HI);
    }

    void setUsedDirs(int group, int count) {
        setCount(group, USED_DIRS, USED_DIRS + COUNT_HI, count);
    }

    /// The inodes at the end of the group that were never used; 0 where that is not counted.
    int itableUnused(int group) {
        return uninit ? Math.min(count(group, ITABLE_UNUSED, ITABLE_UNUSED_HI), sb.inodesPerGroup) : 0;
    }

    void setItableUnused(int group, int count) {
        setCount(group, ITABLE_UNUSED, ITABLE_UNUSED_HI, count);
    }

    boolean has(int group, int flag) {
        return uninit && (Le.u16(table, at(group) + FLAGS) & flag) != 0;
    }

    void setFlags(int group, int flags) {
        Le.put16(table, at(group) + FLAGS, flags);
        changed(group);
    }

    void clearFlag(int group, int flag) {
        setFlags(group, Le.u16(table, at(group) + FLAGS) & ~flag);
    }

    /// The bits of a bitmap's checksum that there is room for.
    int bitmapChecksum(int group, boolean ofInodes) {
        long at = at(group) + (ofInodes ? INODE_BITMAP_CSUM : BLOCK_BITMAP_CSUM);
        return Le.u16(table, at) | (wide ? Le.u16(table, at + BITMAP_CSUM_HI) << 16 : 0);
    }

    void setBitmapChecksum(int group, boolean ofInodes, int checksum) {
        long at = at(group) + (ofInodes ? INODE_BITMAP_CSUM : BLOCK_BITMAP_CSUM);
        Le.put16(table, at, checksum);
        if (wide) {
            Le.put16(table, at + BITMAP_CSUM_HI, checksum >>> 16);
        }
        changed(group);
    }

    int bitmapChecksumMask() {
        return wide ? -1 : 0xffff;
    }

    /// The checksum of a bitmap's content.
    int checksumOf(MemorySegment bitmap, boolean ofInodes) {
        int bits = ofInodes ? sb.inodesPerGroup : sb.blocksPerGroup / sb.clusterRatio;
        return Crc.crc32c(sb.seed, bitmap, 0, bits / 8) & bitmapChecksumMask();
    }

    /// Puts the changed descriptors into their blocks, with checksums.
    void flush(Meta meta) throws IOException {
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            seal(i * sb.descsPerBlock(), Math.min((i + 1) * sb.descsPerBlock(), sb.groups));
            try (Buf buf = meta.read(sb.gdtBlock(i), Kind.DESCRIPTORS)) {
                MemorySegment.copy(table, (long) i * sb.blockSize, buf.data(), 0, sb.blockSize);
                meta.change(buf, Seal.NONE);
            }
        }
        dirty.clear();
    }

    private void seal(int from, int end) {
        for (int group = from; group < end && uninit; group++) {
            Le.put16(table, at(group) + CHECKSUM, checksum(group));
        }
    }

    /// Brings all checksums up to date.
    void seal() {
        seal(0, sb.groups);
    }

    /// One block of the table as it is to be written.
    MemorySegment tableBlock(int index) {
        return table.asSlice((long) index * sb.blockSize, sb.blockSize);
    }
}
