// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

/// Workloads that make one table and one chart.
enum Group {
    METADATA("metadata", "Metadata, one client, nothing cached", Mode.UNCACHED),
    DATA("data", "Data, one client, direct", Mode.UNCACHED),
    CLIENTS("clients", "Two clients, nothing cached", Mode.UNCACHED),
    PASSTHROUGH("passthrough", "Data passed through by the kernel", Mode.PASSTHROUGH),
    TREE("tree", "A tree of files, each server's defaults", Mode.DEFAULT);

    private final String id;
    private final String title;
    private final Mode mode;

    Group(String id, String title, Mode mode) {
        this.id = id;
        this.title = title;
        this.mode = mode;
    }

    /// A word for options and file names.
    String id() {
        return id;
    }

    String title() {
        return title;
    }

    Mode mode() {
        return mode;
    }
}
