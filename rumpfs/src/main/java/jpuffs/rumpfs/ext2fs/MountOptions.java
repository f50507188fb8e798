// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;

/// What a mount is asked for.
///
/// @param cacheBytes the most bytes of metadata in memory
/// @param atime whether reads set the time of last access, in the manner of `relatime`
record MountOptions(boolean readOnly, long cacheBytes, boolean atime) {
    static final List<FsOption> KNOWN = List.of(
            new FsOption("cache", "SIZE", "memory for metadata, default 16M"),
            new FsOption("noatime", "", "reading does not set times of last access"));

    private static final long DEFAULT_CACHE = 16 << 20;
    private static final long MIN_CACHE = 1 << 20;

    static MountOptions of(FsOptions options) throws ErrnoException {
        options.requireKnown(List.of("ro", "cache", "noatime"));
        long cache = options.size("cache", DEFAULT_CACHE, MIN_CACHE, 1L << 40);
        return new MountOptions(options.has("ro"), cache, !options.has("noatime"));
    }
}
