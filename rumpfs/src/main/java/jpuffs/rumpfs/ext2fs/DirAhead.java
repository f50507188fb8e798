// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.util.Arrays;
import jpuffs.rumpfs.io.ByteDisk;

/// Has the host bring what lies around the block of a directory, since that is other directories mostly (see
/// [BlockAllocator#hint]): who walks through a tree would wait for each of them.
final class DirAhead {
    private static final int AROUND = 256 << 10; // bytes

    private final ByteDisk disk;
    private final Superblock sb;
    private final long[] asked = new long[256]; // parts of the disk, by the last bits of their numbers

    DirAhead(ByteDisk disk, Superblock sb) {
        this.disk = disk;
        this.sb = sb;
        Arrays.fill(asked, -1);
    }

    /// A block is about to be read, perhaps from the disk.
    void around(long block) {
        if (block >= sb.blocks) {
            return; // who reads it is told
        }
        long part = (block << sb.logBlockSize) / AROUND;
        int at = (int) (part % asked.length);
        if (asked[at] == part) {
            return;
        }
        asked[at] = part;
        try {
            long off = part * AROUND;
            disk.prefetch(off, Math.min(AROUND, (sb.blocks << sb.logBlockSize) - off));
        } catch (IOException e) {
            Ext2Fs.LOG.log(System.Logger.Level.DEBUG, "who reads that is told", e);
        }
    }
}
