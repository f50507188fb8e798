// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;
import jpuffs.core.BlockDevice;
import org.jspecify.annotations.Nullable;

/// The GUID partition table (UEFI specification, section 5.3): header in sector 1, copy in the last one, each with
/// the place of its array of entries and the CRC-32 of both.
final class Gpt {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final long SIGNATURE = 0x5452_4150_2049_4645L; // "EFI PART"
    private static final int HEADER_BYTES = 92;
    private static final int CRC = 16;
    private static final int ENTRY_BYTES = 128;
    private static final int NAME_BYTES = 72;
    private static final int MAX_TABLE = 1 << 20;

    private final BlockDevice disk;
    private final int sector;

    Gpt(BlockDevice disk) {
        this.disk = disk;
        this.sector = disk.blockSize();
    }

    /// @throws IOException EUCLEAN if neither the table nor its copy is whole
    List<PartitionEntry> entries() throws IOException {
        List<PartitionEntry> entries = table(1);
        if (entries == null) {
            entries = table(disk.size() / sector - 1);
        }
        if (entries == null) {
            throw EUCLEAN.error("neither copy of the GUID partition table is whole");
        }
        return entries;
    }

    /// The entries of the table whose header is in sector `lba`; null if it is not whole.
    private @Nullable List<PartitionEntry> table(long lba) throws IOException {
        if ((lba + 1) * sector > disk.size()) {
            return null;
        }
        MemorySegment header = Partitions.bytes(disk, lba * sector, sector);
        int headerBytes = header.get(U32, 12);
        if (header.get(U64, 0) != SIGNATURE || headerBytes < HEADER_BYTES || headerBytes > sector) {
            return null;
        }
        int crc = header.get(U32, CRC);
        header.set(U32, CRC, 0);
        if (crc32(header.asSlice(0, headerBytes)) != crc || header.get(U64, 24) != lba) {
            return null;
        }
        return entries(header);
    }

    private @Nullable List<PartitionEntry> entries(MemorySegment header) throws IOException {
        long count = Integer.toUnsignedLong(header.get(U32, 80));
        long size = Integer.toUnsignedLong(header.get(U32, 84));
        long at = header.get(U64, 72);
        if (size < ENTRY_BYTES || size % 8 != 0 || count > MAX_TABLE / size || at < 2 || at > disk.size() / sector) {
            return null;
        }
        int bytes = (int) ((count * size + sector - 1) / sector * sector);
        if (bytes > disk.size() - at * sector) {
            return null;
        }
        MemorySegment table = Partitions.bytes(disk, at * sector, bytes);
        if (crc32(table.asSlice(0, count * size)) != header.get(U32, 88)) {
            return null;
        }
        var entries = new ArrayList<PartitionEntry>();
        for (int i = 0; i < count; i++) {
            add(entries, i + 1, table.asSlice(i * size, ENTRY_BYTES));
        }
        return entries;
    }

    private void add(List<PartitionEntry> entries, int number, MemorySegment rec) {
        UUID type = guid(rec);
        long first = rec.get(U64, 32);
        long last = rec.get(U64, 40);
        long sectors = disk.size() / sector;
        if (type.equals(new UUID(0, 0)) || first < 2 || last < first || last >= sectors) {
            return;
        }
        byte[] name = rec.asSlice(56, NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(name, UTF_16LE);
        int end = text.indexOf('\0');
        entries.add(new PartitionEntry(
                "p" + number,
                first * sector,
                (last - first + 1) * sector,
                type.toString(),
                end < 0 ? text : text.substring(0, end)));
    }

    /// The first three fields of a GUID are little-endian, the rest is bytes.
    private static UUID guid(MemorySegment at) {
        long high = Integer.toUnsignedLong(at.get(U32, 0)) << 32
                | Short.toUnsignedLong(at.get(U16, 4)) << 16
                | Short.toUnsignedLong(at.get(U16, 6));
        return new UUID(high, Long.reverseBytes(at.get(U64, 8)));
    }

    private static int crc32(MemorySegment bytes) {
        var crc = new CRC32();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }
}
