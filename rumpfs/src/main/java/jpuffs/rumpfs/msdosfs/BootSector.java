// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// The first sector: where everything is. Offsets are those of the FAT32 specification, "Boot Sector and BPB".
final class BootSector {
    static final int BYTES_PER_SECTOR = 11;
    static final int SECTORS_PER_CLUSTER = 13;
    static final int RESERVED = 14;
    static final int FATS = 16;
    static final int ROOT_ENTRIES = 17;
    static final int SECTORS_16 = 19;
    static final int MEDIA = 21;
    static final int FAT_SIZE_16 = 22;
    static final int SECTORS_32 = 32;
    static final int FAT_SIZE_32 = 36;
    static final int EXT_FLAGS = 40;
    static final int ROOT_CLUSTER = 44;
    static final int INFO_SECTOR = 48;
    static final int BACKUP_SECTOR = 50;
    static final int SIGNATURE = 510;
    static final int MAGIC = 0xaa55;

    /// Where FAT32 has what the others have 28 bytes before: drive, state, signature, id, label, name of the type.
    static final int EXTENSION_32 = 64;
    static final int EXTENSION_16 = 36;
    static final int STATE = 1;
    static final int EXTENSION_MAGIC = 2;
    static final int ID = 3;
    static final int LABEL = 7;
    static final int TYPE_NAME = 18;
    static final int HAS_ID = 0x29;

    /// In the state byte: it is mounted, or was not unmounted.
    static final int DIRTY = 1;

    private static final int SIZE = 512;
    private static final int MAX_SECTOR = 4096;
    private static final int MAX_CLUSTER = 256 << 10;
    private static final int NOT_MIRRORED = 0x80;
    private static final int SLOT = 32;

    final MemorySegment raw;
    final FatKind kind;
    final int sectorSize;
    final int clusterSize;

    /// How many clusters there are; their numbers begin with 2.
    final int clusters;

    final int fats;

    /// Which copy of the table counts, if not all do; else -1.
    final int activeFat;

    // In bytes from the beginning:
    final long fatStart;
    final long fatBytes;
    final long rootStart;
    final long dataStart;

    /// Places in the root directory where that has an area of its own; else 0, and it begins with [#rootCluster].
    final int rootSlots;

    final int rootCluster;

    /// The sector of free counts, or 0.
    final int infoSector;

    final int backupSector;
    final long sectors;

    private BootSector(MemorySegment raw) throws ErrnoException {
        this.raw = raw;
        sectorSize = Le.u16(raw, BYTES_PER_SECTOR);
        int perCluster = Le.u8(raw, SECTORS_PER_CLUSTER);
        require(isPower(sectorSize) && sectorSize >= SIZE && sectorSize <= MAX_SECTOR, "size of sectors");
        require(isPower(perCluster) && perCluster * sectorSize <= MAX_CLUSTER, "size of clusters");
        clusterSize = perCluster * sectorSize;
        int reserved = Le.u16(raw, RESERVED);
        fats = Le.u8(raw, FATS);
        require(reserved > 0 && fats > 0, "number of tables or reserved sectors");
        int small = Le.u16(raw, FAT_SIZE_16);
        boolean wide = small == 0;
        fatBytes = (wide ? Le.u32(raw, FAT_SIZE_32) : small) * sectorSize;
        fatStart = (long) reserved * sectorSize;
        rootStart = fatStart + fats * fatBytes;
        rootSlots = wide ? 0 : Le.u16(raw, ROOT_ENTRIES);
        long rootBytes = (long) rootSlots * SLOT;
        require(wide || rootSlots > 0 && rootBytes % sectorSize == 0, "size of the root directory");
        dataStart = rootStart + rootBytes;
        sectors = Le.u16(raw, SECTORS_16) != 0 ? Le.u16(raw, SECTORS_16) : Le.u32(raw, SECTORS_32);
        long count = (sectors * sectorSize - dataStart) / clusterSize;
        require(sectors * sectorSize > dataStart && count > 0, "number of sectors");
        kind = wide ? FatKind.FAT32 : count <= FatKind.FAT12.maxClusters ? FatKind.FAT12 : FatKind.FAT16;
        clusters = (int) Math.min(Math.min(count, kind.maxClusters), fatBytes * 8 / kind.bits - 2);
        require(clusters > 0, "size of the table");
        int flags = wide ? Le.u16(raw, EXT_FLAGS) : 0;
        activeFat = (flags & NOT_MIRRORED) != 0 ? flags & 15 : -1;
        require(activeFat < fats, "number of the active table");
        rootCluster = wide ? (int) Le.u32(raw, ROOT_CLUSTER) : 0;
        require(!wide || rootCluster >= 2 && rootCluster - 2 < clusters, "cluster of the root directory");
        infoSector = wide && Le.u16(raw, INFO_SECTOR) < reserved ? Le.u16(raw, INFO_SECTOR) : 0;
        backupSector = wide && Le.u16(raw, BACKUP_SECTOR) < reserved ? Le.u16(raw, BACKUP_SECTOR) : 0;
    }

