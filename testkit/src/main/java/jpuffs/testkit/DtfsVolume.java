// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import jpuffs.core.FileSystem;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.dtfs.Dtfs;
import org.jspecify.annotations.Nullable;

/// A [Dtfs]: its files stay in memory while it is not mounted.
public final class DtfsVolume implements Volume {
    private final Tmpfs.Options options;
    private @Nullable Dtfs fs;

    /// @param options what each file system is made with, but for the size
    public DtfsVolume(Tmpfs.Options options) {
        this.options = options.with("mode", "755");
    }

    @Override
    public void newfs(long size) {
        remove();
        fs = new Dtfs(size == 0 ? options : options.with("size", String.valueOf(size)));
    }

    @Override
    public FileSystem open() {
        return requireNonNull(fs, "not made");
    }

    @Override
    public void remove() {
        if (fs != null) {
            fs.close();
            fs = null;
        }
    }
}
