// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The extended attributes of one file (xattr(7)): some behind the fields of the inode, others in one block, which
/// files with the same attributes may share.
final class Xattrs {
    /// File capabilities, which a write, a truncation or a chown ends.
    static final Name CAPABILITY = Name.of("security.capability");

    private static final int MAX_VALUE = 64 << 10; // XATTR_SIZE_MAX

    private final Ext2Fs fs;
    private final Inode inode;

    Xattrs(Ext2Fs fs, Inode inode) {
        this.fs = fs;
        this.inode = inode;
    }

    /// Checks that there can be an attribute of that name. EOPNOTSUPP.
    static void checkName(Name name) throws ErrnoException {
        if (XattrEntry.key(name) == null) {
            throw EOPNOTSUPP.error();
        }
    }

    /// Whether there may be any: else looking is not worth the while.
    boolean mayHave() {
        return inode.rec.xattrBlock() != 0 || area() != null;
    }

    // The two places

    /// Where in the inode attributes are, or null if there are none.
    private @Nullable XattrArea area() {
        XattrArea area = freeArea();
        return area != null && Le.i32(inode.raw(), area.base() - 4) == XattrArea.MAGIC ? area : null;
    }

    /// Where in the inode attributes may be, or null if there is no room.
    private @Nullable XattrArea freeArea() {
        int extra = inode.rec.extraIsize();
        int at = InodeRec.OLD_SIZE + extra + 4;
        int size = (int) inode.raw().byteSize();
        return extra == 0 || at + 4 > size ? null : new XattrArea(inode.raw(), at, at, size);
    }

    private List<XattrEntry> inInode() throws IOException {
        XattrArea area = area();
        return area == null ? new ArrayList<>() : parse(area);
    }

    private List<XattrEntry> inBlock() throws IOException {
        if (inode.rec.xattrBlock() == 0) {
            return new ArrayList<>();
        }
        try (Buf buf = readBlock()) {
            fs.xattrBlocks.add(XattrArea.hash(buf.data()), buf.blkno());
            return parse(XattrArea.block(buf.data()));
        }
    }

    private List<XattrEntry> parse(XattrArea area) throws IOException {
        List<XattrEntry> entries = area.parse();
        boolean mayHaveInodes = fs.sb().features.incompat(Features.EA_INODE);
        if (entries == null || !mayHaveInodes && entries.stream().anyMatch(entry -> entry.valueInode() != 0)) {
            throw EUCLEAN.error("inode %d: its extended attributes are damaged", inode.ino());
        }
        return entries;
    }

    private Buf readBlock() throws IOException {
        return readBlock(inode.rec.xattrBlock());
    }

    private Buf readBlock(long block) throws IOException {
        if (!fs.zone().isData(block, 1)) {
            throw EUCLEAN.error("inode %d: bad block %d of extended attributes", inode.ino(), block);
        }
        return fs.meta()
                .read(
                        block,
                        Kind.XATTRS,
                        (data, b) -> XattrArea.isBlock(data)
                                && (!fs.sb().checksums || Checksums.isXattrsGood(fs.sb().seed, data, b)));
    }

    private Seal seal() {
        return seal(fs.sb());
    }

    /// What brings the checksum of a block of attributes up to date.
    static Seal seal(Superblock sb) {
        int seed = sb.seed;
        return sb.checksums ? (data, block) -> Checksums.sealXattrs(seed, data, block) : Seal.NONE;
    }

    // Reading

    List<Name> names() throws IOException {
        var names = new ArrayList<Name>();
        for (XattrEntry entry : inInode()) {
            addName(entry, names);
        }
        for (XattrEntry entry : inBlock()) {
            addName(entry, names);
        }
        return names;
    }

    private static void addName(XattrEntry entry, List<Name> names) {
        Name name = entry.key().toName();
        if (name != null) {
            names.add(name);
        }
    }

    private @Nullable XattrEntry find(XattrEntry.Key key) throws IOException {
        XattrEntry entry = find(inInode(), key);
        return entry == null ? find(inBlock(), key) : entry;
    }

