// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The first twelve sectors, of which there is a copy behind them: where everything is. (exFAT specification 3.)
final class BootRegion {
    static final String MAGIC = "EXFAT   ";
    static final int NAME = 3;
    static final int LENGTH = 72;
    static final int FAT_OFFSET = 80;
    static final int FAT_LENGTH = 84;
    static final int HEAP_OFFSET = 88;
    static final int CLUSTERS = 92;
    static final int ROOT_CLUSTER = 96;
    static final int SERIAL = 100;
    static final int REVISION = 104;
    static final int FLAGS = 106;
    static final int SECTOR_SHIFT = 108;
    static final int CLUSTER_SHIFT = 109;
    static final int FATS = 110;
    static final int DRIVE = 111;
    static final int PERCENT = 112;
    static final int SIGNATURE = 510;
    static final int SIGNATURE_VALUE = 0xaa55;

    /// In the flags: which table counts, where there are two; and that it is mounted, or was not unmounted.
    static final int SECOND_FAT = 1;

    static final int DIRTY = 2;

    /// Sectors of the region; the last one has the sum of the others.
    static final int SECTORS = 12;

    private static final int SIZE = 512;
    private static final int ZEROS_AT = 11;
    private static final int ZEROS = 53;
    private static final int MAX_SECTOR_SHIFT = 12;
    private static final int MAX_CLUSTER_SHIFT = 25;
    private static final int MAX_CLUSTERS = Integer.MAX_VALUE - 16; // the format has twice as many

    final MemorySegment raw;
    final int sectorSize;
    final long sectors;
    final long fatStart;
    final Clusters.Layout layout;
    final int rootCluster;

    private BootRegion(MemorySegment raw) throws ErrnoException {
        this.raw = raw;
        int sectorShift = Le.u8(raw, SECTOR_SHIFT);
        int clusterShift = Le.u8(raw, CLUSTER_SHIFT);
        require(sectorShift >= 9 && sectorShift <= MAX_SECTOR_SHIFT, "size of sectors");
        require(sectorShift + clusterShift <= MAX_CLUSTER_SHIFT, "size of clusters");
        sectorSize = 1 << sectorShift;
        sectors = Le.i64(raw, LENGTH);
        require(sectors > 0 && sectors <= Long.MAX_VALUE >> sectorShift, "number of sectors");
        int fats = Le.u8(raw, FATS);
        require(fats == 1 || fats == 2, "number of tables");
        long fatLength = Le.u32(raw, FAT_LENGTH);
        int active = fats == 2 ? Le.u16(raw, FLAGS) & SECOND_FAT : 0;
        long fatSector = Le.u32(raw, FAT_OFFSET) + active * fatLength;
        long heapSector = Le.u32(raw, HEAP_OFFSET);
        long count = Le.u32(raw, CLUSTERS);
        require(Le.u32(raw, FAT_OFFSET) >= 2 * SECTORS, "place of the table");
        require(heapSector >= Le.u32(raw, FAT_OFFSET) + fats * fatLength, "place of the clusters");
        require(count > 0 && count <= MAX_CLUSTERS, "number of clusters");
        require((count + 2) * 4 <= fatLength * sectorSize, "size of the table");
        require(heapSector + (count << clusterShift) <= sectors, "number of clusters or sectors");
        fatStart = fatSector << sectorShift;
        layout = new Clusters.Layout(heapSector << sectorShift, 1 << sectorShift + clusterShift, (int) count);
        long root = Le.u32(raw, ROOT_CLUSTER);
        require(root >= 2 && root - 2 < count, "cluster of the root directory");
        rootCluster = (int) root;
    }

    private static void require(boolean good, String what) throws ErrnoException {
        if (!good) {
            throw EUCLEAN.error("boot sector: bad %s", what);
        }
    }

    private static boolean hasMagic(MemorySegment raw) {
        MemorySegment zeros = MemorySegment.ofArray(new byte[ZEROS]);
        return new String(Le.bytes(raw, NAME, MAGIC.length()), US_ASCII).equals(MAGIC)
                && Le.u16(raw, SIGNATURE) == SIGNATURE_VALUE
                && Le.u16(raw, REVISION) >> 8 == 1
                && raw.asSlice(ZEROS_AT, ZEROS).mismatch(zeros) < 0;
    }

    /// @throws IOException EINVAL if there is no exFAT, EUCLEAN if what it says makes no sense
    static BootRegion read(BlockDevice device) throws IOException {
        return readAt(device, 0);
    }

    /// What begins at `off`: the region or its copy.
    private static BootRegion readAt(BlockDevice device, long off) throws IOException {
        if (device.size() < off + Math.max(SIZE, device.blockSize())) {
            throw EINVAL.error("too small for a file system");
        }
        MemorySegment raw = MemorySegment.ofArray(new byte[SIZE]);
        try (var disk = new ByteDisk(device)) {
            disk.read(raw, off);
        }
        if (!hasMagic(raw)) {
            throw EINVAL.error("no exFAT file system");
        }
        var boot = new BootRegion(raw);
        if (boot.sectors * boot.sectorSize > device.size()) {
            throw EUCLEAN.error("boot sector: the file system is larger than the device");
        }
        if (boot.sectorSize < device.blockSize()) {
            throw EUCLEAN.error(
                    "sectors of %d bytes on a device with blocks of %d", boot.sectorSize, device.blockSize());
        }
        return boot;
    }

    /// The copy, wherever it is: its place depends on the size of sectors, which is not to be trusted. Null if
    /// there is no good one.
    static @Nullable BootRegion readCopy(BlockDevice device) throws IOException {
        for (int size = SIZE; size <= 1 << MAX_SECTOR_SHIFT; size *= 2) {
            try {
                BootRegion boot = readAt(device, (long) SECTORS * size);
                if (boot.sectorSize == size && boot.hasGoodSum(device, SECTORS)) {
                    return boot;
                }
            } catch (ErrnoException e) {
                // not there
            }
        }
        return null;
    }

    /// Whether the sum in the last sector is that of the others.
    ///
    /// @param sector with which it begins: 0, or 12 for the copy
    boolean hasGoodSum(BlockDevice device, int sector) throws IOException {
        MemorySegment region = region(device, sector);
        int length = (SECTORS - 1) * sectorSize;
        int sum = Sums.ofBoot(region.asSlice(0, length));
        for (int at = length; at < region.byteSize(); at += 4) {
            if (Le.i32(region, at) != sum) {
                return false;
            }
        }
        return true;
    }

    /// All of its sectors.
    MemorySegment region(BlockDevice device, int sector) throws IOException {
        MemorySegment region = MemorySegment.ofArray(new byte[SECTORS * sectorSize]);
        try (var disk = new ByteDisk(device)) {
            disk.read(region, (long) sector * sectorSize);
        }
        return region;
    }

    boolean isDirty() {
        return (Le.u16(raw, FLAGS) & DIRTY) != 0;
    }

    /// As blkid(8) writes it: `1234-ABCD`.
    String serial() {
        String digits = String.format(Locale.ROOT, "%08X", Le.u32(raw, SERIAL));
        return digits.substring(0, 4) + "-" + digits.substring(4);
    }
}
