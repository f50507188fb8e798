// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// A node of an extent tree on the way from the root, in the inode, to a leaf: a header of 12 bytes and entries of
/// 12 bytes, extents in a leaf, else indexes (kernel: Documentation/filesystems/ext4/ifork.rst). Used again for
/// other nodes.
final class ExtentNode {
    static final int MAGIC = 0xf30a;
    static final int SIZE = 12;
    static final int ROOT_MAX = 4;
    static final int MAX_DEPTH = 5;

    /// The longest extents; an unwritten one says its length and this much more.
    static final int MAX_WRITTEN = 32768;

    static final int MAX_UNWRITTEN = 32767;

    MemorySegment data = MemorySegment.NULL;
    long base;

    @Nullable
    Buf buf; // null for the root

    int at; // the entry on the way; -1 before the first
    long end; // no block at or behind this belongs here

    void set(MemorySegment newData, long newBase, @Nullable Buf newBuf) {
        data = newData;
        base = newBase;
        buf = newBuf;
    }

    void close() {
        if (buf != null) {
            buf.close();
            buf = null;
        }
    }

    int entries() {
        return Le.u16(data, base + 2);
    }

    void setEntries(int count) {
        Le.put16(data, base + 2, count);
    }

    int max() {
        return Le.u16(data, base + 4);
    }

    int depth() {
        return Le.u16(data, base + 6);
    }

    void init(int entries, int max, int depth) {
        Le.put16(data, base, MAGIC);
        Le.put16(data, base + 2, entries);
        Le.put16(data, base + 4, max);
        Le.put16(data, base + 6, depth);
    }

    long entry(int i) {
        return base + SIZE + (long) SIZE * i;
    }

    /// The first block in the file that entry `i` is about.
    long key(int i) {
        return Le.u32(data, entry(i));
    }

    void setKey(int i, long key) {
        Le.put32(data, entry(i), key);
    }

    // Indexes

    long child(int i) {
        return Le.u32(data, entry(i) + 4) | (long) Le.u16(data, entry(i) + 8) << 32;
    }

    void setIndex(int i, long key, long child) {
        setKey(i, key);
        Le.put32(data, entry(i) + 4, child);
        Le.put16(data, entry(i) + 8, (int) (child >>> 32));
        Le.put16(data, entry(i) + 10, 0);
    }

    // Extents

    int length(int i) {
        int length = Le.u16(data, entry(i) + 4);
        return length > MAX_WRITTEN ? length - MAX_WRITTEN : length;
    }

    boolean unwritten(int i) {
        return Le.u16(data, entry(i) + 4) > MAX_WRITTEN;
    }

    long physical(int i) {
        return Le.u32(data, entry(i) + 8) | (long) Le.u16(data, entry(i) + 6) << 32;
    }

    void setExtent(int i, Run run) {
        setKey(i, run.logical);
        Le.put16(data, entry(i) + 4, (int) run.count + (run.unwritten ? MAX_WRITTEN : 0));
        Le.put16(data, entry(i) + 6, (int) (run.physical >>> 32));
        Le.put32(data, entry(i) + 8, run.physical);
    }

    void setLength(int i, long length) {
        boolean unwritten = unwritten(i);
        Le.put16(data, entry(i) + 4, (int) length + (unwritten ? MAX_WRITTEN : 0));
    }

    void getExtent(int i, Run out) {
        out.set(key(i), physical(i), length(i), unwritten(i));
    }

    // Both

    /// The last entry whose key is at most `key`, or -1.
    int search(long key) {
        int low = 0;
        int high = entries() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (key(middle) <= key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /// Makes room for an entry at `i`.
    void open(int i) {
        int count = entries();
        Le.move(data, entry(i), entry(i + 1), (long) SIZE * (count - i));
        setEntries(count + 1);
    }

    void delete(int i) {
        int count = entries();
        Le.move(data, entry(i + 1), entry(i), (long) SIZE * (count - i - 1));
        setEntries(count - 1);
    }

    // Checks of what the disk has

    /// Whether the header fits `room` entries, and the entries are in order.
    boolean isGood(int room) {
        if (Le.u16(data, base) != MAGIC || max() > room || entries() > max() || depth() > MAX_DEPTH) {
            return false;
        }
        boolean leaf = depth() == 0;
        long next = 0;
        for (int i = 0; i < entries(); i++) {
            if (key(i) < next || leaf && length(i) == 0) {
                return false;
            }
            next = key(i) + (leaf ? length(i) : 1);
        }
        return next <= 1L << 32;
    }

    /// Checks that this node holds what its parent says: blocks from `first` to before `end`, one level further
    /// down.
    void requireChild(int depth, long first) throws ErrnoException {
        int last = entries() - 1;
        boolean good = depth() == depth && last >= 0 && key(0) >= first;
        if (!good || key(last) + (depth == 0 ? length(last) : 1) > end) {
            throw EUCLEAN.error("an extent tree is damaged");
        }
    }
}