    private static boolean isPower(int n) {
        return Integer.bitCount(n) == 1;
    }

    private static void require(boolean good, String what) throws ErrnoException {
        if (!good) {
            throw EUCLEAN.error("boot sector: bad %s", what);
        }
    }

    /// The first 512 bytes.
    private static MemorySegment readRaw(BlockDevice device) throws IOException {
        int length = Math.max(SIZE, device.blockSize());
        if (device.size() < length) {
            throw EINVAL.error("too small for a file system");
        }
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        device.read(bytes, 0);
        return bytes.asSlice(0, SIZE);
    }

    /// Whether it can be one of a FAT; what is behind it may still be nonsense.
    private static boolean hasMagic(MemorySegment raw) {
        int jump = Le.u8(raw, 0);
        return Le.u16(raw, SIGNATURE) == MAGIC
                && (jump == 0xeb || jump == 0xe9)
                && (Le.u8(raw, MEDIA) == 0xf0 || Le.u8(raw, MEDIA) >= 0xf8)
                && !text(raw, 3, 8).equals("NTFS")
                && !text(raw, 3, 8).equals("EXFAT");
    }

    /// @throws IOException EINVAL if there is no FAT, EUCLEAN if what it says makes no sense
    static BootSector read(BlockDevice device) throws IOException {
        MemorySegment raw = readRaw(device);
        if (!hasMagic(raw)) {
            throw EINVAL.error("no FAT file system");
        }
        var boot = new BootSector(raw);
        if (boot.dataStart + (long) boot.clusters * boot.clusterSize > device.size()) {
            throw EUCLEAN.error("boot sector: the file system is larger than the device");
        }
        if (boot.sectorSize < device.blockSize()) {
            throw EUCLEAN.error(
                    "sectors of %d bytes on a device with blocks of %d", boot.sectorSize, device.blockSize());
        }
        return boot;
    }

    int extension() {
        return kind == FatKind.FAT32 ? EXTENSION_32 : EXTENSION_16;
    }

    boolean isDirty() {
        return (Le.u8(raw, extension() + STATE) & DIRTY) != 0;
    }

    private boolean hasId() {
        return Le.u8(raw, extension() + EXTENSION_MAGIC) == HAS_ID;
    }

    String label() {
        String label = hasId() ? text(raw, extension() + LABEL, 11) : "";
        return label.equals("NO NAME") ? "" : label;
    }

    /// As blkid(8) writes it: `1234-ABCD`.
    String id() {
        if (!hasId()) {
            return "";
        }
        String digits = String.format(Locale.ROOT, "%08X", Le.u32(raw, extension() + ID));
        return digits.substring(0, 4) + "-" + digits.substring(4);
    }

    private static String text(MemorySegment s, int at, int length) {
        return new String(s.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1).strip();
    }
}
