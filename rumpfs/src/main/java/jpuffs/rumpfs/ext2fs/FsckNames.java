// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The part of a check that looks at the names of files: the entries of each directory, then whether all files that
/// are in use have as many names as they say.
final class FsckNames {
    private static final Name LOST_FOUND = Name.of("lost+found");

    private final FsckState state;
    private final Ext2Fs fs;
    private final Superblock sb;
    private final int[] references; // by inode: entries that name it, with . and ..
    private final int[] parents; // by inode of a directory: the directory it is in
    private final BitSet named = new BitSet(); // by an entry other than . and ..

    FsckNames(FsckState state) {
        this.state = state;
        this.fs = state.fs;
        this.sb = state.sb;
        this.references = new int[state.types.length];
        this.parents = new int[state.types.length];
    }

    /// Reads all entries.
    void scan() throws IOException {
        state.forEach(state.directories, ino -> {
            state.beginDirectory();
            scanEntries(ino);
        });
        state.endDirectory();
    }

    /// Checks what they come to.
    void check() throws IOException {
        state.forEach(state.usedInodes, this::checkNames);
        state.forEach(state.usedInodes, this::checkParent);
        state.forEach(state.usedInodes, this::checkConnected);
        state.forEach(state.usedInodes, this::checkLinks);
    }

    // Names

    private void scanEntries(int ino) throws IOException {
        if (!(fs.inodes().get(ino) instanceof Directory directory)) {
            return;
        }
        DirContent content = directory.content();
        var names = new HashSet<Name>();
        if (directory.isInline()) {
            count(ino, Name.DOT);
            count((int) content.lookup(Name.DOT_DOT), Name.DOT_DOT);
            new Chain(ino, false, false, names).scan(content.inlineView());
            return;
        }
        for (long logical = 0; logical < content.blocks(); logical++) {
            Buf buf = content.anyBlock(logical);
            if (buf != null) {
                try (buf) {
                    scanBlock(directory, logical, buf, names);
                }
            }
        }
        if (content.isIndexed()) {
            checkIndex(directory, names.size());
        }
    }

    private void scanBlock(Directory directory, long logical, Buf buf, Set<Name> names) throws IOException {
        DirContent content = directory.content();
        MemorySegment data = buf.data().asSlice(0, content.end());
        boolean good = content.isGood(buf) && (logical > 0 || salvage(data).hasDots());
        boolean changed = false;
        if (!good) {
            changed = state.finding(true, "inode %d: block %d of the directory is damaged", directory.ino(), logical);
            data = changed ? data : MemorySegment.ofArray(data.toArray(ValueLayout.JAVA_BYTE));
            mend(directory, logical, data);
        }
        changed |= new Chain(directory.ino(), logical == 0, true, names).scan(data);
        if (changed) {
            content.changed(buf);
        }
    }

    private DirSalvage salvage(MemorySegment data) {
        return new DirSalvage(data, (ino, type) -> isUsed(ino) && state.types[(int) ino] == type);
    }

    /// Keeps what entries can be found in a damaged block. A wrong `..` is found later.
    private void mend(Directory directory, long logical, MemorySegment data) throws ErrnoException {
        DirSalvage salvage = salvage(data);
        salvage.mend();
        if (logical == 0 && !salvage.hasDots()) {
            salvage.putDots(directory.ino(), Ext2Fs.ROOT_INO, fs.sb().typeOf(Mode.S_IFDIR));
        }
    }

    private boolean isUsed(long ino) {
        return state.isInode(ino) && state.usedInodes.get((int) ino);
    }

    /// Without an index a directory is a list: its nodes have one entry, of all their bytes, that is none.
    private void checkIndex(Directory directory, int entries) throws IOException {
        boolean good = false;
        try {
            good = directory.content().index().isGood(entries);
        } catch (ErrnoException e) {
            state.tell("%s", e.getMessage());
        }
        if (!good && state.finding(!sb.checksums, "inode %d: the index of the directory is wrong", directory.ino())) {
            directory.changed();
            directory.rec.setFlags(directory.rec.flags() & ~InodeRec.INDEX);
        }
    }

    /// The entries of one block, or of an inline directory.
    private final class Chain {
        private final int ino; // of the directory
        private final boolean dots; // . and .. are here
        private final boolean mends;
        private final Set<Name> names; // of the directory, so far

        Chain(int ino, boolean dots, boolean mends, Set<Name> names) {
            this.ino = ino;
            this.dots = dots;
            this.mends = mends;
            this.names = names;
        }

