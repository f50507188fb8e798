// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EXDEV;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;

/// A regular file. Its size may be anything up to [Long#MAX_VALUE]; holes take nothing.
final class RegularFile extends Inode {
    private static final int KEEP_SIZE = 0x01; // FALLOC_FL_KEEP_SIZE
    private static final int PUNCH_HOLE = 0x02; // FALLOC_FL_PUNCH_HOLE
    private static final int ZERO_RANGE = 0x10; // FALLOC_FL_ZERO_RANGE

    /// The most bytes of data one copyFileRange copies, so that others get their turn.
    private static final long MAX_COPY = 16 << 20;

    private long size;
    private @Nullable Data data;
    private final boolean linkable;

    RegularFile(Tmpfs fs, long ino, Attr attr) {
        super(fs, ino, attr);
        this.linkable = attr.nlink() == 0;
    }

    /// Whether it was made without a name (O_TMPFILE) and so may get one when it has none.
    boolean isLinkable() {
        return linkable;
    }

    @Override
    long size() {
        return size;
    }

    @Override
    long blocks() {
        return data == null ? 0 : data.blocks();
    }

    private Data data() {
        if (data == null) {
            data = new Data(fs.blocks(), fs.space());
        }
        return data;
    }

    @Override
    void free() {
        if (data != null) {
            data.truncate(0);
            data = null;
        }
    }

    @Override
    void truncate(long newSize) throws ErrnoException {
        if (newSize < 0) {
            throw EINVAL.error();
        }
        if (data != null) {
            data.truncate(newSize); // also when it grows: what was allocated beyond goes
        }
        size = newSize;
    }

    @Override
    public Handle open(int flags) {
        return new OpenFile(this, flags);
    }

    @Override
    public int read(MemorySegment dst, long off) {
        int count = readQuietly(dst, off);
        accessed();
        return count;
    }

    /// Reads without touching atime.
    int readQuietly(MemorySegment dst, long off) {
        long count = Math.min(dst.byteSize(), size - off);
        if (count <= 0) {
            return 0;
        }
        if (data == null) {
            dst.asSlice(0, count).fill((byte) 0);
        } else {
            data.read(dst, off, count);
        }
        return (int) count;
    }

    @Override
    public int write(MemorySegment src, long off) throws ErrnoException {
        long count = Math.min(src.byteSize(), Long.MAX_VALUE - off);
        if (count <= 0) {
            if (src.byteSize() == 0) {
                return 0;
            }
            throw EFBIG.error();
        }
        long written = data().write(src, 0, off, count);
        size = Math.max(size, off + written);
        dropCapability();
        changed();
        return (int) written;
    }

    @Override
    public void fallocate(int mode, long off, long len) throws ErrnoException {
        if (off < 0 || len <= 0) {
            throw EINVAL.error();
        }
        if (len > Long.MAX_VALUE - off) {
            throw EFBIG.error();
        }
        long end = off + len;
        switch (mode) {
            case 0, KEEP_SIZE -> data().allocate(off, end);
            case PUNCH_HOLE | KEEP_SIZE -> data().zero(off, end);
            case ZERO_RANGE, ZERO_RANGE | KEEP_SIZE -> {
                data().zero(off, end);
                data().allocate(off, end);
            }
            default -> throw EOPNOTSUPP.error();
        }
        if ((mode & KEEP_SIZE) == 0) {
            size = Math.max(size, end);
        }
        killSuid();
        changed();
    }

    @Override
    public long seek(long off, boolean hole) throws ErrnoException {
        if (off < 0 || off >= size) {
            throw ENXIO.error();
        }
        if (hole) {
            return data == null ? off : Math.min(data.nextHole(off), size);
        }
        long found = data == null ? size : data.nextData(off);
        if (found >= size) {
            throw ENXIO.error();
        }
        return found;
    }

    @Override
    public long copyFileRange(long off, Node target, long targetOff, long len) throws ErrnoException {
        if (!(target instanceof Inode inode) || !inode.fs.equals(fs)) {
            throw EXDEV.error();
        }
        if (!(inode instanceof RegularFile to) || off < 0 || targetOff < 0) {
            throw EINVAL.error();
        }
        long count = Math.min(Math.min(len, size - off), Long.MAX_VALUE - targetOff);
        long done = 0;
        try {
            for (long copied = 0; done < count && copied < MAX_COPY; ) {
                long n = copySome(off + done, to, targetOff + done, count - done);
                copied += isHole(off + done) ? 0 : n;
                done += n;
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        if (done > 0) {
            to.size = Math.max(to.size, targetOff + done);
            to.killSuid();
            to.changed();
            accessed();
        }
        return Math.max(done, 0);
    }

    private boolean isHole(long off) {
        return data == null || data.nextData(off) != off;
    }

    /// Copies the rest of a hole or of a block.
    private long copySome(long off, RegularFile to, long targetOff, long count) throws ErrnoException {
        if (data != null && !isHole(off)) {
            return data.copyBlock(off, to.data(), targetOff, count);
        }
        long hole = data == null ? count : Math.min(data.nextData(off) - off, count);
        if (to.data != null) {
            to.data.zero(targetOff, targetOff + hole);
        }
        return hole;
    }
}
