// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// The part of a check that looks at inodes one by one: which are in use, and which blocks are theirs.
final class FsckInodes {
    private static final int RESIZE_INO = 7;

    private final FsckState state;
    private final Ext2Fs fs;
    private final Superblock sb;
    private final List<int[]> marked = new ArrayList<>(); // ranges of blocks of one inode
    private final Map<Long, Integer> xattrUsers = new HashMap<>(); // by block of attributes: files that share it
    private long end; // of the data of one inode, in blocks

    FsckInodes(FsckState state) {
        this.state = state;
        this.fs = state.fs;
        this.sb = state.sb;
    }

    void run() throws IOException {
        markSystem();
        for (int group = 0; group < sb.groups; group++) {
            boolean none = fs.groups().has(group, Groups.INODE_UNINIT);
            int count = none ? 0 : sb.inodesPerGroup - fs.groups().itableUnused(group);
            for (int i = 1; i <= count && (long) group * sb.inodesPerGroup + i <= sb.inodes; i++) {
                state.guarded(group * sb.inodesPerGroup + i, this::scan);
            }
        }
        if (sb.features.compat(Features.RESIZE_INODE)) {
            markResizeInode();
        }
        checkSharing();
    }

    // Blocks

    private void markSystem() {
        state.usedBlocks.set(0, (int) sb.firstDataBlock);
        for (int group = 0; group < sb.groups; group++) {
            long start = sb.groupStart(group);
            state.usedBlocks.set((int) start, (int) start + sb.baseBlocks(group));
            state.usedBlocks.set((int) fs.groups().blockBitmap(group));
            state.usedBlocks.set((int) fs.groups().inodeBitmap(group));
            int table = (int) fs.groups().inodeTable(group);
            state.usedBlocks.set(table, table + fs.groups().tableBlocks());
        }
        long mmp = sb.features.incompat(Features.MMP) ? Le.i64(sb.raw, Superblock.MMP_BLOCK) : 0;
        if (mmp > 0 && mmp < sb.blocks) {
            state.usedBlocks.set((int) mmp);
        }
    }

    private void mark(long block, long count) throws IOException {
        fs.zone().require(block, count);
        int first = (int) block;
        int end = (int) (block + count);
        int clash = state.usedBlocks.nextSetBit(first);
        if (clash >= 0 && clash < end) {
            throw EUCLEAN.error("block %d is another's as well", clash);
        }
        state.usedBlocks.set(first, end);
        marked.add(new int[] {first, end});
    }

    private void markResizeInode() throws IOException {
        var inode = new RegularFile(fs, RESIZE_INO, fs.inodes().load(RESIZE_INO));
        long block = Le.u32(inode.raw(), Inode.BLOCK + 4L * 13);
        if (block != 0) {
            state.guarded(RESIZE_INO, ino -> mark(block, 1));
        }
    }

    // Inodes

    private void scan(int ino) throws IOException {
        InodeRec rec = fs.inodes().load(ino);
        boolean reserved = ino < sb.firstIno && ino != Ext2Fs.ROOT_INO;
        if (rec.links() == 0 || reserved && rec.mode() == 0) {
            state.usedInodes.set(ino, reserved);
            return;
        }
        state.usedInodes.set(ino);
        state.directories.set(ino, Mode.isDirectory(rec.mode()));
        state.types[ino] = (byte) fs.sb().typeOf(rec.mode());
        if (ino == RESIZE_INO) {
            return;
        }
        checkXattrs(ino, rec);
        marked.clear();
        end = 0;
        try {
            scanBlocks(ino, rec);
        } catch (ErrnoException e) {
            if (!state.finding(
                    !reserved && ino != Ext2Fs.ROOT_INO, "inode %d: %s: its content is lost", ino, e.getMessage())) {
                state.setUnknown();
                return;
            }
            marked.forEach(range -> state.usedBlocks.clear(range[0], range[1]));
            empty(ino);
            return;
        }
        checkCount(ino, rec);
        checkSize(ino, rec);
    }