        /// Counts entries, and takes those of no file out; answers whether it did.
        boolean scan(MemorySegment data) throws ErrnoException {
            boolean changed = false;
            List<Integer> bad = new ArrayList<>();
            for (int at = 0; at < data.byteSize(); at = DirBlock.next(data, at)) {
                if (DirBlock.inode(data, at) == 0) {
                    continue;
                }
                Name name = DirBlock.name(data, at);
                String wrong = wrong(DirBlock.inode(data, at), at, name);
                if (wrong == null) {
                    count((int) DirBlock.inode(data, at), name);
                    changed |= checkType(data, at);
                } else if (state.finding(mends, "inode %d: entry %s is %s", ino, name, wrong)) {
                    bad.add(at);
                }
            }
            for (int at : bad.reversed()) {
                DirBlock.remove(data, at);
                changed = true;
            }
            return changed;
        }

        /// What is wrong with an entry, so that there must not be one.
        private @Nullable String wrong(long target, int at, Name name) {
            if (name.isDot() || name.isDotDot()) {
                boolean inPlace = dots && at == (name.isDot() ? 0 : DirBlock.MIN_LENGTH);
                return inPlace ? null : "not where it must be";
            }
            if (!isUsed(target) || !DirBlock.isName(name)) {
                return "of no file or no name";
            }
            if (!names.add(name)) {
                return "there twice";
            }
            return isSecondName((int) target) ? "a second name of a directory" : null;
        }

        private boolean isSecondName(int target) {
            if (!state.directories.get(target)) {
                return false;
            }
            boolean second = parents[target] != 0 || target == Ext2Fs.ROOT_INO;
            parents[target] = second ? parents[target] : ino;
            return second;
        }

        private boolean checkType(MemorySegment data, int at) {
            long target = DirBlock.inode(data, at);
            if (!isUsed(target)) {
                return false; // `..`, which is checked when all parents are known
            }
            int type = state.types[(int) target];
            if (DirBlock.storedType(data, at) == type
                    || !state.finding(mends, "inode %d: entry %s is of another type", ino, DirBlock.name(data, at))) {
                return false;
            }
            Le.put8(data, at + 7, type);
            return true;
        }
    }

    private void count(int ino, Name name) {
        count(ino, 1);
        if (state.isInode(ino)) {
            named.set(ino, named.get(ino) || !name.isDot() && !name.isDotDot());
        }
    }

    private void count(int ino, int change) {
        if (state.isInode(ino)) {
            references[ino] += change;
        }
    }

    /// A file without a name gets one.
    private void checkNames(int ino) throws IOException {
        boolean special = ino < sb.firstIno || sb.features.compat(Features.ORPHAN_FILE) && ino == sb.orphanFileInum();
        if (special || named.get(ino) || fs.inodes().load(ino).has(InodeRec.EA_INODE)) {
            return;
        }
        if (!state.finding(!state.isUnknown(), "inode %d: has no name", ino)) {
            return;
        }
        Directory root = (Directory) fs.inodes().get(Ext2Fs.ROOT_INO);
        if (!(root.lookup(LOST_FOUND) instanceof Directory lost)) {
            state.failed("there is no lost+found");
            return;
        }
        Inode inode = fs.inodes().get(ino);
        lost.content().add(new DirEntry(Name.of("#" + ino), ino, fs.sb().typeOf(inode.rec.mode())));
        count(ino, LOST_FOUND);
        parents[ino] = lost.ino();
    }

    /// The `..` of a directory leads to where it is.
    private void checkParent(int ino) throws IOException {
        if (!state.directories.get(ino) || parents[ino] == 0 && ino != Ext2Fs.ROOT_INO) {
            return;
        }
        int parent = ino == Ext2Fs.ROOT_INO ? ino : parents[ino];
        DirContent content = ((Directory) fs.inodes().get(ino)).content();
        int told = (int) content.lookup(Name.DOT_DOT);
        if (told != parent
                && state.finding(true, "inode %d: is in directory %d, and its .. is %d", ino, parent, told)) {
            content.setParent(parent);
            count(told, -1);
            count(parent, 1);
        }
    }

    /// From each directory the root can be reached.
    private void checkConnected(int ino) {
        int at = ino;
        for (int steps = 0; parents[at] != 0; at = parents[at]) {
            if (++steps > state.directories.cardinality()) {
                state.finding(false, "inode %d: is below itself", ino);
                return;
            }
        }
    }

    private void checkLinks(int ino) throws IOException {
        if (ino < sb.firstIno && ino != Ext2Fs.ROOT_INO || references[ino] == 0) {
            return;
        }
        int links = fs.inodes().load(ino).links();
        boolean uncounted = links == 1 && state.directories.get(ino);
        if (links != references[ino]
                && !uncounted
                && state.finding(true, "inode %d: has %d links and says %d", ino, references[ino], links)) {
            Inode inode = fs.inodes().get(ino);
            inode.changed();
            inode.rec.setLinks(references[ino]);
        }
    }
}
