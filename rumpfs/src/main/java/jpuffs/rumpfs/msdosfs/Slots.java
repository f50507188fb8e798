// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import jpuffs.rumpfs.msdosfs.Fat.Run;
import org.jspecify.annotations.Nullable;

/// The places for entries in a directory: numbered from 0 on, 32 bytes each, in the area of the root directory or
/// in clusters.
final class Slots {
    /// So many a directory has at most. (FAT32 specification: 2 MiB.)
    static final int MAX = 65536;

    private final BootSector boot;
    private final Changes changes;
    private final @Nullable Chain chain; // null: the root's own area

    Slots(BootSector boot, Changes changes, @Nullable Chain chain) {
        this.boot = boot;
        this.changes = changes;
        this.chain = chain;
    }

    /// The chain of a directory that begins with that cluster.
    static Chain chain(BootSector boot, Fat fat, int cluster) {
        return new Chain(fat, cluster, Math.max(1, MAX / perCluster(boot)));
    }

    private static int perCluster(BootSector boot) {
        return boot.clusterSize / EntryRec.SIZE;
    }

    /// How many there are now.
    int capacity() throws IOException {
        return chain == null ? boot.rootSlots : chain.length() * perCluster(boot);
    }

    /// Where on the disk one is.
    long offset(int slot) throws IOException {
        if (chain == null) {
            return boot.rootStart + (long) slot * EntryRec.SIZE;
        }
        Run run = chain.from(slot / perCluster(boot));
        if (run == null) {
            throw EUCLEAN.error("the directory of cluster %d ends before place %d", chain.first(), slot);
        }
        return boot.offset(run.first()) + (long) slot % perCluster(boot) * EntryRec.SIZE;
    }

    /// A copy of one.
    EntryRec read(int slot) throws IOException {
        long off = offset(slot);
        if (off % boot.clusterSize == 0) {
            changes.ahead(off, boot.clusterSize);
        }
        try (Buf buf = changes.read(off)) {
            return new EntryRec(at(buf, off)).copy();
        }
    }

    private MemorySegment at(Buf buf, long off) {
        return buf.data().asSlice(off % boot.sectorSize, EntryRec.SIZE);
    }

    void write(int slot, MemorySegment raw) throws IOException {
        write(offset(slot), raw);
    }

    /// Writes an entry whose offset is known.
    void write(long off, MemorySegment raw) throws IOException {
        try (Buf buf = changes.read(off)) {
            changes.change(buf, Changes.Rank.ENTRY);
            at(buf, off).copyFrom(raw);
        }
    }

    /// Sets the first byte of one: it is removed, or the end.
    void mark(int slot, int firstByte) throws IOException {
        EntryRec rec = read(slot);
        Le.put8(rec.raw, 0, firstByte);
        write(slot, rec.raw);
    }

    /// Makes room for one more cluster's.
    ///
    /// @return that cluster, which the caller fills with zeros
    /// @throws IOException ENOSPC also if the directory is as large as can be
    int grow() throws IOException {
        if (chain == null || capacity() >= MAX) {
            throw ENOSPC.error("the directory is full");
        }
        return chain.append(1).first();
    }

    /// Fills the cluster of a new directory with zeros.
    static void clear(BootSector boot, Changes changes, int cluster) throws IOException {
        for (long at = 0; at < boot.clusterSize; at += boot.sectorSize) {
            try (Buf buf = changes.fresh(boot.offset(cluster) + at)) {
                buf.data().fill((byte) 0);
                changes.change(buf, Changes.Rank.CONTENT);
            }
        }
    }
}
