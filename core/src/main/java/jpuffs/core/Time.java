// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.time.Instant;

/// A point in time as files have it: seconds since 1970 (negative before), and nanoseconds from 0 to 999,999,999 to
/// add.
public record Time(long seconds, int nanos) implements Comparable<Time> {
    public static final Time EPOCH = new Time(0, 0);

    public Time {
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IllegalArgumentException("nanos out of range: " + nanos);
        }
    }

    /// The time of the system's clock.
    public static Time now() {
        return of(Instant.now());
    }

    public static Time of(Instant instant) {
        return new Time(instant.getEpochSecond(), instant.getNano());
    }

    /// The same as an [Instant]; times an Instant cannot hold become [Instant#MIN] or [Instant#MAX].
    public Instant toInstant() {
        if (seconds < Instant.MIN.getEpochSecond()) {
            return Instant.MIN;
        }
        return seconds > Instant.MAX.getEpochSecond() ? Instant.MAX : Instant.ofEpochSecond(seconds, nanos);
    }

    @Override
    public int compareTo(Time other) {
        int bySeconds = Long.compare(seconds, other.seconds);
        return bySeconds != 0 ? bySeconds : Integer.compare(nanos, other.nanos);
    }
}