    private static @Nullable XattrEntry find(List<XattrEntry> entries, XattrEntry.Key key) {
        for (XattrEntry entry : entries) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }

    byte @Nullable [] get(Name name) throws IOException {
        XattrEntry.Key key = XattrEntry.key(name);
        XattrEntry entry = key == null ? null : find(key);
        if (entry == null) {
            return null;
        }
        byte[] value = value(entry);
        return entry.key().isAcl() ? DiskAcl.toXattr(value) : value;
    }

    private byte[] value(XattrEntry entry) throws IOException {
        return entry.valueInode() == 0 ? entry.value() : valueInode(entry);
    }

    /// A value that is too large for a block is in an inode of its own (feature ea_inode).
    private byte[] valueInode(XattrEntry entry) throws IOException {
        InodeRec rec = fs.inodes().load(entry.valueInode());
        if (!rec.has(InodeRec.EA_INODE) || rec.size() != entry.value().length) {
            throw EUCLEAN.error("inode %d: is not the value of an extended attribute", entry.valueInode());
        }
        new RegularFile(fs, (int) entry.valueInode(), rec).readQuietly(MemorySegment.ofArray(entry.value()), 0);
        return entry.value();
    }

    // Changing

    /// Sets the value. EEXIST, ENODATA, E2BIG, ENOSPC; when it fails nothing was changed.
    void set(Name name, byte[] value, int flags) throws IOException {
        XattrEntry.Key key = XattrEntry.key(name);
        if (key == null) {
            throw EOPNOTSUPP.error();
        }
        if (value.length > MAX_VALUE) {
            throw E2BIG.error();
        }
        XattrEntry old = find(key);
        if (old != null && (flags & Node.XATTR_CREATE) != 0) {
            throw EEXIST.error();
        }
        if (old == null && (flags & Node.XATTR_REPLACE) != 0) {
            throw ENODATA.error();
        }
        byte[] stored = key.isAcl() ? DiskAcl.ofXattr(value) : value;
        put(new XattrEntry(key, stored, 0));
    }

    private void put(XattrEntry entry) throws IOException {
        List<XattrEntry> inner = inInode();
        List<XattrEntry> outer = inBlock();
        inner.removeIf(e -> e.key().equals(entry.key()));
        boolean wasOuter = outer.removeIf(e -> e.key().equals(entry.key()));
        XattrArea area = freeArea();
        inner.add(entry);
        if (area != null && area.fits(inner)) {
            if (wasOuter) {
                writeBlock(outer);
            }
            writeInode(area, inner);
            return;
        }
        inner.remove(entry);
        outer.add(entry);
        if (!XattrArea.blockFits(outer, fs.sb().blockSize)) {
            throw ENOSPC.error();
        }
        writeBlock(outer);
        if (area != null && area() != null) {
            writeInode(area, inner);
        }
    }

    /// Removes the attribute, and answers whether there was one.
    boolean remove(Name name) throws IOException {
        XattrEntry.Key key = XattrEntry.key(name);
        return key != null && remove(key);
    }

    private boolean remove(XattrEntry.Key key) throws IOException {
        XattrArea area = area();
        List<XattrEntry> inner = inInode();
        if (area != null && inner.removeIf(e -> e.key().equals(key))) {
            writeInode(area, inner);
            return true;
        }
        List<XattrEntry> outer = inBlock();
        if (outer.removeIf(e -> e.key().equals(key))) {
            writeBlock(outer);
            return true;
        }
        return false;
    }

    private void writeInode(XattrArea area, List<XattrEntry> entries) throws IOException {
        inode.changed();
        Le.put32(inode.raw(), area.base() - 4, entries.isEmpty() ? 0 : XattrArea.MAGIC);
        area.write(entries);
    }

