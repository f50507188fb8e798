// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOKEY;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Bytes;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import org.jspecify.annotations.Nullable;

/// A regular file. Its data goes past the buffer cache: each run of blocks is one transfer between the disk and the
/// caller's memory.
final class RegularFile extends Inode {
    private static final int KEEP_SIZE = 0x01; // FALLOC_FL_KEEP_SIZE
    private static final int PUNCH_HOLE = 0x02; // FALLOC_FL_PUNCH_HOLE
    private static final int ZERO_RANGE = 0x10; // FALLOC_FL_ZERO_RANGE

    private static final int MAX_TRANSFER = 1 << 30;
    private static final long LARGE = 1L << 31; // a size that old kernels cannot have

    private final int blockSize;
    private final int shift;
    private boolean linkable;
    private @Nullable ReadAhead ahead;
    private int readers; // whose data moves without the lock
    private boolean claimed; // by somebody who changes content or size

    RegularFile(Ext2Fs fs, int ino, InodeRec rec) {
        super(fs, ino, rec);
        this.blockSize = fs.sb().blockSize;
        this.shift = fs.sb().logBlockSize;
    }

    /// It is made without a name (O_TMPFILE) and so may get one when it has none.
    void setLinkable() {
        linkable = true;
    }

    boolean isLinkable() {
        return linkable;
    }

    private long maxSize() {
        return map().maxBlocks() << shift;
    }

    @Override
    public Handle open(int flags) {
        return new OpenFile(this, flags);
    }

