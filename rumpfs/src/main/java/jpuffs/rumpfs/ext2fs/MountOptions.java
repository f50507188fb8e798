// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.FsOption;
import jpuffs.rumpfs.FsOptions;
import org.jspecify.annotations.Nullable;

/// What a mount is asked for.
///
/// @param cacheBytes the most bytes of metadata in memory
/// @param atime whether reads set the time of last access, in the manner of `relatime`
/// @param commitNanos how old changes in memory get
/// @param onErrors what to do about damage; null for what the superblock says
record MountOptions(
        boolean readOnly,
        long cacheBytes,
        boolean atime,
        long commitNanos,
        @Nullable OnError onErrors) {
    /// What to do when something on the disk makes no sense.
    enum OnError {
        /// The operation fails, and the superblock says so.
        CONTINUE,
        /// Nothing is written any more.
        REMOUNT_RO,
        /// Nothing is read any more either.
        PANIC;

        private String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static final List<FsOption> KNOWN = List.of(
            new FsOption("cache", "SIZE", "memory for metadata, default 16M"),
            new FsOption("noatime", "", "reading does not set times of last access"),
            new FsOption("commit", "SECONDS", "changes are written that often, default 5"),
            new FsOption("errors", "WHAT", "about damage: continue, remount-ro or panic; default: the superblock's"));

    private static final long DEFAULT_CACHE = 16 << 20;
    private static final long MIN_CACHE = 1 << 20;
    private static final long DEFAULT_COMMIT = 5;
    private static final long MAX_COMMIT = 24 * 60 * 60;

    static MountOptions of(FsOptions options) throws ErrnoException {
        options.requireKnown(List.of("ro", "cache", "noatime", "commit", "errors"));
        long cache = options.size("cache", DEFAULT_CACHE, MIN_CACHE, 1L << 40);
        long seconds = options.number("commit", DEFAULT_COMMIT, 1, MAX_COMMIT);
        long nanos = TimeUnit.SECONDS.toNanos(seconds);
        return new MountOptions(options.has("ro"), cache, !options.has("noatime"), nanos, onErrors(options));
    }

    private static @Nullable OnError onErrors(FsOptions options) throws ErrnoException {
        String text = options.text("errors");
        if (text == null) {
            return null;
        }
        for (OnError what : OnError.values()) {
            if (what.text().equals(text)) {
                return what;
            }
        }
        throw EINVAL.error("option errors=%s: must be continue, remount-ro or panic", text);
    }
}