    /// Writes a block of its own, in place of one that is shared.
    private void writeBlock(List<XattrEntry> entries) throws IOException {
        if (entries.isEmpty()) {
            release();
            return;
        }
        entries.sort(XattrArea.ORDER);
        if (share(entries)) {
            return;
        }
        if (inode.rec.xattrBlock() != 0) {
            try (Buf buf = readBlock()) {
                if (XattrArea.references(buf.data()) == 1) {
                    fs.xattrBlocks.remove(XattrArea.hash(buf.data()), buf.blkno());
                    fill(buf, entries);
                    fs.meta().change(buf, seal());
                    return;
                }
            }
        }
        try (Buf buf = inode.newMetadata(Kind.XATTRS, seal())) {
            release();
            fill(buf, entries);
            setBlock(buf.blkno());
        }
    }

    private void fill(Buf buf, List<XattrEntry> entries) {
        XattrArea.writeBlock(buf.data(), entries);
        fs.xattrBlocks.add(XattrArea.hash(buf.data()), buf.blkno());
    }

    private void setBlock(long block) throws IOException {
        inode.rec.setXattrBlock(block);
        fs.sb().setExtAttr();
        inode.changed();
    }

    /// Has the block of another file that has just these attributes, in order, if one is known.
    private boolean share(List<XattrEntry> entries) throws IOException {
        Long block = fs.xattrBlocks.find(XattrArea.hash(entries));
        if (block == null) {
            return false;
        }
        try (Buf buf = readBlock(block)) {
            if (!isSame(entries, parse(XattrArea.block(buf.data())))) {
                return false;
            }
            if (block == inode.rec.xattrBlock()) {
                return true;
            }
            int references = XattrArea.references(buf.data());
            if (references >= XattrBlocks.MAX_SHARERS) {
                return false;
            }
            XattrArea.setReferences(buf.data(), references + 1);
            fs.meta().change(buf, seal());
        }
        release();
        inode.addBlocks(1);
        setBlock(block);
        return true;
    }

    private static boolean isSame(List<XattrEntry> some, List<XattrEntry> others) {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            same = some.get(i).isSame(others.get(i));
        }
        return same;
    }

    /// Gives the block up: the last one to share it frees it.
    void release() throws IOException {
        long block = inode.rec.xattrBlock();
        if (block == 0) {
            return;
        }
        int references;
        try (Buf buf = readBlock()) {
            references = XattrArea.references(buf.data());
            if (references > 1) {
                XattrArea.setReferences(buf.data(), references - 1);
                fs.meta().change(buf, seal());
            } else {
                fs.xattrBlocks.remove(XattrArea.hash(buf.data()), block);
            }
        }
        if (references > 1) {
            inode.addBlocks(-1);
        } else {
            inode.freeMetadata(block);
        }
        inode.rec.setXattrBlock(0);
        inode.changed();
    }

    // Inline data: the first 60 bytes are where the block map would be, more is the value of `system.data`

    /// What does not fit into the first 60 bytes.
    byte[] inlineRest() throws IOException {
        XattrEntry entry = find(inInode(), XattrEntry.INLINE_DATA);
        return entry == null ? new byte[0] : value(entry);
    }

    byte[] inlineData() throws IOException {
        byte[] rest = inlineRest();
        byte[] data = new byte[Inode.BLOCK_BYTES + rest.length];
        System.arraycopy(Le.bytes(inode.raw(), Inode.BLOCK, Inode.BLOCK_BYTES), 0, data, 0, Inode.BLOCK_BYTES);
        System.arraycopy(rest, 0, data, Inode.BLOCK_BYTES, rest.length);
        return data;
    }

    /// The content of an inline file.
    byte[] inlineContent() throws IOException {
        return Arrays.copyOf(inlineData(), Math.clamp(inode.rec.size(), 0, fs.sb().inodeSize));
    }

    /// The inode has inline data no more, but an empty map.
    void endInline() throws IOException {
        remove(XattrEntry.INLINE_DATA);
        boolean extents = fs.sb().features.incompat(Features.EXTENTS);
        int flags = inode.rec.flags() & ~InodeRec.INLINE_DATA;
        inode.rec.setFlags(extents ? flags | InodeRec.EXTENTS : flags);
        if (extents) {
            ExtentMap.initialise(inode);
        } else {
            Le.zero(inode.raw(), Inode.BLOCK, Inode.BLOCK_BYTES);
        }
        inode.forgetMap();
        inode.changed();
    }
}
