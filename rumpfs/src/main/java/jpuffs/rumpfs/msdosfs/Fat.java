// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The table: for each cluster the next one of its file. All copies are written alike.
///
/// A cluster that was given back stays taken until the commit that makes its file forget it is durable; only then
/// it may be another's. Otherwise a crash could leave two files with one cluster.
final class Fat implements AutoCloseable {
    static final int FREE = 0;
    static final int END = -1;
    static final int BAD = -2;

    private static final int AHEAD = 64 << 10;

    private final BootSector boot;
    private final Changes changes;
    private final int active;
    private @Nullable Buf current; // the last sector used, held
    private long currentSector = -1;
    private int hint = 2;
    private int free; // clusters that can be taken now
    private boolean counted;
    private int waiting; // clusters given back since the last commit
    private final List<Run> given = new ArrayList<>();

    /// Clusters that lie side by side.
    record Run(int first, int count) {
        int end() {
            return first + count;
        }
    }

    Fat(BootSector boot, Changes changes) {
        this.boot = boot;
        this.changes = changes;
        this.active = Math.max(boot.activeFat, 0);
    }

    private Buf sector(long off) throws IOException {
        long sector = off / boot.sectorSize;
        Buf held = current;
        if (held == null || sector != currentSector) {
            close();
            held = changes.read(off);
            current = held;
            currentSector = sector;
        }
        return held;
    }

    /// Lets the sector go that it holds.
    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    private int byteAt(long off) throws IOException {
        return Le.u8(sector(off).data(), off % boot.sectorSize);
    }

