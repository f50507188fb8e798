// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

/// Where a run of a file's blocks is: filled in by [BlockMap#find], and used again for the next.
final class Run {
    /// The first block in the file.
    long logical;

    /// The first block on the disk; 0 in a hole.
    long physical;

    /// The number of blocks.
    long count;

    /// Allocated, but reads as zeros.
    boolean unwritten;

    boolean isHole() {
        return physical == 0;
    }

    /// Whether there is data to be read.
    boolean isData() {
        return physical != 0 && !unwritten;
    }

    long end() {
        return logical + count;
    }

    void hole(long first, long length) {
        set(first, 0, length, false);
    }

    void set(long first, long disk, long length, boolean zeros) {
        logical = first;
        physical = disk;
        count = length;
        unwritten = zeros;
    }

    /// Cuts it to what lies in `from` and the `max` blocks from there on.
    void cut(long from, long max) {
        long skip = from - logical;
        logical = from;
        physical += isHole() ? 0 : skip;
        count = Math.min(count - skip, max);
    }
}
