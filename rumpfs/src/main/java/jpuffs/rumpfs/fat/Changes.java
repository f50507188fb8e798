// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;

/// Metadata and what of it was changed since the last commit: those buffers are held and pinned until then, and
/// written in the order of their [Rank], with a flush between. So a crash leaves clusters nobody has and entries
/// whose chain is shorter than they say, but never a name of what is not there.
public final class Changes {
    /// When a sector is written.
    public enum Rank {
        /// The first cluster of new directories.
        CONTENT,
        /// The table or bitmap: clusters that were taken.
        TABLE,
        /// Entries of directories, counts.
        ENTRY
    }

    /// Attached to its buffer.
    private static final class Change {
        final Buf buf;
        final Rank rank;
        boolean pinned = true;

        Change(Buf buf, Rank rank) {
            this.buf = buf;
            this.rank = rank;
            buf.hold();
            buf.pin();
        }

        void unpin() {
            if (pinned) {
                pinned = false;
                buf.unpin();
            }
        }
    }

    private final BufCache cache;
    private final int max;
    private final List<Change> changes = new ArrayList<>();

    /// @param max so many sectors make a commit large
    public Changes(BufCache cache, int max) {
        this.cache = cache;
        this.max = max;
    }

    /// The sector that `off` lies in, held.
    public Buf read(long off) throws IOException {
        return cache.bread(off / cache.blockSize());
    }

    /// The sector to be overwritten wholly, held.
    public Buf fresh(long off) throws IOException {
        return cache.getblk(off / cache.blockSize());
    }

    public void ahead(long off, long length) {
        cache.breada(off / cache.blockSize(), (int) (length / cache.blockSize()));
    }

    /// The sector is about to be changed, or was. The first rank it is given counts.
    public void change(Buf buf, Rank rank) {
        if (buf.attachment() instanceof Change) {
            return;
        }
        var change = new Change(buf, rank);
        buf.attach(change);
        buf.dirty();
        changes.add(change);
    }

    /// What is in memory of these bytes, which nobody has changed, is not what is on the disk.
    public void forget(long off, long length) {
        cache.invalidate(off / cache.blockSize(), length / cache.blockSize());
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    public boolean isLarge() {
        return changes.size() >= max;
    }

    /// Writes all, durably. After a failure nothing that was changed is written any more.
    public void commit() throws IOException {
        boolean done = false;
        try {
            for (Rank rank : Rank.values()) {
                boolean some = false;
                for (Change change : changes) {
                    if (change.rank == rank) {
                        change.unpin();
                        some = true;
                    }
                }
                if (some) {
                    cache.sync();
                }
            }
            done = true;
        } finally {
            end(done);
        }
    }

    private void end(boolean written) {
        for (Change change : changes) {
            change.buf.attach(null);
            if (!written) {
                cache.invalidate(change.buf.blkno(), 1);
            }
            change.unpin();
            change.buf.close();
        }
        changes.clear();
    }

    /// Gives up what was changed.
    public void abort() {
        end(false);
    }
}
