// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSPC;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;

/// Makes an empty file system.
final class Newfs {
    private static final int MEDIA = 0xf8;
    private static final int ROOT_ENTRIES = 512;
    private static final int RESERVED_32 = 32;
    private static final int BACKUP = 6;
    private static final int TRACK = 32; // sectors, and heads below: any that divide, for programs that count so
    private static final int HEADS = 8;
    private static final long MAX_SECTORS = 0xffff_ffffL;

    private final NewfsOptions options;
    private final FatKind kind;
    private final int sector;
    private final long sectors;
    private final int reserved;
    private final int rootSectors;
    private int perCluster;
    private long tableSectors;
    private long clusters;

    private Newfs(NewfsOptions options, long bytes) throws ErrnoException {
        this.options = options;
        this.kind = options.kind();
        this.sector = options.sector();
        this.sectors = Math.min(bytes / sector / TRACK * TRACK, MAX_SECTORS / TRACK * TRACK);
        boolean wide = kind == FatKind.FAT32;
        this.reserved = wide ? RESERVED_32 : 1;
        this.rootSectors = wide ? 0 : ROOT_ENTRIES * Slots.SIZE / sector;
        choose();
    }

    static void make(BlockDevice device, NewfsOptions options, Rumpuser host) throws IOException {
        var newfs = new Newfs(options, device.size());
        long id = options.id();
        if (id == 0) {
            var random = new byte[4];
            host.random(random);
            id = Le.u32(MemorySegment.ofArray(random), 0);
        }
        try (var disk = new ByteDisk(device)) {
            newfs.write(disk, id, host);
            disk.flush();
        }
    }

    /// The least number of clusters that are of this width and not of the next smaller one.
    private int minClusters() {
        return switch (kind) {
            case FAT12 -> 1;
            case FAT16 -> FatKind.FAT12.maxClusters + 1;
            case FAT32 -> FatKind.FAT16.maxClusters + 1;
        };
    }

    /// The size of a cluster, and what follows from it.
    private void choose() throws ErrnoException {
        if (options.cluster() != 0) {
            layOut(options.cluster() / sector);
            if (clusters < minClusters() || clusters > kind.maxClusters) {
                throw EINVAL.error(
                        "%s has %d to %d clusters, and with that size there are %d",
                        kind, minClusters(), kind.maxClusters, Math.max(clusters, 0));
            }
            return;
        }
        layOut(Math.max(1, usual() / sector));
        while (clusters > kind.maxClusters && perCluster < 128) {
            layOut(perCluster * 2);
        }
        while (clusters < minClusters() && perCluster > 1) {
            layOut(perCluster / 2);
        }
        if (clusters < minClusters()) {
            throw ENOSPC.error("too small for %s", kind);
        }
        if (clusters > kind.maxClusters) {
            throw EINVAL.error("too large for %s", kind);
        }
    }

    /// Bytes of a cluster, as mkfs.fat(8) has them.
    private int usual() {
        if (kind != FatKind.FAT32) {
            return kind == FatKind.FAT12 ? 512 : 2048;
        }
        long megabytes = sectors * sector >> 20;
        return megabytes <= 260
                ? 512
                : megabytes <= 8 << 10 ? 4096 : megabytes <= 16 << 10 ? 8192 : megabytes <= 32 << 10 ? 16384 : 32768;
    }

    private void layOut(int sectorsPerCluster) {
        perCluster = sectorsPerCluster;
        long rest = sectors - reserved - rootSectors;
        tableSectors = 0;
        long needed = 1;
        while (needed > tableSectors) {
            tableSectors = needed;
            clusters = (rest - options.fats() * tableSectors) / perCluster;
            needed = (kind.tableBytes(Math.max(clusters, 0)) + sector - 1) / sector;
        }
    }

