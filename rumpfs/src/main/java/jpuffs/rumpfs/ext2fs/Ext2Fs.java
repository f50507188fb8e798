// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// A mounted ext2, ext3 or ext4. See the package for how it works.
final class Ext2Fs implements FileSystem {
    static final int ROOT_INO = 2;

    /// The most names a file may have, and the most directories another without the feature dir_nlink.
    static final int MAX_LINKS = 65000;

    /// How much later than a sync from outside an operation commits by itself, in nanoseconds.
    private static final long GRACE = 1_000_000_000;

    private static final long MUCH = 1 << 20; // bytes

    static final System.Logger LOG = System.getLogger("jpuffs.rumpfs.ext2fs");

    private final BlockDevice device;
    private final Rumpuser host;
    private final MountOptions options;
    private final Superblock sb;
    private final BufCache cache;
    private final Meta meta;
    private final Groups groups;
    private final Zone zone;
    private final ByteDisk disk;
    private final BlockAllocator blocks;
    private final InodeAllocator inodeAllocator;
    private final InodeTable inodes;
    private final Orphans orphans;
    private final InodeMaker maker;
    final XattrBlocks xattrBlocks = new XattrBlocks();
    private final ExtentNode[] extentPath = new ExtentNode[ExtentNode.MAX_DEPTH + 1];
    final DirAhead dirAhead;
    private final Space space;
    private final Damage damage;
    private @Nullable Journal journal;
    private final FsLock lock;
    private boolean writable;
    private boolean ended;
    private long lastCommit;

    private Ext2Fs(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        this.device = device;
        this.host = host;
        this.options = options;
        this.sb = Superblock.read(device);
        if (sb.blockSize < device.blockSize()) {
            throw EUCLEAN.error("blocks of %d bytes on a device with blocks of %d", sb.blockSize, device.blockSize());
        }
        this.damage = new Damage(sb, options.onErrors());
        this.lock = new FsLock(damage, this::damaged);
        this.cache = new BufCache(device, sb.blockSize, options.cacheBytes());
        this.disk = new ByteDisk(device);
        this.dirAhead = new DirAhead(disk, sb);
        boolean done = false;
        try {
            this.meta = new Meta(cache, sb.blocks, maxTransaction(Integer.MAX_VALUE));
            this.groups = Groups.read(sb, meta);
            this.zone = new Zone(sb, groups);
            this.blocks = new BlockAllocator(sb, groups, meta, zone);
            this.inodeAllocator = new InodeAllocator(sb, groups, meta, blocks);
            Arrays.setAll(extentPath, i -> new ExtentNode());
            this.inodes = new InodeTable(this);
            this.orphans = new Orphans(this);
            this.maker = new InodeMaker(this, randomSeed());
            this.space = new Space(this);
            done = true;
        } finally {
            if (!done) {
                closeDevice();
            }
        }
    }

    private long randomSeed() {
        var bytes = new byte[8];
        host.random(bytes);
        return Le.i64(MemorySegment.ofArray(bytes), 0);
    }

    private int maxTransaction(int journalMax) {
        return Math.min(journalMax, Math.clamp(options.cacheBytes() / sb.blockSize / 2, 16, 1 << 14));
    }

    // Mounting

