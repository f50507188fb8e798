// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSPC;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;

/// Makes an empty file system: the boot region and its copy, the table, and in the first clusters the bitmap, the
/// up-case table and the root directory.
final class Newfs {
    private static final long LEAST = 1 << 20; // (exFAT specification 3.1.5)
    private static final long ALIGNED = 64 << 20; // from this size on, everything begins at a whole MiB
    private static final long ALIGNMENT = 1 << 20;
    private static final int FIRST = 2;
    private static final long END = 0xffffffffL;
    private static final long MAX_CLUSTERS = Integer.MAX_VALUE - 16;
    private static final int EXTENDED = 8; // boot sectors behind the first
    private static final long EXTENDED_SIGNATURE = 0xaa550000L;

    private final NewfsOptions options;
    private final int sector;
    private final int cluster;
    private final long bytes;
    private final long fatStart;
    private long fatBytes;
    private long heapStart;
    private long clusters;
    private final MemorySegment table = UpCase.usual().bytes();

    private Newfs(NewfsOptions options, long size) throws ErrnoException {
        this.options = options;
        this.sector = options.sector();
        this.cluster = options.cluster();
        this.bytes = size / sector * sector;
        if (bytes < LEAST) {
            throw ENOSPC.error("too small for exFAT, which takes 1 MiB at least");
        }
        long alignment = bytes >= ALIGNED ? Math.max(ALIGNMENT, cluster) : cluster;
        this.fatStart = bytes >= ALIGNED ? ALIGNMENT : 2L * BootRegion.SECTORS * sector;
        layOut(alignment);
        if (clusters < usedClusters() + 1) {
            throw ENOSPC.error("too small for clusters of %d bytes", cluster);
        }
        if (clusters > MAX_CLUSTERS) {
            throw EINVAL.error("too large for clusters of %d bytes", cluster);
        }
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }

    private void layOut(long alignment) {
        long needed = sector;
        do {
            fatBytes = needed;
            heapStart = roundUp(fatStart + fatBytes, alignment);
            clusters = Math.max(0, (bytes - heapStart) / cluster);
            needed = roundUp((clusters + FIRST) * 4, sector);
        } while (needed > fatBytes);
    }

    private long bitmapBytes() {
        return (clusters + 7) / 8;
    }

    private long bitmapClusters() {
        return roundUp(bitmapBytes(), cluster) / cluster;
    }

    private long tableClusters() {
        return roundUp(table.byteSize(), cluster) / cluster;
    }

    private long usedClusters() {
        return bitmapClusters() + tableClusters() + 1;
    }

    static void make(BlockDevice device, NewfsOptions options, Rumpuser host) throws IOException {
        var newfs = new Newfs(options, device.size());
        long serial = options.serial();
        if (serial == 0) {
            var random = new byte[4];
            host.random(random);
            serial = Le.u32(MemorySegment.ofArray(random), 0);
        }
        try (var disk = new ByteDisk(device)) {
            newfs.write(disk, serial);
            disk.flush();
        }
    }

    private void write(ByteDisk disk, long serial) throws IOException {
        disk.zero(0, fatStart + fatBytes);
        disk.zero(heapStart, usedClusters() * cluster);
        writeTable(disk);
        writeBitmap(disk);
        disk.write(table, heapStart + bitmapClusters() * cluster);
        writeRoot(disk);
        MemorySegment region = region(serial);
        disk.write(region, region.byteSize());
        disk.flush();
        disk.write(region, 0);
    }

    /// Three chains, behind two entries that are no clusters.
    private void writeTable(ByteDisk disk) throws IOException {
        int entries = (int) (FIRST + usedClusters());
        MemorySegment fat = MemorySegment.ofArray(new byte[4 * entries]);
        Le.put32(fat, 0, 0xfffffff8L);
        Le.put32(fat, 4, END);
        long bitmapEnd = FIRST + bitmapClusters();
        long tableEnd = bitmapEnd + tableClusters();
        for (int i = FIRST; i < entries; i++) {
            boolean last = i + 1 == bitmapEnd || i + 1 == tableEnd || i + 1 == entries;
            Le.put32(fat, 4L * i, last ? END : i + 1);
        }
        disk.write(fat, fatStart);
    }

    private void writeBitmap(ByteDisk disk) throws IOException {
        int used = (int) usedClusters();
        MemorySegment bits = MemorySegment.ofArray(new byte[used / 8 + 1]);
        for (int i = 0; i < used; i++) {
            Le.put8(bits, i / 8, Le.u8(bits, i / 8) | 1 << i % 8);
        }
        disk.write(bits, heapStart);
    }

    private void writeRoot(ByteDisk disk) throws IOException {
        MemorySegment root = MemorySegment.ofArray(new byte[4 * Slots.SIZE]);
        int tableFirst = (int) (FIRST + bitmapClusters());
        root.asSlice(0, Slots.SIZE).copyFrom(RootScan.labelEntry(options.label()));
        root.asSlice(Slots.SIZE, Slots.SIZE).copyFrom(RootScan.bitmapEntry(FIRST, bitmapBytes()));
        root.asSlice(2 * Slots.SIZE, Slots.SIZE).copyFrom(RootScan.tableEntry(tableFirst, table));
        if (options.guid() != null) {
            root.asSlice(3 * Slots.SIZE, Slots.SIZE).copyFrom(RootScan.guidEntry(options.guid()));
        }
        disk.write(root, heapStart + (usedClusters() - 1) * cluster);
    }

    private MemorySegment region(long serial) {
        MemorySegment region = MemorySegment.ofArray(new byte[BootRegion.SECTORS * sector]);
        fillBoot(region, serial);
        for (int i = 1; i <= EXTENDED; i++) {
            Le.put32(region, (long) (i + 1) * sector - 4, EXTENDED_SIGNATURE);
        }
        int length = (BootRegion.SECTORS - 1) * sector;
        int sum = Sums.ofBoot(region.asSlice(0, length));
        for (int at = length; at < region.byteSize(); at += 4) {
            Le.put32(region, at, sum);
        }
        return region;
    }

    private void fillBoot(MemorySegment s, long serial) {
        Le.put8(s, 0, 0xeb); // a jump over the fields
        Le.put8(s, 1, 0x76);
        Le.put8(s, 2, 0x90);
        Le.putBytes(s, BootRegion.NAME, BootRegion.MAGIC.getBytes(US_ASCII));
        Le.put64(s, BootRegion.LENGTH, bytes / sector);
        Le.put32(s, BootRegion.FAT_OFFSET, fatStart / sector);
        Le.put32(s, BootRegion.FAT_LENGTH, fatBytes / sector);
        Le.put32(s, BootRegion.HEAP_OFFSET, heapStart / sector);
        Le.put32(s, BootRegion.CLUSTERS, clusters);
        Le.put32(s, BootRegion.ROOT_CLUSTER, FIRST + usedClusters() - 1);
        Le.put32(s, BootRegion.SERIAL, serial);
        Le.put16(s, BootRegion.REVISION, 0x100);
        Le.put8(s, BootRegion.SECTOR_SHIFT, Integer.numberOfTrailingZeros(sector));
        Le.put8(s, BootRegion.CLUSTER_SHIFT, Integer.numberOfTrailingZeros(cluster / sector));
        Le.put8(s, BootRegion.FATS, 1);
        Le.put8(s, BootRegion.DRIVE, 0x80); // a hard disk
        Le.put8(s, BootRegion.PERCENT, (int) (usedClusters() * 100 / clusters));
        Le.put16(s, BootRegion.SIGNATURE, BootRegion.SIGNATURE_VALUE);
    }
}
