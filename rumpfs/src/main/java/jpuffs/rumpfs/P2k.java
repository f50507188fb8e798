// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import java.io.Closeable;
import java.io.IOException;
import jpuffs.core.BlockDevice;
import jpuffs.core.FileSystem;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.rump.Rumpuser;
import org.jspecify.annotations.Nullable;

/// A rump file system for a driver other than the rump kernel, such as a file server: a mounted [RumpFsType] and
/// the device below it, or another file system and what it rests on; the end of both is [#close()].
///
/// ```
/// try (var p2k = P2k.mount(type, disk, FsOptions.NONE, Rumpuser.HOST);
///         var server = FileServer.mount(dir, p2k)) {
///     server.await();
/// }
/// ```
///
/// Nodes are handed through as they are, as drivers and rump file systems speak the same language. (In NetBSD p2k
/// translates puffs operations into vnode operations; hence the name.) A driver that asks [#unmount] may find after
/// it that somebody uses the mount still, and go on; so that only syncs.
public final class P2k implements FileSystem, AutoCloseable {
    private static final long SYNC_SECONDS = 5;

    private final FileSystem fs;
    private final Closeable below;
    private final long syncSeconds;
    private boolean closed;

    private P2k(FileSystem fs, Closeable below, long syncSeconds) {
        this.fs = fs;
        this.below = below;
        this.syncSeconds = syncSeconds;
    }

    /// A file system that is mounted already.
    ///
    /// @param below is closed after it was unmounted
    public static P2k of(FileSystem fs, Closeable below) {
        return new P2k(fs, below, SYNC_SECONDS);
    }

    /// How often who serves it should call [#sync()]: option `commit`, where a type has that.
    public long syncSeconds() {
        return syncSeconds;
    }

    /// Mounts what is on `device`, which is closed with it, or if that fails.
    ///
    /// @throws IOException as [RumpFsType#mount]
    public static P2k mount(RumpFsType type, BlockDevice device, FsOptions options, Rumpuser host) throws IOException {
        boolean done = false;
        try {
            long seconds = options.number("commit", SYNC_SECONDS, 1, Integer.MAX_VALUE);
            var p2k = new P2k(type.mount(device, options, host), device::close, seconds);
            done = true;
            return p2k;
        } finally {
            if (!done) {
                device.close();
            }
        }
    }

    @Override
    public Node root() throws IOException {
        return fs.root();
    }

    @Override
    public StatFs statfs() throws IOException {
        return fs.statfs();
    }

    @Override
    public void sync() throws IOException {
        fs.sync();
    }

    @Override
    public void unmount(boolean force) throws IOException {
        fs.sync();
    }

    @Override
    public @Nullable Node byIno(long ino) throws IOException {
        return fs.byIno(ino);
    }

    @Override
    public boolean isExportable() {
        return fs.isExportable();
    }

    @Override
    public boolean isPrivate() {
        return fs.isPrivate();
    }

    @Override
    public boolean listsUnopened() {
        return fs.listsUnopened();
    }

    @Override
    public boolean isThreadSafe() {
        return fs.isThreadSafe();
    }

    @Override
    public boolean keepsLocks() {
        return fs.keepsLocks();
    }

    @Override
    public boolean keepsAcls() {
        return fs.keepsAcls();
    }

    /// Unmounts the file system and closes what is below; nobody uses it any more. Again: nothing.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            fs.unmount(true);
        } finally {
            below.close();
        }
    }
}
