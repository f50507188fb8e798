// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSPC;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.io.Le;

/// Makes a new file system: first superblock, descriptors, bitmaps and inode tables of an empty one without a root
/// and without a journal; those are then made with the means of [Ext2Fs].
final class Newfs {
    private static final int GROUPS_PER_FLEX = 16;
    private static final int RESERVED_INODES = 10;
    private static final int FIRST_INO = 11;
    private static final int MIN_DATA = 50; // of the last group, else it is left out

    private final BlockDevice device;
    private final NewfsOptions options;
    private final Rumpuser host;
    private final int blockSize;

    private Newfs(BlockDevice device, NewfsOptions options, Rumpuser host) {
        this.device = device;
        this.options = options;
        this.host = host;
        this.blockSize = options.blockSize();
    }

    /// See [jpuffs.rumpfs.RumpFsType#newfs].
    static void make(BlockDevice device, NewfsOptions options, Rumpuser host) throws IOException {
        if (options.blockSize() < device.blockSize()) {
            throw EINVAL.error(
                    "blocks of %d bytes on a device with blocks of %d", options.blockSize(), device.blockSize());
        }
        var newfs = new Newfs(device, options, host);
        Superblock sb = newfs.superblock();
        newfs.writeGroups(sb);
        Ext2Fs.populate(device, host, fs -> new NewFiles(fs, device, options).make());
    }

    // The superblock

    private Superblock superblock() throws ErrnoException {
        long blocks = Math.min(
                device.size() / blockSize, options.features().incompat(Features.BIT64) ? 1L << 40 : (1L << 32) - 1);
        long first = blockSize == 1024 ? 1 : 0;
        int perGroup = 8 * blockSize;
        long groups = (blocks - first + perGroup - 1) / perGroup;
        if (groups < 1) {
            throw tooSmall();
        }
        long last = blocks - first - (groups - 1) * perGroup;
        Superblock sb = superblock(blocks, groups);
        if (groups > 1 && last < sb.baseBlocks(sb.groups - 1) + 2 + tableBlocks(sb) + MIN_DATA) {
            sb = superblock(blocks - last, groups - 1);
        }
        if (sb.blocks < sb.baseBlocks(0) + 2 + tableBlocks(sb) + MIN_DATA + options.journal() / blockSize) {
            throw tooSmall();
        }
        return sb;
    }

    private ErrnoException tooSmall() {
        return ENOSPC.error("a device of %d bytes is too small", device.size());
    }

    private static int tableBlocks(Superblock sb) {
        return sb.inodesPerGroup / (sb.blockSize / sb.inodeSize);
    }

    private int inodesPerGroup(long blocks, long groups) {
        long wanted = Math.max(blocks * blockSize / options.ratio() / groups, 16);
        int unit = Math.max(blockSize / options.inodeSize(), 8);
        long rounded = (wanted + unit - 1) / unit * unit;
        return (int) Math.min(rounded, Math.min(8L * blockSize, (0xffffffffL / groups) / unit * unit));
    }

