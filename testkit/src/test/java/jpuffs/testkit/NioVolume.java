// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.FileSystem;
import jpuffs.servers.niofs.NioFs;
import org.jspecify.annotations.Nullable;

/// A [NioFs] over our own provider over tmpfs: each operation goes down to `java.nio.file` and up again.
final class NioVolume implements Volume {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private java.nio.file.@Nullable FileSystem below;

    /// What a path cannot say.
    static Set<Feature> missing() {
        return EnumSet.of(
                Feature.LINKS,
                Feature.LINK_COUNTS,
                Feature.INODES,
                Feature.LINK_TEXT,
                Feature.UNNAMED_FILES,
                Feature.FIFOS,
                Feature.DEVICES,
                Feature.WIDE_TIMES,
                Feature.ATIME, // no way to open with O_NOATIME
                Feature.BTIME,
                Feature.ANY_BYTES,
                Feature.HUGE_FILES,
                Feature.SPARSE,
                Feature.SEEK_HOLE,
                Feature.FALLOCATE,
                Feature.PUNCH_HOLE,
                Feature.ZERO_RANGE,
                Feature.COLLAPSE_RANGE,
                Feature.COPY_RANGE,
                Feature.TMPFILE,
                Feature.RENAME_FLAGS,
                Feature.WHITEOUT,
                Feature.TRUSTED_XATTRS,
                Feature.ACLS,
                Feature.LONG_PATHS,
                Feature.STATFS, // sizes, but no counts
                Feature.FILE_HANDLES);
    }

    @Override
    public void newfs(long size) throws IOException {
        remove();
        var options = new HashMap<String, Object>();
        options.put("mode", "755");
        if (size > 0) {
            options.put("size", size);
        }
        URI uri = URI.create("rump://tmpfs/testkit" + COUNT.incrementAndGet());
        below = FileSystems.newFileSystem(uri, options);
    }

    @Override
    public FileSystem open() {
        return NioFs.over(requireNonNull(below, "not made").getPath("/"));
    }

    @Override
    public void remove() throws IOException {
        if (below != null) {
            below.close();
            below = null;
        }
    }
}
