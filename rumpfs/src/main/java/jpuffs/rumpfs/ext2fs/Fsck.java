// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Checks a file system, and repairs what a crash of this package can leave: an unreplayed journal and orphans;
/// without a journal also bitmaps and counts, counts of links, entries of files that do not exist, directories with
/// two names, a wrong `..` or a wrong index, and files without a name, which go to lost+found. What needs more is
/// left to e2fsck(8).
final class Fsck {
    private static final int RESIZE_INO = 7;
    private static final Name LOST_FOUND = Name.of("lost+found");

    private final Ext2Fs fs;
    private final Superblock sb;
    private final Consumer<String> report;
    private final boolean repair;
    private final BitSet usedBlocks = new BitSet();
    private final BitSet usedInodes = new BitSet();
    private final BitSet directories = new BitSet();
    private final int[] references; // by inode: entries that name it, with . and ..
    private final byte[] types; // by inode: as entries have them
    private final int[] parents; // by inode of a directory: the directory it is in
    private final BitSet named = new BitSet(); // by an entry other than . and ..
    private final List<int[]> marked = new ArrayList<>(); // ranges of blocks of one inode
    private long end; // of the data of one inode, in blocks
    private boolean unknown; // what blocks and inodes are in use
    private int found;
    private int left;

    private Fsck(Ext2Fs fs, boolean repair, Consumer<String> report) {
        this.fs = fs;
        this.sb = fs.sb();
        this.repair = repair;
        this.report = report;
        this.references = new int[(int) Math.min(sb.inodes + 1, Integer.MAX_VALUE - 8)];
        this.types = new byte[references.length];
        this.parents = new int[references.length];
    }

    /// See [jpuffs.rumpfs.RumpFsType#fsck].
    static FsckResult check(BlockDevice device, boolean repair, Consumer<String> report, Rumpuser host)
            throws IOException {
        Superblock sb = Superblock.read(device);
        boolean replay = sb.features.incompat(Features.NEEDS_RECOVERY);
        if (replay) {
            report.accept(repair ? "replaying the journal" : "the journal must be replayed");
        }
        boolean writes =
                repair && !device.isReadOnly() && sb.features.readOnlyReasons().isEmpty();
        Ext2Fs fs = Ext2Fs.mount(device, MountOptions.of(FsOptions.of(writes ? "" : "ro")), host);
        try {
            var fsck = new Fsck(fs, writes, report);
            fsck.found += replay ? 1 : 0;
            fsck.left += replay && !writes ? 1 : 0;
            return fsck.run();
        } finally {
            fs.unmount(true);
        }
    }

    private FsckResult run() throws IOException {
        markSystem();
        forEachInode(this::scan);
        if (sb.features.compat(Features.RESIZE_INODE)) {
            markResizeInode();
        }
        for (int ino = directories.nextSetBit(0); ino >= 0; ino = directories.nextSetBit(ino + 1)) {
            guarded(ino, this::scanEntries);
        }
        checkGroups("blocks", this::checkBlocks); // the rest may need new ones
        forEachUsed(this::checkNames);
        forEachUsed(this::checkParent);
        forEachUsed(this::checkConnected);
        forEachUsed(this::checkLinks);
        checkGroups("inodes", this::checkInodes);
        if (repair && left == 0) {
            fs.commit();
        }
        report.accept("%s: %d files, %d of %d blocks in use"
                .formatted(
                        left > 0 ? "damaged" : found > 0 ? "repaired" : "clean",
                        usedInodes.cardinality(),
                        usedBlocks.cardinality(),
                        sb.blocks));
        return left > 0 ? FsckResult.DAMAGED : found > 0 ? FsckResult.REPAIRED : FsckResult.CLEAN;
    }

    /// Tells a finding, and answers whether it is to be repaired.
    private boolean finding(boolean canRepair, String format, Object... args) {
        found++;
        boolean repairs = canRepair && repair;
        left += repairs ? 0 : 1;
        report.accept(format.formatted(args));
        return repairs;
    }

    /// Something done with an inode, or a group.
    private interface Work {
        void run(int number) throws IOException;
    }

