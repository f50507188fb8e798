// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.util.Arrays;
import jpuffs.core.ErrnoException;

/// The blocks of the file system's own: copies of the superblock and the descriptors, bitmaps, inodes. A file that
/// claims one of them is damaged, and must not be written.
final class Zone {
    private final long blocks;
    private final long[] starts; // sorted; of ranges that do not touch
    private final long[] ends;

    Zone(Superblock sb, Groups groups) {
        this.blocks = sb.blocks;
        var from = new long[4 * sb.groups];
        var to = new long[4 * sb.groups];
        int n = 0;
        for (int group = 0; group < sb.groups; group++) {
            long start = sb.groupStart(group);
            int base = sb.baseBlocks(group) - (sb.hasSuper(group) ? sb.reservedGdtBlocks() : 0);
            long[] firsts = {start, groups.blockBitmap(group), groups.inodeBitmap(group), groups.inodeTable(group)};
            long[] counts = {Math.max(base, 0), 1, 1, groups.tableBlocks()};
            for (int i = 0; i < 4; i++) {
                from[n] = firsts[i];
                to[n++] = firsts[i] + counts[i];
            }
        }
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compare(from[a], from[b]));
        var first = new long[n];
        var last = new long[n];
        int merged = 0;
        for (int i : order) {
            if (from[i] == to[i]) {
                continue;
            }
            if (merged > 0 && from[i] <= last[merged - 1]) {
                last[merged - 1] = Math.max(last[merged - 1], to[i]);
            } else {
                first[merged] = from[i];
                last[merged++] = to[i];
            }
        }
        this.starts = Arrays.copyOf(first, merged);
        this.ends = Arrays.copyOf(last, merged);
    }

    /// Whether a file may have these blocks.
    boolean isData(long block, long count) {
        if (block <= 0 || count > blocks || block > blocks - count) {
            return false;
        }
        int at = Arrays.binarySearch(starts, block);
        int before = at >= 0 ? at : -at - 2;
        boolean clearBefore = before < 0 || ends[before] <= block;
        boolean clearBehind = before + 1 >= starts.length || starts[before + 1] >= block + count;
        return clearBefore && clearBehind;
    }

    /// @throws ErrnoException EUCLEAN
    void require(long block, long count) throws ErrnoException {
        if (!isData(block, count)) {
            throw EUCLEAN.error("blocks %d to %d cannot be a file's", block, block + count - 1);
        }
    }
}
