// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;

/// The inodes in use, by number, and where on the disk each is.
final class InodeTable {
    /// How many blocks of inodes are read at once.
    private static final int AHEAD = 32;

    private final Ext2Fs fs;
    private final Superblock sb;
    private final Map<Integer, Inode> inodes = new HashMap<>();
    private long lastAhead = -1;
    private final List<Inode> dirty = new ArrayList<>();

    InodeTable(Ext2Fs fs) {
        this.fs = fs;
        this.sb = fs.sb();
    }

    /// The inode of this number.
    ///
    /// @throws IOException EUCLEAN if there can be none or it is damaged or of no type
    Inode get(long number) throws IOException {
        Inode inode = inodes.get((int) number);
        if (inode == null || inode.isDeleted()) {
            inode = node((int) number, load(number));
            inodes.put((int) number, inode);
        }
        return inode;
    }

    /// A copy of the inode of this number, which may be free.
    ///
    /// @throws IOException EUCLEAN if there can be none or its checksum is bad
    InodeRec load(long number) throws IOException {
        if (number < 1 || number > sb.inodes) {
            throw EUCLEAN.error("inode %d: there are %d", number, sb.inodes);
        }
        int ino = (int) number;
        long block = block(ino);
        ahead(block, fs.groups().inodeTable(group(ino)));
        InodeRec rec = new InodeRec(sb.inodeSize);
        try (Buf buf = fs.meta().read(block, Kind.INODES)) {
            MemorySegment.copy(buf.data(), offset(ino), rec.raw, 0, sb.inodeSize);
        }
        boolean unused = rec.mode() == 0 && rec.links() == 0;
        if (sb.checksums && !unused && rec.checksum(Inode.seedOf(sb, ino, rec)) != rec.storedChecksum()) {
            throw EUCLEAN.error("inode %d: bad checksum", number);
        }
        return rec;
    }

    /// Reads the blocks around one together, unless that was done just now.
    private void ahead(long block, long table) {
        long first = block - (block - table) % AHEAD;
        if (first != lastAhead) {
            lastAhead = first;
            long end = table + fs.groups().tableBlocks();
            fs.meta().ahead(first, (int) Math.min(AHEAD, end - first));
        }
    }

    private Inode node(int ino, InodeRec rec) throws ErrnoException {
        if (rec.has(InodeRec.EA_INODE)) {
            throw EUCLEAN.error("inode %d: holds an extended attribute and is no file", ino);
        }
        return switch (Mode.type(rec.mode())) {
            case Mode.S_IFREG -> new RegularFile(fs, ino, rec);
            case Mode.S_IFDIR -> directory(ino, rec);
            case Mode.S_IFLNK -> new SymbolicLink(fs, ino, rec);
            case Mode.S_IFCHR, Mode.S_IFBLK, Mode.S_IFIFO, Mode.S_IFSOCK -> new SpecialFile(fs, ino, rec);
            default -> throw EUCLEAN.error("inode %d: is in use and of no type", ino);
        };
    }

    /// A directory has no holes: one larger than the file system would only be walked for ever.
    private Directory directory(int ino, InodeRec rec) throws ErrnoException {
        if (rec.size() >>> sb.logBlockSize > sb.blocks) {
            throw EUCLEAN.error("inode %d: a directory of %d bytes, more than the disk has", ino, rec.size());
        }
        return new Directory(fs, ino, rec);
    }

    /// A file that was just made takes the number of one that is gone.
    Inode add(int ino, InodeRec rec) throws IOException {
        Inode inode = node(ino, rec);
        inodes.put(ino, inode);
        inode.changed();
        return inode;
    }

    private int group(int ino) {
        return (ino - 1) / sb.inodesPerGroup;
    }

    private long block(int ino) {
        int index = (ino - 1) % sb.inodesPerGroup;
        return fs.groups().inodeTable(group(ino)) + (long) index * sb.inodeSize / sb.blockSize;
    }

    /// Where in its block an inode is.
    int offset(int ino) {
        int index = (ino - 1) % sb.inodesPerGroup;
        return (int) ((long) index * sb.inodeSize % sb.blockSize);
    }

    /// Brings the block of an inode that changes into the transaction.
    Buf join(Inode inode) throws IOException {
        try (Buf buf = fs.meta().read(block(inode.ino()), Kind.INODES)) {
            fs.meta().change(buf, Seal.NONE, Meta.RANK_INODES);
            dirty.add(inode);
            return buf;
        }
    }

    boolean isDirty() {
        return !dirty.isEmpty();
    }

    /// Puts the changed inodes into their blocks.
    void flush() {
        for (Inode inode : dirty) {
            inode.store();
            if (!inode.isKnown() || inode.isDeleted()) {
                forget(inode);
            }
        }
        dirty.clear();
    }

    /// The running transaction is given up.
    void abort() {
        dirty.forEach(Inode::forgetChanges);
        dirty.clear();
    }

    void forget(Inode inode) {
        inodes.remove(inode.ino(), inode);
    }
}
