// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import java.time.Clock;
import jpuffs.core.Attr;
import jpuffs.core.Time;

/// Whether a file is what it was: by its size, mtime and ctime.
final class Freshness {
    /// In place of a digest: nothing is known.
    static final long UNKNOWN = 0;

    /// The longest tick of a kernel clock is 10 ms (HZ=100): files changed within one tick may have the same times.
    private static final int TICKS_MILLIS = 20;

    private static final long MIX = 0x9e3779b97f4a7c15L;

    private Freshness() {}

    static long digest(Attr attr) {
        return (digest(attr.mtime()) * MIX + digest(attr.ctime())) * MIX + attr.size();
    }

    private static long digest(Time time) {
        return time.seconds() * 1_000_000_000L + time.nanos();
    }

    /// Whether a change made now would change the times.
    static boolean isSettled(Attr attr) {
        long ctime = attr.ctime().seconds() * 1000 + attr.ctime().nanos() / 1_000_000;
        return ctime + TICKS_MILLIS < Clock.systemUTC().millis();
    }
}
