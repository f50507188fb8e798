// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// Which inodes are free, and which to take: a file's near its directory, a directory's near its parent, the
/// directories of the root spread over the disk.
final class InodeAllocator {
    private final Superblock sb;
    private final Groups groups;
    private final Meta meta;
    private final BlockAllocator blocks;
    private long free;
    private int nextSpread;

    InodeAllocator(Superblock sb, Groups groups, Meta meta, BlockAllocator blocks) {
        this.sb = sb;
        this.groups = groups;
        this.meta = meta;
        this.blocks = blocks;
        for (int group = 0; group < sb.groups; group++) {
            free += groups.freeInodes(group);
        }
    }

    long free() {
        return free;
    }

    /// Allocates an inode and answers its number; its place in the table is zero.
    ///
    /// @param parent the inode of the directory
    /// @param spread whether it shall be far from others: a directory in the root
    /// @throws IOException ENOSPC
    int allocate(int parent, boolean directory, boolean spread) throws IOException {
        int home = (parent - 1) / sb.inodesPerGroup;
        int first = spread ? spreadGroup() : home;
        if (directory && !spread) {
            first = roomyGroup(home);
        }
        for (int i = 0; i < sb.groups; i++) {
            int group = (first + i) % sb.groups;
            int index = groups.freeInodes(group) == 0 ? -1 : allocateIn(group, directory);
            if (index >= 0) {
                return group * sb.inodesPerGroup + index + 1;
            }
        }
        throw ENOSPC.error();
    }

    /// A directory was made in an inode that was never allocated: the root.
    void countDirectory(int group) {
        groups.setUsedDirs(group, groups.usedDirs(group) + 1);
    }

    /// The groups in turn, those with less than the average of inodes or blocks left out.
    private int spreadGroup() {
        int tried = Math.min(sb.groups, 1024);
        for (int i = 0; i < tried; i++) {
            int group = (nextSpread + i) % sb.groups;
            if (groups.freeInodes(group) >= free / sb.groups && groups.freeBlocks(group) >= blocks.free() / sb.groups) {
                nextSpread = group + 1;
                return group;
            }
        }
        return nextSpread % sb.groups;
    }

    /// The first group from `home` on that is not crowded.
    private int roomyGroup(int home) {
        int tried = Math.min(sb.groups, 256);
        for (int i = 0; i < tried; i++) {
            int group = (home + i) % sb.groups;
            boolean inodes = groups.freeInodes(group) > sb.inodesPerGroup / 4 && groups.freeInodes(group) > 0;
            if (inodes && groups.freeBlocks(group) > sb.blocksPerGroup / 8) {
                return group;
            }
        }
        return home;
    }

    private int allocateIn(int group, boolean directory) throws IOException {
        int first = group == 0 ? sb.firstIno - 1 : 0;
        int end = (int) Math.min(sb.inodesPerGroup, sb.inodes - (long) group * sb.inodesPerGroup);
        try (Buf bitmap = bitmap(group)) {
            int index = Bits.nextClear(bitmap.data(), null, first, end);
            if (index >= end) {
                return -1;
            }
            Bits.set(bitmap.data(), index, 1);
            changed(group, bitmap);
            use(group, index);
            count(group, -1, directory);
            return index;
        }
    }

    private void count(int group, int change, boolean directory) {
        groups.setFreeInodes(group, groups.freeInodes(group) + change);
        if (directory) {
            groups.setUsedDirs(group, Math.max(groups.usedDirs(group) - change, 0));
        }
        free += change;
    }

    /// Zeroes inodes that were never used up to `index`.
    private void use(int group, int index) throws IOException {
        int used = sb.inodesPerGroup - groups.itableUnused(group);
        if (index < used) {
            return;
        }
        int perBlock = sb.blockSize / sb.inodeSize;
        for (int at = used; at <= index; ) {
            long block = groups.inodeTable(group) + at / perBlock;
            if (at % perBlock == 0) {
                meta.fresh(block, Kind.INODES, Seal.NONE).close();
            } else {
                try (Buf buf = meta.read(block, Kind.INODES)) {
                    int in = at % perBlock * sb.inodeSize;
                    Le.zero(buf.data(), in, sb.blockSize - in);
                    meta.change(buf, Seal.NONE);
                }
            }
            at += perBlock - at % perBlock;
        }
        groups.setItableUnused(group, sb.inodesPerGroup - index - 1);
        if (groups.has(group, Groups.BLOCK_UNINIT)) {
            blocks.bitmap(group).close();
        }
    }

