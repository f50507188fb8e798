// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import jpuffs.rump.disk.ImageFile;

/// The refcounts of a qcow2 file that is written: a table of blocks, in which each cluster of the file has its
/// count. A cluster with count 0 is free. Clusters are known by their number.
///
/// The owner's write lock guards it.
final class Qcow2Refcounts {
    private static final long MAX_CLUSTERS = 1L << 46;

    private final ImageFile file;
    private final int clusterBits;
    private final int order;
    private final int blockBits; // of the number of counts in a block
    private final TableCache blocks;
    private final LongPredicate isInUse;
    private long tableOffset;
    private ByteBuffer table;
    private long hint; // no cluster below is free
    private long end; // no cluster from here on was ever used
    private boolean tableChanged; // entries
    private boolean tableMoved;
    private final Set<Long> blockClusters = new HashSet<>();
    private final List<Long> oldTable = new ArrayList<>(); // clusters

    /// @param isInUse whether something that has no refcount of 0 in a sound image is in this cluster
    Qcow2Refcounts(ImageFile file, Qcow2Header header, LongPredicate isInUse) throws IOException {
        this.file = file;
        this.clusterBits = header.clusterBits();
        this.order = header.refcountOrder();
        this.blockBits = clusterBits + 3 - order;
        this.isInUse = isInUse;
        this.blocks = new TableCache(file, header.clusterSize(), "a refcount block");
        this.tableOffset = header.refcountOffset();
        this.end = file.length() + clusterSize() - 1 >>> clusterBits;
        int bytes = header.refcountClusters() << clusterBits;
        this.table = Tables.be(Tables.read(file, tableOffset, bytes, "the refcount table"));
        for (int entry = 0; entry < entries(); entry++) {
            long off = blockOffset(entry);
            if (off != 0) {
                blockClusters.add(off >>> clusterBits);
            }
        }
    }

    private long clusterSize() {
        return 1L << clusterBits;
    }

    private int entries() {
        return table.capacity() / 8;
    }

    /// How many clusters the table has room for.
    private long capacity() {
        return (long) entries() << blockBits;
    }

    private long blockOffset(long entry) throws IOException {
        long off = entry < entries() ? table.getLong((int) entry * 8) : 0;
        if ((off & (clusterSize() - 1)) != 0) {
            throw EUCLEAN.error("%s: a refcount block at %d", file.path(), off);
        }
        return off;
    }

    long get(long cluster) throws IOException {
        long off = blockOffset(cluster >>> blockBits);
        return off == 0 ? 0 : value(blocks.get(off).bytes(), within(cluster));
    }

    private int within(long cluster) {
        return (int) (cluster & (1L << blockBits) - 1);
    }

    private long value(ByteBuffer block, int index) {
        return switch (order) {
            case 3 -> block.get(index) & 0xffL;
            case 4 -> block.getShort(index * 2) & 0xffffL;
            case 5 -> block.getInt(index * 4) & 0xffffffffL;
            case 6 -> block.getLong(index * 8);
            default -> {
                int bit = index << order;
                yield block.get(bit >> 3) >> (bit & 7) & (1 << (1 << order)) - 1;
            }
        };
    }

    private void put(ByteBuffer block, int index, long value) {
        switch (order) {
            case 3 -> block.put(index, (byte) value);
            case 4 -> block.putShort(index * 2, (short) value);
            case 5 -> block.putInt(index * 4, (int) value);
            case 6 -> block.putLong(index * 8, value);
            default -> {
                int bit = index << order;
                int mask = (1 << (1 << order)) - 1 << (bit & 7);
                block.put(bit >> 3, (byte) (block.get(bit >> 3) & ~mask | (int) value << (bit & 7)));
            }
        }
    }

    /// Sets a count; makes the block where there is none.
    ///
    /// @throws IOException EUCLEAN if the format has no room for the number
    void set(long cluster, long count) throws IOException {
        if (order < 6 && count >>> (1 << order) != 0) {
            throw EUCLEAN.error("%s: a refcount of %d in %d bits", file.path(), count, 1 << order);
        }
        TableCache.Table block = block(cluster);
        put(block.bytes(), within(cluster), count);
        blocks.changed(block);
        if (count == 0) {
            hint = Math.min(hint, cluster);
        }
    }

