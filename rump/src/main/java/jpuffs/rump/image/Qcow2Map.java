// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// Where the clusters of a disk lie in a qcow2 file: an L1 table whose entries lead to L2 tables. Changes stay in
/// memory until [#writeL2] and [#writeL1].
///
/// The owner's lock guards it: shared to look, exclusive to change.
final class Qcow2Map {
    static final long COPIED = 1L << 63; // the only user of this cluster
    static final long COMPRESSED = 1L << 62;
    static final long ZERO = 1;
    static final long ALL = 0xffffffffL; // subclusters that are there
    private static final long OFFSET = 0x00fffffffffffe00L;
    private static final int SUBCLUSTERS = 32;

    private final ImageFile file;
    private final Qcow2Header header;
    private final long l1Offset;
    private final ByteBuffer l1;
    private final TableCache l2;
    private final int entryBytes;
    private boolean l1Changed;

    Qcow2Map(ImageFile file, Qcow2Header header, long l1Offset, int l1Size) throws IOException {
        this.file = file;
        this.header = header;
        this.l1Offset = l1Offset;
        this.l1 = Tables.be(Tables.read(file, l1Offset, l1Size * 8, "the L1 table"));
        this.l2 = new TableCache(file, header.clusterSize(), "an L2 table");
        this.entryBytes = header.l2EntryBytes();
    }

    /// What an L2 table says of a cluster.
    ///
    /// @param bitmap of its subclusters, the low half: is there, the high half: reads as zeros; 0 where the
    ///     image has none
    record Entry(long value, long bitmap) {
        static final Entry NONE = new Entry(0, 0);

        boolean isCompressed() {
            return (value & COMPRESSED) != 0;
        }

        /// Where the cluster is in the file; 0 if nowhere.
        long host() {
            return isCompressed() ? 0 : value & OFFSET;
        }

        /// Whether it is there and nobody else uses it.
        boolean isOwn() {
            return value < 0 && host() != 0;
        }
    }

    int l1Size() {
        return l1.capacity() / 8;
    }

    private int l1Index(long cluster) {
        return (int) (cluster / header.l2Entries());
    }

    private int l2Index(long cluster) {
        return (int) (cluster % header.l2Entries()) * entryBytes;
    }

    long l1Entry(int index) {
        return l1.getLong(index * 8);
    }

    /// Where the L2 table of an entry of L1 is; 0 if nowhere.
    long l2Offset(int index) throws ErrnoException {
        return aligned(l1Entry(index) & OFFSET, "an L2 table");
    }

    private long aligned(long off, String what) throws ErrnoException {
        if ((off & (header.clusterSize() - 1)) != 0) {
            throw EUCLEAN.error("%s: %s at %d is not at the beginning of a cluster", file.path(), what, off);
        }
        return off;
    }

    /// What is known of a cluster of the disk.
    Entry get(long cluster) throws IOException {
        long off = l2Offset(l1Index(cluster));
        return off == 0 ? Entry.NONE : entry(l2.get(off).bytes(), l2Index(cluster));
    }

    private Entry entry(ByteBuffer table, int at) throws ErrnoException {
        var entry = new Entry(table.getLong(at), header.isExtended() ? table.getLong(at + 8) : 0);
        aligned(entry.host(), "a cluster");
        return entry;
    }

    /// All entries of one L2 table that is not in the cache.
    Entry[] entries(long l2Offset) throws IOException {
        ByteBuffer table = Tables.be(Tables.read(file, l2Offset, header.clusterSize(), "an L2 table"));
        var all = new Entry[header.l2Entries()];
        for (int i = 0; i < all.length; i++) {
            all[i] = entry(table, i * entryBytes);
        }
        return all;
    }

    /// The size in which content is known: of clusters, or of subclusters.
    int unit() {
        return header.isExtended() ? header.clusterSize() / SUBCLUSTERS : header.clusterSize();
    }

