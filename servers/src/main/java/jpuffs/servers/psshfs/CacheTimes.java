// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long what the server said is believed. Moments are of `System.nanoTime()`.
final class CacheTimes {
    private final long stat;
    private final long listing;
    private final long link;
    private long dropped;

    private CacheTimes(long stat, long listing, long link) {
        this.stat = stat;
        this.listing = listing;
        this.link = link;
        dropped = System.nanoTime();
    }

    static CacheTimes of(Options options) {
        return new CacheTimes(
                nanos(options.cacheTime("stat")), nanos(options.cacheTime("dir")), nanos(options.cacheTime("link")));
    }

    private static long nanos(@Nullable Duration time) {
        return time == null ? -1 : time.toNanos();
    }

    boolean isStatFresh(long at) {
        return isFresh(at, stat);
    }

    boolean isListingFresh(long at) {
        return isFresh(at, listing);
    }

    boolean isLinkFresh(long at) {
        return isFresh(at, link);
    }

    private boolean isFresh(long at, long life) {
        return at - dropped >= 0 && (life < 0 || System.nanoTime() - at < life);
    }

    /// Nothing that was learned before now is fresh any more.
    void dropAll() {
        dropped = System.nanoTime();
    }
}
