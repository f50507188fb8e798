// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// The block map of ext2 and ext3: twelve blocks in the inode, then one, two and three levels of blocks that are
/// full of block numbers (kernel: Documentation/filesystems/ext4/blockmap.rst).
final class IndirectMap implements BlockMap {
    private static final int DIRECT = 12;
    private static final int LEVELS = 3;

    private final Ext2Fs fs;
    private final Inode inode;
    private final int perBlock;
    private final int shift;

    // Where a block is, set by locate().
    private int level; // the levels of blocks below the slot
    private int slot; // in the inode
    private long within; // which block of those below the slot

    IndirectMap(Ext2Fs fs, Inode inode) {
        this.fs = fs;
        this.inode = inode;
        this.perBlock = fs.sb().blockSize / 4;
        this.shift = fs.sb().logBlockSize - 2;
    }

    @Override
    public long maxBlocks() {
        long most = DIRECT + (1L << shift) + (1L << 2 * shift) + (1L << 3 * shift);
        return Math.min(most, (1L << 32) - 1);
    }

    @Override
    public boolean hasUnwritten() {
        return false;
    }

    private void locate(long logical) {
        within = logical;
        slot = (int) Math.min(logical, DIRECT);
        for (level = 0; level <= LEVELS; level++) {
            long size = level == 0 ? DIRECT : 1L << level * shift;
            if (within < size) {
                within = level == 0 ? 0 : within;
                return;
            }
            within -= size;
            slot = DIRECT + level;
        }
    }

    private static long slotAt(int slot) {
        return Inode.BLOCK + 4L * slot;
    }

    private int index(int below) {
        return (int) (within >>> below * shift) & perBlock - 1;
    }

    private Buf read(long block) throws IOException {
        if (!fs.zone().isData(block, 1)) {
            throw EUCLEAN.error("inode %d: bad block %d in its block map", inode.ino(), block);
        }
        return fs.meta().read(block, Kind.INDIRECT);
    }

    // Finding

    @Override
    public void find(long logical, long max, Run out) throws IOException {
        locate(logical);
        if (level > LEVELS) {
            out.hole(logical, max);
            return;
        }
        long block = Le.u32(inode.raw(), slotAt(slot));
        if (level == 0) {
            scan(inode.raw(), slotAt(0), new long[] {slot, Math.min(DIRECT, slot + max), logical}, out);
            return;
        }
        for (int below = level - 1; below >= 0; below--) {
            if (block == 0) {
                long size = 1L << (below + 1) * shift;
                out.hole(logical, Math.min(size - (within & size - 1), max));
                return;
            }
            try (Buf buf = read(block)) {
                int i = index(below);
                if (below == 0) {
                    scan(buf.data(), 0, new long[] {i, Math.min(perBlock, i + max), logical}, out);
                    return;
                }
                block = Le.u32(buf.data(), 4L * i);
            }
        }
    }

    /// The run at the begin of some numbers.
    ///
    /// @param range the first number, where they end, and the block of the file
    private void scan(MemorySegment data, long base, long[] range, Run out) throws IOException {
        long first = Le.u32(data, base + 4 * range[0]);
        long count = 1;
        while (range[0] + count < range[1]
                && Le.u32(data, base + 4 * (range[0] + count)) == (first == 0 ? 0 : first + count)) {
            count++;
        }
        if (first != 0 && !fs.zone().isData(first, count)) {
            throw EUCLEAN.error("inode %d: its block %d has a bad place", inode.ino(), range[2]);
        }
        out.set(range[2], first, count, false);
    }

    // Inserting

    @Override
    public void insert(Run run) throws IOException {
        for (long done = 0; done < run.count; ) {
            try {
                done += insertSome(run.logical + done, run.physical + done, run.count - done);
            } catch (IOException e) {
                for (long at = 0; at < done; at++) {
                    clear(run.logical + at);
                }
                throw e;
            }
        }
    }

    /// Sets the numbers that lie in one block.
    private long insertSome(long logical, long physical, long count) throws IOException {
        locate(logical);
        if (level > LEVELS) {
            throw EFBIG.error();
        }
        if (level == 0) {
            long n = Math.min(count, DIRECT - slot);
            fill(inode.raw(), slotAt(slot), physical, n);
            inode.changed();
            return n;
        }
        try (Buf buf = leaf()) {
            int i = index(0);
            long n = Math.min(count, perBlock - i);
            fill(buf.data(), 4L * i, physical, n);
            fs.meta().change(buf, Seal.NONE);
            return n;
        }
    }

    private static void fill(MemorySegment data, long at, long physical, long count) {
        for (long i = 0; i < count; i++) {
            Le.put32(data, at + 4 * i, physical + i);
        }
    }

