// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The clusters of a volume, which are numbered from 2 on: which are free, and which follows which.
///
/// A cluster that was given back stays taken until the commit that makes its file forget it is durable: otherwise a
/// crash could leave two files with one cluster. Then it is free on the disk, and may be another's only when that
/// is durable, too: otherwise a crash, which may leave any of the sectors of the table as they were, could leave a
/// file that goes on into what its new cluster was followed by before.
public abstract class Clusters implements AutoCloseable {
    /// Follows the last cluster of a chain.
    public static final int END = -1;

    /// Where nothing is, as the first cluster of an empty file.
    public static final int NONE = 0;

    private static final int FIRST = 2;
    private static final int AHEAD = 64 << 10;

    private final Changes changes;
    private final int sectorSize;
    private final Layout layout;
    private @Nullable Buf current; // the last sector used, held
    private long currentSector = -1;
    private int hint = FIRST;
    private int free; // clusters that can be taken now
    private boolean counted;
    private int waiting; // clusters that were given back and cannot be taken yet
    private final List<Run> given = new ArrayList<>(); // since the last commit
    private final BitSet unsettled = new BitSet(); // free on the disk since the last commit

    /// Where clusters lie.
    ///
    /// @param start of the first one, in bytes
    /// @param size of one in bytes
    /// @param count how many there are
    public record Layout(long start, int size, int count) {}

    protected Clusters(Layout layout, Changes changes, int sectorSize) {
        this.layout = layout;
        this.changes = changes;
        this.sectorSize = sectorSize;
    }

    // What a format says

    /// What follows a cluster, or [#END].
    ///
    /// @throws IOException EUCLEAN if there is neither
    public abstract int next(int cluster) throws IOException;

    /// Whether it is nobody's on the disk.
    protected abstract boolean isFree(int cluster) throws IOException;

    /// Whether it is better to take another one.
    protected boolean isAwkward(int cluster) {
        return false;
    }

    /// The clusters are some file's from now on.
    protected abstract void taken(Run run) throws IOException;

    /// The cluster is nobody's from now on.
    protected abstract void release(int cluster) throws IOException;

    /// Says that each cluster of a run is followed by the next one, and the last by nothing.
    public abstract void chain(Run run) throws IOException;

    /// Says what follows a cluster: another one or [#END].
    public abstract void link(int cluster, int next) throws IOException;

    // The disk

    protected final Changes changes() {
        return changes;
    }

    /// The sector of the table or bitmap that `off` lies in, held until another is asked for.
    protected final Buf sector(long off) throws IOException {
        long sector = off / sectorSize;
        Buf held = current;
        if (held == null || sector != currentSector) {
            close();
            held = changes.read(off);
            current = held;
            currentSector = sector;
        }
        return held;
    }

    protected final int byteAt(long off) throws IOException {
        return Le.u8(sector(off).data(), off % sectorSize);
    }

    /// Changes some bits of a byte.
    protected final void putByte(long off, int keep, int bits) throws IOException {
        Buf buf = sector(off);
        long at = off % sectorSize;
        changes.change(buf, Changes.Rank.TABLE);
        Le.put8(buf.data(), at, Le.u8(buf.data(), at) & keep | bits);
    }

    /// Reads ahead when a walk over a table comes to a place that is due for it.
    protected final void ahead(long off) {
        if (off % AHEAD == 0) {
            changes.ahead(off / sectorSize * sectorSize, AHEAD);
        }
    }

    protected final int sectorSize() {
        return sectorSize;
    }

    /// Lets the sector go that it holds.
    @Override
    public final void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    // Where they are

    /// Bytes of a cluster.
    public final int size() {
        return layout.size;
    }

    public final int count() {
        return layout.count;
    }

    /// The bytes of a cluster begin here.
    public final long offset(int cluster) {
        return layout.start + (long) (cluster - FIRST) * layout.size;
    }

    public final boolean isCluster(int number) {
        return number >= FIRST && number - FIRST < layout.count;
    }

    /// Fails for a number that is none of a cluster.
    ///
    /// @throws ErrnoException EUCLEAN
    public final void requireCluster(int cluster) throws ErrnoException {
        if (!isCluster(cluster)) {
            throw EUCLEAN.error("cluster %d: there is none", cluster);
        }
    }

    /// How many clusters so many bytes take.
    public final long of(long bytes) {
        return bytes / layout.size + (bytes % layout.size == 0 ? 0 : 1);
    }

    // What is free

    /// The clusters that files do not have.
    public final int free() throws IOException {
        return available() + waiting;
    }

    private int available() throws IOException {
        if (!counted) {
            free = 0;
            for (int cluster = FIRST; isCluster(cluster); cluster++) {
                free += canTake(cluster) ? 1 : 0;
            }
            counted = true;
        }
        return free;
    }

    /// Believes a count of the clusters that are free, and where to look for them.
    public final void believe(long count, long next) {
        if (count >= 0 && count <= layout.count) {
            free = (int) count;
            counted = true;
        }
        hint = next >= FIRST && next - FIRST < layout.count ? (int) next : FIRST;
    }

    /// Where to look for free ones.
    public final int hint() {
        return hint;
    }

    /// Whether commits would let more clusters be taken.
    public final boolean isWaiting() {
        return waiting > 0;
    }

    /// Whether so much was given back that a commit is due.
    public final boolean isLarge() {
        return given.size() > 1 << 16;
    }

    private boolean canTake(int cluster) throws IOException {
        return isFree(cluster) && !unsettled.get(cluster);
    }

    private int after(int cluster) {
        return isCluster(cluster + 1) ? cluster + 1 : FIRST;
    }

    /// Takes clusters side by side.
    ///
    /// @param near where they should begin, or [#NONE]
    /// @param want at most so many, at least one
    /// @throws IOException ENOSPC
    public final Run take(int near, int want) throws IOException {
        if (available() <= 0) {
            counted = false; // what was believed may be wrong
        }
        int first = available() <= 0 ? NONE : findFree(isCluster(near) ? near : hint);
        if (first == NONE) {
            counted = false;
            throw ENOSPC.error();
        }
        int count = 1;
        while (count < want && isCluster(first + count) && canTake(first + count) && !isAwkward(first + count)) {
            count++;
        }
        var run = new Run(first, count);
        taken(run);
        free -= count;
        hint = after(run.end() - 1);
        return run;
    }

    /// The next free cluster from `start` on, around the end; [#NONE] if there is none.
    private int findFree(int start) throws IOException {
        int cluster = start;
        int awkward = NONE;
        for (int i = 0; i < layout.count; i++) {
            if (canTake(cluster)) {
                if (!isAwkward(cluster)) {
                    return cluster;
                }
                awkward = cluster;
            }
            cluster = after(cluster);
        }
        return awkward;
    }

    /// Gives clusters back.
    public final void give(Run run) {
        given.add(run);
        waiting += run.count();
    }

    /// All changes are durable. What is free on the disk can be taken, and what was given back since the commit
    /// before is free on the disk.
    public final void committed() throws IOException {
        free += unsettled.cardinality();
        unsettled.clear();
        List<Run> runs = List.copyOf(given);
        given.clear();
        for (Run run : runs) {
            for (int cluster = run.first(); cluster < run.end(); cluster++) {
                if (!isFree(cluster)) { // in two files, on a damaged disk
                    release(cluster);
                    unsettled.set(cluster);
                }
            }
        }
        waiting = unsettled.cardinality();
    }
}
