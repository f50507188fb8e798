// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

/// Workloads that make one table and one chart.
enum Group {
    METADATA("metadata", "Metadata, one client, nothing cached", Mode.UNCACHED),
    DATA("data", "Data, one client, direct", Mode.UNCACHED),
    CLIENTS("clients", "Two clients, nothing cached", Mode.UNCACHED),
    PASSTHROUGH("passthrough", "Data passed through by the kernel", Mode.PASSTHROUGH),
    TREE("tree", "A tree of files, each server's defaults", Mode.DEFAULT),
    /// The first round of those, once only: what servers do that have just been started.
    FRESH("fresh", "The same, servers just started (one round)", Mode.DEFAULT),
    IMAGE_DATA("image-data", "Data on a disk image", Mode.IMAGE),
    IMAGE_CLIENTS("image-clients", "Several clients on a disk image, direct", Mode.IMAGE),
    IMAGE_TREE("image-tree", "A tree of files on a disk image", Mode.IMAGE),
    IN_PROCESS("in-process", "A tree of files on a disk image, used in process", Mode.IMAGE);

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

    /// The one number a table shows for a sample, in nanoseconds for each operation. For one client it is the
    /// median of its operations, which other work on the machine disturbs least; for two it is what both get done
    /// together.
    double nanosPerOp(Sample sample) {
        return this == CLIENTS || this == IMAGE_CLIENTS ? sample.nanosPerOp() : sample.p50();
    }
}
