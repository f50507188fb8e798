// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The places for entries in a directory: numbered from 0 on, 32 bytes each, in an area of their own or in
/// clusters. The first byte of a place that never was used is 0.
public final class Slots {
    /// The bytes of a place.
    public static final int SIZE = 32;

    private final Clusters clusters;
    private final @Nullable Chain chain; // null: an area
    private final long areaStart;
    private final int max;

    private Slots(Clusters clusters, @Nullable Chain chain, long areaStart, int max) {
        this.clusters = clusters;
        this.chain = chain;
        this.areaStart = areaStart;
        this.max = max;
    }

    /// In clusters, at most `max`.
    public static Slots of(Clusters clusters, Chain chain, int max) {
        return new Slots(clusters, chain, 0, max);
    }

    /// So many, in an area of the disk.
    public static Slots area(Clusters clusters, long start, int count) {
        return new Slots(clusters, null, start, count);
    }

    private int perCluster() {
        return clusters.size() / SIZE;
    }

    /// Its clusters; null if it lies in an area.
    public @Nullable Chain chain() {
        return chain;
    }

    /// How many there can be.
    public int max() {
        return max;
    }

    /// How many there are now.
    public int capacity() throws IOException {
        return chain == null ? max : (int) Math.min((long) chain.length() * perCluster(), max);
    }

    /// Where on the disk one is.
    public long offset(int slot) throws IOException {
        if (chain == null) {
            return areaStart + (long) slot * SIZE;
        }
        Run run = chain.from(slot / perCluster());
        if (run == null) {
            throw EUCLEAN.error("the directory of cluster %d ends before place %d", chain.first(), slot);
        }
        return clusters.offset(run.first()) + (long) slot % perCluster() * SIZE;
    }

    /// A copy of one.
    public MemorySegment read(int slot) throws IOException {
        long off = offset(slot);
        try (Buf buf = clusters.changes().read(off)) {
            return MemorySegment.ofArray(at(buf, off).toArray(JAVA_BYTE));
        }
    }

    /// A copy of one and of those that follow it in its sector.
    public MemorySegment readSector(int slot) throws IOException {
        long off = offset(slot);
        if (off % clusters.size() == 0) {
            clusters.changes().ahead(off, clusters.size());
        }
        try (Buf buf = clusters.changes().read(off)) {
            return MemorySegment.ofArray(
                    buf.data().asSlice(off % clusters.sectorSize()).toArray(JAVA_BYTE));
        }
    }

    private MemorySegment at(Buf buf, long off) {
        return buf.data().asSlice(off % clusters.sectorSize(), SIZE);
    }

    public void write(int slot, MemorySegment raw) throws IOException {
        long off = offset(slot);
        try (Buf buf = clusters.changes().read(off)) {
            clusters.changes().change(buf, Changes.Rank.ENTRY);
            at(buf, off).copyFrom(raw);
        }
    }

    public int firstByte(int slot) throws IOException {
        long off = offset(slot);
        try (Buf buf = clusters.changes().read(off)) {
            return Le.u8(at(buf, off), 0);
        }
    }

    /// Sets the first byte of one, which says what is there.
    public void mark(int slot, int firstByte) throws IOException {
        MemorySegment raw = read(slot);
        Le.put8(raw, 0, firstByte);
        write(slot, raw);
    }

    /// Takes a cluster for more, which [#adopt] adds.
    ///
    /// @throws IOException ENOSPC also if the directory is as large as can be
    Run take() throws IOException {
        if (chain == null || capacity() >= max) {
            throw ENOSPC.error("the directory is full");
        }
        return chain.take(1);
    }

    /// Makes room in a cluster that [#take] has answered.
    void adopt(Run run) throws IOException {
        if (chain != null) {
            chain.adopt(run);
        }
    }
}
