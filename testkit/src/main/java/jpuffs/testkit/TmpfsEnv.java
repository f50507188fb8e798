// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Set;
import jpuffs.core.Name;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A tmpfs of the host, mounted for the case: shows that the cases say what a kernel does, also those on full and
/// read-only file systems. Needs root.
public final class TmpfsEnv extends HostEnv {
    private long size;

    /// @param missing what the host's kernel has not
    public TmpfsEnv(Set<Feature> missing) {
        super("tmpfs, native", withFixed(missing));
    }

    private static Set<Feature> withFixed(Set<Feature> missing) {
        var all = EnumSet.of(Feature.PERSISTENT, Feature.ZERO_RANGE, Feature.COLLAPSE_RANGE);
        all.addAll(missing);
        return all;
    }

    @Override
    public @Nullable String unavailable() {
        return isSuperuser() ? null : "only root mounts a tmpfs";
    }

    @Override
    protected void newfs(long newSize) throws Exception {
        size = newSize;
        if (directory == null) {
            directory = newDirectory();
        }
    }

    @Override
    protected void mount() throws Exception {
        String options = size == 0 ? "mode=0755" : "mode=0755,size=" + size;
        Mounts.mount(Name.of("testkit"), name(directory()), "tmpfs", 0, options);
    }

    @Override
    protected void remount(boolean readOnly) throws Exception {
        int flags = Mounts.MS_REMOUNT | (readOnly ? Mounts.MS_RDONLY : 0);
        Mounts.mount(Name.of("testkit"), name(directory()), "tmpfs", flags, "");
    }

    @Override
    protected void unmount() throws Exception {
        unmount(() -> Mounts.umount(name(directory()), 0));
    }

    @Override
    protected void fsck() {}

    @Override
    protected void abort() throws Exception {
        detach(directory());
    }

    @Override
    protected void cleanUp() throws Exception {
        if (directory != null) {
            detach(directory);
            Files.delete(directory);
        }
    }
}