    private void checkSize(int ino, InodeRec rec) throws IOException {
        long covered = (rec.size() + sb.blockSize - 1) >>> sb.logBlockSize;
        boolean mapped = Mode.isRegular(rec.mode()) && hasBlocks(rec) && ino >= sb.firstIno;
        if (mapped && end > covered && state.finding(true, "inode %d: has data behind its end", ino)) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setSize(end << sb.logBlockSize);
        }
    }

    private void checkCount(int ino, InodeRec rec) throws IOException {
        long blocks = rec.xattrBlock() == 0 ? 0 : 1; // which others may have as well
        for (int[] range : marked) {
            blocks += range[1] - range[0];
        }
        long sectors = blocks * (sb.blockSize / 512) * sb.clusterRatio;
        boolean countable = sb.clusterRatio == 1 && !sb.features.incompat(Features.EA_INODE);
        if (countable
                && rec.sectors(sb.logBlockSize) != sectors
                && state.finding(
                        true, "inode %d: has %d blocks and says %d", ino, sectors, rec.sectors(sb.logBlockSize))) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setSectors(sectors, sb.logBlockSize);
        }
    }

    /// A file whose blocks are not its own becomes empty, a directory is no more.
    private void empty(int ino) throws IOException {
        Inode inode = fs.inodes().get(ino);
        inode.changed();
        inode.rec.setSize(0);
        inode.rec.setSectors(inode.rec.xattrBlock() == 0 ? 0 : sb.blockSize / 512, sb.logBlockSize);
        Le.zero(inode.raw(), Inode.BLOCK, Inode.BLOCK_BYTES);
        if (inode.rec.has(InodeRec.EXTENTS)) {
            ExtentMap.initialise(inode);
        }
        if (!Mode.isRegular(inode.rec.mode())) {
            leaveXattrs(inode.rec);
            inode.rec.setLinks(0);
            inode.rec.setDtime(Math.max(fs.now().seconds(), 1));
            state.usedInodes.clear(ino);
            state.directories.clear(ino);
        }
    }

    // Extended attributes: several files may have the same block of them

    private void checkXattrs(int ino, InodeRec rec) throws IOException {
        long block = rec.xattrBlock();
        if (block == 0) {
            return;
        }
        boolean good = xattrUsers.containsKey(block) || isNewXattrBlock(ino, block);
        if (good) {
            xattrUsers.merge(block, 1, Integer::sum);
        } else if (state.finding(true, "inode %d: its extended attributes are lost", ino)) {
            rec.setXattrBlock(0); // in the copy that is looked at
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setXattrBlock(0);
        } else {
            state.setUnknown();
        }
    }

    /// Marks the block, and mends what is in it; answers whether it is one of attributes at all.
    private boolean isNewXattrBlock(int ino, long block) throws IOException {
        if (!fs.zone().isData(block, 1) || state.usedBlocks.get((int) block)) {
            return false;
        }
        try (Buf buf = fs.meta().read(block, Kind.XATTRS)) {
            if (!XattrArea.isBlock(buf.data())) {
                return false;
            }
            state.usedBlocks.set((int) block);
            List<XattrEntry> kept = XattrArea.block(buf.data()).salvage();
            boolean sealed = !sb.checksums || Checksums.isXattrsGood(sb.seed, buf.data(), block);
            if ((kept != null || !sealed)
                    && state.finding(true, "inode %d: block %d of extended attributes is damaged", ino, block)) {
                if (kept != null) {
                    XattrArea.writeBlock(buf.data(), kept);
                }
                fs.meta().change(buf, Xattrs.seal(sb));
            }
            return true;
        }
    }

    /// A file that is no more gives its block up.
    private void leaveXattrs(InodeRec rec) {
        long block = rec.xattrBlock();
        if (block != 0 && xattrUsers.merge(block, -1, Integer::sum) == 0) {
            xattrUsers.remove(block);
            state.usedBlocks.clear((int) block);
        }
        rec.setXattrBlock(0);
    }

    private void checkSharing() throws IOException {
        for (var entry : xattrUsers.entrySet()) {
            try (Buf buf = fs.meta().read(entry.getKey(), Kind.XATTRS)) {
                int told = XattrArea.references(buf.data());
                if (told != entry.getValue()
                        && state.finding(
                                true,
                                "block %d of extended attributes: %d files have it and it says %d",
                                entry.getKey(),
                                entry.getValue(),
                                told)) {
                    XattrArea.setReferences(buf.data(), entry.getValue());
                    fs.meta().change(buf, Xattrs.seal(sb));
                }
            }
        }
    }

    // Content

    private void scanBlocks(int ino, InodeRec rec) throws IOException {
        if (!hasBlocks(rec)) {
            return;
        }
        var inode = new RegularFile(fs, ino, rec);
        inode.map().metadata((block, count) -> mark(block, count));
        var run = new Run();
        long max = inode.map().maxBlocks();
        for (long at = 0; at < max; at = run.end()) {
            inode.map().find(at, max - at, run);
            if (!run.isHole()) {
                mark(run.physical, run.count);
                end = run.isData() ? run.end() : end;
            }
        }
    }

    private static boolean hasBlocks(InodeRec rec) {
        int mode = rec.mode();
        boolean mapped = Mode.isRegular(mode) || Mode.isDirectory(mode) || Mode.isSymlink(mode);
        return mapped && !rec.has(InodeRec.INLINE_DATA) && !(Mode.isSymlink(mode) && SymbolicLink.isFast(rec));
    }
}
