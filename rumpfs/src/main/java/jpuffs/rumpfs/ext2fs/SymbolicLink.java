// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.ENOKEY;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.util.Arrays;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// A symbolic link: a target of up to 59 bytes is in the inode, a longer one in a block.
final class SymbolicLink extends Inode {
    private static final int FAST_MAX = BLOCK_BYTES - 1;

    SymbolicLink(Ext2Fs fs, int ino, InodeRec rec) {
        super(fs, ino, rec);
    }

    static boolean isFast(InodeRec rec) {
        return rec.size() <= FAST_MAX && !rec.has(InodeRec.EXTENTS) && !rec.has(InodeRec.INLINE_DATA);
    }

    @Override
    public byte[] readlink() throws IOException {
        return fs.run(this::target);
    }

    private byte[] target() throws IOException {
        accessed();
        if (rec.has(InodeRec.ENCRYPT)) {
            throw ENOKEY.error("inode %d is encrypted", ino());
        }
        long size = rec.size();
        if (size <= 0 || size > Math.min(fs.sb().blockSize, 4096)) {
            throw EUCLEAN.error("inode %d: a symbolic link of %d bytes", ino(), size);
        }
        if (isInline()) {
            return Arrays.copyOf(xattrs().inlineData(), (int) size);
        }
        if (isFast(rec)) {
            return Le.bytes(rec.raw, BLOCK, (int) size);
        }
        var run = new Run();
        map().find(0, 1, run);
        if (!run.isData()) {
            throw EUCLEAN.error("inode %d: the symbolic link has no block", ino());
        }
        try (Buf buf = fs.meta().read(run.physical, Kind.SYMLINK)) {
            return Le.bytes(buf.data(), 0, (int) size);
        }
    }

    /// Sets the target of a new one.
    void setTarget(byte[] target) throws IOException {
        rec.setSize(target.length);
        if (target.length <= FAST_MAX) {
            rec.setFlags(rec.flags() & ~InodeRec.EXTENTS);
            forgetMap();
            Le.zero(rec.raw, BLOCK, BLOCK_BYTES);
            Le.putBytes(rec.raw, BLOCK, target);
            changed();
            return;
        }
        var run = new Run();
        fs.blocks().allocate(fs.blocks().hint(group(), false), 1, run);
        run.set(0, run.physical, 1, false);
        map().insert(run);
        addBlocks(1);
        try (Buf buf = fs.meta().fresh(run.physical, Kind.SYMLINK, Seal.NONE)) {
            Le.putBytes(buf.data(), 0, target);
        }
    }
}