    /// The bits of an entry of one copy.
    private int raw(int copy, int cluster) throws IOException {
        long base = boot.fatStart + copy * boot.fatBytes;
        long off = base + cluster * (long) boot.kind.bits / 8;
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

    /// What a copy says of a cluster: the next, [#FREE], [#END] or [#BAD]. (FAT32 specification, "FAT Data
    /// Structure".)
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

    /// The cluster that follows, or [#END].
    ///
    /// @throws IOException EUCLEAN if there is neither
    int next(int cluster) throws IOException {
        int next = get(cluster);
        if (next != END && !boot.isCluster(next)) {
            throw EUCLEAN.error("cluster %d: what follows is %d", cluster, next);
        }
        return next;
    }

    /// Sets an entry in all copies.
    ///
    /// @param value the next cluster, [#FREE] or [#END]
    void set(int cluster, int value) throws IOException {
        int bits = value == END ? boot.kind.mask : value;
        for (int copy = 0; copy < boot.fats; copy++) {
            if (boot.activeFat < 0 || boot.activeFat == copy) {
                put(copy, cluster, bits);
            }
        }
    }

    private void putByte(long off, int keep, int bits) throws IOException {
        Buf buf = sector(off);
        long at = off % boot.sectorSize;
        changes.change(buf, Changes.Rank.TABLE);
        Le.put8(buf.data(), at, Le.u8(buf.data(), at) & keep | bits);
    }

    private void put(int copy, int cluster, int bits) throws IOException {
        long base = boot.fatStart + copy * boot.fatBytes;
        long off = base + cluster * (long) boot.kind.bits / 8;
        if (boot.kind == FatKind.FAT12) {
            boolean even = cluster % 2 == 0;
            putByte(off, even ? 0 : 0x0f, even ? bits & 0xff : bits << 4 & 0xf0);
            putByte(off + 1, even ? 0xf0 : 0, even ? bits >> 8 : bits >> 4);
            return;
        }
        Buf buf = sector(off);
        long at = off % boot.sectorSize;
        changes.change(buf, Changes.Rank.TABLE);
        if (boot.kind == FatKind.FAT16) {
            Le.put16(buf.data(), at, bits);
        } else {
            Le.put32(buf.data(), at, Le.u32(buf.data(), at) & 0xf0000000L | bits);
        }
    }

    /// The bits of entry 1 that say the file system was unmounted; FAT12 has none.
    void setClean(boolean clean) throws IOException {
        if (boot.kind == FatKind.FAT12) {
            return;
        }
        int bit = boot.kind == FatKind.FAT16 ? 0x8000 : 0x8000000;
        for (int copy = 0; copy < boot.fats; copy++) {
            int raw = raw(copy, 1);
            put(copy, 1, clean ? raw | bit : raw & ~bit);
        }
    }

    // What is free

    /// The clusters that files do not have.
    int free() throws IOException {
        return available() + waiting;
    }

    private int available() throws IOException {
        if (!counted) {
            free = 0;
            for (int cluster = 2; cluster < boot.clusters + 2; cluster++) {
                if (boot.kind != FatKind.FAT12 && cluster * (long) boot.kind.bits / 8 % AHEAD == 0) {
                    ahead(cluster);
                }
                free += get(cluster) == FREE ? 1 : 0;
            }
            counted = true;
        }
        return free;
    }

    private void ahead(int cluster) {
        long off = boot.fatStart + active * boot.fatBytes + cluster * (long) boot.kind.bits / 8;
        changes.ahead(off / boot.sectorSize * boot.sectorSize, AHEAD);
    }

    /// Believes a count of the clusters that are free, and where to look for them.
    void believe(long count, long next) {
        if (count >= 0 && count <= boot.clusters) {
            free = (int) count;
            counted = true;
        }
        hint = next >= 2 && next < boot.clusters + 2 ? (int) next : 2;
    }

    int hint() {
        return hint;
    }

    /// Whether a commit would let more clusters be taken.
    boolean isWaiting() {
        return waiting > 0;
    }

    boolean isLarge() {
        return given.size() > 1 << 16;
    }

    /// Takes clusters side by side, chained, the last one an end.
    ///
    /// @param near where they should begin, or 0
    /// @param want at most so many, at least one
    /// @throws IOException ENOSPC
    Run take(int near, int want) throws IOException {
        if (available() <= 0) {
            counted = false; // what was believed may be wrong
        }
        int first = available() <= 0 ? 0 : findFree(near != 0 && boot.isCluster(near) ? near : hint);
        if (first == 0) {
            counted = false;
            throw ENOSPC.error();
        }
        int count = 1;
        while (count < want && boot.isCluster(first + count) && get(first + count) == FREE) {
            count++;
        }
        for (int i = 0; i < count; i++) {
            set(first + i, i + 1 < count ? first + i + 1 : END);
        }
        free -= count;
        hint = boot.isCluster(first + count) ? first + count : 2;
        return new Run(first, count);
    }

    /// The next free cluster from `start` on, around the end; 0 if there is none.
    private int findFree(int start) throws IOException {
        int cluster = start;
        for (int i = 0; i < boot.clusters; i++) {
            if (get(cluster) == FREE) {
                return cluster;
            }
            cluster = boot.isCluster(cluster + 1) ? cluster + 1 : 2;
        }
        return 0;
    }

    /// Gives a chain back.
    ///
    /// @param first its first cluster, or 0 for none
    /// @throws IOException EUCLEAN where it is damaged; what comes before is given back
    void give(int first) throws IOException {
        int cluster = first;
        int start = first;
        int count = 0;
        while (cluster != FREE && cluster != END) {
            if (!boot.isCluster(cluster) || count >= boot.clusters) {
                throw EUCLEAN.error("the chain of cluster %d is damaged at %d", first, cluster);
            }
            int next = get(cluster);
            count++;
            if (next != cluster + 1) {
                given.add(new Run(start, cluster + 1 - start));
                waiting += cluster + 1 - start;
                start = next;
            }
            if (next == FREE || next == BAD) {
                throw EUCLEAN.error("the chain of cluster %d ends in nothing at %d", first, cluster);
            }
            cluster = next;
        }
    }

    /// What was given back is free: the commit that forgot it is durable.
    void committed() throws IOException {
        List<Run> runs = List.copyOf(given);
        given.clear();
        waiting = 0;
        for (Run run : runs) {
            for (int cluster = run.first; cluster < run.end(); cluster++) {
                if (get(cluster) != FREE) { // in two chains, on a damaged disk
                    set(cluster, FREE);
                    free++;
                }
            }
        }
    }

    /// @throws ErrnoException EUCLEAN
    void requireCluster(int cluster) throws ErrnoException {
        if (!boot.isCluster(cluster)) {
            throw EUCLEAN.error("cluster %d: there is none", cluster);
        }
    }
}