    private void write(ByteDisk disk, long id, Rumpuser host) throws IOException {
        long tables = (long) reserved * sector;
        long root = tables + options.fats() * tableSectors * sector;
        disk.zero(0, root + (kind == FatKind.FAT32 ? perCluster : rootSectors) * (long) sector);
        for (int i = 0; i < options.fats(); i++) {
            disk.write(firstEntries(), tables + i * tableSectors * sector);
        }
        if (!options.label().isEmpty()) {
            EntryRec label = EntryRec.of(kind, host.zone(), padded(options.label(), 11), EntryRec.ATTR_VOLUME);
            label.setModified(host.now());
            disk.write(label.raw, root);
        }
        MemorySegment boot = bootSector(id);
        if (kind == FatKind.FAT32) {
            MemorySegment info = MemorySegment.ofArray(new byte[512]);
            InfoSector.make(info, (int) clusters - 1, 3);
            disk.write(info, sector);
            disk.write(info, (BACKUP + 1L) * sector);
            disk.write(boot, (long) BACKUP * sector);
        }
        disk.flush();
        disk.write(boot, 0);
    }

    /// Of cluster 0 and 1, which there are not, and with FAT32 of the root directory.
    private MemorySegment firstEntries() {
        MemorySegment entries = MemorySegment.ofArray(new byte[12]);
        switch (kind) {
            case FAT12 -> Le.put32(entries, 0, 0xfff000 | kind.mask & 0xf00 | MEDIA);
            case FAT16 -> Le.put32(entries, 0, 0xffff0000L | 0xff00 | MEDIA);
            case FAT32 -> {
                Le.put32(entries, 0, 0x0fffff00 | MEDIA);
                Le.put32(entries, 4, kind.mask);
                Le.put32(entries, 8, kind.mask);
            }
        }
        return entries;
    }

    private static byte[] padded(String text, int length) {
        byte[] bytes = Arrays.copyOf(text.getBytes(US_ASCII), length);
        Arrays.fill(bytes, text.length(), length, (byte) ' ');
        return bytes;
    }

    private static void put(MemorySegment s, int at, byte... bytes) {
        MemorySegment.copy(bytes, 0, s, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private MemorySegment bootSector(long id) {
        MemorySegment s = MemorySegment.ofArray(new byte[512]);
        boolean wide = kind == FatKind.FAT32;
        put(s, 0, (byte) 0xeb, (byte) (wide ? 0x58 : 0x3c), (byte) 0x90);
        put(s, 3, padded("JPUFFS", 8));
        Le.put16(s, BootSector.BYTES_PER_SECTOR, sector);
        Le.put8(s, BootSector.SECTORS_PER_CLUSTER, perCluster);
        Le.put16(s, BootSector.RESERVED, reserved);
        Le.put8(s, BootSector.FATS, options.fats());
        Le.put16(s, BootSector.ROOT_ENTRIES, wide ? 0 : ROOT_ENTRIES);
        boolean few = !wide && sectors < 0x10000;
        Le.put16(s, BootSector.SECTORS_16, few ? (int) sectors : 0);
        Le.put32(s, BootSector.SECTORS_32, few ? 0 : sectors);
        Le.put8(s, BootSector.MEDIA, MEDIA);
        Le.put16(s, 24, TRACK);
        Le.put16(s, 26, HEADS);
        Le.put16(s, BootSector.FAT_SIZE_16, wide ? 0 : (int) tableSectors);
        if (wide) {
            Le.put32(s, BootSector.FAT_SIZE_32, tableSectors);
            Le.put32(s, BootSector.ROOT_CLUSTER, 2);
            Le.put16(s, BootSector.INFO_SECTOR, 1);
            Le.put16(s, BootSector.BACKUP_SECTOR, BACKUP);
        }
        int extension = wide ? BootSector.EXTENSION_32 : BootSector.EXTENSION_16;
        Le.put8(s, extension, 0x80); // a hard disk
        Le.put8(s, extension + BootSector.EXTENSION_MAGIC, BootSector.HAS_ID);
        Le.put32(s, extension + BootSector.ID, id);
        put(s, extension + BootSector.LABEL, padded(options.label().isEmpty() ? "NO NAME" : options.label(), 11));
        put(s, extension + BootSector.TYPE_NAME, padded(kind.name(), 8));
        Le.put16(s, BootSector.SIGNATURE, BootSector.MAGIC);
        return s;
    }
}
