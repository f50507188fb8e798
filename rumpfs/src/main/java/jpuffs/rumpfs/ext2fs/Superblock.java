// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// The superblock: 1024 bytes at offset 1024 (kernel: Documentation/filesystems/ext4/super.rst, `struct
/// ext4_super_block`). Holds a copy of them and, checked, what follows from them.
final class Superblock {
    static final int OFFSET = 1024;
    static final int SIZE = 1024;
    static final int MAGIC = 0xef53;

    static final int STATE_VALID = 1;
    static final int STATE_ERROR = 2;

    static final int INODES_COUNT = 0x0;
    static final int BLOCKS_COUNT = 0x4;
    static final int R_BLOCKS_COUNT = 0x8;
    static final int FREE_BLOCKS = 0xc;
    static final int FREE_INODES = 0x10;
    static final int FIRST_DATA_BLOCK = 0x14;
    static final int LOG_BLOCK_SIZE = 0x18;
    static final int LOG_CLUSTER_SIZE = 0x1c;
    static final int BLOCKS_PER_GROUP = 0x20;
    static final int CLUSTERS_PER_GROUP = 0x24;
    static final int INODES_PER_GROUP = 0x28;
    static final int MTIME = 0x2c;
    static final int WTIME = 0x30;
    static final int MNT_COUNT = 0x34;
    static final int MAX_MNT_COUNT = 0x36;
    static final int MAGIC_AT = 0x38;
    static final int STATE = 0x3a;
    static final int ERRORS = 0x3c;
    static final int LASTCHECK = 0x40;
    static final int REV_LEVEL = 0x4c;
    static final int FIRST_INO = 0x54;
    static final int INODE_SIZE = 0x58;
    static final int BLOCK_GROUP_NR = 0x5a;
    static final int COMPAT = 0x5c;
    static final int INCOMPAT = 0x60;
    static final int RO_COMPAT = 0x64;
    static final int UUID = 0x68;
    static final int VOLUME_NAME = 0x78;
    static final int RESERVED_GDT_BLOCKS = 0xce;
    static final int JOURNAL_INUM = 0xe0;
    static final int LAST_ORPHAN = 0xe8;
    static final int HASH_SEED = 0xec;
    static final int DEF_HASH_VERSION = 0xfc;
    static final int JNL_BACKUP_TYPE = 0xfd;
    static final int DESC_SIZE = 0xfe;
    static final int DEFAULT_MOUNT_OPTS = 0x100;
    static final int FIRST_META_BG = 0x104;
    static final int MKFS_TIME = 0x108;
    static final int JNL_BLOCKS = 0x10c;
    static final int BLOCKS_COUNT_HI = 0x150;
    static final int R_BLOCKS_COUNT_HI = 0x154;
    static final int FREE_BLOCKS_HI = 0x158;
    static final int MIN_EXTRA_ISIZE = 0x15c;
    static final int WANT_EXTRA_ISIZE = 0x15e;
    static final int FLAGS = 0x160;
    static final int MMP_BLOCK = 0x168;
    static final int LOG_GROUPS_PER_FLEX = 0x174;
    static final int CHECKSUM_TYPE = 0x175;
    static final int KBYTES_WRITTEN = 0x178;
    static final int ERROR_COUNT = 0x194;
    static final int FIRST_ERROR_TIME = 0x198;
    static final int LAST_ERROR_TIME = 0x1cc;
    static final int BACKUP_BGS = 0x24c;
    static final int CHECKSUM_SEED = 0x270;
    static final int ORPHAN_FILE_INUM = 0x280;
    static final int CHECKSUM = 0x3fc;

    private static final int FLAGS_UNSIGNED_HASH = 2;
    private static final int MAX_LOG_BLOCK_SIZE = 6;