    /// Frees an inode.
    ///
    /// @throws IOException EUCLEAN if it was free before
    void free(int ino, boolean directory) throws IOException {
        int group = (ino - 1) / sb.inodesPerGroup;
        int index = (ino - 1) % sb.inodesPerGroup;
        try (Buf bitmap = bitmap(group)) {
            if (ino < sb.firstIno || !Bits.get(bitmap.data(), index)) {
                throw EUCLEAN.error("inode %d is freed that is free", ino);
            }
            Bits.clear(bitmap.data(), index, 1);
            changed(group, bitmap);
        }
        count(group, 1, directory);
    }

    /// Whether an inode is in use.
    boolean isUsed(int ino) throws IOException {
        int group = (ino - 1) / sb.inodesPerGroup;
        if (groups.has(group, Groups.INODE_UNINIT)) {
            return false;
        }
        try (Buf bitmap = bitmap(group)) {
            return Bits.get(bitmap.data(), (ino - 1) % sb.inodesPerGroup);
        }
    }

    private void changed(int group, Buf bitmap) {
        meta.change(
                bitmap,
                sb.checksums
                        ? (data, block) -> groups.setBitmapChecksum(group, true, groups.checksumOf(data, true))
                        : Seal.NONE);
    }

    private Buf bitmap(int group) throws IOException {
        long block = groups.inodeBitmap(group);
        if (!groups.has(group, Groups.INODE_UNINIT)) {
            return meta.read(block, Kind.INODE_BITMAP, (data, b) -> isGood(group, data));
        }
        Buf bitmap = meta.fresh(block, Kind.INODE_BITMAP, Seal.NONE);
        Bits.set(bitmap.data(), sb.inodesPerGroup, 8 * sb.blockSize - sb.inodesPerGroup);
        groups.clearFlag(group, Groups.INODE_UNINIT);
        changed(group, bitmap);
        return bitmap;
    }

    private boolean isGood(int group, MemorySegment data) {
        return !sb.checksums || groups.bitmapChecksum(group, true) == groups.checksumOf(data, true);
    }

    /// @throws ErrnoException ENOSPC if no inode is free
    void requireFree() throws ErrnoException {
        if (free <= 0) {
            throw ENOSPC.error();
        }
    }

    // Checks

    private BitSet bits(int group, BitSet used) {
        int first = group * sb.inodesPerGroup + 1;
        return used.get(first, first + sb.inodesPerGroup);
    }

    /// Whether bitmap and counts of a group say that these inodes are in use.
    boolean agrees(int group, BitSet used, BitSet directories) throws IOException {
        BitSet expected = bits(group, used);
        boolean counts = groups.freeInodes(group) == sb.inodesPerGroup - expected.cardinality()
                && groups.usedDirs(group) == bits(group, directories).cardinality();
        if (!counts || groups.has(group, Groups.INODE_UNINIT)) {
            return counts && expected.isEmpty();
        }
        try (Buf buf = meta.read(groups.inodeBitmap(group), Kind.INODE_BITMAP)) {
            for (int bit = 0; bit < sb.inodesPerGroup; bit++) {
                if (Bits.get(buf.data(), bit) != expected.get(bit)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Makes bitmap and counts say that these inodes are in use.
    void rebuild(int group, BitSet used, BitSet directories) throws IOException {
        BitSet expected = bits(group, used);
        try (Buf bitmap = meta.fresh(groups.inodeBitmap(group), Kind.INODE_BITMAP, Seal.NONE)) {
            Bits.set(bitmap.data(), sb.inodesPerGroup, 8 * sb.blockSize - sb.inodesPerGroup);
            for (int bit = expected.nextSetBit(0); bit >= 0; bit = expected.nextSetBit(bit + 1)) {
                Bits.set(bitmap.data(), bit, 1);
            }
            changed(group, bitmap);
        }
        groups.clearFlag(group, Groups.INODE_UNINIT);
        int freeBits = sb.inodesPerGroup - expected.cardinality();
        free += freeBits - groups.freeInodes(group);
        groups.setFreeInodes(group, freeBits);
        groups.setUsedDirs(group, bits(group, directories).cardinality());
    }
}