    /// Does it, and makes a finding of what fails for damage.
    private void guarded(int ino, Work work) throws IOException {
        try {
            work.run(ino);
        } catch (ErrnoException e) {
            finding(false, "inode %d: %s", ino, e.getMessage());
            unknown = true;
        }
    }

    private void forEachInode(Work work) throws IOException {
        for (int group = 0; group < sb.groups; group++) {
            boolean none = fs.groups().has(group, Groups.INODE_UNINIT);
            int count = none ? 0 : sb.inodesPerGroup - fs.groups().itableUnused(group);
            for (int i = 1; i <= count && (long) group * sb.inodesPerGroup + i <= sb.inodes; i++) {
                guarded(group * sb.inodesPerGroup + i, work);
            }
        }
    }

    private void forEachUsed(Work work) throws IOException {
        for (int ino = usedInodes.nextSetBit(0); ino >= 0; ino = usedInodes.nextSetBit(ino + 1)) {
            guarded(ino, work);
        }
    }

    // Blocks

    private void markSystem() {
        usedBlocks.set(0, (int) sb.firstDataBlock);
        for (int group = 0; group < sb.groups; group++) {
            long start = sb.groupStart(group);
            usedBlocks.set((int) start, (int) start + sb.baseBlocks(group));
            usedBlocks.set((int) fs.groups().blockBitmap(group));
            usedBlocks.set((int) fs.groups().inodeBitmap(group));
            int table = (int) fs.groups().inodeTable(group);
            usedBlocks.set(table, table + fs.groups().tableBlocks());
        }
    }

    private void mark(long block, long count) throws IOException {
        fs.zone().require(block, count);
        int first = (int) block;
        int end = (int) (block + count);
        int clash = usedBlocks.nextSetBit(first);
        if (clash >= 0 && clash < end) {
            throw EUCLEAN.error("block %d is another's as well", clash);
        }
        usedBlocks.set(first, end);
        marked.add(new int[] {first, end});
    }

    private void markResizeInode() throws IOException {
        var inode = new RegularFile(fs, RESIZE_INO, fs.inodes().load(RESIZE_INO));
        long block = Le.u32(inode.raw(), Inode.BLOCK + 4L * 13);
        if (block != 0) {
            guarded(RESIZE_INO, ino -> mark(block, 1));
        }
    }

    // Inodes

    private void scan(int ino) throws IOException {
        InodeRec rec = fs.inodes().load(ino);
        boolean reserved = ino < sb.firstIno && ino != Ext2Fs.ROOT_INO;
        if (rec.links() == 0 || reserved && rec.mode() == 0) {
            usedInodes.set(ino, reserved);
            return;
        }
        usedInodes.set(ino);
        directories.set(ino, Mode.isDirectory(rec.mode()));
        types[ino] = (byte) fs.typeOf(rec.mode());
        if (ino == RESIZE_INO) {
            return;
        }
        marked.clear();
        end = 0;
        try {
            scanBlocks(ino, rec);
        } catch (ErrnoException e) {
            if (!finding(
                    !reserved && ino != Ext2Fs.ROOT_INO, "inode %d: %s: its content is lost", ino, e.getMessage())) {
                unknown = true;
                return;
            }
            marked.forEach(range -> usedBlocks.clear(range[0], range[1]));
            empty(ino);
            return;
        }
        checkCount(ino, rec);
        checkSize(ino, rec);
    }