    // Reading

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return read(dst, off, false);
    }

    /// Where data is looked up with the lock, the data itself comes without it.
    ///
    /// @param quiet does not touch atime
    int read(MemorySegment dst, long off, boolean quiet) throws IOException {
        DataTransfer transfer = fs.run(() -> {
            fs.lock().awaitWhile(() -> claimed);
            DataTransfer found = transfer(dst, off);
            if (found.count() >= ReadAhead.LARGE && !isInline()) {
                ahead = ahead == null ? new ReadAhead() : ahead;
                ahead.plan(found, off, rec.size(), map());
            }
            if (!quiet) {
                accessed();
            }
            readers++;
            return found;
        });
        try {
            transfer.run(fs.disk());
            return transfer.count();
        } finally {
            fs.lock().enter();
            readers--;
            fs.lock().wake();
            fs.lock().leave();
        }
    }

    /// Reads without touching atime, with the lock.
    int readQuietly(MemorySegment dst, long off) throws IOException {
        DataTransfer transfer = transfer(dst, off);
        transfer.run(fs.disk());
        return transfer.count();
    }

    private DataTransfer transfer(MemorySegment dst, long off) throws IOException {
        requireReadable();
        long count = Math.clamp(Math.min(dst.byteSize(), rec.size() - off), 0, MAX_TRANSFER);
        MemorySegment wanted = dst.asSlice(0, count);
        var transfer = new DataTransfer(wanted, off, shift);
        if (count > 0 && isInline()) {
            readInline(wanted, off);
            return transfer;
        }
        for (long done = 0; done < count; ) {
            var run = new Run();
            long at = off + done;
            map().find(at >>> shift, blocksOf(at, count - done), run);
            transfer.add(run);
            done = Math.min((run.end() << shift) - off, count);
        }
        return transfer;
    }

    /// What is behind the content and before the end of the file is a hole.
    private void readInline(MemorySegment dst, long off) throws IOException {
        dst.fill((byte) 0);
        Bytes.copyOut(xattrs().inlineContent(), off, dst);
    }

    private void requireReadable() throws ErrnoException {
        if (rec.has(InodeRec.ENCRYPT)) {
            throw ENOKEY.error("inode %d is encrypted", ino());
        }
        requireSize();
    }

    /// Beyond what a map can have, the end of the last block may be more than a long holds.
    private void requireSize() throws ErrnoException {
        if (rec.size() < 0 || !isInline() && rec.size() > maxSize()) {
            throw EUCLEAN.error("inode %d: it cannot have a size of %s", ino(), Long.toUnsignedString(rec.size()));
        }
    }

    /// The blocks that `count` bytes from `at` touch.
    private long blocksOf(long at, long count) {
        return (at % blockSize + count + blockSize - 1) >>> shift;
    }

    // Writing

    /// Runs what changes content or size: alone, as far as this file is concerned.
    private int claimed(FsLock.Operation<Integer> operation) throws IOException {
        fs.lock().awaitWhile(() -> claimed || readers > 0);
        claimed = true;
        try {
            fs.begin();
            return operation.run();
        } finally {
            claimed = false;
            fs.lock().wake();
        }
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return fs.run(() -> claimed(() -> writeAll(src, off)));
    }

    private int writeAll(MemorySegment src, long off) throws IOException {
        requireMutable(off < rec.size());
        requireReadable();
        long count = Math.min(src.byteSize(), MAX_TRANSFER);
        if (count == 0) {
            return 0;
        }
        leaveInline();
        count = Math.min(count, maxSize() - off);
        if (count <= 0) {
            throw EFBIG.error();
        }
        long done = 0;
        try {
            while (done < count) {
                done += move(src.asSlice(done, count - done), off + done);
                fs.commitIfLarge();
            }
        } catch (IOException e) {
            if (done == 0) {
                throw e;
            }
        }
        dropCapability();
        contentChanged();
        return (int) done;
    }

    private void grow(long size) throws IOException {
        if (size > rec.size()) {
            changed();
            setSize(size);
        }
    }

    private void setSize(long size) throws IOException {
        rec.setSize(size);
        if (size >= LARGE && !fs.sb().features.roCompat(Features.LARGE_FILE)) {
            fs.sb().setLargeFile();
        }
    }

    private long move(MemorySegment src, long at) throws IOException {
        fs.lock().beginMove();
        try {
            long n = writeSome(src, at);
            grow(at + n);
            return n;
        } finally {
            fs.lock().endMove();
        }
    }

    /// Moves data to the disk, without the lock.
    private void toDisk(FsLock.Action move) throws IOException {
        fs.lock().without(move);
        if (!fs.isWritable()) {
            throw EROFS.error(); // another's transaction failed meanwhile, and this one with it
        }
    }

    /// Writes what lies in one run of blocks.
    private long writeSome(MemorySegment src, long at) throws IOException {
        long logical = at >>> shift;
        int skip = (int) (at % blockSize);
        var run = new Run();
        map().find(logical, blocksOf(at, src.byteSize()), run);
        if (run.isHole()) {
            return writeNew(src, at, run.count);
        }
        long n = Math.min((run.count << shift) - skip, src.byteSize());
        long place = run.physical << shift;
        if (run.unwritten) {
            long blocks = (skip + n + blockSize - 1) >>> shift;
            toDisk(() -> fs.disk().writeNew(src.asSlice(0, n), skip, place, blocks << shift));
            map().setWritten(logical, blocks);
            changed();
        } else {
            toDisk(() -> fs.disk().write(src.asSlice(0, n), place + skip));
        }
        return n;
    }

    /// Writes into a hole: the data first, then the map.
    private long writeNew(MemorySegment src, long at, long holeBlocks) throws IOException {
        long logical = at >>> shift;
        int skip = (int) (at % blockSize);
        var run = new Run();
        fs.blocks().allocate(goal(logical), holeBlocks, run);
        run.set(logical, run.physical, run.count, false);
        long n = Math.min((run.count << shift) - skip, src.byteSize());
        boolean done = false;
        try {
            toDisk(() -> fs.disk().writeNew(src.asSlice(0, n), skip, run.physical << shift, run.count << shift));
            map().insert(run);
            done = true;
        } finally {
            if (!done) {
                fs.blocks().free(run.physical, run.count);
            }
        }
        addBlocks(run.count);
        return n;
    }

    /// Where a block had best be: behind the one before it.
    private long goal(long logical) throws IOException {
        if (logical > 0) {
            var before = new Run();
            map().find(logical - 1, 1, before);
            if (!before.isHole()) {
                return before.physical + 1;
            }
        }
        return fs.blocks().hint(group(), true);
    }

    /// Moves inline data into a block.
    private void leaveInline() throws IOException {
        if (!isInline()) {
            return;
        }
        fs.lock().beginMove();
        try {
            byte[] content = xattrs().inlineContent();
            fs.blocks().requireFree(1);
            xattrs().endInline();
            if (content.length > 0) {
                writeNew(MemorySegment.ofArray(content), 0, 1);
            }
        } finally {
            fs.lock().endMove();
        }
    }

    // Sizes and holes

    @Override
    void truncate(long size) throws IOException {
        if (size < 0) {
            throw EINVAL.error();
        }
        claimed(() -> {
            setLength(size);
            return 0;
        });
    }

    private void setLength(long size) throws IOException {
        requireReadable();
        leaveInline();
        if (size > maxSize()) {
            throw EFBIG.error();
        }
        changed();
        if (size < rec.size()) {
            zeroTail(size);
            setSize(size);
            removeFrom(size);
        } else {
            setSize(size);
        }
    }

    /// Frees what lies behind `size`, which is the size already; over several transactions if it is much.
    void removeFrom(long size) throws IOException {
        long first = (size + blockSize - 1) >>> shift;
        if (map().remove(first, map().maxBlocks())) {
            return;
        }
        boolean listed = fs.orphans().has(this);
        if (!listed) {
            fs.orphans().add(this);
        }
        do {
            fs.commit();
        } while (!map().remove(first, map().maxBlocks()));
        if (!listed && rec.links() > 0) {
            fs.orphans().remove(this);
        }
    }

    /// Zeroes the rest of the block that `from` is in.
    private void zeroTail(long from) throws IOException {
        long rest = (blockSize - from % blockSize) % blockSize;
        zeroPart(from, from + rest);
    }

    /// Zeroes bytes of one block if it has data.
    private void zeroPart(long from, long to) throws IOException {
        if (from >= to) {
            return;
        }
        var run = new Run();
        map().find(from >>> shift, 1, run);
        if (run.isData()) {
            fs.disk().zero((run.physical << shift) + from % blockSize, to - from);
        }
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        if (off < 0 || len <= 0) {
            throw EINVAL.error();
        }
        fs.act(() -> claimed(() -> {
            reserve(mode, off, len);
            return 0;
        }));
    }

    private void reserve(int mode, long off, long len) throws IOException {
        requireMutable((mode & ~KEEP_SIZE) != 0);
        requireReadable();
        leaveInline();
        if (len > maxSize() - off) {
            throw EFBIG.error();
        }
        long end = off + len;
        switch (mode) {
            case 0, KEEP_SIZE -> allocate(off, end, mode);
            case PUNCH_HOLE | KEEP_SIZE -> punch(off, Math.min(end, roundUp(rec.size())));
            case ZERO_RANGE, ZERO_RANGE | KEEP_SIZE -> {
                requireUnwritten();
                punch(off, end);
                allocate(off, end, mode);
            }
            default -> throw EOPNOTSUPP.error();
        }
        killSuid();
        changed();
        contentChanged();
    }

    private long roundUp(long size) {
        return (size + blockSize - 1) / blockSize * blockSize;
    }

    private void requireUnwritten() throws ErrnoException {
        if (!map().hasUnwritten()) {
            throw EOPNOTSUPP.error("inode %d has no extents", ino());
        }
    }

    /// Puts unwritten blocks where there are holes, and grows the file unless told not to.
    private void allocate(long off, long end, int mode) throws IOException {
        requireUnwritten();
        long last = (end + blockSize - 1) >>> shift;
        var run = new Run();
        if (holes(off >>> shift, last, run) > fs.blocks().forCaller()) {
            throw ENOSPC.error(); // now: what was taken and given back can only be used after a commit
        }
        for (long at = off >>> shift; at < last; at = run.end()) {
            map().find(at, last - at, run);
            if (run.isHole()) {
                fs.blocks().allocate(goal(at), run.count, run);
                run.set(at, run.physical, run.count, true);
                insertOrFree(run);
                addBlocks(run.count);
            }
            fs.commitIfLarge();
        }
        if ((mode & KEEP_SIZE) == 0) {
            grow(end);
        }
    }

    /// The blocks from `first` to `last` that there are not.
    private long holes(long first, long last, Run run) throws IOException {
        long count = 0;
        for (long at = first; at < last; at = run.end()) {
            map().find(at, last - at, run);
            count += run.isHole() ? run.count : 0;
        }
        return count;
    }

    private void insertOrFree(Run run) throws IOException {
        boolean done = false;
        try {
            map().insert(run);
            done = true;
        } finally {
            if (!done) {
                fs.blocks().free(run.physical, run.count);
            }
        }
    }

    private void punch(long off, long end) throws IOException {
        if (off >= end) {
            return;
        }
        long first = (off + blockSize - 1) >>> shift;
        long last = end >>> shift;
        if (first > last) {
            zeroPart(off, end);
            return;
        }
        zeroPart(off, first << shift);
        zeroPart(last << shift, end);
        changed();
        while (!map().remove(first, last)) {
            fs.commit();
        }
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        return fs.run(() -> find(off, hole));
    }

    private long find(long off, boolean hole) throws IOException {
        requireSize();
        long size = rec.size();
        if (off < 0 || off >= size) {
            throw ENXIO.error();
        }
        if (isInline()) {
            return hole ? size : off;
        }
        var run = new Run();
        long passed = 0;
        for (long at = off; at < size; at = run.end() << shift) {
            map().find(at >>> shift, (size >>> shift) + 1, run);
            if (run.isData() != hole) {
                return at;
            }
            passed += run.isData() ? run.count : 0;
            if (passed > fs.sb().blocks) {
                throw EUCLEAN.error("inode %d: has more blocks than there are", ino());
            }
        }
        if (hole) {
            return size;
        }
        throw ENXIO.error();
    }
}
