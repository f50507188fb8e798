// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Where extended attributes are: entries from `base` on, up to four zero bytes, and their values from `end`
/// downwards.
///
/// @param origin what the offsets of values count from
record XattrArea(MemorySegment data, int base, int origin, int end) {
    static final int MAGIC = 0xea020000;
    static final int ENTRY = 16;

    /// How they lie in a block.
    static final Comparator<XattrEntry> ORDER = Comparator.comparing(XattrEntry::key);

    private static final int HEADER = 32; // of a block
    private static final int REFERENCES = 4;
    private static final int BLOCKS = 8;
    private static final int HASH = 12;

    private static final int NAME_LENGTH = 0; // of an entry
    private static final int NAME_INDEX = 1;
    private static final int VALUE_OFFSET = 2;
    private static final int VALUE_INODE = 4;
    private static final int VALUE_SIZE = 8;
    private static final int ENTRY_HASH = 12;

    private static final int MAX_INODE_VALUE = 1 << 20;

    // Blocks

    static XattrArea block(MemorySegment data) {
        return new XattrArea(data, HEADER, 0, (int) data.byteSize());
    }

    static boolean isBlock(MemorySegment data) {
        return Le.i32(data, 0) == MAGIC && Le.i32(data, BLOCKS) == 1 && references(data) > 0;
    }

    static int references(MemorySegment data) {
        return Le.i32(data, REFERENCES);
    }

    static void setReferences(MemorySegment data, int count) {
        Le.put32(data, REFERENCES, count);
    }

    static boolean blockFits(List<XattrEntry> entries, int blockSize) {
        return need(entries) <= blockSize - HEADER;
    }

    /// Makes it a block that one inode has.
    static void writeBlock(MemorySegment data, List<XattrEntry> entries) {
        entries.sort(ORDER);
        Le.zero(data, 0, HEADER);
        Le.put32(data, 0, MAGIC);
        Le.put32(data, REFERENCES, 1);
        Le.put32(data, BLOCKS, 1);
        block(data).write(entries);
        Le.put32(data, HASH, hash(entries));
    }

    /// What a block with these attributes, in order, has in its head.
    static int hash(List<XattrEntry> entries) {
        int hash = 0;
        for (XattrEntry entry : entries) {
            hash = hash << 16 ^ hash >>> 16 ^ entry.hash();
        }
        return hash;
    }

    static int hash(MemorySegment data) {
        return Le.i32(data, HASH);
    }

    // Entries

    boolean fits(List<XattrEntry> entries) {
        return need(entries) <= end - base;
    }

    private static int need(List<XattrEntry> entries) {
        int need = 4;
        for (XattrEntry entry : entries) {
            need += entry.entrySize() + entry.valueSize();
        }
        return need;
    }

    /// The attributes, or null if what is there makes no sense.
    @Nullable
    List<XattrEntry> parse() {
        var entries = new ArrayList<XattrEntry>();
        int at = base;
        while (at + 4 <= end && Le.i32(data, at) != 0) {
            int next = at + ENTRY + Le.u8(data, at + NAME_LENGTH) + 3 & ~3;
            XattrEntry entry = next + 4 <= end ? entry(at) : null;
            if (entry == null) {
                return null;
            }
            entries.add(entry);
            at = next;
        }
        return entries;
    }

    private @Nullable XattrEntry entry(int at) {
        var key = new XattrEntry.Key(
                Le.u8(data, at + NAME_INDEX), Le.bytes(data, at + ENTRY, Le.u8(data, at + NAME_LENGTH)));
        long size = Le.u32(data, at + VALUE_SIZE);
        long inode = Le.u32(data, at + VALUE_INODE);
        if (inode != 0) {
            return size > MAX_INODE_VALUE ? null : new XattrEntry(key, new byte[(int) size], inode);
        }
        long from = (long) origin + Le.u16(data, at + VALUE_OFFSET);
        if (from + size > end) {
            return null;
        }
        return new XattrEntry(key, Le.bytes(data, from, (int) size), 0);
    }

    /// What can be kept of damaged attributes: those whose hashes are right. Null if there is no damage.
    @Nullable
    List<XattrEntry> salvage() {
        var kept = new ArrayList<XattrEntry>();
        boolean damaged = false;
        int at = base;
        while (at + 4 <= end && Le.i32(data, at) != 0) {
            int next = at + ENTRY + Le.u8(data, at + NAME_LENGTH) + 3 & ~3;
            XattrEntry entry = next + 4 <= end ? entry(at) : null;
            if (entry == null) {
                return kept;
            }
            int hash = Le.i32(data, at + ENTRY_HASH);
            boolean good = hash == 0 || entry.valueInode() != 0 || hash == entry.hash() || hash == entry.signedHash();
            if (good) {
                kept.add(entry);
            }
            damaged |= !good;
            at = next;
        }
        return damaged ? kept : null;
    }

    /// Replaces all attributes; they fit.
    void write(List<XattrEntry> entries) {
        Le.zero(data, base, end - base);
        int at = base;
        int value = end;
        for (XattrEntry entry : entries) {
            value -= entry.valueSize();
            Le.put8(data, at + NAME_LENGTH, entry.key().rest().length);
            Le.put8(data, at + NAME_INDEX, entry.key().index());
            Le.put16(data, at + VALUE_OFFSET, entry.value().length == 0 ? 0 : value - origin);
            Le.put32(data, at + VALUE_SIZE, entry.value().length);
            Le.put32(data, at + ENTRY_HASH, entry.hash());
            Le.putBytes(data, at + ENTRY, entry.key().rest());
            Le.putBytes(data, value, entry.value());
            at += entry.entrySize();
        }
    }
}
