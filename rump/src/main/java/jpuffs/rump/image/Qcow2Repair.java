// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import jpuffs.rump.disk.ImageFile;

/// Counts the users of each cluster again, in an image that was not closed by one who writes refcounts late
/// (`lazy_refcounts`).
final class Qcow2Repair {
    private static final long MAX_CLUSTERS = 1L << 24;
    private static final int CHUNK = 4096;

    private final ImageFile file;
    private final Qcow2Header header;
    private final Qcow2Map map;
    private final Qcow2Snapshot.Table snapshots;
    private final Qcow2Refcounts refcounts;
    private final long fileClusters;
    private final Map<Long, int[]> counts = new HashMap<>(); // by chunk

    Qcow2Repair(
            ImageFile file, Qcow2Header header, Qcow2Map map, Qcow2Snapshot.Table snapshots, Qcow2Refcounts refcounts) {
        this.file = file;
        this.header = header;
        this.map = map;
        this.snapshots = snapshots;
        this.refcounts = refcounts;
        this.fileClusters = (file.length() + header.clusterSize() - 1) >>> header.clusterBits();
    }

    /// Writes the counts and takes the mark away.
    ///
    /// @throws IOException EUCLEAN if tables lead out of the file, EFBIG for more than 16 million clusters
    void run() throws IOException {
        if (header.bitmaps()) {
            throw EOPNOTSUPP.error("%s is dirty and has bitmaps: qemu-img check -r all repairs it", file.path());
        }
        if (fileClusters > MAX_CLUSTERS) {
            throw EFBIG.error("%s is dirty and large: qemu-img check -r all repairs it", file.path());
        }
        use(0, 1);
        useBytes(header.snapshotsOffset(), header.snapshots() == 0 ? 0 : snapshots.bytes());
        useMap(map, header.l1Offset());
        for (Qcow2Snapshot each : snapshots.all()) {
            useMap(new Qcow2Map(file, header, each.l1Offset(), each.l1Size()), each.l1Offset());
        }
        for (long cluster = 0; cluster < fileClusters; cluster++) {
            if (refcounts.isIn(cluster)) {
                use(cluster, 1);
            }
        }
        for (long cluster = 0; cluster < fileClusters; cluster++) {
            int[] chunk = counts.get(cluster / CHUNK);
            int count = chunk == null ? 0 : chunk[(int) (cluster % CHUNK)];
            if (refcounts.get(cluster) != count) {
                refcounts.set(cluster, count);
            }
            if (refcounts.isFull()) {
                refcounts.write();
            }
        }
        refcounts.write();
        file.flush();
        byte[] features = new byte[8];
        Tables.be(features).putLong(0, header.incompatible() & ~Qcow2Header.DIRTY);
        file.write(MemorySegment.ofArray(features), Qcow2Header.INCOMPATIBLE_AT);
        file.flush();
    }

    private void useMap(Qcow2Map tables, long l1Offset) throws IOException {
        useBytes(l1Offset, tables.l1Size() * 8L);
        for (int i = 0; i < tables.l1Size(); i++) {
            long off = tables.l2Offset(i);
            if (off != 0) {
                use(off >>> header.clusterBits(), 1);
                for (Qcow2Map.Entry entry : tables.entries(off)) {
                    long[] clusters = tables.clusters(entry);
                    use(clusters[0], clusters[1]);
                }
            }
        }
    }

    private void useBytes(long off, long bytes) throws IOException {
        if (bytes > 0) {
            long first = off >>> header.clusterBits();
            use(first, (off + bytes - 1 >>> header.clusterBits()) - first + 1);
        }
    }

    private void use(long first, long count) throws IOException {
        for (long cluster = first; cluster < first + count; cluster++) {
            if (cluster >= fileClusters) {
                throw EUCLEAN.error("%s: cluster %d is behind the end of the file", file.path(), cluster);
            }
            counts.computeIfAbsent(cluster / CHUNK, _ -> new int[CHUNK])[(int) (cluster % CHUNK)]++;
        }
    }
}
