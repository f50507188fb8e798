// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The entries of one directory, in blocks or, a few, in the inode.
final class DirContent {
    private static final int AHEAD = 8;

    final Ext2Fs fs;
    final Directory directory;
    private final Meta.Check check;
    private final Seal seal;
    private final int end; // of the entries in a block
    private final Run run = new Run();
    private @Nullable DirIndex index;
    private long roomHint; // no block before has room

    // What find() found.
    private @Nullable Buf foundBlock; // held; null for an inline one
    private MemorySegment foundData = MemorySegment.NULL;
    private int foundAt;

    DirContent(Ext2Fs fs, Directory directory) {
        this.fs = fs;
        this.directory = directory;
        boolean checksums = fs.sb().checksums;
        int size = fs.sb().blockSize;
        int seed = directory.seed();
        this.end = checksums ? size - Checksums.DIR_TAIL : size;
        this.seal = checksums ? (data, block) -> Checksums.sealDir(seed, data) : Seal.NONE;
        this.check = (data, block) -> DirBlock.isGood(data, 0, size) && (!checksums || Checksums.isDirGood(seed, data));
    }

    int end() {
        return end;
    }

    /// The number of blocks.
    long blocks() {
        return directory.rec.size() >>> fs.sb().logBlockSize;
    }

    boolean isIndexed() {
        return directory.rec.has(InodeRec.INDEX) && fs.sb().features.compat(Features.DIR_INDEX);
    }

    DirIndex index() {
        if (index == null) {
            index = new DirIndex(this);
        }
        return index;
    }

    // Blocks

    /// A block, held; null for a hole.
    @Nullable
    Buf block(long logical) throws IOException {
        long place = place(logical);
        return place == 0 ? null : fs.meta().read(place, Kind.DIRECTORY, check);
    }

    /// As [#block], and it may be damaged: see [#isGood].
    @Nullable
    Buf anyBlock(long logical) throws IOException {
        long place = place(logical);
        return place == 0 ? null : fs.meta().read(place, Kind.DIRECTORY);
    }

    boolean isGood(Buf block) {
        return check.isGood(block.data(), block.blkno());
    }

    private long place(long logical) throws IOException {
        directory.map().find(logical, AHEAD, run);
        if (!run.isHole() && run.unwritten) {
            throw EUCLEAN.error("inode %d: a block of the directory was not written", directory.ino());
        }
        if (run.isData()) {
            fs.dirAhead.around(run.physical);
        }
        return run.physical;
    }

    /// A block that must be there, held.
    Buf requireBlock(long logical) throws IOException {
        Buf buf = logical < blocks() ? block(logical) : null;
        if (buf == null) {
            throw EUCLEAN.error("inode %d: the directory has no block %d", directory.ino(), logical);
        }
        return buf;
    }

    private void ahead(long logical) throws IOException {
        if (logical % AHEAD == 0) {
            directory.map().find(logical, AHEAD, run);
            if (run.isData()) {
                fs.meta().ahead(run.physical, (int) run.count);
            }
        }
    }

    void changed(Buf block) {
        fs.meta().change(block, seal, Meta.RANK_ENTRIES);
    }

    /// A new block at the end, held; its content is room.
    Buf append() throws IOException {
        long logical = blocks();
        if (logical >= fs.sb().maxDirectoryBlocks()) {
            throw EFBIG.error("inode %d: the directory is full", directory.ino());
        }
        var grown = new Run();
        long goal = fs.blocks().hint(directory.group(), false);
        if (logical > 0) {
            directory.map().find(logical - 1, 1, grown);
            goal = grown.isHole() ? goal : grown.physical + 1;
        }
        fs.blocks().allocate(goal, 1, grown);
        grown.set(logical, grown.physical, 1, false);
        boolean done = false;
        try {
            directory.map().insert(grown);
            done = true;
        } finally {
            if (!done) {
                fs.blocks().free(grown.physical, 1);
            }
        }
        directory.addBlocks(1);
        directory.rec.setSize((logical + 1) << fs.sb().logBlockSize);
        Buf buf = fs.meta().fresh(grown.physical, Kind.DIRECTORY, seal);
        DirBlock.setRoom(buf.data(), 0, end);
        return buf;
    }

    // Finding

    /// Finds an entry; [#close] ends the use of what was found.
    boolean find(Name name) throws IOException {
        if (directory.isInline()) {
            foundData = inlineView();
            foundAt = DirBlock.find(foundData, (int) foundData.byteSize(), name);
            return foundAt >= 0;
        }
        boolean dots = name.isDot() || name.isDotDot();
        if (isIndexed() && !dots) {
            return index().find(name);
        }
        long blocks = dots ? Math.min(blocks(), 1) : blocks();
        for (long logical = 0; logical < blocks; logical++) {
            ahead(logical);
            if (findIn(block(logical), name)) {
                return true;
            }
        }
        return false;
    }

