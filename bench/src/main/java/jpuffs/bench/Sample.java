// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.util.regex.Pattern;

/// What one run of `load` measured.
///
/// @param ops operations by all clients together
/// @param nanos the wall time they took
/// @param p50 the median time of one operation, in nanoseconds
/// @param p99 its 99th percentile
record Sample(long ops, long nanos, long p50, long p99) {
    private static final Pattern LINE = Pattern.compile("ops=(\\d+) ns=(\\d+) p50=(\\d+) p99=(\\d+)\\s*");

    /// Reads the line that `load` prints.
    static Sample parse(String line) throws IOException {
        var m = LINE.matcher(line);
        if (!m.matches()) {
            throw new IOException("load said \"" + line.strip() + "\"");
        }
        return new Sample(
                Long.parseLong(m.group(1)),
                Long.parseLong(m.group(2)),
                Long.parseLong(m.group(3)),
                Long.parseLong(m.group(4)));
    }

    /// Wall time for each operation, in nanoseconds: with several clients less than any of them waits.
    double nanosPerOp() {
        return (double) nanos / ops;
    }
}
