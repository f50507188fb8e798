// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

/// How fast a line has carried what full windows asked for, and so what it holds. Moments are of `System.nanoTime()`.
final class Pace {
    private double bytesPerNano; // 0 before the first

    /// What a stream with a full window has got since it last looked.
    static final class Gauge {
        private static final int LENGTH = 8 << 20; // bytes of a look

        private long since;
        private long from = -1;

        /// The stream has come to `position`, `now`.
        void at(long position, long now, Pace pace) {
            if (from >= 0 && position - from < LENGTH) {
                return;
            }
            if (from >= 0) {
                pace.bytesPerNano = (position - from) / (double) Math.max(1, now - since);
            }
            from = position;
            since = now;
        }
    }

    /// The bytes that are under way at a time where an answer takes `nanos`; 0 as long as nobody knows.
    long underWay(long nanos) {
        return (long) (bytesPerNano * nanos);
    }
}
