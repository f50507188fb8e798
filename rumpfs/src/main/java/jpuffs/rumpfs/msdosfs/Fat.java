// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.Directory;
import jpuffs.rumpfs.fat.Run;
import jpuffs.rumpfs.io.Le;

/// The table: for each cluster the next one of its file. All copies are written alike. (FAT32 specification, "FAT
/// Data Structure".)
final class Fat extends Clusters {
    static final int FREE = 0;
    static final int BAD = -2;

    private final BootSector boot;
    private final int active;

    Fat(BootSector boot, Changes changes) {
        super(new Layout(boot.dataStart, boot.clusterSize, boot.clusters), changes, boot.sectorSize);
        this.boot = boot;
        this.active = Math.max(boot.activeFat, 0);
    }

    private long entryOffset(int copy, int cluster) {
        return boot.fatStart + copy * boot.fatBytes + cluster * (long) boot.kind.bits / 8;
    }

    /// The bits of an entry of one copy.
    private int raw(int copy, int cluster) throws IOException {
        long off = entryOffset(copy, cluster);
        long at = off % boot.sectorSize;
        return switch (boot.kind) {
            case FAT12 -> {
                int both = byteAt(off) | byteAt(off + 1) << 8; // may lie in two sectors
                yield cluster % 2 == 0 ? both & 0xfff : both >> 4;
            }
            case FAT16 -> Le.u16(sector(off).data(), at);
            case FAT32 -> (int) Le.u32(sector(off).data(), at) & boot.kind.mask;
        };
    }

    /// What a copy says of a cluster: the next, [#FREE], [#END] or [#BAD].
    int get(int copy, int cluster) throws IOException {
        int raw = raw(copy, cluster);
        if (raw >= boot.kind.mask - 7) {
            return END;
        }
        return raw == boot.kind.mask - 8 ? BAD : raw;
    }

    /// What the table says of a cluster of this file system.
    int get(int cluster) throws IOException {
        return get(active, cluster);
    }

    @Override
    public int next(int cluster) throws IOException {
        int next = get(cluster);
        if (next != END && !isCluster(next)) {
            throw EUCLEAN.error("cluster %d: what follows is %d", cluster, next);
        }
        return next;
    }

    /// Sets an entry in all copies.
    ///
    /// @param value the next cluster, [#FREE], [#END] or [#BAD]
    void set(int cluster, int value) throws IOException {
        for (int copy = 0; copy < boot.fats; copy++) {
            if (isKept(copy)) {
                put(copy, cluster, bits(value));
            }
        }
    }

    private boolean isKept(int copy) {
        return boot.activeFat < 0 || boot.activeFat == copy;
    }

    private int bits(int value) {
        return value == END ? boot.kind.mask : value == BAD ? boot.kind.mask - 8 : value;
    }

    private void put(int copy, int cluster, int bits) throws IOException {
        long off = entryOffset(copy, cluster);
        if (boot.kind == FatKind.FAT12) {
            boolean even = cluster % 2 == 0;
            putByte(off, even ? 0 : 0x0f, even ? bits & 0xff : bits << 4 & 0xf0);
            putByte(off + 1, even ? 0xf0 : 0, even ? bits >> 8 : bits >> 4);
            return;
        }
        Buf buf = sector(off);
        long at = off % boot.sectorSize;
        changes().change(buf, Changes.Rank.TABLE);
        if (boot.kind == FatKind.FAT16) {
            Le.put16(buf.data(), at, bits);
        } else {
            Le.put32(buf.data(), at, Le.u32(buf.data(), at) & 0xf0000000L | bits);
        }
    }

    /// The bit of entry 1 that says the file system was unmounted; FAT12 has none.
    private int cleanBit() {
        return switch (boot.kind) {
            case FAT12 -> 0;
            case FAT16 -> 0x8000;
            case FAT32 -> 0x8000000;
        };
    }

    /// Whether all copies say that it was unmounted.
    boolean isClean() throws IOException {
        boolean clean = true;
        for (int copy = 0; copy < boot.fats; copy++) {
            clean &= (raw(copy, 1) & cleanBit()) == cleanBit();
        }
        return clean;
    }

    void setClean(boolean clean) throws IOException {
        for (int copy = 0; copy < boot.fats && cleanBit() != 0; copy++) {
            int raw = raw(copy, 1);
            put(copy, 1, clean ? raw | cleanBit() : raw & ~cleanBit());
        }
    }

    // For Clusters

    @Override
    protected boolean isFree(int cluster) throws IOException {
        ahead(entryOffset(active, cluster));
        return get(cluster) == FREE;
    }

    /// The entry may lie in two sectors, as one of 341 of FAT12 does: a crash may leave half of it.
    @Override
    protected boolean isAwkward(int cluster) {
        return boot.kind == FatKind.FAT12 && cluster * 3 / 2 % Directory.ATOM == Directory.ATOM - 1;
    }

    @Override
    protected void taken(Run run) throws IOException {
        chain(run);
    }

    @Override
    protected void release(int cluster) throws IOException {
        set(cluster, FREE);
    }

    @Override
    public void chain(Run run) throws IOException {
        for (int copy = 0; copy < boot.fats; copy++) {
            for (int cluster = run.first(); isKept(copy) && cluster < run.end(); cluster++) {
                put(copy, cluster, bits(cluster + 1 < run.end() ? cluster + 1 : END));
            }
        }
    }

    @Override
    public void link(int cluster, int next) throws IOException {
        set(cluster, next);
    }
}
