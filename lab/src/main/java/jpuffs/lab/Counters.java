// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jpuffs.puffs.Opcode;

/// How often each operation was asked of servers, and what came of it. Thread-safe.
final class Counters {
    /// One operation.
    static final class Row {
        private long count;
        private long errors;
        private long bytesOut;
        private long bytesIn;
        private long nanos;
        private long maxNanos;
    }

    private final Map<Opcode, Row> rows = new EnumMap<>(Opcode.class);

    /// A request was sent; of `bytes` with its header.
    synchronized void asked(Opcode op, long bytes) {
        Row row = rows.computeIfAbsent(op, _ -> new Row());
        row.count++;
        row.bytesOut += bytes;
    }

    /// It was answered.
    synchronized void answered(Opcode op, int error, long bytes, long nanos) {
        Row row = rows.computeIfAbsent(op, _ -> new Row());
        row.errors += error == 0 ? 0 : 1;
        row.bytesIn += bytes;
        row.nanos += nanos;
        row.maxNanos = Math.max(row.maxNanos, nanos);
    }

    /// A table: the heading, then an operation a line.
    synchronized List<List<String>> table() {
        var table = new ArrayList<List<String>>();
        table.add(List.of("operation", "requests", "errors", "bytes out", "bytes in", "mean us", "max us"));
        rows.forEach((op, row) -> table.add(List.of(
                op.name(),
                Long.toString(row.count),
                Long.toString(row.errors),
                Long.toString(row.bytesOut),
                Long.toString(row.bytesIn),
                Long.toString(row.nanos / Math.max(1, row.count) / 1000),
                Long.toString(row.maxNanos / 1000))));
        return table;
    }
}
