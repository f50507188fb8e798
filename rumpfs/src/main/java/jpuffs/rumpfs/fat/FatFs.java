// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.util.Objects.requireNonNull;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.time.ZoneId;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.io.ByteDisk;
import org.jspecify.annotations.Nullable;

/// A mounted file system of this family. See the package for how it works.
public abstract class FatFs implements FileSystem {
    private static final System.Logger LOG = System.getLogger("jpuffs.rumpfs.fat");
    private static final long COMMIT_NANOS = 5_000_000_000L;

    private final BlockDevice device;
    private final Rumpuser host;
    private final MountOptions options;
    private final BufCache cache;
    private final Changes changes;
    private final ByteDisk data;
    private final NodeTable nodes = new NodeTable();
    private @Nullable Clusters clusters;
    private @Nullable Directory root;
    private boolean writable;
    private boolean ended;
    private boolean unflushed; // file data since the last flush
    private long lastCommit;

    protected FatFs(BlockDevice device, int sectorSize, MountOptions options, Rumpuser host) throws IOException {
        this.device = device;
        this.host = host;
        this.options = options;
        this.cache = new BufCache(device, sectorSize, options.cacheBytes());
        this.changes = new Changes(cache, Math.clamp(options.cacheBytes() / sectorSize / 4, 16, 1 << 14));
        this.data = new ByteDisk(device);
    }

    // What a format says

    /// Reads what must be known of the volume.
    protected abstract Clusters openClusters() throws IOException;

    /// The root directory, after the clusters.
    protected abstract Directory openRoot() throws IOException;

    /// Whether it was not unmounted.
    protected abstract boolean isDirty();

    /// Says on the disk whether it is in use.
    protected abstract void setDirty(boolean dirty) throws IOException;

    /// Writes counts that the format keeps, as part of a commit.
    protected abstract void summarize() throws IOException;

    protected abstract long maxFileSize();

    // Mounting

    /// Opens it, and makes it writable if it may be. After a failure all is closed.
    protected final void start() throws IOException {
        boolean done = false;
        try {
            clusters = openClusters();
            root = openRoot();
            root.slots().capacity(); // its chain is good
            if (!options.readOnly() && !device.isReadOnly()) {
                startWriting();
            }
            done = true;
        } finally {
            if (!done) {
                closeAll();
            }
        }
    }

    private void startWriting() throws IOException {
        if (isDirty()) {
            LOG.log(System.Logger.Level.WARNING, "it was not unmounted: fsck is due");
        } else {
            setDirty(true);
            changes.commit();
        }
        writable = true;
        lastCommit = host.nanoTime();
    }

    // What the parts need

    public final Changes changes() {
        return changes;
    }

    public final Clusters clusters() {
        return requireNonNull(clusters);
    }

    final MountOptions options() {
        return options;
    }

    public final ByteDisk data() {
        return data;
    }

    final NodeTable nodes() {
        return nodes;
    }

    final Time now() {
        return host.now();
    }

    /// The zone of times that are those of the day.
    public final ZoneId zone() {
        return host.zone();
    }

    /// File data was written.
    final void wrote() {
        unflushed = true;
    }

    // Commits

    /// An operation that changes something begins.
    ///
    /// @throws IOException EROFS
    final void begin() throws IOException {
        if (!writable) {
            throw EROFS.error();
        }
        if (changes.isLarge() || clusters().isLarge() || host.nanoTime() - lastCommit > COMMIT_NANOS) {
            commit();
        }
    }

    /// Makes all that was changed durable. After a failure nothing can be written any more.
    public final void commit() throws IOException {
        if (!writable) {
            return;
        }
        boolean done = false;
        try {
            commitNow();
            done = true;
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    private void commitNow() throws IOException {
        lastCommit = host.nanoTime();
        if (unflushed) {
            data.flush();
            unflushed = false;
        }
        if (!changes.isEmpty()) {
            summarize();
            clusters().close(); // its sector is written, too
            changes.commit();
        }
        clusters().committed();
    }

    private void giveUp() {
        LOG.log(System.Logger.Level.ERROR, "a commit failed: read-only from now on");
        writable = false;
        clusters().close();
        changes.abort();
        nodes.clearIndexes();
    }

    /// Whether clusters became free that files had given back.
    final boolean freeSome() throws IOException {
        boolean some = clusters().isWaiting();
        if (some) {
            commit(); // they are free in the table
            commit(); // and on the disk
        }
        return some;
    }

    /// One cluster.
    ///
    /// @throws IOException ENOSPC
    final int takeOne() throws IOException {
        try {
            return clusters().take(Clusters.NONE, 1).first();
        } catch (ErrnoException e) {
            if (e.errno() != ENOSPC || !freeSome()) {
                throw e;
            }
            return clusters().take(Clusters.NONE, 1).first();
        }
    }

    /// Gives all clusters of a file back that is no more.
    final void giveBack(Chain chain) throws IOException {
        if (writable) {
            chain.giveBack();
        }
    }

    /// Fills a cluster that a directory has with zeros, on the disk before the table says that it has it: its new
    /// entries must not be there before their own clusters are.
    public final void zeroNow(int cluster) throws IOException {
        changes.forget(clusters().offset(cluster), clusters().size());
        data.zero(clusters().offset(cluster), clusters().size());
        wrote();
    }

    // FileSystem

    @Override
    public final Directory root() {
        return requireNonNull(root);
    }

    @Override
    public final StatFs statfs() throws IOException {
        int free = clusters().free();
        return new StatFs(clusters().size(), clusters().count(), free, free, 0, 0, Name.MAX);
    }

    @Override
    public final void sync() throws IOException {
        commit();
    }

    @Override
    public final void unmount(boolean force) throws IOException {
        if (ended) {
            return;
        }
        try {
            if (writable) {
                commit();
                commit(); // what became free by the first
                if (!isDirty()) {
                    setDirty(false);
                    clusters().close();
                    changes.commit();
                }
            }
        } finally {
            ended = true;
            writable = false;
            closeAll();
        }
    }

    private void closeAll() {
        if (clusters != null) {
            clusters.close();
        }
        if (!changes.isEmpty()) {
            changes.abort();
        }
        data.close();
        cache.close();
    }
}
