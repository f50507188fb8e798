// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;

/// A mounted FAT file system. See the package for how it works.
final class MsdosFs implements FileSystem {
    private static final System.Logger LOG = System.getLogger("jpuffs.rumpfs.msdosfs");
    private static final long COMMIT_NANOS = 5_000_000_000L;

    private final Rumpuser host;
    private final MountOptions options;
    private final BootSector boot;
    private final BufCache cache;
    private final Changes changes;
    private final ByteDisk data;
    private final Fat fat;
    private final NodeTable nodes;
    private final Directory root;
    private boolean writable;
    private boolean ended;
    private boolean unflushed; // file data since the last flush
    private long lastCommit;

    private MsdosFs(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        this.host = host;
        this.options = options;
        this.boot = BootSector.read(device);
        this.cache = new BufCache(device, boot.sectorSize, options.cacheBytes());
        this.changes = new Changes(cache, Math.clamp(options.cacheBytes() / boot.sectorSize / 4, 16, 1 << 14));
        this.data = new ByteDisk(device);
        this.fat = new Fat(boot, changes);
        this.nodes = new NodeTable(this);
        this.root = Directory.root(this);
    }

    /// Mounts what is on the device, see [jpuffs.rumpfs.RumpFsType#mount].
    static MsdosFs mount(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        var fs = new MsdosFs(device, options, host);
        boolean done = false;
        try {
            fs.root.slots().capacity(); // its chain is good
            fs.readInfo();
            if (!options.readOnly() && !device.isReadOnly()) {
                fs.startWriting();
            }
            done = true;
        } finally {
            if (!done) {
                fs.closeAll();
            }
        }
        return fs;
    }

    private void readInfo() throws IOException {
        if (boot.infoSector == 0 || boot.isDirty()) {
            return;
        }
        try (Buf buf = changes.read((long) boot.infoSector * boot.sectorSize)) {
            if (InfoSector.isGood(buf.data())) {
                fat.believe(InfoSector.free(buf.data()), InfoSector.next(buf.data()));
            }
        }
    }

    private void startWriting() throws IOException {
        if (boot.isDirty()) {
            LOG.log(System.Logger.Level.WARNING, "it was not unmounted: fsck is due");
        } else {
            setDirty(true);
            changes.commit();
        }
        writable = true;
        lastCommit = host.nanoTime();
    }

    private void setDirty(boolean dirty) throws IOException {
        try (Buf buf = changes.read(0)) {
            changes.change(buf, Changes.Rank.ENTRY);
            int at = boot.extension() + BootSector.STATE;
            int state = Le.u8(buf.data(), at);
            Le.put8(buf.data(), at, dirty ? state | BootSector.DIRTY : state & ~BootSector.DIRTY);
        }
        fat.setClean(!dirty);
    }

    // What the parts need

    BootSector boot() {
        return boot;
    }

    MountOptions options() {
        return options;
    }

    Changes changes() {
        return changes;
    }

    ByteDisk data() {
        return data;
    }

    Fat fat() {
        return fat;
    }

    NodeTable nodes() {
        return nodes;
    }

    Time now() {
        return host.now();
    }

    /// File data was written.
    void wrote() {
        unflushed = true;
    }

    // Commits

    /// An operation that changes something begins.
    ///
    /// @throws IOException EROFS
    void begin() throws IOException {
        if (!writable) {
            throw EROFS.error();
        }
        if (changes.isLarge() || fat.isLarge() || host.nanoTime() - lastCommit > COMMIT_NANOS) {
            commit();
        }
    }

    /// Makes all that was changed durable. After a failure nothing can be written any more.
    void commit() throws IOException {
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
            writeInfo();
            fat.close(); // its sector is written, too
            changes.commit();
        }
        fat.committed();
    }

    private void writeInfo() throws IOException {
        if (boot.infoSector == 0) {
            return;
        }
        try (Buf buf = changes.read((long) boot.infoSector * boot.sectorSize)) {
            if (InfoSector.isGood(buf.data())) {
                changes.change(buf, Changes.Rank.ENTRY);
                InfoSector.set(buf.data(), fat.free(), fat.hint());
            }
        }
    }

    private void giveUp() {
        LOG.log(System.Logger.Level.ERROR, "a commit failed: read-only from now on");
        writable = false;
        fat.close();
        changes.abort();
        nodes.clearIndexes();
    }

    void fsync() throws IOException {
        commit();
    }

    /// Whether clusters became free that files had given back.
    boolean freeSome() throws IOException {
        boolean some = fat.isWaiting();
        if (some) {
            commit();
        }
        return some;
    }

    /// One cluster, an end.
    ///
    /// @throws IOException ENOSPC
    int takeOne() throws IOException {
        try {
            return fat.take(0, 1).first();
        } catch (ErrnoException e) {
            if (e.errno() != ENOSPC || !freeSome()) {
                throw e;
            }
            return fat.take(0, 1).first();
        }
    }

    /// Gives all clusters of a file back that is no more.
    void giveBack(Chain chain) throws IOException {
        if (writable) {
            fat.give(chain.first());
        }
    }

    /// Fills a cluster that a directory has got with zeros, on the disk before the table says that it has it: its new
    /// entries must not be there before their own clusters are.
    void zeroNow(int cluster) throws IOException {
        changes.forget(boot.offset(cluster), boot.clusterSize);
        data.zero(boot.offset(cluster), boot.clusterSize);
        wrote();
    }

    /// The first entries of a new directory.
    void writeNew(int cluster, EntryRec dot, EntryRec dotDot) throws IOException {
        try (Buf buf = changes.read(boot.offset(cluster))) {
            buf.data().asSlice(0, EntryRec.SIZE).copyFrom(dot.raw);
            buf.data().asSlice(EntryRec.SIZE, EntryRec.SIZE).copyFrom(dotDot.raw);
        }
    }

    // FileSystem

    @Override
    public Node root() {
        return root;
    }

    @Override
    public StatFs statfs() throws IOException {
        int free = fat.free();
        return new StatFs(boot.clusterSize, boot.clusters, free, free, 0, 0, Name.MAX);
    }

    @Override
    public void sync() throws IOException {
        commit();
    }

    @Override
    public void unmount(boolean force) throws IOException {
        if (ended) {
            return;
        }
        try {
            if (writable) {
                commit();
                commit(); // what became free by the first
                if (!boot.isDirty()) {
                    setDirty(false);
                    fat.close();
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
        fat.close();
        if (!changes.isEmpty()) {
            changes.abort();
        }
        data.close();
        cache.close();
    }
}
