// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.sys.Fcntl.FALLOC_FL_KEEP_SIZE;
import static jpuffs.sys.Fcntl.FALLOC_FL_PUNCH_HOLE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.FileDisk;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;

/// A file or block device of the host as the disk of a mount: by system calls of its own, since a FileChannel is
/// closed by the interrupt of a request. Has the same lock on the file as a [FileDisk].
///
/// Calls block the loop of the server. Most find what they want in the host's page cache, where a change of threads
/// would cost more than the call. Buffers in the heap are copied; data comes in native ones.
final class HostDisk implements BlockDevice {
    private final FileDisk lock;
    private final Fd fd;
    private volatile boolean written;

    private HostDisk(FileDisk lock, Fd fd) {
        this.lock = lock;
        this.fd = fd;
    }

    /// @throws IOException as [FileDisk#open]
    static HostDisk open(Path image, boolean readOnly) throws IOException {
        FileDisk lock = FileDisk.open(image, readOnly);
        boolean done = false;
        try {
            int flags = (readOnly ? Fcntl.O_RDONLY : Fcntl.O_RDWR) | Fcntl.O_CLOEXEC;
            var disk = new HostDisk(lock, Fd.open(image, flags, 0));
            done = true;
            return disk;
        } finally {
            if (!done) {
                lock.close();
            }
        }
    }

    @Override
    public long size() {
        return lock.size();
    }

    @Override
    public boolean isReadOnly() {
        return lock.isReadOnly();
    }

    @Override
    public boolean canTrim() {
        return !isReadOnly();
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        if (dst.isNative()) {
            readNative(dst, off);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(dst.byteSize());
            readNative(bytes, off);
            dst.copyFrom(bytes);
        }
    }

    private void readNative(MemorySegment dst, long off) throws IOException {
        long count = fd.preadFully(dst, off);
        if (count < dst.byteSize()) {
            throw EIO.error("the image ends at %d", off + count);
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        requireWritable();
        check(off, src.byteSize());
        if (src.isNative()) {
            writeNative(src, off);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            writeNative(arena.allocate(src.byteSize()).copyFrom(src), off);
        }
    }

    private void writeNative(MemorySegment src, long off) throws IOException {
        fd.pwriteFully(src, off);
        written = true; // after it: a flush that began before does not count
    }

    private void requireWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
    }

    @Override
    public void flush() throws IOException {
        if (!written) {
            return; // the sync daemon comes every few seconds
        }
        written = false; // before, for writes that come meanwhile
        try {
            fd.fdatasync();
        } catch (ErrnoException e) {
            written = true;
            throw e;
        }
    }

    /// Makes a hole in a file; a host that cannot leaves it as it is.
    @Override
    public void trim(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        try {
            fd.fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len);
        } catch (ErrnoException e) {
            System.getLogger("jpuffs.cli").log(System.Logger.Level.DEBUG, "trim", e);
        }
    }

    @Override
    public void close() throws IOException {
        fd.close();
        lock.close();
    }
}
