// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOLCK;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.sys.Fcntl.FALLOC_FL_KEEP_SIZE;
import static jpuffs.sys.Fcntl.FALLOC_FL_PUNCH_HOLE;
import static jpuffs.sys.Fcntl.FALLOC_FL_ZERO_RANGE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.core.Mode;
import jpuffs.eventloop.Blocking;
import jpuffs.eventloop.CallContext;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;

/// An image file or a block device of the host.
///
/// On a call context a read that would wait for a disk is made by a thread of [Blocking]; one from the page cache
/// is made at once, and a write too, which the page cache takes. [#flush] is fdatasync(2). A file whose size is not
/// a multiple of 512 has zeros behind its end, and grows when these are written.
public final class FileDevice implements BlockDevice {
    private final Fd fd;
    private final long size;
    private final boolean readOnly;
    private final boolean isWhole;
    private volatile boolean canPunch = true; // until the file system says otherwise
    private volatile boolean canZero = true;
    private volatile boolean canTell = true; // whether a read would wait

    private FileDevice(Fd fd, boolean readOnly) throws ErrnoException {
        this.fd = fd;
        this.readOnly = readOnly;
        long end = fd.seek(0, Fcntl.SEEK_END);
        isWhole = (end & Sizes.SECTOR - 1) == 0;
        size = Sizes.check(end + Sizes.SECTOR - 1 & -Sizes.SECTOR);
    }

    /// Opens `path`, locked as long as it is open, as other disks are: shared if `readOnly`. ENOENT, EACCES; EINVAL for
    /// what is neither a file nor a block device, or is empty; EBUSY if another program has it as a disk.
    public static FileDevice open(Path path, boolean readOnly) throws IOException {
        Fd fd = Fd.open(path, readOnly ? Fcntl.O_RDONLY : Fcntl.O_RDWR, 0);
        try {
            checkType(fd, path);
            lock(fd, path, readOnly);
            return new FileDevice(fd, readOnly);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    private static void checkType(Fd fd, Path path) throws ErrnoException {
        Attr attr = At.fstat(fd.number()).attr();
        int type = Mode.type(attr.mode());
        if (type != Mode.S_IFREG && type != Mode.S_IFBLK) {
            throw EINVAL.error("%s: neither a file nor a block device", path);
        }
        if (type == Mode.S_IFREG && attr.size() == 0) {
            throw EINVAL.error("%s: an empty file (truncate -s SIZE gives it one)", path);
        }
    }

    private static void lock(Fd fd, Path path, boolean shared) throws ErrnoException {
        try {
            if (!fd.tryLock(shared)) {
                throw EBUSY.error("%s is in use as a disk", path);
            }
        } catch (ErrnoException e) {
            if (e.errno() != ENOLCK && e.errno() != EOPNOTSUPP) { // a file system without locks
                throw e;
            }
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    /// The descriptor of the file, for a kernel that reads and writes it in our place; -1 where that would not be
    /// the same, as for a last sector that the file has a part of.
    public int backingFd() {
        return isWhole ? fd.number() : -1;
    }

    @Override
    public boolean canTrim() {
        return !readOnly && canPunch;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        if (!dst.isNative()) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment copy = arena.allocate(dst.byteSize());
                read(copy, off);
                dst.copyFrom(copy);
            }
        } else if (CallContext.current() == null) {
            readFully(dst, off);
        } else {
            long done = canTell ? readCached(dst, off) : 0;
            if (done < dst.byteSize()) {
                Blocking.call(() -> readFully(dst.asSlice(done), off + done));
            }
        }
    }

    /// Reads what is in the page cache; how much that was.
    private long readCached(MemorySegment dst, long off) {
        long done = 0;
        while (done < dst.byteSize()) {
            long count = fd.tryPreadNowait(dst.asSlice(done), off + done);
            if (count <= 0) {
                if (count < 0 && count != -EAGAIN.number() && count != -EINTR.number()) {
                    canTell = false; // EOPNOTSUPP; what else there is the ordinary read will tell
                }
                break;
            }
            done += count;
        }
        return done;
    }

    private boolean readFully(MemorySegment dst, long off) throws ErrnoException {
        long count = fd.preadFully(dst, off);
        dst.asSlice(count).fill((byte) 0);
        return true;
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        checkWritable();
        if (!src.isNative()) {
            try (Arena arena = Arena.ofConfined()) {
                fd.pwriteFully(arena.allocate(src.byteSize()).copyFrom(src), off);
            }
        } else {
            fd.pwriteFully(src, off);
        }
    }

    private void checkWritable() throws ErrnoException {
        if (readOnly) {
            throw EROFS.error();
        }
    }

    @Override
    public void flush() throws IOException {
        Blocking.call(() -> {
            fd.fdatasync();
            return true;
        });
    }

    @Override
    public void trim(long off, long len) throws IOException {
        checkWritable();
        if (len > 0 && canPunch && !fallocate(FALLOC_FL_PUNCH_HOLE, off, len)) {
            canPunch = false;
        }
    }

    @Override
    public void zero(long off, long len) throws IOException {
        checkWritable();
        if (len == 0 || canPunch && fallocate(FALLOC_FL_PUNCH_HOLE, off, len)) {
            return;
        }
        canPunch = false;
        if (canZero && fallocate(FALLOC_FL_ZERO_RANGE, off, len)) {
            return;
        }
        canZero = false;
        BlockDevice.super.zero(off, len);
    }

    /// @return false if the file system cannot
    private boolean fallocate(int mode, long off, long len) throws IOException {
        try {
            return Blocking.call(() -> {
                fd.fallocate(mode | FALLOC_FL_KEEP_SIZE, off, len);
                return true;
            });
        } catch (ErrnoException e) {
            if (e.errno() == EOPNOTSUPP || e.errno() == Errno.ENODEV) {
                return false;
            }
            throw e;
        }
    }

    /// What the file system tells; all is data where it does not, as of a device.
    @Override
    public Extent extent(long off, long len) throws IOException {
        long data = next(off, Fcntl.SEEK_DATA);
        if (data > off) {
            long end = Math.min(data & -Sizes.SECTOR, off + len);
            return end > off ? Extent.hole(end - off) : Extent.data(Math.min(Sizes.SECTOR, len));
        }
        long hole = next(off, Fcntl.SEEK_HOLE);
        long end = hole > size - Sizes.SECTOR ? size : hole + Sizes.SECTOR - 1 & -Sizes.SECTOR;
        return Extent.data(Math.min(Math.max(end - off, Sizes.SECTOR), len));
    }

    private long next(long off, int whence) throws ErrnoException {
        try {
            return fd.seek(off, whence);
        } catch (ErrnoException e) {
            if (e.errno() == ENXIO) {
                return size; // nothing but hole
            }
            if (e.errno() == EINVAL) {
                return whence == Fcntl.SEEK_DATA ? off : size;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