    private void checkSize(int ino, InodeRec rec) throws IOException {
        long covered = (rec.size() + sb.blockSize - 1) >>> sb.logBlockSize;
        boolean mapped = Mode.isRegular(rec.mode()) && hasBlocks(rec) && ino >= sb.firstIno;
        if (mapped && end > covered && finding(true, "inode %d: has data behind its end", ino)) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setSize(end << sb.logBlockSize);
        }
    }

    private void checkCount(int ino, InodeRec rec) throws IOException {
        boolean shared = rec.xattrBlock() != 0 && marked.stream().noneMatch(range -> range[0] == rec.xattrBlock());
        long blocks = shared ? 1 : 0;
        for (int[] range : marked) {
            blocks += range[1] - range[0];
        }
        long sectors = blocks * (sb.blockSize / 512) * sb.clusterRatio;
        boolean countable = sb.clusterRatio == 1 && !rec.has(InodeRec.EA_INODE);
        if (countable
                && rec.sectors(sb.logBlockSize) != sectors
                && finding(true, "inode %d: has %d blocks and says %d", ino, sectors, rec.sectors(sb.logBlockSize))) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setSectors(sectors, sb.logBlockSize);
        }
    }

    /// A file whose blocks are not its own becomes empty, a directory is no more.
    private void empty(int ino) throws IOException {
        Inode inode = fs.inodes().get(ino);
        inode.changed();
        inode.rec.setXattrBlock(0);
        inode.rec.setSize(0);
        inode.rec.setSectors(0, sb.logBlockSize);
        Le.zero(inode.raw(), Inode.BLOCK, Inode.BLOCK_BYTES);
        if (inode.rec.has(InodeRec.EXTENTS)) {
            ExtentMap.initialise(inode);
        }
        if (!Mode.isRegular(inode.rec.mode())) {
            inode.rec.setLinks(0);
            inode.rec.setDtime(Math.max(fs.now().seconds(), 1));
            usedInodes.clear(ino);
            directories.clear(ino);
        }
    }

    private void scanBlocks(int ino, InodeRec rec) throws IOException {
        if (rec.xattrBlock() != 0 && !usedBlocks.get((int) Math.min(rec.xattrBlock(), Integer.MAX_VALUE))) {
            mark(rec.xattrBlock(), 1); // others may share it
        }
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

    // Names

    private void scanEntries(int ino) throws IOException {
        if (!(fs.inodes().get(ino) instanceof Directory directory)) {
            return;
        }
        DirContent content = directory.content();
        if (directory.isInline()) {
            count(ino, Name.DOT);
            count((int) content.lookup(Name.DOT_DOT), Name.DOT_DOT);
            scanChain(ino, content.inlineView(), null, new HashSet<>());
            return;
        }
        var names = new HashSet<Name>();
        for (long logical = 0; logical < content.blocks(); logical++) {
            Buf buf = content.block(logical);
            if (buf != null) {
                try (buf) {
                    if (scanChain(ino, buf.data().asSlice(0, content.end()), content, names)) {
                        content.changed(buf);
                    }
                }
            }
        }
        if (content.isIndexed()) {
            checkIndex(directory, names.size());
        }
    }

    /// Without an index a directory is a list: its nodes have one entry, of all their bytes, that is none.
    private void checkIndex(Directory directory, int entries) throws IOException {
        boolean good = false;
        try {
            good = directory.content().index().isGood(entries);
        } catch (ErrnoException e) {
            report.accept(e.getMessage());
        }
        if (!good && finding(!sb.checksums, "inode %d: the index of the directory is wrong", directory.ino())) {
            directory.changed();
            directory.rec.setFlags(directory.rec.flags() & ~InodeRec.INDEX);
        }
    }

    /// Counts entries, and takes those of no file out; answers whether it did.
    private boolean scanChain(int ino, MemorySegment data, @Nullable DirContent content, Set<Name> names)
            throws ErrnoException {
        boolean changed = false;
        List<Integer> bad = new ArrayList<>();
        for (int at = 0; at < data.byteSize(); at = DirBlock.next(data, at)) {
            long target = DirBlock.inode(data, at);
            if (target == 0) {
                continue;
            }
            Name name = DirBlock.name(data, at);
            String wrong = wrong(ino, target, name, names);
            if (wrong != null) {
                if (finding(content != null, "inode %d: entry %s is %s", ino, name, wrong)) {
                    bad.add(at);
                }
            } else {
                count((int) target, name);
                changed |= checkType(ino, data, at);
            }
        }
        for (int at : bad.reversed()) {
            DirBlock.remove(data, at);
            changed = true;
        }
        return changed;
    }

    /// What is wrong with an entry, so that there must not be one.
    private @Nullable String wrong(int ino, long target, Name name, Set<Name> names) {
        if (target > sb.inodes || !usedInodes.get((int) target) || !isName(name)) {
            return "of no file or no name";
        }
        if (name.isDot() || name.isDotDot()) {
            return null;
        }
        if (!names.add(name)) {
            return "there twice";
        }
        return isSecondName(ino, (int) target) ? "a second name of a directory" : null;
    }

    private boolean isSecondName(int ino, int target) {
        if (!directories.get(target)) {
            return false;
        }
        boolean second = parents[target] != 0 || target == Ext2Fs.ROOT_INO;
        parents[target] = second ? parents[target] : ino;
        return second;
    }

    private static boolean isName(Name name) {
        for (byte b : name.toBytes()) {
            if (b == 0 || b == '/') {
                return false;
            }
        }
        return name.length() > 0;
    }

    private boolean checkType(int ino, MemorySegment data, int at) {
        int type = types[(int) DirBlock.inode(data, at)];
        if (Le.u8(data, at + 7) == type
                || !finding(true, "inode %d: entry %s is of another type", ino, DirBlock.name(data, at))) {
            return false;
        }
        Le.put8(data, at + 7, type);
        return true;
    }

    private void count(int ino, Name name) {
        count(ino, 1);
        if (ino > 0 && ino < references.length) {
            named.set(ino, named.get(ino) || !name.isDot() && !name.isDotDot());
        }
    }

    private void count(int ino, int change) {
        if (ino > 0 && ino < references.length) {
            references[ino] += change;
        }
    }

    /// A file without a name gets one.
    private void checkNames(int ino) throws IOException {
        boolean special = ino < sb.firstIno || sb.features.compat(Features.ORPHAN_FILE) && ino == sb.orphanFileInum();
        if (special || named.get(ino)) {
            return;
        }
        if (!finding(!unknown, "inode %d: has no name", ino)) {
            return;
        }
        Directory root = (Directory) fs.inodes().get(Ext2Fs.ROOT_INO);
        if (!(root.lookup(LOST_FOUND) instanceof Directory lost)) {
            left++;
            report.accept("there is no lost+found");
            return;
        }
        Inode inode = fs.inodes().get(ino);
        lost.content().add(new DirEntry(Name.of("#" + ino), ino, fs.typeOf(inode.rec.mode())));
        count(ino, LOST_FOUND);
        parents[ino] = lost.ino();
    }

    /// The `..` of a directory leads to where it is.
    private void checkParent(int ino) throws IOException {
        if (!directories.get(ino) || parents[ino] == 0 && ino != Ext2Fs.ROOT_INO) {
            return;
        }
        int parent = ino == Ext2Fs.ROOT_INO ? ino : parents[ino];
        DirContent content = ((Directory) fs.inodes().get(ino)).content();
        int told = (int) content.lookup(Name.DOT_DOT);
        if (told != parent && finding(true, "inode %d: is in directory %d, and its .. is %d", ino, parent, told)) {
            content.setParent(parent);
            count(told, -1);
            count(parent, 1);
        }
    }

    /// From each directory the root can be reached.
    private void checkConnected(int ino) {
        int at = ino;
        for (int steps = 0; parents[at] != 0; at = parents[at]) {
            if (++steps > directories.cardinality()) {
                finding(false, "inode %d: is below itself", ino);
                return;
            }
        }
    }

    private void checkLinks(int ino) throws IOException {
        if (ino < sb.firstIno && ino != Ext2Fs.ROOT_INO || references[ino] == 0) {
            return;
        }
        int links = fs.inodes().load(ino).links();
        boolean uncounted = links == 1 && directories.get(ino);
        if (links != references[ino]
                && !uncounted
                && finding(true, "inode %d: has %d links and says %d", ino, references[ino], links)) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setLinks(references[ino]);
        }
    }

    // Bitmaps and counts

    private void checkGroups(String what, Work work) throws IOException {
        if (unknown) {
            report.accept("the bitmaps of %s are not checked: what is in use is not known".formatted(what));
            return;
        }
        for (int group = 0; group < sb.groups; group++) {
            work.run(group);
        }
    }

    private void checkBlocks(int group) throws IOException {
        if (!fs.blocks().agrees(group, usedBlocks)
                && finding(true, "group %d: the bitmap of blocks or their count is wrong", group)) {
            fs.blocks().rebuild(group, usedBlocks);
        }
    }

    private void checkInodes(int group) throws IOException {
        if (!fs.inodeAllocator().agrees(group, usedInodes, directories)
                && finding(true, "group %d: the bitmap of inodes or their count is wrong", group)) {
            fs.inodeAllocator().rebuild(group, usedInodes, directories);
        }
    }
}
