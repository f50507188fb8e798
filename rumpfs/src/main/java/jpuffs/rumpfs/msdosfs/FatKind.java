// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

/// How wide the entries of the table are.
enum FatKind {
    FAT12(12, 0xfff, 4084),
    FAT16(16, 0xffff, 65524),
    FAT32(32, 0xfffffff, 0xffffff4); // the upper four bits are not the entry's

    final int bits;
    final int mask;

    /// So many clusters there may be. (FAT32 specification, "FAT Type Determination".)
    final int maxClusters;

    FatKind(int bits, int mask, int maxClusters) {
        this.bits = bits;
        this.mask = mask;
        this.maxClusters = maxClusters;
    }

    /// Bytes of a table for so many clusters.
    long tableBytes(long clusters) {
        return ((clusters + 2) * bits + 7) / 8;
    }
}