    /// Mounts what is on the device, see [jpuffs.rumpfs.RumpFsType#mount].
    static Ext2Fs mount(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        boolean readOnly = options.readOnly() || device.isReadOnly();
        Superblock sb = Superblock.read(device);
        if (!readOnly && !sb.features.readOnlyReasons().isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "read-only, for its features: {0}", sb.features.readOnlyReasons());
            readOnly = true;
        }
        if (!sb.features.incompat(Features.NEEDS_RECOVERY)) {
            return start(device, options, host, readOnly);
        }
        if (!sb.features.compat(Features.HAS_JOURNAL)) {
            throw EUCLEAN.error("superblock: it needs recovery and has no journal");
        }
        return start(recovered(device, options, host), options, host, readOnly);
    }

    private static Ext2Fs start(BlockDevice device, MountOptions options, Rumpuser host, boolean readOnly)
            throws IOException {
        var fs = new Ext2Fs(device, options, host);
        boolean done = false;
        try {
            if (!fs.inodes.get(ROOT_INO).isDirectory()) {
                throw EUCLEAN.error("the root is no directory");
            }
            if (!readOnly) {
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

    /// Something done to a file system that is being made.
    @FunctionalInterface
    interface Filling {
        void run(Ext2Fs fs) throws IOException;
    }

    /// Fills a new file system that has no root yet.
    static void populate(BlockDevice device, Rumpuser host, Filling filling) throws IOException {
        var fs = new Ext2Fs(device, MountOptions.of(FsOptions.NONE), host);
        boolean done = false;
        try {
            fs.writable = true;
            fs.lastCommit = host.nanoTime();
            filling.run(fs);
            done = true;
        } finally {
            if (!done) {
                fs.closeAll();
            }
        }
        fs.unmount(false);
    }

    private static BlockDevice recovered(BlockDevice device, MountOptions options, Rumpuser host) throws IOException {
        var fs = new Ext2Fs(device, options, host);
        try {
            return JournalReplay.recovered(fs, device, options.readOnly() || device.isReadOnly());
        } finally {
            fs.closeAll();
        }
    }

    private void startWriting() throws IOException {
        if (sb.features.compat(Features.HAS_JOURNAL)) {
            JournalFile file = JournalFile.open(this, device);
            file.setFeatures(sb.features.incompat(Features.BIT64), sb.checksums);
            if (file.hasError()) {
                sb.countError(now().seconds());
                file.setError(false);
            }
            file.writeSuper(0, file.sequence() + 1);
            var opened = new Journal(device, file, file.sequence());
            journal = opened;
            meta.setJournal(opened);
            meta.setMaxJoined(maxTransaction(opened.maxTransaction()));
            sb.setNeedsRecovery(true);
        } else {
            sb.setState(sb.state() & ~Superblock.STATE_VALID);
        }
        sb.mounted(now().seconds());
        writeSuper();
        disk.flush();
        writable = true;
        lastCommit = host.nanoTime();
        orphans.process();
        commit();
    }

    private void writeSuper() throws IOException {
        sb.seal();
        disk.write(sb.raw, Superblock.OFFSET);
        cache.invalidate(sb.block(), 1);
    }

    // What the parts need

    Superblock sb() {
        return sb;
    }

    Meta meta() {
        return meta;
    }

    Groups groups() {
        return groups;
    }

    Zone zone() {
        return zone;
    }

    ByteDisk disk() {
        return disk;
    }

    BlockAllocator blocks() {
        return blocks;
    }

    InodeAllocator inodeAllocator() {
        return inodeAllocator;
    }

    InodeTable inodes() {
        return inodes;
    }

    Orphans orphans() {
        return orphans;
    }

    InodeMaker maker() {
        return maker;
    }

    ExtentNode[] extentPath() {
        return extentPath;
    }

    Time now() {
        return host.now();
    }

    boolean keepsAtime() {
        return writable && options.atime();
    }

    boolean isWritable() {
        return writable;
    }

    // Operations

    /// Runs an operation of a driver, one at a time.
    <T> T run(FsLock.Operation<T> operation) throws IOException {
        return lock.run(operation);
    }

    /// As [#run], without a result.
    void act(FsLock.Action action) throws IOException {
        lock.act(action);
    }

    FsLock lock() {
        return lock;
    }

    private void damaged(ErrnoException what) {
        boolean last = damage.met(what, now().seconds());
        if (last && writable) {
            giveUp();
            damage.tell(device, disk, journal);
        }
    }

    // Transactions

    /// An operation that changes something begins. Others may run before it returns, so what was read before is
    /// stale.
    ///
    /// @throws IOException EROFS
    void begin() throws IOException {
        if (!writable) {
            throw EROFS.error();
        }
        boolean old = host.nanoTime() - lastCommit > options.commitNanos() + GRACE; // and nobody has synced
        if (meta.isLarge() || blocks.isTight() || old) {
            commit();
        }
    }

    /// In the middle of an operation, everything being consistent.
    void commitIfLarge() throws IOException {
        if (meta.isLarge()) {
            commit();
        }
    }

    /// Ends the transaction. After a failure nothing can be written any more.
    void commit() throws IOException {
        lock.awaitMoves();
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
        if (isCommitted()) {
            return;
        }
        damage.setTold();
        inodes.flush();
        meta.seal();
        groups.flush(meta);
        sb.setFreeBlocks(blocks.free());
        sb.setFreeInodes(inodeAllocator.free());
        sb.written(now().seconds());
        sb.addKilobytes(disk.takeWritten() >> 10);
        sb.seal();
        try (Buf buf = meta.read(sb.block(), Kind.SUPERBLOCK)) {
            MemorySegment.copy(sb.raw, 0, buf.data(), sb.offsetInBlock(), Superblock.SIZE);
            meta.change(buf, Seal.NONE);
        }
        meta.commit();
        blocks.committed();
        if (journal != null && journal.isHalfFull()) {
            meta.writeHome();
        }
    }

    private void giveUp() {
        LOG.log(System.Logger.Level.ERROR, "a transaction failed: read-only from now on");
        writable = false;
        inodes.abort();
        meta.abort();
    }

    void fsync(boolean nothingNew) throws IOException {
        if (!writable) {
            return;
        }
        if (nothingNew || isCommitted()) {
            lock.without(disk::flush);
            return;
        }
        commit();
    }

    private boolean isCommitted() {
        return meta.isEmpty() && !inodes.isDirty() && damage.isTold();
    }

    // FileSystem

    @Override
    public Node root() throws IOException {
        return run(() -> inodes.get(ROOT_INO).answered());
    }

    @Override
    public StatFs statfs() throws IOException {
        return run(space::statfs);
    }

    @Override
    public void sync() throws IOException {
        act(() -> {
            flushAhead();
            fsync(false);
        });
    }

    /// Brings much file data to the disk while others go on: they wait for the commit to come, which has little left
    /// then.
    private void flushAhead() throws IOException {
        if (!writable || disk.written() < MUCH) {
            return;
        }
        lastCommit = host.nanoTime(); // the next operation need not
        boolean done = false;
        try {
            lock.without(disk::flush);
            done = true;
        } finally {
            if (!done) {
                giveUp(); // the host tells of lost writes once
            }
        }
    }

    @Override
    public void unmount(boolean force) throws IOException {
        lock.enter();
        try {
            end();
        } finally {
            lock.leave();
        }
    }

    private void end() throws IOException {
        if (ended) {
            return;
        }
        try {
            if (writable) {
                commit();
                meta.writeHome();
                sb.setNeedsRecovery(false);
                sb.setState(sb.state() | Superblock.STATE_VALID);
                writeSuper();
                disk.flush();
            }
        } finally {
            ended = true;
            writable = false;
            closeAll();
        }
    }

    private void closeAll() {
        inodes.abort();
        meta.abort(); // what was still in work when a transaction or the mount failed
        if (journal != null) {
            journal.close();
        }
        closeDevice();
    }

    private void closeDevice() {
        disk.close();
        cache.close();
    }

    @Override
    public @Nullable Node byIno(long ino) throws IOException {
        return lock.find(() -> find(ino));
    }

    private @Nullable Node find(long ino) throws IOException {
        boolean possible = ino == ROOT_INO || ino >= sb.firstIno && ino <= sb.inodes;
        if (!possible || !inodeAllocator.isUsed((int) ino)) {
            return null;
        }
        Inode inode = inodes.get(ino);
        return inode.rec.links() == 0 && !inode.isKnown() ? null : inode.answered();
    }

    @Override
    public boolean isThreadSafe() {
        return true;
    }

    @Override
    public boolean isExportable() {
        return true;
    }

    @Override
    public boolean isPrivate() {
        return true;
    }

    /// A list that the driver has in memory was read before and has not changed since: all that relatime would
    /// still tell is a change of the directory's mode or owner, and that a day has gone by.
    @Override
    public boolean listsUnopened() {
        return true;
    }

    @Override
    public boolean keepsAcls() {
        return true;
    }
}