    private Superblock superblock(long blocks, long groups) throws ErrnoException {
        if (groups > 1 << 20) {
            throw EINVAL.error("a device of %d bytes is too large for blocks of %d", device.size(), blockSize);
        }
        MemorySegment raw = MemorySegment.ofArray(new byte[Superblock.SIZE]);
        boolean wide = options.features().incompat(Features.BIT64);
        int perGroup = inodesPerGroup(blocks, groups);
        int log = Integer.numberOfTrailingZeros(blockSize) - 10;
        Le.put32(raw, Superblock.INODES_COUNT, groups * perGroup);
        Le.put32(raw, Superblock.BLOCKS_COUNT, blocks);
        Le.put32(raw, Superblock.R_BLOCKS_COUNT, blocks / 20);
        Le.put32(raw, Superblock.FIRST_DATA_BLOCK, blockSize == 1024 ? 1 : 0);
        Le.put32(raw, Superblock.LOG_BLOCK_SIZE, log);
        Le.put32(raw, Superblock.LOG_CLUSTER_SIZE, log);
        Le.put32(raw, Superblock.BLOCKS_PER_GROUP, 8L * blockSize);
        Le.put32(raw, Superblock.CLUSTERS_PER_GROUP, 8L * blockSize);
        Le.put32(raw, Superblock.INODES_PER_GROUP, perGroup);
        Le.put16(raw, Superblock.MAX_MNT_COUNT, -1);
        Le.put16(raw, Superblock.MAGIC_AT, Superblock.MAGIC);
        Le.put16(raw, Superblock.STATE, Superblock.STATE_VALID);
        Le.put16(raw, Superblock.ERRORS, 1);
        Le.put32(raw, Superblock.REV_LEVEL, 1);
        Le.put32(raw, Superblock.FIRST_INO, FIRST_INO);
        Le.put16(raw, Superblock.INODE_SIZE, options.inodeSize());
        Le.put32(raw, Superblock.COMPAT, options.features().compat() & ~Features.HAS_JOURNAL);
        Le.put32(raw, Superblock.INCOMPAT, options.features().incompat());
        Le.put32(raw, Superblock.RO_COMPAT, options.features().roCompat());
        Le.put16(raw, Superblock.DESC_SIZE, wide ? 64 : 0);
        Le.put32(raw, Superblock.BLOCKS_COUNT_HI, wide ? blocks >>> 32 : 0);
        Le.put32(raw, Superblock.R_BLOCKS_COUNT_HI, wide ? (blocks / 20) >>> 32 : 0);
        putIdentity(raw);
        return new Superblock(raw);
    }

    private void putIdentity(MemorySegment raw) {
        byte[] random = new byte[32];
        host.random(random);
        random[6] = (byte) (random[6] & 0x0f | 0x40); // a random UUID (RFC 9562)
        random[8] = (byte) (random[8] & 0x3f | 0x80);
        MemorySegment.copy(MemorySegment.ofArray(random), 0, raw, Superblock.UUID, 16);
        MemorySegment.copy(MemorySegment.ofArray(random), 16, raw, Superblock.HASH_SEED, 16);
        Le.putBytes(raw, Superblock.VOLUME_NAME, options.label().getBytes(StandardCharsets.UTF_8));
        Le.put8(raw, Superblock.DEF_HASH_VERSION, 1);
        Le.put32(raw, Superblock.FLAGS, 1); // names are hashed as signed bytes
        Le.put32(raw, Superblock.DEFAULT_MOUNT_OPTS, 0xc); // user_xattr, acl
        long now = host.now().seconds();
        Le.put32(raw, Superblock.MKFS_TIME, now);
        Le.put32(raw, Superblock.LASTCHECK, now);
        Le.put32(raw, Superblock.WTIME, now);
        if (options.inodeSize() > 128) {
            Le.put16(raw, Superblock.MIN_EXTRA_ISIZE, 32);
            Le.put16(raw, Superblock.WANT_EXTRA_ISIZE, 32);
        }
        if (options.features().incompat(Features.FLEX_BG)) {
            Le.put8(raw, Superblock.LOG_GROUPS_PER_FLEX, Integer.numberOfTrailingZeros(GROUPS_PER_FLEX));
        }
        if (options.features().roCompat(Features.METADATA_CSUM)) {
            Le.put8(raw, Superblock.CHECKSUM_TYPE, 1);
            Le.put32(
                    raw,
                    Superblock.CHECKSUM_SEED,
                    options.features().incompat(Features.CSUM_SEED)
                            ? Crc.crc32c(Crc.START, raw, Superblock.UUID, 16)
                            : 0);
        }
    }

    // Groups

    private void writeGroups(Superblock sb) throws IOException {
        Groups groups = Groups.blank(sb);
        int[] used = place(sb, groups);
        long free = 0;
        for (int group = 0; group < sb.groups; group++) {
            groups.setFreeBlocks(group, sb.blocksIn(group) - used[group]);
            groups.setFreeInodes(group, sb.inodesPerGroup - (group == 0 ? RESERVED_INODES : 0));
            free += groups.freeBlocks(group);
            writeGroup(sb, groups, group, used[group]);
        }
        sb.setFreeBlocks(free);
        sb.setFreeInodes(sb.inodes - RESERVED_INODES);
        sb.seal();
        groups.seal();
        for (int group = sb.groups - 1; group >= 0; group--) {
            writeCopy(sb, groups, group);
        }
        device.flush();
    }

