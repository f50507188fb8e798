// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Changes;
import jpuffs.rumpfs.fat.Clusters;
import jpuffs.rumpfs.fat.Run;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The allocation bitmap, which says what is free, and the table, which says what follows a cluster in files that
/// do not lie in one piece. What the table has for other clusters means nothing. (exFAT specification 4.1, 7.1.)
final class Heap extends Clusters {
    private static final long LAST = 0xffffffffL;

    private final BootRegion boot;
    private @Nullable Chain bitmap;

    Heap(BootRegion boot, Changes changes) {
        super(boot.layout, changes, boot.sectorSize);
        this.boot = boot;
    }

    /// Says where the bitmap is, before anything is taken or given back.
    ///
    /// @throws IOException EUCLEAN if it is too short
    void useBitmap(int first, long bytes) throws IOException {
        long needed = (count() + 7L) / 8;
        if (bytes < needed) {
            throw EUCLEAN.error("the allocation bitmap has %d bytes, not %d", bytes, needed);
        }
        Chain chain = Chain.ofLength(this, first, (int) of(needed));
        if (chain.length() < of(needed)) {
            throw EUCLEAN.error("the chain of the allocation bitmap is too short");
        }
        bitmap = chain;
    }

    /// The clusters of the bitmap.
    Chain bitmap() throws ErrnoException {
        if (bitmap == null) {
            throw EUCLEAN.error("there is no allocation bitmap");
        }
        return bitmap;
    }

    /// What the table says of a cluster, whatever that means.
    long entry(int cluster) throws IOException {
        long off = boot.fatStart + cluster * 4L;
        return Le.u32(sector(off).data(), off % sectorSize());
    }

    @Override
    public int next(int cluster) throws IOException {
        long next = entry(cluster);
        if (next == LAST) {
            return END;
        }
        if (next > Integer.MAX_VALUE || !isCluster((int) next)) {
            throw EUCLEAN.error("cluster %d: what follows is %#x", cluster, next);
        }
        return (int) next;
    }

    @Override
    public void link(int cluster, int next) throws IOException {
        long off = boot.fatStart + cluster * 4L;
        Buf buf = sector(off);
        changes().change(buf, Changes.Rank.TABLE);
        Le.put32(buf.data(), off % sectorSize(), next == END ? LAST : next);
    }

    @Override
    public void chain(Run run) throws IOException {
        for (int cluster = run.first(); cluster < run.end(); cluster++) {
            link(cluster, cluster + 1 < run.end() ? cluster + 1 : END);
        }
    }

    private long bitOffset(int cluster) throws IOException {
        int octet = (cluster - 2) / 8;
        Run run = bitmap().from(octet / size());
        if (run == null) {
            throw EUCLEAN.error("the allocation bitmap ends before cluster %d", cluster);
        }
        return offset(run.first()) + octet % size();
    }

    @Override
    protected boolean isFree(int cluster) throws IOException {
        long off = bitOffset(cluster);
        ahead(off);
        return (byteAt(off) >> (cluster - 2) % 8 & 1) == 0;
    }

    /// Sets the bit of a cluster.
    void mark(int cluster, boolean taken) throws IOException {
        int bit = 1 << (cluster - 2) % 8;
        putByte(bitOffset(cluster), ~bit, taken ? bit : 0);
    }

    @Override
    protected void taken(Run run) throws IOException {
        for (int cluster = run.first(); cluster < run.end(); cluster++) {
            mark(cluster, true);
        }
    }

    @Override
    protected void release(int cluster) throws IOException {
        mark(cluster, false);
    }
}
