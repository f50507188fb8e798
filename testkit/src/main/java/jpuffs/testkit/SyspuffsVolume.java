// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.syspuffs.Caching;
import jpuffs.syspuffs.SysPuffs;
import org.jspecify.annotations.Nullable;

/// The file system of another volume, served by a file server and used through the kernel half of `syspuffs`.
public class SyspuffsVolume implements Volume {
    private final Volume below;
    private final boolean local;
    private final Caching caching;
    private @Nullable SysPuffs half;

    /// A server with a loop of its own, over a socket.
    public SyspuffsVolume(Volume below) {
        this(below, Caching.NONE);
    }

    /// The same, with pages of files kept.
    SyspuffsVolume(Volume below, Caching caching) {
        this(below, false, caching);
    }

    private SyspuffsVolume(Volume below, boolean local, Caching caching) {
        this.below = below;
        this.local = local;
        this.caching = caching;
    }

    /// A server that answers on the thread that asks.
    static SyspuffsVolume local(Volume below) {
        return new SyspuffsVolume(below, true, Caching.NONE);
    }

    @Override
    public void newfs(long size) throws Exception {
        below.newfs(size);
    }

    @Override
    public FileSystem open() throws Exception {
        SysPuffs opened = local
                ? SysPuffs.local(below.open(), MountOptions.defaults())
                : SysPuffs.serve(
                        below.open(), MountOptions.defaults(), end -> SysPuffs.attach(end, SysPuffs.TIMEOUT, caching));
        half = opened;
        return opened;
    }

    @Override
    public String folder() {
        return below.folder();
    }

    /// Fails if the server has answered what cannot be.
    @Override
    public void unmounted() throws Exception {
        SysPuffs old = half;
        close();
        below.unmounted();
        if (old != null && old.misbehaviours() > 0) {
            throw new AssertionError(old.misbehaviours() + " answers cannot be, see the log");
        }
    }

    private void close() {
        if (half != null) {
            half.close();
            half = null;
        }
    }

    @Override
    public void fsck() throws Exception {
        below.fsck();
    }

    @Override
    public void remove() throws Exception {
        close();
        below.remove();
    }
}