    /// Looks into one block, and keeps it if the entry is there.
    boolean findIn(@Nullable Buf buf, Name name) throws ErrnoException {
        if (buf == null) {
            return false;
        }
        foundBlock = buf;
        foundData = buf.data();
        foundAt = -1;
        try {
            foundAt = DirBlock.find(foundData, end, name);
        } finally {
            if (foundAt < 0) {
                close();
            }
        }
        return foundAt >= 0;
    }

    long foundIno() {
        return DirBlock.inode(foundData, foundAt);
    }

    void close() {
        if (foundBlock != null) {
            foundBlock.close();
            foundBlock = null;
        }
    }

    /// The number of the inode of an entry, or 0.
    long lookup(Name name) throws IOException {
        if (directory.isInline() && (name.isDot() || name.isDotDot())) {
            return name.isDot() ? directory.ino() : Le.u32(directory.raw(), Inode.BLOCK);
        }
        try {
            return find(name) ? foundIno() : 0;
        } finally {
            close();
        }
    }

    // Changing

    /// Removes the entry that was found.
    void removeFound() throws ErrnoException {
        changed(requireFound());
        DirBlock.remove(foundData, foundAt);
        roomHint = 0;
    }

    /// Makes the entry that was found another file's.
    void replaceFound(long ino, int type) {
        changed(requireFound());
        Le.put32(foundData, foundAt, ino);
        Le.put8(foundData, foundAt + 7, type);
    }

    private Buf requireFound() {
        return java.util.Objects.requireNonNull(foundBlock, "nothing was found");
    }

    /// Adds an entry whose name is not there.
    ///
    /// @throws IOException ENOSPC, when nothing was changed
    void add(DirEntry entry) throws IOException {
        if (isIndexed()) {
            index().add(entry);
            return;
        }
        for (long logical = roomHint; logical < blocks(); logical++) {
            Buf buf = block(logical);
            if (buf == null) {
                continue;
            }
            try (buf) {
                if (DirBlock.add(buf.data(), end, entry)) {
                    changed(buf);
                    return;
                }
            }
            if (needsLeast(entry)) {
                roomHint = logical;
            }
        }
        if (blocks() == 1 && fs.sb().features.compat(Features.DIR_INDEX)) {
            index().build();
            index().add(entry);
            return;
        }
        try (Buf buf = append()) {
            DirBlock.add(buf.data(), end, entry);
        }
    }

    /// Where such a name has no room, hardly another has.
    private static boolean needsLeast(DirEntry entry) {
        return entry.name().length() <= 12;
    }

    /// The first block of a new directory.
    void initialise(long parent) throws IOException {
        int type = fs.sb().typeOf(directory.rec.mode());
        try (Buf buf = append()) {
            DirBlock.set(buf.data(), 0, 12, new DirEntry(Name.DOT, directory.ino(), type));
            DirBlock.set(buf.data(), 12, end - 12, new DirEntry(Name.DOT_DOT, parent, type));
        }
    }

    /// Makes `..` another directory.
    void setParent(long parent) throws IOException {
        if (directory.isInline()) {
            directory.changed();
            Le.put32(directory.raw(), Inode.BLOCK, parent);
            return;
        }
        try {
            if (!find(Name.DOT_DOT)) {
                throw EUCLEAN.error("inode %d: the directory has no ..", directory.ino());
            }
            replaceFound(parent, fs.sb().typeOf(directory.rec.mode()));
        } finally {
            close();
        }
    }

    // Inline directories: the number of the parent, then entries; and more of them in an attribute

    /// The entries as one chain, a copy.
    MemorySegment inlineView() throws IOException {
        byte[] more = directory.xattrs().inlineRest();
        MemorySegment view = MemorySegment.ofArray(new byte[Inode.BLOCK_BYTES - 4 + more.length]);
        MemorySegment.copy(directory.raw(), Inode.BLOCK + 4, view, 0, Inode.BLOCK_BYTES - 4);
        Le.putBytes(view, Inode.BLOCK_BYTES - 4, more);
        boolean good = DirBlock.isGood(view, 0, Inode.BLOCK_BYTES - 4)
                && DirBlock.isGood(view, Inode.BLOCK_BYTES - 4, (int) view.byteSize());
        if (!good) {
            throw EUCLEAN.error("inode %d: the inline directory is damaged", directory.ino());
        }
        return view;
    }

    /// Moves the entries of an inline directory into a block.
    void leaveInline() throws IOException {
        if (!directory.isInline()) {
            return;
        }
        MemorySegment view = inlineView();
        long parent = Le.u32(directory.raw(), Inode.BLOCK);
        fs.blocks().requireFree(2);
        directory.xattrs().endInline();
        directory.rec.setSize(0);
        initialise(parent);
        try (Buf buf = requireBlock(0)) {
            for (int at = 0; at < view.byteSize(); at = DirBlock.next(view, at)) {
                if (DirBlock.inode(view, at) != 0) {
                    var entry = new DirEntry(DirBlock.name(view, at), DirBlock.inode(view, at), Le.u8(view, at + 7));
                    DirBlock.add(buf.data(), end, entry);
                }
            }
            changed(buf);
        }
    }
}
