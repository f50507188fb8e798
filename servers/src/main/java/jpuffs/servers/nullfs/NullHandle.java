// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;

/// An open regular file.
final class NullHandle extends HostHandle {
    /// What O_DIRECT may want of addresses, offsets and sizes, at most.
    private static final int PAGE = 4096;

    private final boolean passthrough;
    private final int caching;

    /// @param passthrough whether the kernel may use the descriptor itself
    /// @param caching see [#caching()]
    NullHandle(NullNode file, int flags, Fd fd, boolean passthrough, int caching) {
        super(file, flags, fd);
        this.passthrough = passthrough;
        this.caching = caching;
    }

    @Override
    public int caching() {
        return caching;
    }

    @Override
    public int backingFd() {
        return passthrough ? fd().number() : -1;
    }

    /// As ftruncate(2), which sets the times even if the size was the same. By this descriptor, if it may write:
    /// its owner may have no permission to open the file again.
    @Override
    public Attr setattr(SetAttr change) throws ErrnoException {
        if (!change.has(SetAttr.SIZE)) {
            return super.setattr(change);
        }
        if ((flags() & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY) { // O_RDONLY | O_TRUNC
            return super.setattr(change.has(SetAttr.MTIME) ? change : withTimeOfNow(change));
        }
        fd().ftruncate(change.size());
        return file().shown(Changes.applyRest(fd().number(), change));
    }

    private static SetAttr withTimeOfNow(SetAttr change) {
        return change.withMtime(Time.EPOCH).with(SetAttr.MTIME_NOW);
    }

    @Override
    public int read(MemorySegment dst, long off) throws ErrnoException {
        if (mustAlign(dst, off)) {
            return readAligned(dst, off);
        }
        int done = fd().pread(dst, off);
        if (done == dst.byteSize() || done == 0 || isLocal()) {
            return done;
        }
        return done + (int) fd().preadFully(dst.asSlice(done), off + done);
    }

    /// Local file systems fill the buffer unless the file ends. Of others a short read says nothing.
    private boolean isLocal() throws ErrnoException {
        return !file().device().delaysErrors(fd().number());
    }

    @Override
    public int write(MemorySegment src, long off) throws ErrnoException {
        if (!mustAlign(src, off)) {
            return fd().pwrite(src, off);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocate(src.byteSize(), PAGE);
            return fd().pwrite(aligned.copyFrom(src), off);
        }
    }

    /// With O_DIRECT the host wants an aligned address. The caller may have had one: what the driver's buffer has
    /// says nothing of it. Where offset or size are not aligned either, the host shall judge by itself.
    private boolean mustAlign(MemorySegment buffer, long off) {
        return (flags() & Fcntl.O_DIRECT) != 0
                && buffer.address() % PAGE != 0
                && (off | buffer.byteSize()) % 512 == 0
                && buffer.byteSize() > 0;
    }

    private int readAligned(MemorySegment dst, long off) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocate(dst.byteSize(), PAGE);
            int count = fd().pread(aligned, off);
            MemorySegment.copy(aligned, 0, dst, 0, count);
            return count;
        }
    }

    @Override
    public void fallocate(int mode, long off, long len) throws ErrnoException {
        fd().fallocate(mode, off, len);
    }

    @Override
    public long seek(long off, boolean hole) throws ErrnoException {
        return fd().seek(off, hole ? Fcntl.SEEK_HOLE : Fcntl.SEEK_DATA);
    }

    @Override
    public long copyFileRange(long off, Handle target, long targetOff, long len) throws IOException {
        if (!(target instanceof NullHandle other)) {
            throw EOPNOTSUPP.error();
        }
        try {
            return fd().copyFileRange(off, other.fd(), targetOff, len);
        } catch (ErrnoException e) {
            boolean cannot = e.errno() == EXDEV || e.errno() == ENOSYS;
            throw cannot ? EOPNOTSUPP.error() : e;
        }
    }

    /// What close(2) tells on the host, where it may tell something: see [Device#delaysErrors].
    @Override
    public void flush() throws ErrnoException {
        At.flush(fd().number());
    }
}