    final MemorySegment raw;
    final Features features;
    final int blockSize;
    final int logBlockSize;
    final long blocks;
    final long firstDataBlock;
    final int blocksPerGroup;
    final int inodesPerGroup;
    final long inodes;
    final int inodeSize;
    final int firstIno;
    final int descSize;
    final int groups;
    final int clusterRatio;
    final boolean checksums;
    final int seed;

    /// Reads and checks it.
    ///
    /// @throws IOException EINVAL if there is none, EUCLEAN if it makes no sense, EOPNOTSUPP for a feature that
    ///     is not known
    static Superblock read(BlockDevice device) throws IOException {
        Superblock sb = readUnsealed(device);
        require(sb.isSealed(), "checksum");
        return sb;
    }

    /// As [#read], but its checksum may be wrong.
    static Superblock readUnsealed(BlockDevice device) throws IOException {
        MemorySegment raw = readRaw(device);
        if (!hasMagic(raw)) {
            throw EINVAL.error("no ext2, ext3 or ext4 file system: bad magic number in the superblock");
        }
        features(raw).requireReadable();
        var sb = new Superblock(raw);
        sb.check(device.size());
        return sb;
    }

    static boolean hasMagic(MemorySegment raw) {
        return Le.u16(raw, MAGIC_AT) == MAGIC;
    }

    /// The 1024 bytes; zeros if the device is too small.
    static MemorySegment readRaw(BlockDevice device) throws IOException {
        int unit = Math.max(device.blockSize(), SIZE);
        int from = OFFSET / unit * unit;
        long length = Math.max(unit, OFFSET + SIZE - from);
        if (device.size() < from + length) {
            return MemorySegment.ofArray(new byte[SIZE]);
        }
        MemorySegment space = MemorySegment.ofArray(new byte[(int) length]);
        device.read(space, from);
        return MemorySegment.ofArray(Le.bytes(space, OFFSET - from, SIZE));
    }

    static Features features(MemorySegment raw) {
        return Le.i32(raw, REV_LEVEL) == 0
                ? new Features(0, 0, 0)
                : new Features(Le.i32(raw, COMPAT), Le.i32(raw, INCOMPAT), Le.i32(raw, RO_COMPAT));
    }

