// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.util.Objects.requireNonNull;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.UUID;
import jpuffs.rumpfs.fat.Chain;
import jpuffs.rumpfs.fat.Run;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.ByteDisk;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// What the root directory has beside files: where the bitmap and the up-case table are, the label, the GUID.
/// (exFAT specification 7.1 to 7.3, 7.5.)
final class RootScan {
    /// Places of a directory: 256 MiB.
    static final int MAX_SLOTS = 1 << 23;

    private static final int FIRST_CLUSTER = 20;
    private static final int LENGTH = 24;
    private static final int BITMAP_FLAGS = 1;
    private static final int TABLE_SUM = 4;
    private static final int LABEL_LENGTH = 1;
    private static final int LABEL_AT = 2;
    private static final int MAX_LABEL = 11;
    private static final int GUID_AT = 6;

    private final Heap heap;
    final Chain chain;
    final Slots slots;
    private @Nullable MemorySegment bitmap;
    private @Nullable MemorySegment table;
    private @Nullable MemorySegment label;
    private @Nullable MemorySegment guid;

    RootScan(BootRegion boot, Heap heap) throws IOException {
        this.heap = heap;
        chain = Chain.inTable(heap, boot.rootCluster, Math.min(maxClusters(heap), heap.count()));
        this.slots = Slots.of(heap, chain, MAX_SLOTS);
        int wanted = Le.u8(boot.raw, BootRegion.FATS) == 2 ? Le.u16(boot.raw, BootRegion.FLAGS) & 1 : 0;
        var scanner = new DirScanner(slots, 0);
        while (scanner.next()) {
            keep(scanner.found(), wanted);
        }
    }

    private static int maxClusters(Heap heap) {
        return Math.max(1, MAX_SLOTS / (heap.size() / Slots.SIZE));
    }

    private void keep(DirScanner.Found found, int wantedBitmap) throws IOException {
        switch (found.type()) {
            case EntrySet.BITMAP -> {
                MemorySegment entry = slots.read(found.first());
                if ((Le.u8(entry, BITMAP_FLAGS) & 1) == wantedBitmap && bitmap == null) {
                    bitmap = entry;
                }
            }
            case EntrySet.UP_CASE -> table = table == null ? slots.read(found.first()) : table;
            case EntrySet.LABEL -> label = label == null ? slots.read(found.first()) : label;
            case EntrySet.GUID -> guid = guid == null ? slots.read(found.first()) : guid;
            default -> {}
        }
    }

    /// Lets the heap use the bitmap.
    ///
    /// @throws IOException EUCLEAN if there is no good one
    void useBitmap() throws IOException {
        if (bitmap == null) {
            throw EUCLEAN.error("there is no allocation bitmap");
        }
        heap.useBitmap(cluster(bitmap), Le.i64(bitmap, LENGTH));
    }

    private int cluster(MemorySegment entry) throws IOException {
        long first = Le.u32(entry, FIRST_CLUSTER);
        if (first > Integer.MAX_VALUE || !heap.isCluster((int) first)) {
            throw EUCLEAN.error("the bitmap or the up-case table begins with cluster %d", first);
        }
        return (int) first;
    }

    /// The clusters of the up-case table.
    ///
    /// @throws IOException EUCLEAN if it is damaged
    Chain tableChain() throws IOException {
        long length = table == null ? 0 : Le.i64(table, LENGTH);
        if (table == null || length <= 0 || length > UpCase.MAX_BYTES) {
            throw EUCLEAN.error("there is no good up-case table");
        }
        return Chain.ofLength(heap, cluster(table), (int) heap.of(length));
    }

    /// @throws IOException EUCLEAN if it is damaged
    UpCase upCase(ByteDisk data) throws IOException {
        Chain chain = tableChain();
        MemorySegment entry = requireNonNull(table);
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) Le.i64(entry, LENGTH)]);
        for (long at = 0; at < bytes.byteSize(); ) {
            Run run = chain.from((int) (at / heap.size()));
            if (run == null) {
                throw EUCLEAN.error("the chain of the up-case table is too short");
            }
            long n = Math.min((long) run.count() * heap.size(), bytes.byteSize() - at);
            data.read(bytes.asSlice(at, n), heap.offset(run.first()));
            at += n;
        }
        if (Sums.of32(bytes) != Le.i32(entry, TABLE_SUM)) {
            throw EUCLEAN.error("the up-case table has a wrong checksum");
        }
        return UpCase.read(bytes);
    }

    /// Empty if there is none.
    String label() {
        if (label == null) {
            return "";
        }
        int length = Math.min(Le.u8(label, LABEL_LENGTH), MAX_LABEL);
        return new String(Le.bytes(label, LABEL_AT, 2 * length), UTF_16LE);
    }

    /// Null if there is none.
    @Nullable
    UUID guid() {
        return guid == null ? null : toUuid(Le.bytes(guid, GUID_AT, 16));
    }

    /// The first three parts of a GUID have their lower bytes first.
    private static UUID toUuid(byte[] bytes) {
        int[] order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        var sorted = new byte[order.length];
        for (int i = 0; i < order.length; i++) {
            sorted[i] = bytes[order[i]];
        }
        ByteBuffer buffer = ByteBuffer.wrap(sorted);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    // Making them

    static MemorySegment bitmapEntry(int first, long length) {
        MemorySegment entry = entry(EntrySet.BITMAP);
        Le.put32(entry, FIRST_CLUSTER, first);
        Le.put64(entry, LENGTH, length);
        return entry;
    }

    static MemorySegment tableEntry(int first, MemorySegment bytes) {
        MemorySegment entry = entry(EntrySet.UP_CASE);
        Le.put32(entry, TABLE_SUM, Sums.of32(bytes));
        Le.put32(entry, FIRST_CLUSTER, first);
        Le.put64(entry, LENGTH, bytes.byteSize());
        return entry;
    }

    /// An empty text is a label that is not in use.
    static MemorySegment labelEntry(String text) {
        MemorySegment entry = entry(text.isEmpty() ? EntrySet.LABEL & ~EntrySet.IN_USE : EntrySet.LABEL);
        Le.put8(entry, LABEL_LENGTH, text.length());
        Le.putBytes(entry, LABEL_AT, text.getBytes(UTF_16LE));
        return entry;
    }

    static MemorySegment guidEntry(UUID uuid) {
        MemorySegment entry = entry(EntrySet.GUID);
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        int[] order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        for (int i = 0; i < order.length; i++) {
            Le.put8(entry, GUID_AT + i, bytes[order[i]]);
        }
        Le.put16(entry, 2, Sums.ofSet(entry));
        return entry;
    }

    private static MemorySegment entry(int type) {
        MemorySegment entry = MemorySegment.ofArray(new byte[Slots.SIZE]);
        Le.put8(entry, 0, type);
        return entry;
    }
}
