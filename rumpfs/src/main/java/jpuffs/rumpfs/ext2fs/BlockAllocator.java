// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Caller;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import org.jspecify.annotations.Nullable;

/// Which blocks are free: the bitmaps, and where to take from.
///
/// What was freed in the running transaction is not given out before its commit: after a crash before that, the old
/// owner is back and wants its content.
final class BlockAllocator {
    private static final int APART = 4; // groups

    private final Superblock sb;
    private final Groups groups;
    private final Meta meta;
    private final Zone zone;
    private final Map<Integer, long[]> busy = new HashMap<>(); // by group: freed in this transaction
    private final int[] last; // by group: behind what was given out last
    private long busyCount;
    private long free;
    private int found; // the length of what search() found

    BlockAllocator(Superblock sb, Groups groups, Meta meta, Zone zone) {
        this.sb = sb;
        this.groups = groups;
        this.meta = meta;
        this.zone = zone;
        this.last = new int[sb.groups];
        for (int group = 0; group < sb.groups; group++) {
            free += groups.freeBlocks(group);
        }
    }

    long free() {
        return free;
    }

    /// What users without privilege may still take.
    long available() {
        return Math.max(free - sb.reservedBlocks(), 0);
    }

    /// What the caller may still take.
    long forCaller() {
        return Caller.current().cred().isPrivileged() ? free : available();
    }

    /// Allocates up to `want` blocks in a row, at `goal` if they are free there, else near it.
    ///
    /// @param goal a block, or 0 for anywhere
    /// @param out gets the run; its place in the file is left alone
    /// @throws IOException ENOSPC
    void allocate(long goal, long want, Run out) throws IOException {
        long most = forCaller();
        if (most <= 0) {
            throw ENOSPC.error();
        }
        long start = goal >= sb.firstDataBlock && goal < sb.blocks ? goal : sb.firstDataBlock;
        int length = (int) Math.min(Math.min(want, most), sb.blocksPerGroup);
        if (!allocateNear(start, length, length, out) && !allocateNear(start, length, 1, out)) {
            throw ENOSPC.error();
        }
    }

    /// Looks through all groups for at least `least` blocks in a row, but takes fewer right at the goal.
    private boolean allocateNear(long goal, int want, int least, Run out) throws IOException {
        int home = sb.groupOf(goal);
        for (int i = 0; i < sb.groups; i++) {
            int group = (home + i) % sb.groups;
            if (groups.freeBlocks(group) == 0 || i > 0 && groups.freeBlocks(group) < least) {
                continue;
            }
            int from = i == 0 ? (int) (goal - sb.groupStart(group)) : last[group];
            if (allocateIn(group, from, want, i == 0 ? least : Math.min(least, want), out)) {
                return true;
            }
        }
        return false;
    }

    private boolean allocateIn(int group, int from, int want, int least, Run out) throws IOException {
        try (Buf bitmap = bitmap(group)) {
            int at = search(group, bitmap.data(), from, new int[] {want, least});
            if (at < 0) {
                return false;
            }
            if (groups.freeBlocks(group) < found) {
                throw EUCLEAN.error("group %d: its bitmap has more free blocks than are counted", group);
            }
            take(group, bitmap, at, found);
            out.physical = sb.groupStart(group) + at;
            out.count = found;
            zone.require(out.physical, found);
            return true;
        }
    }

    /// The bit of a free run, whose length goes to `found`, or -1. At `from` any length is right.
    private int search(int group, MemorySegment map, int from, int[] wantAndLeast) {
        int end = sb.blocksIn(group);
        long[] also = busy.get(group);
        int want = wantAndLeast[0];
        if (from < end && !isTaken(map, also, from)) {
            found = Bits.nextSet(map, also, from, Math.min(end, from + want)) - from;
            return from;
        }
        int at = searchRange(map, also, new int[] {from, end, want, wantAndLeast[1]});
        return at >= 0 ? at : searchRange(map, also, new int[] {0, Math.min(from, end), want, wantAndLeast[1]});
    }

    private static boolean isTaken(MemorySegment map, long @Nullable [] also, int bit) {
        return Bits.nextClear(map, also, bit, bit + 1) != bit;
    }

    /// @param limits from, end, want, least
    private int searchRange(MemorySegment map, long @Nullable [] also, int[] limits) {
        int end = limits[1];
        for (int at = Bits.nextClear(map, also, limits[0], end); at < end; ) {
            int stop = Bits.nextSet(map, also, at, Math.min(end, at + limits[2]));
            if (stop - at >= limits[3]) {
                found = stop - at;
                return at;
            }
            at = Bits.nextClear(map, also, stop, end);
        }
        return -1;
    }

    private void take(int group, Buf bitmap, int at, int count) {
        Bits.set(bitmap.data(), at, count);
        changed(group, bitmap);
        groups.setFreeBlocks(group, groups.freeBlocks(group) - count);
        free -= count;
        last[group] = at + count;
    }

    private void changed(int group, Buf bitmap) {
        meta.change(
                bitmap,
                sb.checksums
                        ? (data, block) -> groups.setBitmapChecksum(group, false, groups.checksumOf(data, false))
                        : Seal.NONE);
    }

    /// Where the blocks of an inode of that group had best begin. In a large flex group directories, and what tells
    /// of files, are in the first group and data in the second, as ext4 has it: so directories lie together, and
    /// one read brings many of them.
    long hint(int group, boolean data) {
        int flex = sb.groupsPerFlex();
        int first = group - group % flex;
        boolean apart = flex >= APART && first + 1 < sb.groups;
        int best = !apart ? group : data ? first + 1 : first;
        return sb.groupStart(best) + Math.min(last[best], sb.blocksIn(best) - 1);
    }

