// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENAMETOOLONG;

import java.io.IOException;
import java.util.SplittableRandom;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Mode;

/// Makes new files.
final class InodeMaker {
    private final Ext2Fs fs;
    private final SplittableRandom generations;

    InodeMaker(Ext2Fs fs, long seed) {
        this.fs = fs;
        this.generations = new SplittableRandom(seed);
    }

    /// A new inode of any type but a symbolic link, without a name but counting one. ENOSPC, EINVAL.
    Inode make(Directory directory, int mode, int rdev, Cred cred) throws IOException {
        int full = Mode.type(mode) == 0 ? Mode.S_IFREG | mode : mode;
        if (!Mode.isValidType(full) || Mode.isSymlink(full)) {
            throw EINVAL.error();
        }
        Inode inode = add(directory, full, rdev, cred);
        Acl defaults = directory.acl(Acl.DEFAULT);
        if (defaults != null) {
            try {
                inherit(inode, defaults);
            } catch (IOException e) {
                discard(inode);
                throw e;
            }
        }
        return inode;
    }

    /// A new symbolic link, without a name but counting one. ENOSPC, ENAMETOOLONG.
    Inode makeSymlink(Directory directory, byte[] target, Cred cred) throws IOException {
        if (target.length >= fs.sb().blockSize) {
            throw ENAMETOOLONG.error();
        }
        Inode inode = add(directory, Mode.S_IFLNK | 0777, 0, cred);
        try {
            ((SymbolicLink) inode).setTarget(target);
        } catch (IOException e) {
            discard(inode);
            throw e;
        }
        return inode;
    }

    private Inode add(Directory directory, int mode, int rdev, Cred cred) throws IOException {
        boolean isDirectory = Mode.isDirectory(mode);
        boolean spread = directory.ino() == Ext2Fs.ROOT_INO || directory.rec.has(InodeRec.TOPDIR);
        int ino = fs.inodeAllocator().allocate(directory.ino(), isDirectory, isDirectory && spread);
        Attr attr = Access.created(directory.getattr(), mode, cred, fs.now());
        InodeRec rec = new InodeRec(fs.sb().inodeSize);
        if (rec.raw.byteSize() > InodeRec.OLD_SIZE) {
            rec.setExtraIsize(fs.sb().wantExtraIsize());
        }
        rec.setMode(attr.mode());
        rec.setOwner(attr.uid(), attr.gid());
        rec.setLinks(1);
        rec.setGeneration(generations.nextInt());
        rec.setFlags(flags(directory, mode));
        for (int field : new int[] {InodeRec.ATIME, InodeRec.MTIME, InodeRec.CTIME, InodeRec.CRTIME}) {
            rec.setTime(field, attr.mtime());
        }
        if (directory.rec.has(InodeRec.PROJINHERIT)) {
            rec.setProject(directory.rec.project());
        }
        if (Mode.isDevice(mode)) {
            SpecialFile.setRdev(rec, rdev);
        }
        Inode inode = fs.inodes().add(ino, rec);
        if (rec.has(InodeRec.EXTENTS)) {
            ExtentMap.initialise(inode);
        }
        return inode;
    }

    private int flags(Directory directory, int mode) {
        int inherited = directory.rec.flags() & InodeRec.INHERITED;
        boolean mapped = Mode.isRegular(mode) || Mode.isDirectory(mode) || Mode.isSymlink(mode);
        if (Mode.isRegular(mode)) {
            inherited &= ~InodeRec.NOT_OF_FILES;
        } else if (!Mode.isDirectory(mode)) {
            inherited &= InodeRec.OF_OTHERS;
        }
        return inherited | (mapped && fs.sb().features.incompat(Features.EXTENTS) ? InodeRec.EXTENTS : 0);
    }

    /// What a new inode inherits of the default list of its directory: mode, access list and, a directory, the
    /// default list itself.
    private void inherit(Inode inode, Acl defaults) throws IOException {
        Acl.Created created = defaults.create(inode.rec.mode());
        inode.rec.setMode(created.mode());
        if (!created.acl().isMode()) {
            inode.xattrs().set(Acl.ACCESS, created.acl().toBytes(), 0);
        }
        if (inode.isDirectory()) {
            inode.xattrs().set(Acl.DEFAULT, defaults.toBytes(), 0);
        }
    }

    /// Ends an inode that was just made and has no name.
    void discard(Inode inode) throws IOException {
        inode.rec.setLinks(0);
        fs.orphans().add(inode);
        fs.orphans().end(inode);
    }
}
