// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import jpuffs.core.FileSystem;
import jpuffs.puffs.MountOptions;
import jpuffs.syspuffs.SysPuffs;
import org.jspecify.annotations.Nullable;

/// The file system of another volume, served by a file server and used through the kernel half of `syspuffs`.
public final class SyspuffsVolume implements Volume {
    private final Volume below;
    private @Nullable SysPuffs half;

    public SyspuffsVolume(Volume below) {
        this.below = below;
    }

    @Override
    public void newfs(long size) throws Exception {
        below.newfs(size);
    }

    @Override
    public FileSystem open() throws Exception {
        SysPuffs opened = SysPuffs.serve(below.open(), MountOptions.defaults());
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
