// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jpuffs.core.BlockDevice;

/// The BSD disklabel (sys/disklabel.h) of x86 systems, in the second sector of the disk or of its MBR partition:
/// magic at 0 and 132, checksum at 136 (all words exclusive-ored give 0), number of partitions at 138, from 148 on
/// sixteen bytes each (sectors at 0, first sector at 4, type at 12).
final class Disklabel {
    /// The MBR types of FreeBSD, OpenBSD and NetBSD.
    static final Set<String> TYPES = Set.of("a5", "a6", "a9");

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int MAGIC = 0x82564557;
    private static final int PARTITIONS = 148;
    private static final int RAW = 2; // the partition c
    private static final int MAX_PARTITIONS = 22; // what fits into a sector; NetBSD has 16

    private Disklabel() {}

    /// The partitions of the label in the second sector behind `base`; none if there is no label.
    ///
    /// Sectors are counted from the beginning of the disk, but FreeBSD's from where the raw partition `c` begins.
    static List<PartitionEntry> entries(BlockDevice disk, long base, String type) throws IOException {
        int sector = Partitions.sectorSize(disk);
        if (disk.size() - base < 2L * sector) {
            return List.of();
        }
        MemorySegment label = Partitions.bytes(disk, base + sector, sector);
        int count = Short.toUnsignedInt(label.get(U16, 138));
        if (label.get(U32, 0) != MAGIC
                || label.get(U32, 132) != MAGIC
                || count > MAX_PARTITIONS
                || !isWhole(label, count)) {
            return List.of();
        }
        long origin = type.equals("a5") && count > RAW ? base - first(label, RAW) * sector : 0;
        var entries = new ArrayList<PartitionEntry>();
        for (int i = 0; i < count; i++) {
            int at = PARTITIONS + 16 * i;
            long size = Integer.toUnsignedLong(label.get(U32, at)) * sector;
            long start = first(label, i) * sector + origin;
            int fsType = label.get(ValueLayout.JAVA_BYTE, at + 12) & 0xff;
            boolean whole = start == 0 && fsType == 0; // the raw disk
            if (!whole && size > 0 && start >= 0 && start < disk.size() && size <= disk.size() - start) {
                entries.add(
                        new PartitionEntry(String.valueOf((char) ('a' + i)), start, size, String.valueOf(fsType), ""));
            }
        }
        return entries;
    }

    private static long first(MemorySegment label, int partition) {
        return Integer.toUnsignedLong(label.get(U32, PARTITIONS + 16 * partition + 4));
    }

    private static boolean isWhole(MemorySegment label, int count) {
        int sum = 0;
        for (int at = 0; at < PARTITIONS + 16 * count; at += 2) {
            sum ^= label.get(U16, at);
        }
        return (sum & 0xffff) == 0;
    }
}