    /// Says where bitmaps and inodes of each group are, those of a flex group together; answers how many blocks are
    /// used at the begin of each group.
    private int[] place(Superblock sb, Groups groups) throws ErrnoException {
        int[] used = new int[sb.groups];
        for (int group = 0; group < sb.groups; group++) {
            used[group] = sb.baseBlocks(group);
        }
        int flex = sb.groupsPerFlex();
        int table = tableBlocks(sb);
        for (int first = 0; first < sb.groups; first += flex) {
            int count = Math.min(flex, sb.groups - first);
            long[] maps = new long[2 * count];
            int[] at = {first};
            for (int i = 0; i < maps.length; i++) {
                maps[i] = take(sb, used, at, 1);
            }
            for (int i = 0; i < count; i++) {
                groups.setPlaces(first + i, maps[i], maps[count + i], take(sb, used, at, table));
            }
        }
        return used;
    }

    /// Takes blocks from the group `at` or a later one.
    private static long take(Superblock sb, int[] used, int[] at, int count) throws ErrnoException {
        while (used[at[0]] + count > sb.blocksIn(at[0])) {
            if (++at[0] >= sb.groups) {
                throw ENOSPC.error("the last group is too small for its inodes");
            }
        }
        long block = sb.groupStart(at[0]) + used[at[0]];
        used[at[0]] += count;
        return block;
    }

    private void writeGroup(Superblock sb, Groups groups, int group, int used) throws IOException {
        boolean lazy = groups.hasUninit() && group > 0;
        boolean emptyBlocks = lazy && group < sb.groups - 1 && used == sb.baseBlocks(group);
        MemorySegment map = MemorySegment.ofArray(new byte[blockSize]);
        if (!emptyBlocks) {
            int end = sb.blocksIn(group);
            Bits.set(map, 0, used);
            Bits.set(map, end, 8 * blockSize - end);
            write(groups.blockBitmap(group), map);
            groups.setBitmapChecksum(group, false, sb.checksums ? groups.checksumOf(map, false) : 0);
        }
        if (!lazy) {
            map.fill((byte) 0);
            Bits.set(map, 0, group == 0 ? RESERVED_INODES : 0);
            Bits.set(map, sb.inodesPerGroup, 8 * blockSize - sb.inodesPerGroup);
            write(groups.inodeBitmap(group), map);
            groups.setBitmapChecksum(group, true, sb.checksums ? groups.checksumOf(map, true) : 0);
            device.zero(groups.inodeTable(group) * blockSize, (long) tableBlocks(sb) * blockSize);
        }
        if (groups.hasUninit()) {
            groups.setItableUnused(group, sb.inodesPerGroup - (group == 0 ? RESERVED_INODES : 0));
            groups.setFlags(
                    group, lazy ? Groups.INODE_UNINIT | (emptyBlocks ? Groups.BLOCK_UNINIT : 0) : Groups.INODE_ZEROED);
        }
    }

    private void write(long block, MemorySegment data) throws IOException {
        device.write(data, block * blockSize);
    }

    /// Superblock and descriptors where a group has them.
    private void writeCopy(Superblock sb, Groups groups, int group) throws IOException {
        if (!sb.hasSuper(group)) {
            return;
        }
        MemorySegment block = MemorySegment.ofArray(new byte[blockSize]);
        int at = group == 0 ? sb.offsetInBlock() : 0;
        Le.put16(sb.raw, Superblock.BLOCK_GROUP_NR, group);
        sb.seal();
        MemorySegment.copy(sb.raw, 0, block, at, Superblock.SIZE);
        write(group == 0 ? sb.block() : sb.groupStart(group), block);
        long table = group == 0 ? sb.block() + 1 : sb.groupStart(group) + 1;
        for (int i = 0; i < sb.gdtBlocks(); i++) {
            write(table + i, groups.tableBlock(i));
        }
        if (group == 0 && blockSize == 1024) {
            device.zero(0, 1024); // what another file system may have left
        }
    }
}
