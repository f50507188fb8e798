// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.ENOSPC;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Time;
import jpuffs.rumpfs.io.Le;

/// What a new file system has in it: the root, lost+found, and the journal.
final class NewFiles {
    static final int JOURNAL_INO = 8;

    private static final int LOST_FOUND = 16 << 10; // bytes
    private static final int JOURNAL_BACKUP = 1; // s_jnl_blocks holds the journal's inode

    private final Ext2Fs fs;
    private final BlockDevice device;
    private final NewfsOptions options;

    NewFiles(Ext2Fs fs, BlockDevice device, NewfsOptions options) {
        this.fs = fs;
        this.device = device;
        this.options = options;
    }

    void make() throws IOException {
        fs.inodeAllocator().countDirectory(0);
        Directory root = (Directory) add(Ext2Fs.ROOT_INO, Mode.S_IFDIR | 0755);
        root.rec.setLinks(2);
        root.content().initialise(Ext2Fs.ROOT_INO);
        makeLostFound((Directory) root.mkdir(Name.of("lost+found"), 0700, Cred.ROOT));
        if (options.journal() > 0) {
            makeJournal();
        }
    }

    /// With room for what a checker saves: it must not need blocks then. As large as mke2fs(8) makes it: 16 KiB, but
    /// no more than twelve blocks.
    private void makeLostFound(Directory directory) throws IOException {
        int blocks = Math.min(LOST_FOUND / fs.sb().blockSize, 12);
        while (directory.content().blocks() < blocks) {
            directory.content().append().close();
        }
        directory.changed();
    }

    private Inode add(int ino, int mode) throws IOException {
        InodeRec rec = new InodeRec(fs.sb().inodeSize);
        rec.setMode(mode);
        rec.setLinks(1);
        if (fs.sb().inodeSize > InodeRec.OLD_SIZE) {
            rec.setExtraIsize(fs.sb().wantExtraIsize());
        }
        Time now = fs.now();
        for (int field : new int[] {InodeRec.ATIME, InodeRec.MTIME, InodeRec.CTIME, InodeRec.CRTIME}) {
            rec.setTime(field, now);
        }
        boolean extents = fs.sb().features.incompat(Features.EXTENTS);
        rec.setFlags(extents ? InodeRec.EXTENTS : 0);
        Inode inode = fs.inodes().add(ino, rec);
        if (extents) {
            ExtentMap.initialise(inode);
        }
        return inode;
    }

    private void makeJournal() throws IOException {
        Inode inode = add(JOURNAL_INO, Mode.S_IFREG | 0600);
        int size = fs.sb().blockSize;
        long blocks = options.journal() / size;
        var run = new Run();
        for (long at = 0; at < blocks; at += run.count) {
            long middle = fs.sb().blocks / 2;
            fs.blocks().allocate(at == 0 ? middle : run.physical + run.count, blocks - at, run);
            run.set(at, run.physical, run.count, false);
            inode.map().insert(run);
            inode.addBlocks(run.count);
            device.zero(run.physical * size, run.count * size);
        }
        inode.rec.setSize(blocks * size);
        var first = new Run();
        inode.map().find(0, 1, first);
        if (!first.isData()) {
            throw ENOSPC.error("no room for the journal");
        }
        MemorySegment block = MemorySegment.ofArray(new byte[size]);
        JournalFile.initialise(block, blocks, MemorySegment.ofArray(Le.bytes(fs.sb().raw, Superblock.UUID, 16)));
        device.write(block, first.physical * size);
        MemorySegment raw = fs.sb().raw;
        Le.put32(raw, Superblock.COMPAT, Le.i32(raw, Superblock.COMPAT) | Features.HAS_JOURNAL);
        Le.put32(raw, Superblock.JOURNAL_INUM, JOURNAL_INO);
        Le.put8(raw, Superblock.JNL_BACKUP_TYPE, JOURNAL_BACKUP);
        MemorySegment.copy(inode.raw(), Inode.BLOCK, raw, Superblock.JNL_BLOCKS, Inode.BLOCK_BYTES);
        Le.put32(raw, Superblock.JNL_BLOCKS + 60, inode.rec.size() >>> 32);
        Le.put32(raw, Superblock.JNL_BLOCKS + 64, inode.rec.size());
    }
}
