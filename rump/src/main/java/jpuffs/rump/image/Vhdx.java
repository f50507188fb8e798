// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;
import org.jspecify.annotations.Nullable;

/// The head of a VHDX file ([MS-VHDX] 2.2, 2.5, 2.6): headers, regions, metadata. Little-endian.
///
/// @param file with the changes of the log
/// @param header the valid one with the larger sequence number
/// @param headerOffset where the other one is, which is the next to be written
/// @param wasDirty whether the log had changes
/// @param bat where the table of blocks is
/// @param fixed whether blocks are never given back, which a fixed one says
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
record Vhdx(
        ImageFile file,
        byte[] header,
        long headerOffset,
        boolean wasDirty,
        Region bat,
        Region metadata,
        Region log,
        int blockBytes,
        int sectorBytes,
        long size,
        boolean fixed) {
    private static final int KIB64 = 64 << 10;
    private static final int MIB = 1 << 20;
    private static final int HEADER_BYTES = 4096;
    private static final int HEADER = 0x64616568; // "head"
    private static final int REGIONS = 0x69676572; // "regi"
    private static final long METADATA = 0x617461646174656dL; // "metadata"
    private static final long MAX_SIZE = 64L << 40;
    private static final int MAX_ENTRIES = 2047;
    private static final UUID NONE = new UUID(0, 0);
    private static final UUID BAT_REGION = UUID.fromString("2dc27766-f623-4200-9d64-115e9bfd4a08");
    private static final UUID METADATA_REGION = UUID.fromString("8b7ca206-4790-4b9a-b8fe-575f050f886e");
    private static final UUID PARAMETERS = UUID.fromString("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static final UUID SIZE = UUID.fromString("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
    private static final UUID SECTOR = UUID.fromString("8141bf1d-a96f-4709-ba47-f233a8faab5f");
    private static final List<UUID> OTHER = List.of(
            UUID.fromString("beca12ab-b2e6-4523-93ef-c309e000c746"), // page 83
            UUID.fromString("cda348c7-445d-4471-9cc9-e9885251c556"), // physical sector
            UUID.fromString("a8d35f2d-b30b-454d-abf7-d3d84834ab0c")); // parent locator

    /// A part of the file.
    record Region(long off, long length) {
        boolean overlaps(long at, long count) {
            return at < off + length && off < at + count;
        }
    }

    static UUID guid(ByteBuffer le, int at) {
        long high = (le.getInt(at) & 0xffffffffL) << 32
                | (le.getShort(at + 4) & 0xffffL) << 16
                | le.getShort(at + 6) & 0xffffL;
        return new UUID(high, Long.reverseBytes(le.getLong(at + 8)));
    }

    private static void putGuid(ByteBuffer le, int at, UUID id) {
        long high = id.getMostSignificantBits();
        le.putInt(at, (int) (high >>> 32))
                .putShort(at + 4, (short) (high >>> 16))
                .putShort(at + 6, (short) high);
        le.putLong(at + 8, Long.reverseBytes(id.getLeastSignificantBits()));
    }

    static boolean isSumRight(byte[] bytes) {
        return VhdxLog.sum(bytes) == Tables.le(bytes).getInt(4);
    }

    private static ErrnoException bad(ImageFile file, String what) {
        return EUCLEAN.error("%s: not a sound VHDX image: %s", file.path(), what);
    }

    /// Reads the head, and does what the log says: in the file if it may be written, else in memory.
    static Vhdx read(ImageFile plain) throws IOException {
        byte[] one = header(plain, KIB64);
        byte[] two = header(plain, 2 * KIB64);
        if (one == null && two == null) {
            throw bad(plain, "no header with a right checksum");
        }
        boolean isFirst = two == null || one != null && sequence(one) >= sequence(two);
        byte[] header = isFirst ? Objects.requireNonNull(one) : Objects.requireNonNull(two);
        ByteBuffer head = Tables.le(header);
        if (head.getShort(66) != 1) {
            throw EOPNOTSUPP.error("%s: VHDX version %d", plain.path(), head.getShort(66));
        }
        var log = new Region(head.getLong(72), head.getInt(68));
        UUID logId = guid(head, 48);
        List<VhdxLog.Change> changes =
                logId.equals(NONE) ? List.of() : VhdxLog.read(plain, log.off, head.getInt(68), logId);
        ImageFile file = replay(plain, changes);
        return withTables(file, header, isFirst ? 2 * KIB64 : KIB64, !changes.isEmpty(), log);
    }

    private static ImageFile replay(ImageFile file, List<VhdxLog.Change> changes) throws IOException {
        if (changes.isEmpty()) {
            return file;
        }
        if (file.isReadOnly()) {
            return new ReplayedFile(file, changes);
        }
        for (VhdxLog.Change change : changes) {
            if (change.bytes().length > 0) {
                file.write(MemorySegment.ofArray(change.bytes()), change.off());
            } else {
                zero(file, change.off(), Math.min(change.off() + change.length(), file.length()));
            }
        }
        file.flush();
        return file;
    }

    private static void zero(ImageFile file, long from, long to) throws IOException {
        byte[] zeros = new byte[MIB];
        for (long at = from; at < to; at += MIB) {
            file.write(MemorySegment.ofArray(zeros).asSlice(0, Math.min(MIB, to - at)), at);
        }
    }

    private static byte @Nullable [] header(ImageFile file, long at) throws IOException {
        byte[] bytes = Tables.readSome(file, at, HEADER_BYTES);
        return Tables.le(bytes).getInt(0) == HEADER && isSumRight(bytes) ? bytes : null;
    }

    private static long sequence(byte[] header) {
        return Tables.le(header).getLong(8);
    }

    private static Vhdx withTables(ImageFile file, byte[] header, long next, boolean wasDirty, Region log)
            throws IOException {
        ByteBuffer regions = regions(file);
        Region bat = region(file, regions, BAT_REGION);
        Region metadata = region(file, regions, METADATA_REGION);
        byte[] table = Tables.read(file, metadata.off, KIB64, "the metadata");
        ByteBuffer meta = Tables.le(table);
        int count = meta.getShort(10) & 0xffff;
        if (meta.getLong(0) != METADATA || count > MAX_ENTRIES) {
            throw bad(file, "no metadata");
        }
        refuseUnknown(file, meta, count);
        ByteBuffer parameters = item(file, metadata, meta, count, PARAMETERS, 8);
        int flags = parameters.getInt(4);
        if ((flags & 2) != 0) {
            throw EOPNOTSUPP.error("%s is a differencing VHDX, which stands on another", file.path());
        }
        var head = new Vhdx(
                file,
                header,
                next,
                wasDirty,
                bat,
                metadata,
                log,
                parameters.getInt(0),
                item(file, metadata, meta, count, SECTOR, 4).getInt(0),
                item(file, metadata, meta, count, SIZE, 8).getLong(0),
                (flags & 1) != 0);
        head.check();
        return head;
    }

    private static ByteBuffer regions(ImageFile file) throws IOException {
        for (long at : new long[] {3 * KIB64, 4 * KIB64}) {
            byte[] bytes = Tables.readSome(file, at, KIB64);
            ByteBuffer table = Tables.le(bytes);
            if (table.getInt(0) == REGIONS && isSumRight(bytes) && (table.getInt(8) & 0xffffffffL) <= MAX_ENTRIES) {
                return table;
            }
        }
        throw bad(file, "no region table with a right checksum");
    }

    private static Region region(ImageFile file, ByteBuffer table, UUID wanted) throws IOException {
        Region found = null;
        for (int i = 0; i < table.getInt(8); i++) {
            int at = 16 + 32 * i;
            UUID id = guid(table, at);
            if (id.equals(wanted)) {
                found = new Region(table.getLong(at + 16), table.getInt(at + 24) & 0xffffffffL);
            } else if ((table.getInt(at + 28) & 1) != 0 && !id.equals(BAT_REGION) && !id.equals(METADATA_REGION)) {
                throw EOPNOTSUPP.error("%s needs region %s, which is not known", file.path(), id);
            }
        }
        if (found == null || found.off < MIB || found.length < MIB || found.off > file.length() - found.length) {
            throw bad(file, "region " + wanted + (found == null ? " is not there" : ": " + found));
        }
        return found;
    }

    private static void refuseUnknown(ImageFile file, ByteBuffer meta, int count) throws ErrnoException {
        for (int i = 0; i < count; i++) {
            UUID id = guid(meta, 32 + 32 * i);
            boolean known =
                    OTHER.contains(id) || List.of(PARAMETERS, SIZE, SECTOR).contains(id);
            if (!known && (meta.getInt(32 + 32 * i + 24) & 4) != 0) {
                throw EOPNOTSUPP.error("%s needs metadata %s, which is not known", file.path(), id);
            }
        }
    }

    private static ByteBuffer item(ImageFile file, Region metadata, ByteBuffer meta, int count, UUID wanted, int bytes)
            throws IOException {
        for (int i = 0; i < count; i++) {
            int at = 32 + 32 * i;
            long off = meta.getInt(at + 16) & 0xffffffffL;
            if (guid(meta, at).equals(wanted) && off <= metadata.length - bytes) {
                return Tables.le(Tables.read(file, metadata.off + off, bytes, "metadata"));
            }
        }
        throw bad(file, "no metadata " + wanted);
    }

    private void check() throws ErrnoException {
        boolean sectors = sectorBytes == 512 || sectorBytes == 4096;
        if (!sectors || blockBytes < MIB || blockBytes > 256 * MIB || Integer.bitCount(blockBytes) != 1) {
            throw bad(file, "blocks of " + blockBytes + " bytes, sectors of " + sectorBytes);
        }
        if (size < 0
                || size > MAX_SIZE
                || size % sectorBytes != 0
                || entry((size + blockBytes - 1) / blockBytes) * 8 > bat.length) {
            throw bad(file, size + " bytes, a table of " + bat.length);
        }
    }

    /// The place of a block in the table, where behind each chunk of blocks there is one for a bitmap.
    long entry(long block) {
        long chunk = (1L << 23) * sectorBytes / blockBytes;
        return block + block / chunk;
    }

    /// Says in the file that its content changes, and that its log is done with.
    void begin() throws IOException {
        byte[] next = header.clone();
        ByteBuffer head = Tables.le(next);
        head.putLong(8, sequence(header) + 1);
        putGuid(head, 16, UUID.randomUUID());
        putGuid(head, 32, UUID.randomUUID());
        putGuid(head, 48, NONE);
        head.putInt(4, VhdxLog.sum(next));
        file.write(MemorySegment.ofArray(next), headerOffset);
        file.flush();
    }
}