    Superblock(MemorySegment raw) throws ErrnoException {
        this.raw = raw;
        this.features = features(raw);
        boolean dynamic = Le.i32(raw, REV_LEVEL) != 0;
        long log = Le.u32(raw, LOG_BLOCK_SIZE);
        require(log <= MAX_LOG_BLOCK_SIZE, "block size");
        this.logBlockSize = 10 + (int) log;
        this.blockSize = 1 << logBlockSize;
        this.blocks = Le.u32(raw, BLOCKS_COUNT) | (has64() ? Le.u32(raw, BLOCKS_COUNT_HI) << 32 : 0);
        this.firstDataBlock = Le.u32(raw, FIRST_DATA_BLOCK);
        this.blocksPerGroup = bounded(BLOCKS_PER_GROUP, 8L * blockSize << clusterShift(), "blocks per group");
        this.clusterRatio = 1 << clusterShift();
        this.inodesPerGroup = bounded(INODES_PER_GROUP, 8L * blockSize, "inodes per group");
        this.inodes = Le.u32(raw, INODES_COUNT);
        this.inodeSize = dynamic ? Le.u16(raw, INODE_SIZE) : 128;
        this.firstIno = dynamic ? (int) Math.min(Le.u32(raw, FIRST_INO), Integer.MAX_VALUE) : 11;
        this.descSize = has64() ? Le.u16(raw, DESC_SIZE) : 32;
        require(blocks > firstDataBlock, "count of blocks");
        long count = (blocks - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
        require(count < 1 << 30, "count of groups");
        this.groups = (int) count;
        this.checksums = features.roCompat(Features.METADATA_CSUM);
        this.seed = features.incompat(Features.CSUM_SEED) ? Le.i32(raw, CHECKSUM_SEED) : uuidSeed();
    }

    private int uuidSeed() {
        return Crc.crc32c(Crc.START, raw, UUID, 16);
    }

    private boolean has64() {
        return features.incompat(Features.BIT64);
    }

    private int clusterShift() throws ErrnoException {
        if (!features.roCompat(Features.BIGALLOC)) {
            return 0;
        }
        long shift = Le.u32(raw, LOG_CLUSTER_SIZE) - Le.u32(raw, LOG_BLOCK_SIZE);
        require(shift >= 0 && shift <= 15, "cluster size");
        return (int) shift;
    }

    private int bounded(int field, long max, String what) throws ErrnoException {
        long value = Le.u32(raw, field);
        require(value > 0 && value <= max && value % 8 == 0, what);
        return (int) value;
    }

    private static void require(boolean condition, String what) throws ErrnoException {
        if (!condition) {
            throw EUCLEAN.error("superblock: %s makes no sense", what);
        }
    }

    private void check(long deviceSize) throws ErrnoException {
        require(!checksums || Le.u8(raw, CHECKSUM_TYPE) == 1, "checksum type");
        require(blocks <= deviceSize >> logBlockSize, "size, beyond the end of the device,");
        boolean bigalloc = features.roCompat(Features.BIGALLOC);
        require(firstDataBlock == (blockSize == 1024 && !bigalloc ? 1 : 0), "first data block");
        require(Integer.bitCount(inodeSize) == 1 && inodeSize >= 128 && inodeSize <= blockSize, "inode size");
        require(inodesPerGroup >= blockSize / inodeSize, "inodes per group");
        require(Integer.bitCount(descSize) == 1 && descSize <= blockSize, "descriptor size");
        require(!has64() || descSize >= 64, "descriptor size");
        require(inodes <= (long) groups * inodesPerGroup && inodes >= firstIno && firstIno >= 11, "count of inodes");
        require(inodes * inodeSize >> logBlockSize <= blocks, "count of inodes, more than there is room for,");
        require(reservedGdtBlocks() <= blockSize / 4, "count of reserved blocks for descriptors");
        require(features.incompat(Features.META_BG) || gdtBlocks() < blocks - firstDataBlock, "count of groups");
        require(
                bigalloc || Le.u32(raw, CLUSTERS_PER_GROUP) == blocksPerGroup || Le.i32(raw, REV_LEVEL) == 0,
                "clusters per group");
        require(hashVersion() <= 5 || features.incompat(Features.CASEFOLD), "hash version");
    }

    private int checksum() {
        return Crc.crc32c(Crc.START, raw, 0, CHECKSUM);
    }

    /// Whether the checksum is right.
    boolean isSealed() {
        return !checksums || Le.i32(raw, CHECKSUM) == checksum();
    }

    /// Brings the checksum up to date, before it is written.
    void seal() {
        if (checksums) {
            Le.put32(raw, CHECKSUM, checksum());
        }
    }

    // What follows from it

    /// The block it is in, and where in that block.
    long block() {
        return OFFSET / blockSize;
    }

    int offsetInBlock() {
        return OFFSET % blockSize;
    }

    int descsPerBlock() {
        return blockSize / descSize;
    }

    /// The blocks a full table of group descriptors takes.
    int gdtBlocks() {
        return (groups + descsPerBlock() - 1) / descsPerBlock();
    }

    long groupStart(int group) {
        return firstDataBlock + (long) group * blocksPerGroup;
    }

    int groupOf(long block) {
        return (int) ((block - firstDataBlock) / blocksPerGroup);
    }

    /// The blocks of a group, less in the last one.
    int blocksIn(int group) {
        return (int) Math.min(blocksPerGroup, blocks - groupStart(group));
    }

    /// Whether a group has a copy of the superblock.
    boolean hasSuper(int group) {
        if (group == 0) {
            return true;
        }
        if (features.compat(Features.SPARSE_SUPER2)) {
            return group == Le.u32(raw, BACKUP_BGS) || group == Le.u32(raw, BACKUP_BGS + 4);
        }
        if (group == 1 || !features.roCompat(Features.SPARSE_SUPER)) {
            return true;
        }
        return isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    private static boolean isPower(int number, int base) {
        long power = base;
        while (power < number) {
            power *= base;
        }
        return power == number;
    }

    /// Whether descriptor block `index` is where meta_bg has it.
    boolean isMetaBg(int index) {
        return features.incompat(Features.META_BG) && index >= Le.u32(raw, FIRST_META_BG);
    }

    /// Where block `index` of the group descriptors is.
    long gdtBlock(int index) {
        if (!isMetaBg(index)) {
            return block() + 1 + index;
        }
        int group = index * descsPerBlock();
        return groupStart(group)
                + (hasSuper(group) ? 1 : 0)
                + (blockSize == 1024 && firstDataBlock == 0 && group == 0 ? 1 : 0);
    }

    /// The blocks at the begin of a group that hold copies of superblock and descriptors, with those reserved.
    int baseBlocks(int group) {
        int supers = hasSuper(group) ? 1 : 0;
        int firstMeta = (int) Math.min(Le.u32(raw, FIRST_META_BG), gdtBlocks());
        boolean metaBg = features.incompat(Features.META_BG);
        int metaGroup = group / descsPerBlock();
        if (!metaBg || metaGroup < firstMeta) {
            int table = metaBg ? firstMeta : gdtBlocks();
            return supers == 0 ? 0 : 1 + table + reservedGdtBlocks();
        }
        int at = group % descsPerBlock();
        return supers + (at == 0 || at == 1 || at == descsPerBlock() - 1 ? 1 : 0);
    }

    // Fields

    int reservedGdtBlocks() {
        return features.compat(Features.RESIZE_INODE) ? Le.u16(raw, RESERVED_GDT_BLOCKS) : 0;
    }

    long reservedBlocks() {
        return Le.u32(raw, R_BLOCKS_COUNT) | (has64() ? Le.u32(raw, R_BLOCKS_COUNT_HI) << 32 : 0);
    }

    long freeBlocks() {
        return Le.u32(raw, FREE_BLOCKS) | (has64() ? Le.u32(raw, FREE_BLOCKS_HI) << 32 : 0);
    }

    void setFreeBlocks(long count) {
        Le.put32(raw, FREE_BLOCKS, count);
        if (has64()) {
            Le.put32(raw, FREE_BLOCKS_HI, count >>> 32);
        }
    }

    long freeInodes() {
        return Le.u32(raw, FREE_INODES);
    }

    void setFreeInodes(long count) {
        Le.put32(raw, FREE_INODES, count);
    }

    int state() {
        return Le.u16(raw, STATE);
    }

    void setState(int state) {
        Le.put16(raw, STATE, state);
    }

    /// Counts an error that was found, as tune2fs(8) shows it.
    void countError(long seconds) {
        setState(state() | STATE_ERROR);
        Le.put32(raw, ERROR_COUNT, Le.u32(raw, ERROR_COUNT) + 1);
        if (Le.u32(raw, FIRST_ERROR_TIME) == 0) {
            Le.put32(raw, FIRST_ERROR_TIME, seconds);
        }
        Le.put32(raw, LAST_ERROR_TIME, seconds);
    }

    /// Says of damage what another copy says.
    void copyErrors(Superblock other) {
        setState(state() | other.state() & STATE_ERROR);
        for (int at : List.of(ERROR_COUNT, FIRST_ERROR_TIME, LAST_ERROR_TIME)) {
            Le.put32(raw, at, Le.u32(other.raw, at));
        }
    }

    boolean hasErrors() {
        return (state() & STATE_ERROR) != 0;
    }

    /// All damage was mended.
    void clearErrors() {
        setState(state() & ~STATE_ERROR);
        for (int at : List.of(ERROR_COUNT, FIRST_ERROR_TIME, LAST_ERROR_TIME)) {
            Le.put32(raw, at, 0);
        }
    }

    /// What to do about errors: 1 go on, 2 make it read-only, 3 panic.
    int errors() {
        return Le.u16(raw, ERRORS);
    }

    void mounted(long seconds) {
        Le.put32(raw, MTIME, seconds);
        Le.put16(raw, MNT_COUNT, Le.u16(raw, MNT_COUNT) + 1);
    }

    void written(long seconds) {
        Le.put32(raw, WTIME, seconds);
    }

    void addKilobytes(long count) {
        Le.put64(raw, KBYTES_WRITTEN, Le.i64(raw, KBYTES_WRITTEN) + count);
    }

    void setNeedsRecovery(boolean needs) {
        int bits = Le.i32(raw, INCOMPAT) & ~Features.NEEDS_RECOVERY;
        Le.put32(raw, INCOMPAT, needs ? bits | Features.NEEDS_RECOVERY : bits);
    }

    void clearOrphanPresent() {
        Le.put32(raw, RO_COMPAT, Le.i32(raw, RO_COMPAT) & ~Features.ORPHAN_PRESENT);
    }

    void setLargeFile() {
        Le.put32(raw, RO_COMPAT, Le.i32(raw, RO_COMPAT) | Features.LARGE_FILE);
    }

    void setExtAttr() {
        Le.put32(raw, COMPAT, Le.i32(raw, COMPAT) | Features.EXT_ATTR);
    }

    long journalInum() {
        return Le.u32(raw, JOURNAL_INUM);
    }

    long lastOrphan() {
        return Le.u32(raw, LAST_ORPHAN);
    }

    void setLastOrphan(long ino) {
        Le.put32(raw, LAST_ORPHAN, ino);
    }

    long orphanFileInum() {
        return Le.u32(raw, ORPHAN_FILE_INUM);
    }

    int[] hashSeed() {
        var seeds = new int[4];
        for (int i = 0; i < 4; i++) {
            seeds[i] = Le.i32(raw, HASH_SEED + 4L * i);
        }
        return seeds;
    }

    /// The hash of new indexed directories, 0 to 2.
    int hashVersion() {
        return Le.u8(raw, DEF_HASH_VERSION);
    }

    /// Whether hashes take the bytes of names as unsigned.
    boolean isHashUnsigned() {
        return (Le.i32(raw, FLAGS) & FLAGS_UNSIGNED_HASH) != 0;
    }

    /// The bytes of an inode beyond the first 128 that new ones use.
    int wantExtraIsize() {
        if (inodeSize <= 128) {
            return 0;
        }
        int want = Le.u16(raw, WANT_EXTRA_ISIZE);
        boolean sane = want >= 32 && want <= inodeSize - 128 - 4 && want % 4 == 0;
        return sane ? want : Math.min(32, inodeSize - 128);
    }

    int groupsPerFlex() {
        int log = features.incompat(Features.FLEX_BG) ? Le.u8(raw, LOG_GROUPS_PER_FLEX) : 0;
        return log > 20 ? 1 : 1 << log;
    }

    String label() {
        byte[] name = Le.bytes(raw, VOLUME_NAME, 16);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    String uuid() {
        var text = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            text.append(i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "")
                    .append("%02x".formatted(Le.u8(raw, UUID + i)));
        }
        return text.toString();
    }

    DirHash hasher() {
        return new DirHash(hashVersion(), isHashUnsigned(), hashSeed());
    }

    /// The number of the type in directory entries.
    int typeOf(int mode) {
        return features.incompat(Features.FILETYPE) ? DirBlock.typeOf(mode) : 0;
    }

    long maxDirectoryBlocks() {
        return features.incompat(Features.LARGE_DIR) ? 1L << 28 : Integer.MAX_VALUE >>> logBlockSize;
    }
}