    /// The block of numbers the located block is in, made where there is none.
    private Buf leaf() throws IOException {
        long block = Le.u32(inode.raw(), slotAt(slot));
        Buf buf;
        if (block == 0) {
            buf = inode.newMetadata(Kind.INDIRECT, Seal.NONE);
            Le.put32(inode.raw(), slotAt(slot), buf.blkno());
            inode.changed();
        } else {
            buf = read(block);
        }
        for (int below = level - 1; below > 0; below--) {
            try (Buf parent = buf) {
                buf = childOf(parent, index(below));
            }
        }
        return buf;
    }

    private Buf childOf(Buf parent, int i) throws IOException {
        long block = Le.u32(parent.data(), 4L * i);
        if (block != 0) {
            return read(block);
        }
        Buf child = inode.newMetadata(Kind.INDIRECT, Seal.NONE);
        Le.put32(parent.data(), 4L * i, child.blkno());
        fs.meta().change(parent, Seal.NONE);
        return child;
    }

    /// Takes one number out again.
    private void clear(long logical) throws IOException {
        insertSome(logical, 0, 1);
    }

    @Override
    public void setWritten(long logical, long count) {
        throw new IllegalStateException("a block map has no unwritten blocks");
    }

    // Removing

    @Override
    public boolean remove(long from, long to) throws IOException {
        long end = Math.min(to, maxBlocks());
        long base = maxBlocks();
        for (int i = LEVELS; i >= 1; i--) {
            base = DIRECT;
            for (int l = 1; l < i; l++) {
                base += 1L << l * shift;
            }
            long size = 1L << i * shift;
            if (base < end && base + size > from && !removeSlot(i, from - base, end - base)) {
                return false;
            }
        }
        for (long i = Math.min(end, DIRECT) - 1; i >= Math.max(from, 0); i--) {
            long at = slotAt((int) i);
            freeData(inode.raw(), at, 1);
            inode.changed();
        }
        return true;
    }

    private boolean removeSlot(int levels, long from, long to) throws IOException {
        long at = slotAt(DIRECT + levels - 1);
        long block = Le.u32(inode.raw(), at);
        if (block == 0) {
            return true;
        }
        boolean done = removeIn(block, levels, new long[] {from, to});
        if (done && isEmpty(block)) {
            Le.put32(inode.raw(), at, 0);
            inode.changed();
            inode.freeMetadata(block);
        }
        return done;
    }

    /// Frees what is below a block of numbers in a range that is relative to its begin, and blocks of numbers that
    /// become empty.
    private boolean removeIn(long block, int levels, long[] range) throws IOException {
        long size = 1L << (levels - 1) * shift;
        int first = (int) Math.max(range[0] / size, 0);
        int last = (int) Math.min((range[1] - 1) / size, perBlock - 1);
        try (Buf buf = read(block)) {
            if (levels == 1) {
                fs.meta().change(buf, Seal.NONE);
                freeData(buf.data(), 4L * first, last - first + 1);
                return true;
            }
            for (int i = last; i >= first; i--) {
                long child = Le.u32(buf.data(), 4L * i);
                if (child == 0) {
                    continue;
                }
                long[] below = {range[0] - i * size, range[1] - i * size};
                if (fs.meta().isLarge() || !removeIn(child, levels - 1, below)) {
                    return false;
                }
                if (isEmpty(child)) {
                    fs.meta().change(buf, Seal.NONE);
                    Le.put32(buf.data(), 4L * i, 0);
                    inode.freeMetadata(child);
                }
            }
        }
        return true;
    }

    private boolean isEmpty(long block) throws IOException {
        try (Buf buf = read(block)) {
            return Bits.nextSet(buf.data(), null, 0, 8 * fs.sb().blockSize) == 8 * fs.sb().blockSize;
        }
    }

    /// Frees the blocks of some numbers, in runs, and sets them to 0.
    private void freeData(MemorySegment data, long at, int count) throws IOException {
        for (int i = 0; i < count; ) {
            long first = Le.u32(data, at + 4L * i);
            int n = 1;
            while (first != 0 && i + n < count && Le.u32(data, at + 4L * (i + n)) == first + n) {
                n++;
            }
            if (first != 0) {
                inode.freeContent(first, n);
                Le.zero(data, at + 4L * i, 4L * n);
            }
            i += n;
        }
    }

    // Checks

    @Override
    public void metadata(BlockSink sink) throws IOException {
        for (int levels = 1; levels <= LEVELS; levels++) {
            long block = Le.u32(inode.raw(), slotAt(DIRECT + levels - 1));
            if (block != 0) {
                metadataOf(block, levels, sink);
            }
        }
    }

    private void metadataOf(long block, int levels, BlockSink sink) throws IOException {
        sink.add(block, 1);
        if (levels == 1) {
            return;
        }
        try (Buf buf = read(block)) {
            for (int i = 0; i < perBlock; i++) {
                long child = Le.u32(buf.data(), 4L * i);
                if (child != 0) {
                    metadataOf(child, levels - 1, sink);
                }
            }
        }
    }
}
