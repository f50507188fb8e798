// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import jpuffs.core.Mode;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// The inodes that must be ended or truncated after a crash: a list that begins in the superblock and goes on in
/// the field for the time of deletion. The kernel's orphan file is emptied into it at mount.
final class Orphans {
    private static final int ORPHAN_MAGIC = 0x0b10ca04;
    private static final int FILE_TAIL = 8;

    private final Ext2Fs fs;
    private final Map<Integer, Inode> members = new HashMap<>();
    private final Map<Integer, Integer> newer = new HashMap<>(); // whose next is the key

    Orphans(Ext2Fs fs) {
        this.fs = fs;
    }

    boolean has(Inode inode) {
        return members.containsKey(inode.ino());
    }

    void add(Inode inode) throws IOException {
        int head = (int) fs.sb().lastOrphan();
        inode.changed();
        inode.rec.setDtime(head & 0xffffffffL);
        fs.sb().setLastOrphan(inode.ino());
        newer.put(head, inode.ino());
        members.put(inode.ino(), inode);
    }

    void remove(Inode inode) throws IOException {
        members.remove(inode.ino());
        int next = (int) inode.rec.dtime();
        Integer before = newer.remove(inode.ino());
        Inode holder = before == null ? null : members.get(before);
        if (holder == null) {
            fs.sb().setLastOrphan(next & 0xffffffffL);
            newer.remove(next);
        } else {
            holder.changed();
            holder.rec.setDtime(next & 0xffffffffL);
            newer.put(next, holder.ino());
        }
        inode.changed();
        inode.rec.setDtime(0);
    }

    /// Ends an inode of the list that nobody uses: frees its blocks and itself, over several transactions if there
    /// are many.
    void end(Inode inode) throws IOException {
        if (hasBlocks(inode)) {
            inode.changed();
            while (!inode.map().remove(0, inode.map().maxBlocks())) {
                fs.commit();
            }
            inode.rec.setSize(0);
        }
        inode.xattrs().release();
        remove(inode);
        fs.inodeAllocator().free(inode.ino(), inode.isDirectory());
        inode.rec.setDtime(Math.max(fs.now().seconds(), 1));
        inode.setDeleted();
    }

    private static boolean hasBlocks(Inode inode) {
        InodeRec rec = inode.rec;
        boolean mapped = Mode.isRegular(rec.mode()) || Mode.isDirectory(rec.mode()) || Mode.isSymlink(rec.mode());
        boolean fast = Mode.isSymlink(rec.mode()) && SymbolicLink.isFast(rec);
        return mapped && !fast && !inode.isInline();
    }

    // At mount

    /// Does what a crash left to do.
    void process() throws IOException {
        List<Integer> listed = listed();
        fs.sb().setLastOrphan(0);
        for (int i = listed.size() - 1; i >= 0; i--) {
            addFound(listed.get(i));
        }
        for (int ino : fileEntries()) {
            addFound(ino);
        }
        for (Inode inode : List.copyOf(members.values())) {
            fs.begin();
            if (inode.rec.links() == 0) {
                end(inode);
            } else {
                if (inode instanceof RegularFile file && !file.isInline()) {
                    file.removeFrom(Math.max(file.rec.size(), 0));
                }
                remove(inode);
            }
        }
    }

    private void addFound(int ino) throws IOException {
        if (fs.inodeAllocator().isUsed(ino)) {
            Inode inode = fs.inodes().get(ino);
            if (!has(inode)) {
                add(inode);
            }
        }
    }

    /// The list as the disk has it.
    List<Integer> listed() throws IOException {
        var seen = new LinkedHashSet<Integer>();
        long next = fs.sb().lastOrphan();
        while (next != 0) {
            boolean possible = next >= fs.sb().firstIno && next <= fs.sb().inodes;
            if (!possible || !seen.add((int) next)) {
                throw EUCLEAN.error("the list of orphaned inodes is damaged at inode %d", next);
            }
            next = fs.inodes().load(next).dtime();
        }
        return new ArrayList<>(seen);
    }

    /// Takes the inodes out of the orphan file.
    private List<Integer> fileEntries() throws IOException {
        var entries = new ArrayList<Integer>();
        Features now = Superblock.features(fs.sb().raw);
        if (!now.compat(Features.ORPHAN_FILE) || !now.roCompat(Features.ORPHAN_PRESENT)) {
            return entries;
        }
        Inode file = fs.inodes().get(fs.sb().orphanFileInum());
        long blocks = Math.min(file.rec.size() >>> fs.sb().logBlockSize, fs.sb().blocks);
        var run = new Run();
        for (long at = 0; at < blocks; at++) {
            file.map().find(at, 1, run);
            if (run.isData()) {
                takeEntries(run.physical, file, entries);
            }
        }
        fs.sb().clearOrphanPresent();
        return entries;
    }

    private void takeEntries(long block, Inode file, List<Integer> entries) throws IOException {
        int end = fs.sb().blockSize - FILE_TAIL;
        try (Buf buf = fs.meta().read(block, Kind.ORPHANS)) {
            if (Le.i32(buf.data(), end) != ORPHAN_MAGIC) {
                throw EUCLEAN.error("block %d of the orphan file is damaged", block);
            }
            for (int at = 0; at < end; at += 4) {
                long ino = Le.u32(buf.data(), at);
                if (ino >= fs.sb().firstIno && ino <= fs.sb().inodes) {
                    entries.add((int) ino);
                }
            }
            Le.zero(buf.data(), 0, end);
            fs.meta().change(buf, orphanSeal(file));
        }
    }

    private Seal orphanSeal(Inode file) {
        int end = fs.sb().blockSize - FILE_TAIL;
        return (data, block) -> Le.put32(data, end + 4L, Crc.crc32c(Crc.crc32c(file.seed(), block), data, 0, end));
    }
}
