// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.rump.disk.ImageFile;
import org.jspecify.annotations.Nullable;

/// A disk in a qcow2 file, or a snapshot in one.
///
/// **Order of writes.** A cluster gets its refcount, then its content, then both are flushed, then the L2 tables
/// lead to it, then the L1 table to those, and only after the next flush is given up what was there before. So
/// whenever the power is cut, every table leads to what is there, and at worst some clusters have a count and no
/// user (`qemu-img check -r leaks`). Tables stay in memory until a flush, or until there are many changed ones.
final class Qcow2Disk extends MappedDisk {
    private final ImageFile file;
    private final Qcow2Header header;
    private final Qcow2Snapshot.Table snapshots;
    private final Qcow2Map map;
    private final long size;
    private final Qcow2Compressed compressed;
    private final @Nullable BlockDevice backing;
    private final @Nullable Qcow2Refcounts refcounts; // null: read-only
    private final List<Long> unused = new ArrayList<>(); // clusters to release after the next flush

    /// @param snapshot the name or id of one, which is read-only; empty for the disk as it is
    /// @param backing closed with this; null if there is none
    Qcow2Disk(ImageFile file, Qcow2Header header, String snapshot, @Nullable BlockDevice backing) throws IOException {
        super(file);
        this.file = file;
        this.header = header;
        this.backing = backing;
        this.snapshots = Qcow2Snapshot.read(file, header);
        this.compressed = new Qcow2Compressed(file, header);
        Qcow2Snapshot one = snapshot.isEmpty() ? null : snapshots.find(file, snapshot);
        long l1Offset = one == null ? header.l1Offset() : one.l1Offset();
        this.map = new Qcow2Map(file, header, l1Offset, one == null ? header.l1Size() : one.l1Size());
        this.size = (one == null ? header.size() : one.size()) + 511 & ~511L;
        this.refcounts = file.isReadOnly() || one != null ? null : writable();
    }

    private Qcow2Refcounts writable() throws IOException {
        if (header.isCorrupt()) {
            throw EUCLEAN.error("%s is marked as corrupt: qemu-img check -r all repairs it", file.path());
        }
        var counts = new Qcow2Refcounts(file, header, this::isInUse);
        if (header.isDirty()) {
            new Qcow2Repair(file, header, map, snapshots, counts).run();
        }
        if (header.autoclear() != 0) { // what others know of the content is not true any more
            file.write(MemorySegment.ofArray(new byte[8]), Qcow2Header.AUTOCLEAR_AT);
        }
        return counts;
    }

    /// Whether the header, or tables but those of L2, are in this cluster.
    private boolean isInUse(long cluster) {
        return cluster == 0
                || isWithin(cluster, header.l1Offset(), header.l1Size() * 8L)
                || isWithin(cluster, header.snapshotsOffset(), header.snapshots() == 0 ? 0 : snapshots.bytes())
                || refcounts != null && refcounts.isIn(cluster);
    }

    private boolean isWithin(long cluster, long off, long bytes) {
        long first = off >>> header.clusterBits();
        return bytes > 0 && cluster >= first && cluster <= off + bytes - 1 >>> header.clusterBits();
    }

