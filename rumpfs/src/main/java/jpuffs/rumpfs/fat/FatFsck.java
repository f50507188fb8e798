// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.io.IOException;
import java.util.BitSet;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsckResult;

/// A check of clusters and directories: what it has found, which clusters have an owner, and what it has repaired.
public abstract class FatFsck {
    /// Bytes of the cache that a check reads through.
    public static final int CACHE = 8 << 20;

    protected final Changes changes;
    private final FsckLog log;
    private final BitSet owned = new BitSet();

    protected FatFsck(BufCache cache, FsckLog log) {
        this.changes = new Changes(cache, CACHE / cache.blockSize() / 4);
        this.log = log;
    }

    /// The clusters that are checked.
    protected abstract Clusters clusters();

    /// Finds what is wrong, and changes what is to be repaired.
    protected abstract void run() throws IOException;

    public final FsckLog log() {
        return log;
    }

    /// Clusters that belong to something seen so far.
    public final BitSet owned() {
        return owned;
    }

    /// Runs it, and writes what it has changed.
    ///
    /// @param kind of the file system
    public final FsckResult check(String kind) throws IOException {
        boolean done = false;
        try {
            run();
            commit();
            done = true;
        } finally {
            clusters().close();
            if (!done && !changes.isEmpty()) {
                changes.abort();
            }
        }
        return log.result(kind, owned.cardinality(), clusters().count());
    }

    /// Writes what was repaired, if it is much.
    public final void commitIfLarge() throws IOException {
        if (changes.isLarge()) {
            commit();
        }
    }

    private void commit() throws IOException {
        if (!changes.isEmpty()) {
            clusters().close();
            changes.commit();
        }
    }
}
