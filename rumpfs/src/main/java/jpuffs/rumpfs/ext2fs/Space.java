// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import jpuffs.core.Name;
import jpuffs.core.StatFs;

/// What statfs(2) tells of a file system.
final class Space {
    private final Ext2Fs fs;
    private final long overhead;

    Space(Ext2Fs fs) throws IOException {
        this.fs = fs;
        this.overhead = countOverhead();
    }

    /// What no file can have: tables, copies of the superblock, the journal.
    private long countOverhead() throws IOException {
        Superblock sb = fs.sb();
        long count = sb.firstDataBlock;
        for (int group = 0; group < sb.groups; group++) {
            count += sb.baseBlocks(group) + 2L + fs.groups().tableBlocks();
        }
        if (sb.features.compat(Features.HAS_JOURNAL) && sb.journalInum() != 0) {
            long journalBlocks = fs.inodes().load(sb.journalInum()).size() >>> sb.logBlockSize;
            count += Math.clamp(journalBlocks, 0, sb.blocks);
        }
        return count;
    }

    StatFs statfs() {
        Superblock sb = fs.sb();
        long size = Math.max(sb.blocks - overhead, 0);
        long ratio = sb.clusterRatio;
        return new StatFs(
                sb.blockSize,
                size,
                fs.blocks().free() * ratio,
                fs.blocks().available() * ratio,
                sb.inodes,
                fs.inodeAllocator().free(),
                Name.MAX);
    }
}
