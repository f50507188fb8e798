// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;

/// The master boot record: four entries of 16 bytes at 446 (state at 0, type at 4, first sector at 8, sectors at
/// 12), 55 AA at 510. An extended partition begins with a table of one logical partition, relative to it, and the
/// next such table, relative to the extended partition.
final class Mbr {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int TABLE = 446;
    private static final int ENTRIES = 4;
    private static final int PROTECTIVE = 0xee;

    /// More logical partitions than any system has: the end of a chain that has none.
    private static final int MAX_LOGICAL = 128;

    private final BlockDevice disk;
    private final int sector;
    private final List<Rec> primary;

    private record Rec(int type, long start, long size) {
        boolean isExtended() {
            return type == 0x05 || type == 0x0f || type == 0x85;
        }
    }

    Mbr(BlockDevice disk) throws IOException {
        this.disk = disk;
        this.sector = Partitions.sectorSize(disk);
        this.primary = records(0);
    }

    boolean isProtective() {
        return primary.stream().anyMatch(rec -> rec.type == PROTECTIVE);
    }

    List<PartitionEntry> entries() throws IOException {
        var entries = new ArrayList<PartitionEntry>();
        for (int i = 0; i < primary.size(); i++) {
            Rec rec = primary.get(i);
            if (rec.type != 0 && !rec.isExtended()) {
                add(entries, i + 1, rec, 0);
            }
        }
        for (Rec rec : primary) {
            if (rec.isExtended()) {
                addLogical(entries, rec.start);
                break;
            }
        }
        return entries;
    }

    private void addLogical(List<PartitionEntry> entries, long extended) throws IOException {
        long at = extended;
        for (int number = 5; number < 5 + MAX_LOGICAL; number++) {
            if (!Partitions.fits(disk, at, sector)) {
                return;
            }
            List<Rec> records = records(at);
            if (records.size() < 2) {
                return;
            }
            if (records.get(0).type != 0) {
                add(entries, number, records.get(0), at);
            }
            Rec next = records.get(1);
            if (!next.isExtended() || next.start == 0) {
                return;
            }
            at = extended + next.start;
        }
    }

    private void add(List<PartitionEntry> entries, int number, Rec rec, long base) {
        if (Partitions.fits(disk, base + rec.start, rec.size)) {
            String type = String.format("%02x", rec.type);
            entries.add(new PartitionEntry("p" + number, base + rec.start, rec.size, type, ""));
        }
    }

    /// The four records of the table at `off`; none if it is no table.
    private List<Rec> records(long off) throws IOException {
        MemorySegment bytes = Partitions.bytes(disk, off, Math.max(sector, disk.blockSize()));
        var records = new ArrayList<Rec>();
        if (u8(bytes, 510) != 0x55 || u8(bytes, 511) != 0xaa) {
            return records;
        }
        for (int i = 0; i < ENTRIES; i++) {
            int at = TABLE + 16 * i;
            if ((u8(bytes, at) & 0x7f) != 0) {
                return List.of(); // a boot sector of something else
            }
            long start = Integer.toUnsignedLong(bytes.get(U32, at + 8));
            long count = Integer.toUnsignedLong(bytes.get(U32, at + 12));
            records.add(new Rec(u8(bytes, at + 4), start * sector, count * sector));
        }
        return records;
    }

    private static int u8(MemorySegment bytes, long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }
}