    /// What holds the bytes of the disk at `off`.
    ///
    /// @return up to the end of the unit, or of the cluster where all of it is alike
    Run find(long off) throws IOException {
        long cluster = off >>> header.clusterBits();
        long within = off & header.clusterSize() - 1;
        long left = header.clusterSize() - within;
        Entry entry = get(cluster);
        if (entry.isCompressed()) {
            return new Run(Run.Kind.COMPRESSED, entry.value(), left);
        }
        if (!header.isExtended()) {
            boolean zero = header.version() > 2 && (entry.value() & ZERO) != 0;
            Run.Kind kind = zero ? Run.Kind.ZERO : entry.host() == 0 ? Run.Kind.BACKING : Run.Kind.DATA;
            return new Run(kind, entry.host() + within, left);
        }
        int sub = (int) (within / unit());
        long toEnd = unit() - within % unit();
        if ((entry.bitmap() >>> SUBCLUSTERS + sub & 1) != 0) {
            return new Run(Run.Kind.ZERO, 0, toEnd);
        }
        boolean there = (entry.bitmap() >>> sub & 1) != 0;
        if (there && entry.host() == 0) {
            throw EUCLEAN.error("%s: subclusters of a cluster that is nowhere", file.path());
        }
        return new Run(there ? Run.Kind.DATA : Run.Kind.BACKING, entry.host() + within, toEnd);
    }

    /// Whether the bytes of this run are to be written where they are.
    boolean isWritable(Run run, long off) throws IOException {
        return run.kind() == Run.Kind.DATA && get(off >>> header.clusterBits()).isOwn();
    }

    /// Whether the table for this cluster is there and nobody else uses it: only then [#set].
    boolean hasOwnL2(long cluster) throws ErrnoException {
        return l1Entry(l1Index(cluster)) < 0 && l2Offset(l1Index(cluster)) != 0;
    }

    /// Puts a table for this cluster at `off`: a copy of the old one, or an empty one.
    ///
    /// @return where the old one is, which is used no longer; 0 if there was none
    long replaceL2(long cluster, long off) throws IOException {
        int index = l1Index(cluster);
        long old = l2Offset(index);
        l2.put(
                off,
                old == 0
                        ? new byte[header.clusterSize()]
                        : Tables.all(l2.get(old).bytes()).toArray(ValueLayout.JAVA_BYTE));
        l1.putLong(index * 8, off | COPIED);
        l1Changed = true;
        if (old != 0) {
            l2.forget(old);
        }
        return old;
    }

    void set(long cluster, Entry entry) throws IOException {
        TableCache.Table table = l2.get(l2Offset(l1Index(cluster)));
        table.bytes().putLong(l2Index(cluster), entry.value());
        if (header.isExtended()) {
            table.bytes().putLong(l2Index(cluster) + 8, entry.bitmap());
        }
        l2.changed(table);
    }

    /// The clusters of the file that an entry uses: the first, and how many.
    long[] clusters(Entry entry) {
        if (!entry.isCompressed()) {
            return new long[] {entry.host() >>> header.clusterBits(), entry.host() == 0 ? 0 : 1};
        }
        long first = compressedOffset(entry.value()) >>> header.clusterBits();
        long last = compressedOffset(entry.value()) + compressedBytes(entry.value()) - 1 >>> header.clusterBits();
        return new long[] {first, last - first + 1};
    }

    private int compressedShift() {
        return 62 - (header.clusterBits() - 8);
    }

    long compressedOffset(long value) {
        return value & (1L << compressedShift()) - 1;
    }

    /// At most: the end is told in sectors.
    int compressedBytes(long value) {
        long sectors = (value & COMPRESSED - 1) >>> compressedShift();
        return (int) ((sectors + 1) * 512 - (compressedOffset(value) & 511));
    }

    boolean isFull() {
        return l2.isFull();
    }

    boolean isDirty() {
        return l1Changed || l2.isDirty();
    }

    boolean isL1Changed() {
        return l1Changed;
    }

    void writeL2() throws IOException {
        l2.write();
    }

    void writeL1() throws IOException {
        if (l1Changed) {
            file.write(Tables.all(l1), l1Offset);
            l1Changed = false;
        }
    }
}