    /// Frees blocks of a file.
    ///
    /// @throws IOException EUCLEAN if they were free before or cannot be a file's
    void free(long block, long count) throws IOException {
        zone.require(block, count);
        for (long done = 0; done < count; ) {
            int group = sb.groupOf(block + done);
            int at = (int) (block + done - sb.groupStart(group));
            int n = (int) Math.min(count - done, sb.blocksIn(group) - at);
            freeIn(group, at, n);
            done += n;
        }
    }

    private void freeIn(int group, int at, int count) throws IOException {
        try (Buf bitmap = bitmap(group)) {
            if (Bits.count(bitmap.data(), at, at + count) != count) {
                throw EUCLEAN.error("group %d: blocks are freed that are free", group);
            }
            Bits.clear(bitmap.data(), at, count);
            changed(group, bitmap);
        }
        groups.setFreeBlocks(group, groups.freeBlocks(group) + count);
        free += count;
        busyCount += count;
        long[] bits = busy.computeIfAbsent(group, g -> new long[(sb.blocksPerGroup + 63) / 64]);
        for (int bit = at; bit < at + count; bit++) {
            bits[bit >>> 6] |= 1L << bit;
        }
        last[group] = Math.min(last[group], at);
    }

    /// Whether so much of what is free waits for a commit that there had better be one.
    boolean isTight() {
        return busyCount > 0 && free - busyCount < sb.blocks / 16;
    }

    void committed() {
        busy.clear();
        busyCount = 0;
    }

    // Bitmaps

    /// The bitmap of a group, held; made up first where the disk has none yet.
    Buf bitmap(int group) throws IOException {
        long block = groups.blockBitmap(group);
        if (!groups.has(group, Groups.BLOCK_UNINIT)) {
            return meta.read(block, Kind.BLOCK_BITMAP, (data, b) -> isGood(group, data));
        }
        Buf bitmap = meta.fresh(block, Kind.BLOCK_BITMAP, Seal.NONE);
        initialise(group, bitmap.data());
        groups.clearFlag(group, Groups.BLOCK_UNINIT);
        changed(group, bitmap);
        return bitmap;
    }

    private boolean isGood(int group, MemorySegment data) {
        return !sb.checksums || groups.bitmapChecksum(group, false) == groups.checksumOf(data, false);
    }

    /// Only what is the group's own is in use, and what is beyond its end.
    void initialise(int group, MemorySegment map) {
        long start = sb.groupStart(group);
        Bits.set(map, 0, sb.baseBlocks(group));
        setIfIn(map, group, groups.blockBitmap(group) - start, 1);
        setIfIn(map, group, groups.inodeBitmap(group) - start, 1);
        setIfIn(map, group, groups.inodeTable(group) - start, groups.tableBlocks());
        int end = sb.blocksIn(group);
        Bits.set(map, end, 8 * sb.blockSize - end);
    }

    private void setIfIn(MemorySegment map, int group, long at, int count) {
        long from = Math.max(at, 0);
        long to = Math.min(at + count, sb.blocksIn(group));
        if (from < to) {
            Bits.set(map, (int) from, (int) (to - from));
        }
    }

    // Checks

    private BitSet bits(int group, BitSet used) {
        int start = (int) sb.groupStart(group);
        return used.get(start, start + sb.blocksIn(group));
    }

    /// Whether bitmap and count of a group say that these blocks are in use.
    boolean agrees(int group, BitSet used) throws IOException {
        BitSet expected = bits(group, used);
        int freeBits = sb.blocksIn(group) - expected.cardinality();
        if (groups.freeBlocks(group) != freeBits) {
            return false;
        }
        MemorySegment map = MemorySegment.ofArray(new byte[sb.blockSize]);
        if (groups.has(group, Groups.BLOCK_UNINIT)) {
            initialise(group, map);
        } else {
            try (Buf buf = meta.read(groups.blockBitmap(group), Kind.BLOCK_BITMAP)) {
                MemorySegment.copy(buf.data(), 0, map, 0, sb.blockSize);
            }
        }
        for (int bit = 0; bit < sb.blocksIn(group); bit++) {
            if (Bits.get(map, bit) != expected.get(bit)) {
                return false;
            }
        }
        return true;
    }

    /// Makes bitmap and count say that these blocks are in use.
    void rebuild(int group, BitSet used) throws IOException {
        BitSet expected = bits(group, used);
        try (Buf bitmap = meta.fresh(groups.blockBitmap(group), Kind.BLOCK_BITMAP, Seal.NONE)) {
            int end = sb.blocksIn(group);
            Bits.set(bitmap.data(), end, 8 * sb.blockSize - end);
            for (int bit = expected.nextSetBit(0); bit >= 0; bit = expected.nextSetBit(bit + 1)) {
                Bits.set(bitmap.data(), bit, 1);
            }
            changed(group, bitmap);
        }
        groups.clearFlag(group, Groups.BLOCK_UNINIT);
        int freeBits = sb.blocksIn(group) - expected.cardinality();
        free += freeBits - groups.freeBlocks(group);
        groups.setFreeBlocks(group, freeBits);
    }

    /// @throws ErrnoException ENOSPC if fewer than `count` blocks are free
    void requireFree(long count) throws ErrnoException {
        if (free < count) {
            throw ENOSPC.error();
        }
    }
}
