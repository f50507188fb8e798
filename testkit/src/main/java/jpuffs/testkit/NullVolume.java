// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jpuffs.core.FileSystem;
import jpuffs.core.Name;
import jpuffs.servers.nullfs.NullFs;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A [NullFs] over a directory of the host, or over a tmpfs mounted for it.
public final class NullVolume implements Volume {
    private final NullFs.Options options;
    private final boolean overTmpfs;
    private @Nullable Path source;
    private @Nullable NullFs fs;

    /// @param overTmpfs whether to mount a tmpfs for it, which needs root and can have any size
    public NullVolume(NullFs.Options options, boolean overTmpfs) {
        this.options = options;
        this.overTmpfs = overTmpfs;
    }

    @Override
    public void newfs(long size) throws Exception {
        remove();
        Path made = HostEnv.newDirectory();
        source = made;
        if (overTmpfs) {
            String limit = size == 0 ? "mode=0755" : "mode=0755,size=" + size;
            Mounts.mount(Name.of("testkit"), HostEnv.name(made), "tmpfs", 0, limit);
        } else {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Override
    public FileSystem open() throws Exception {
        fs = NullFs.open(requireNonNull(source, "not made"), options);
        return fs;
    }

    @Override
    public void unmounted() {
        if (fs != null) {
            fs.close();
            fs = null;
        }
    }

    @Override
    public void remove() throws Exception {
        unmounted();
        if (source != null) {
            HostEnv.detach(source);
            HostEnv.removeTree(source);
            source = null;
        }
    }
}
