// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.io.Le;

/// Where the blocks of directories, extent trees and extended attributes have their checksums, with metadata_csum
/// (kernel: Documentation/filesystems/ext4/checksums.rst). `seed` is that of the inode, for attributes that of the
/// file system.
final class Checksums {
    /// The bytes the checksum takes at the end of a directory block: an entry that is none.
    static final int DIR_TAIL = 12;

    private static final int TAIL_TYPE = 0xde;
    private static final int XATTR_CHECKSUM = 0x10;

    private Checksums() {}

    // Directories: leaves, and the nodes of an index

    static void sealDir(int seed, MemorySegment data) {
        int index = indexAt(data);
        if (index == 0) {
            long tail = data.byteSize() - DIR_TAIL;
            Le.put32(data, tail, 0);
            Le.put16(data, tail + 4, DIR_TAIL);
            Le.put8(data, tail + 6, 0);
            Le.put8(data, tail + 7, TAIL_TYPE);
            Le.put32(data, tail + 8, Crc.crc32c(seed, data, 0, tail));
        } else {
            long tail = indexTail(data, index);
            Le.put32(data, tail, 0);
            Le.put32(data, tail + 4, indexChecksum(seed, data, index));
        }
    }

    static boolean isDirGood(int seed, MemorySegment data) {
        int index = indexAt(data);
        if (index == 0) {
            long tail = data.byteSize() - DIR_TAIL;
            boolean present =
                    Le.i32(data, tail) == 0 && Le.u16(data, tail + 4) == DIR_TAIL && Le.u8(data, tail + 7) == TAIL_TYPE;
            return present && Le.i32(data, tail + 8) == Crc.crc32c(seed, data, 0, tail);
        }
        long tail = indexTail(data, index);
        return tail + 8 <= data.byteSize()
                && Le.u16(data, index + 2) <= Le.u16(data, index)
                && Le.i32(data, tail + 4) == indexChecksum(seed, data, index);
    }

    /// Where the entries of an index node begin, or 0 for a leaf.
    private static int indexAt(MemorySegment data) {
        int first = DirBlock.recLen(data, 0);
        if (first == data.byteSize() && Le.i32(data, 0) == 0) {
            return 8;
        }
        boolean root = first == 12
                && DirBlock.recLen(data, 12) == data.byteSize() - 12
                && Le.i32(data, 24) == 0
                && Le.u8(data, 29) == 8;
        return root ? 32 : 0;
    }

    private static long indexTail(MemorySegment data, int index) {
        return index + 8L * Le.u16(data, index);
    }

    private static int indexChecksum(int seed, MemorySegment data, int index) {
        int crc = Crc.crc32c(seed, data, 0, index + 8L * Le.u16(data, index + 2));
        crc = Crc.crc32c(crc, data, indexTail(data, index), 4);
        return Crc.crc32c(crc, 0);
    }

    // Blocks of an extent tree

    private static long extentTail(MemorySegment data) {
        return 12 + 12L * Le.u16(data, 4);
    }

    static void sealExtents(int seed, MemorySegment data) {
        long tail = extentTail(data);
        if (tail + 4 <= data.byteSize()) {
            Le.put32(data, tail, Crc.crc32c(seed, data, 0, tail));
        }
    }

    static boolean isExtentsGood(int seed, MemorySegment data) {
        long tail = extentTail(data);
        return tail + 4 <= data.byteSize() && Le.i32(data, tail) == Crc.crc32c(seed, data, 0, tail);
    }

    // Blocks of extended attributes

    private static int xattrChecksum(int seed, MemorySegment data, long block) {
        int crc = Crc.crc32c(Crc.crc32c(seed, block), data, 0, XATTR_CHECKSUM);
        crc = Crc.crc32c(crc, 0);
        return Crc.crc32c(crc, data, XATTR_CHECKSUM + 4, data.byteSize() - XATTR_CHECKSUM - 4);
    }

    static void sealXattrs(int seed, MemorySegment data, long block) {
        Le.put32(data, XATTR_CHECKSUM, xattrChecksum(seed, data, block));
    }

    static boolean isXattrsGood(int seed, MemorySegment data, long block) {
        return Le.i32(data, XATTR_CHECKSUM) == xattrChecksum(seed, data, block);
    }
}