    private TableCache.Table block(long cluster) throws IOException {
        long entry = cluster >>> blockBits;
        while (entry >= entries()) {
            grow();
        }
        long off = blockOffset(entry);
        if (off != 0) {
            return blocks.get(off);
        }
        return newBlock(entry);
    }

    /// A block behind all that there is, and its own count, there or elsewhere.
    private TableCache.Table newBlock(long entry) throws IOException {
        long place = end++;
        TableCache.Table block = blocks.put(place << clusterBits, new byte[(int) clusterSize()]);
        table.putLong((int) entry * 8, place << clusterBits);
        tableChanged = true;
        blockClusters.add(place);
        set(place, 1);
        return block;
    }

    /// Finds a free cluster and gives it the count 1.
    long allocate() throws IOException {
        for (long cluster = Math.max(hint, 1); cluster < MAX_CLUSTERS; cluster++) {
            long entry = cluster >>> blockBits;
            if (entry < entries() && blockOffset(entry) != 0 && get(cluster) != 0) {
                continue;
            }
            TableCache.Table block = block(cluster);
            if (value(block.bytes(), within(cluster)) != 0) {
                continue; // the block itself is there now
            }
            if (isInUse.test(cluster)) {
                throw EUCLEAN.error(
                        "%s: cluster %d is in use and has no refcount (qemu-img check -r all)", file.path(), cluster);
            }
            put(block.bytes(), within(cluster), 1);
            blocks.changed(block);
            hint = cluster + 1;
            end = Math.max(end, hint);
            return cluster;
        }
        throw EFBIG.error("%s cannot grow any more", file.path());
    }

    /// Takes one from a count.
    void release(long cluster) throws IOException {
        long count = get(cluster);
        if (count == 0) {
            throw EUCLEAN.error("%s: cluster %d is freed twice (qemu-img check -r all)", file.path(), cluster);
        }
        set(cluster, count - 1);
    }

    /// Makes a table of twice the size, behind all that there is, and counts it.
    private void grow() throws IOException {
        long first = Math.max(capacity(), end);
        int bytes = table.capacity() * 2;
        long clusters = (long) bytes >>> clusterBits;
        if (bytes < 0 || first + clusters + 4 >>> blockBits >= bytes / 8) {
            throw EFBIG.error("%s cannot grow any more", file.path());
        }
        for (int i = 0; i < table.capacity() >>> clusterBits; i++) {
            oldTable.add((tableOffset >>> clusterBits) + i);
        }
        table = Tables.be(new byte[bytes]).put(0, table, 0, table.capacity());
        tableOffset = first << clusterBits;
        tableMoved = true;
        end = first + clusters;
        for (long cluster = first; cluster < first + clusters; cluster++) {
            set(cluster, 1);
        }
    }

    boolean isFull() {
        return blocks.isFull();
    }

    boolean isDirty() {
        return blocks.isDirty() || tableChanged || tableMoved;
    }

    /// Writes what has changed, in an order that leaves a sound image at any time; what needs the new counts may be
    /// written after the next flush.
    void write() throws IOException {
        blocks.write();
        if (tableMoved) {
            file.write(Tables.all(table), tableOffset);
            file.flush();
            ByteBuffer place =
                    Tables.be(new byte[12]).putLong(0, tableOffset).putInt(8, table.capacity() >>> clusterBits);
            file.write(Tables.all(place), Qcow2Header.REFCOUNT_TABLE_AT);
        } else if (tableChanged) {
            file.flush();
            file.write(Tables.all(table), tableOffset);
        }
        tableMoved = false;
        tableChanged = false;
    }

    /// Clusters that became free when the table moved; to be released after the next flush.
    List<Long> takeOldTable() {
        List<Long> old = List.copyOf(oldTable);
        oldTable.clear();
        return old;
    }

    /// Whether counts are in this cluster.
    boolean isIn(long cluster) {
        long first = tableOffset >>> clusterBits;
        if (cluster >= first && cluster < first + (table.capacity() >>> clusterBits)) {
            return true;
        }
        return blockClusters.contains(cluster);
    }
}
