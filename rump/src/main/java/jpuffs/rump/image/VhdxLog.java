// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;
import jpuffs.rump.disk.ImageFile;

/// The log of a VHDX file ([MS-VHDX] 2.3): changes to its tables that are to be made again after a crash.
final class VhdxLog {
    private static final int SECTOR = 4096;
    private static final int ENTRY_HEAD = 64;
    private static final int DESCRIPTOR = 32;
    private static final int MAX_BYTES = 64 << 20;
    private static final int CHECKED_TIMES = 8;
    private static final int MAX_TRIES = 64;
    private static final int ENTRY = 0x65676f6c; // "loge"
    private static final int ZERO = 0x6f72657a; // "zero"
    private static final int DATA = 0x63736564; // "desc"
    private static final int SECTOR_OF_DATA = 0x61746164; // "data"

    private final ImageFile file;
    private final byte[] log;
    private final Map<Integer, Entry> entries = new HashMap<>(); // by place in the log

    /// @param at in the log
    /// @param tail where the oldest entry was that counted then
    private record Entry(int at, int bytes, int tail, long sequence) {}

    /// What is to be written.
    ///
    /// @param bytes empty: zeros
    @SuppressWarnings("ArrayRecordComponent") // compared with nothing
    record Change(long off, long length, byte[] bytes) {}

    private VhdxLog(ImageFile file, byte[] log) {
        this.file = file;
        this.log = log;
    }

    /// What the log says, in its order.
    ///
    /// @throws IOException EUCLEAN if it is damaged
    static List<Change> read(ImageFile file, long off, int length, UUID id) throws IOException {
        if (length < SECTOR || length > MAX_BYTES || length % SECTOR != 0) {
            throw EUCLEAN.error("%s: a log of %d bytes", file.path(), length);
        }
        var log = new VhdxLog(file, Tables.read(file, off, length, "the log"));
        log.findEntries(id);
        var changes = new ArrayList<Change>();
        for (Entry entry : log.active()) {
            log.changes(entry, changes);
        }
        return changes;
    }

    private void findEntries(UUID id) throws IOException {
        long checked = 0;
        for (int at = 0; at < log.length; at += SECTOR) {
            ByteBuffer head = Tables.le(bytes(at, ENTRY_HEAD));
            int bytes = head.getInt(8);
            int tail = head.getInt(12);
            boolean mayBe = head.getInt(0) == ENTRY
                    && bytes >= SECTOR
                    && bytes <= log.length
                    && bytes % SECTOR == 0
                    && tail >= 0
                    && tail < log.length
                    && tail % SECTOR == 0
                    && head.getLong(16) != 0
                    && Vhdx.guid(head, 32).equals(id);
            if (!mayBe) {
                continue;
            }
            checked += bytes;
            if (checked > (long) CHECKED_TIMES * log.length) {
                throw EUCLEAN.error("%s: a log that makes no sense", file.path());
            }
            byte[] all = bytes(at, bytes);
            if (Vhdx.isSumRight(all)) {
                entries.put(at, new Entry(at, bytes, tail, head.getLong(16)));
            }
        }
    }

    /// From a place in the log, which goes round.
    private byte[] bytes(int at, int count) {
        byte[] bytes = new byte[count];
        int first = Math.min(count, log.length - at);
        System.arraycopy(log, at, bytes, 0, first);
        System.arraycopy(log, 0, bytes, first, count - first);
        return bytes;
    }

    /// The entries from the tail of the newest to it, all of which must be there.
    private List<Entry> active() throws IOException {
        List<Entry> newest = entries.values().stream()
                .sorted(Comparator.comparingLong(Entry::sequence).reversed())
                .limit(MAX_TRIES)
                .toList();
        for (Entry head : newest) {
            var chain = new ArrayList<Entry>();
            Entry entry = entries.get(head.tail);
            while (entry != null && entry.sequence < head.sequence && chain.size() < entries.size()) {
                chain.add(entry);
                Entry next = entries.get((entry.at + entry.bytes) % log.length);
                entry = next != null && next.sequence == entry.sequence + 1 ? next : null;
            }
            if (head.equals(entry)) {
                chain.add(head);
                return List.copyOf(chain);
            }
        }
        if (!newest.isEmpty()) {
            throw EUCLEAN.error("%s: its log has no beginning", file.path());
        }
        return List.of();
    }

    private void changes(Entry entry, List<Change> changes) throws IOException {
        ByteBuffer bytes = Tables.le(bytes(entry.at, entry.bytes));
        int count = bytes.getInt(24);
        long needed = ENTRY_HEAD + (count & 0xffffffffL) * DESCRIPTOR;
        long sector = (needed + SECTOR - 1) / SECTOR * SECTOR;
        if (needed > entry.bytes || bytes.getLong(48) > file.length()) {
            throw EUCLEAN.error("%s: a log entry with %d changes", file.path(), count);
        }
        for (int i = 0; i < count; i++) {
            int at = ENTRY_HEAD + i * DESCRIPTOR;
            long off = bytes.getLong(at + 16);
            boolean isZero = bytes.getInt(at) == ZERO;
            long length = isZero ? bytes.getLong(at + 8) : SECTOR;
            boolean sound = (isZero || bytes.getInt(at) == DATA)
                    && bytes.getLong(at + 24) == entry.sequence
                    && off >= 0
                    && length >= 0
                    && (off | length) % SECTOR == 0
                    && off <= Long.MAX_VALUE - length
                    && (isZero || sector + SECTOR <= entry.bytes);
            if (!sound) {
                throw EUCLEAN.error("%s: a log entry with an unsound change", file.path());
            }
            changes.add(new Change(off, length, isZero ? new byte[0] : data(bytes, at, (int) sector)));
            sector += isZero ? 0 : SECTOR;
        }
    }

    /// A sector of the log, whose first 8 and last 4 bytes are in the descriptor.
    private byte[] data(ByteBuffer bytes, int descriptor, int sector) throws IOException {
        if (bytes.getInt(sector) != SECTOR_OF_DATA) {
            throw EUCLEAN.error("%s: a log entry without its data", file.path());
        }
        byte[] data = new byte[SECTOR];
        bytes.get(sector, data);
        bytes.get(descriptor + 8, data, 0, 8);
        bytes.get(descriptor + 4, data, SECTOR - 4, 4);
        return data;
    }

    /// CRC-32C of all bytes, those of the sum itself taken as zeros.
    static int sum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, 4);
        crc.update(new byte[4]);
        crc.update(bytes, 8, bytes.length - 8);
        return (int) crc.getValue();
    }
}