    @Override
    public ImageInfo info() {
        String state = header.isCorrupt() ? "corrupt" : header.isDirty() ? "dirty" : "clean";
        return new ImageInfo(
                "qcow2",
                String.valueOf(header.version()),
                size,
                header.clusterSize(),
                header.backing(),
                state,
                header.features(),
                snapshots.all().stream().map(Qcow2Snapshot::name).toList());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean isReadOnly() {
        return refcounts == null;
    }

    @Override
    public boolean canTrim() {
        return !isReadOnly();
    }

    @Override
    Run map(long off) throws IOException {
        return map.find(off);
    }

    @Override
    long unit() {
        return header.clusterSize();
    }

    @Override
    MemorySegment unpack(Run run, long off) throws IOException {
        return compressed.cluster(map, run.at());
    }

    @Override
    void readBacking(MemorySegment dst, long off) throws IOException {
        long below = backing == null ? 0 : Math.clamp(backing.size() - off, 0, dst.byteSize());
        if (backing != null && below > 0) {
            backing.read(dst.asSlice(0, below), off);
        }
        dst.asSlice(below).fill((byte) 0);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        requireWritable();
        check(off, src.byteSize());
        for (long done = 0; done < src.byteSize(); ) {
            long n = writeInPlace(src.asSlice(done), off + done);
            done += n > 0 ? n : writeNew(src.asSlice(done), off + done);
        }
    }

    /// Writes what lies in clusters of our own.
    ///
    /// @return how many bytes, 0 if the first is in none
    private long writeInPlace(MemorySegment src, long off) throws IOException {
        return shared(() -> {
            Run run = map.find(off);
            if (!map.isWritable(run, off)) {
                return 0L;
            }
            while (run.length() < src.byteSize()) {
                Run next = map.find(off + run.length());
                if (!run.goesOnWith(next) || !map.isWritable(next, off + run.length())) {
                    break;
                }
                run = run.withLength(run.length() + next.length());
            }
            long count = Math.min(run.length(), src.byteSize());
            requireHarmless(run.at(), count);
            file.write(src.asSlice(0, count), run.at());
            return count;
        });
    }

    /// A damaged image may lead from the disk to its own tables.
    private void requireHarmless(long at, long count) throws ErrnoException {
        for (long cluster = at >>> header.clusterBits();
                cluster <= at + count - 1 >>> header.clusterBits();
                cluster++) {
            if (isInUse(cluster)) {
                throw EUCLEAN.error("%s: cluster %d is a table and data (qemu-img check)", file.path(), cluster);
            }
        }
    }

    /// Writes the first cluster's part of `src` to a cluster that is made our own.
    ///
    /// @return how many bytes
    private long writeNew(MemorySegment src, long off) throws IOException {
        return exclusive(() -> {
            long cluster = off >>> header.clusterBits();
            long within = off & header.clusterSize() - 1;
            long count = Math.min(src.byteSize(), header.clusterSize() - within);
            ownL2(cluster);
            Qcow2Map.Entry old = map.get(cluster);
            long host = old.isOwn() ? old.host() : counts().allocate() << header.clusterBits();
            requireHarmless(host, header.clusterSize());
            if (count == header.clusterSize()) {
                file.write(src.asSlice(0, count), host);
            } else {
                MemorySegment whole = content(cluster);
                MemorySegment.copy(src, 0, whole, within, count);
                file.write(whole, host);
            }
            replace(cluster, old, new Qcow2Map.Entry(host | Qcow2Map.COPIED, header.isExtended() ? Qcow2Map.ALL : 0));
            return count;
        });
    }

    private Qcow2Refcounts counts() throws ErrnoException {
        requireWritable();
        return Objects.requireNonNull(refcounts);
    }

    /// All of a cluster; what lies behind the end of the disk is zeros.
    private MemorySegment content(long cluster) throws IOException {
        MemorySegment whole = MemorySegment.ofArray(new byte[header.clusterSize()]);
        long off = cluster << header.clusterBits();
        readMapped(whole.asSlice(0, Math.min(whole.byteSize(), size - off)), off);
        return whole;
    }

    private void ownL2(long cluster) throws IOException {
        if (!map.hasOwnL2(cluster)) {
            long table = counts().allocate() << header.clusterBits();
            long old = map.replaceL2(cluster, table);
            if (old != 0) {
                unused.add(old >>> header.clusterBits());
            }
        }
    }

    /// Changes an entry, and gives up what it led to unless it still does.
    private void replace(long cluster, Qcow2Map.Entry old, Qcow2Map.Entry entry) throws IOException {
        map.set(cluster, entry);
        if (old.isCompressed() || old.host() != entry.host()) {
            long[] clusters = map.clusters(old);
            for (long i = 0; i < clusters[1]; i++) {
                unused.add(clusters[0] + i);
            }
        }
        if (map.isFull() || counts().isFull()) {
            sync();
        }
    }

    @Override
    public void zero(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        forEachCluster(off, len, true);
    }

    @Override
    public void trim(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        forEachCluster(off, len, false);
    }

    /// Gives up whole clusters, where they read as zeros then.
    ///
    /// @param exactly whether all of the range has to be zeros
    private void forEachCluster(long off, long len, boolean exactly) throws IOException {
        for (long done = 0; done < len; ) {
            long at = off + done;
            long within = at & header.clusterSize() - 1;
            long count = Math.min(len - done, header.clusterSize() - within);
            boolean whole = count == header.clusterSize() || within == 0 && at + count == size;
            if ((!whole || !giveUp(at >>> header.clusterBits())) && exactly) {
                super.zero(at, count);
            }
            done += count;
        }
    }

    private boolean giveUp(long cluster) throws IOException {
        if (header.version() < 3 && backing != null) {
            return false;
        }
        return exclusive(() -> {
            Qcow2Map.Entry old = map.get(cluster);
            Qcow2Map.Entry zero = zeroEntry();
            if (!old.equals(zero)) {
                ownL2(cluster);
                replace(cluster, old, zero);
            }
            return true;
        });
    }

    private Qcow2Map.Entry zeroEntry() {
        if (backing == null) {
            return Qcow2Map.Entry.NONE;
        }
        return header.isExtended() ? new Qcow2Map.Entry(0, Qcow2Map.ALL << 32) : new Qcow2Map.Entry(Qcow2Map.ZERO, 0);
    }

    @Override
    Extent backingExtent(long off, long len) throws IOException {
        return backing == null || off >= backing.size()
                ? Extent.hole(len)
                : backing.extent(off, Math.min(len, backing.size() - off));
    }

    @Override
    public void flush() throws IOException {
        if (!isReadOnly()) {
            exclusive(this::sync);
        }
    }

    private boolean sync() throws IOException {
        Qcow2Refcounts counts = counts();
        if (counts.isDirty()) {
            counts.write();
            unused.addAll(counts.takeOldTable());
        }
        if (map.isDirty()) {
            file.flush(); // counts and content are there
            map.writeL2();
            if (map.isL1Changed()) {
                file.flush();
                map.writeL1();
            }
        }
        file.flush();
        for (long cluster : unused) {
            counts.release(cluster);
        }
        if (!unused.isEmpty()) {
            compressed.forget();
            unused.clear();
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        try (file;
                BlockDevice _ = backing) {
            if (!isReadOnly()) {
                exclusive(this::end);
            }
        }
    }

    private boolean end() throws IOException {
        if (!unused.isEmpty() || counts().isDirty() || map.isDirty()) {
            sync();
            counts().write();
        }
        return true;
    }
}
