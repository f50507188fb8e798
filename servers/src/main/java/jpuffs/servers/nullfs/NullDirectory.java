// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOMEM;
import static jpuffs.core.Errno.EOVERFLOW;

import java.lang.foreign.MemorySegment;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.sys.At;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Dirents;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;

/// An open directory: a descriptor of its own and a buffer of records of getdents64(2). Cookies are the host's
/// offsets, which it keeps good while entries come and go.
final class NullDirectory extends HostHandle {
    static final int BUFFER = 64 << 10;

    /// The last cookie a driver takes, in place of the host's for the end (ext4: 2^63 - 1).
    private static final long LAST = Long.MAX_VALUE - 2;

    private final BufferPool buffers;

    // Guarded by this. The sink of a readdir is called with the monitor held; it may call other nodes, which never
    // come back here.
    private MemorySegment buffer = MemorySegment.NULL; // until the first readdir
    private Dirents entries = new Dirents(buffer);
    private long position; // the cookie of the last entry that was taken
    private boolean refused; // the entry `entries` is at was not taken

    NullDirectory(NullNode file, int flags, Fd fd, BufferPool buffers) {
        super(file, flags, fd);
        this.buffers = buffers;
    }

    /// ENOMEM if thousands of directories are being read.
    @Override
    public synchronized void readdir(long cookie, DirSink sink) throws ErrnoException {
        boolean first = buffer.byteSize() == 0;
        if (first) {
            start();
        }
        if (cookie != position || cookie == 0 && !first) {
            rewind(cookie);
        }
        while (refused || advance()) {
            long next = cookie(entries.cookie());
            refused = !entries.isDots() && !add(sink, next);
            if (refused) {
                return;
            }
            position = next;
        }
    }

    private boolean add(DirSink sink, long next) {
        return sink.add(entries.name(), file().device().shownIno(entries.ino()), entries.mode(), next);
    }

    private boolean advance() throws ErrnoException {
        return entries.next() || entries.fill(fd().number()) > 0 && entries.next();
    }

    private void start() throws ErrnoException {
        if (!fd().isOpen()) {
            throw EBADF.error();
        }
        var taken = buffers.take(BUFFER);
        if (taken == null) {
            throw ENOMEM.error();
        }
        buffer = taken;
        entries = new Dirents(buffer);
    }

    private void rewind(long cookie) throws ErrnoException {
        At.seek(fd().number(), cookie == LAST ? Long.MAX_VALUE : cookie, Fcntl.SEEK_SET);
        entries = new Dirents(buffer);
        refused = false;
        position = cookie;
    }

    private static long cookie(long offset) throws ErrnoException {
        if (offset <= 0) {
            throw EOVERFLOW.error("directory offset %x", offset);
        }
        return Math.min(offset, LAST);
    }

    @Override
    public int read(MemorySegment dst, long off) throws ErrnoException {
        throw EISDIR.error();
    }

    @Override
    public int write(MemorySegment src, long off) throws ErrnoException {
        throw EISDIR.error();
    }

    @Override
    public void fallocate(int mode, long off, long len) throws ErrnoException {
        throw EISDIR.error();
    }

    @Override
    public long seek(long off, boolean hole) throws ErrnoException {
        throw EISDIR.error();
    }

    @Override
    public synchronized void release() {
        if (buffer.byteSize() > 0) {
            buffers.give(buffer);
            buffer = MemorySegment.NULL;
        }
        super.release();
    }
}
