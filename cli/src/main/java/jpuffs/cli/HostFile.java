// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static jpuffs.core.Errno.EROFS;
import static jpuffs.sys.Fcntl.FALLOC_FL_KEEP_SIZE;
import static jpuffs.sys.Fcntl.FALLOC_FL_PUNCH_HOLE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rump.disk.ImageFile;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// A file or block device of the host with a disk in it: by system calls of its own, since a FileChannel is closed
/// by the interrupt of a request. Has the same lock on the file as a [FileDisk].
///
/// Calls block the loop of the server. Most find what they want in the host's page cache, where a change of threads
/// would cost more than the call. Buffers in the heap are copied; data comes in native ones.
///
/// A direct file goes past the host's page cache (O_DIRECT) with all that begins and ends with a page in the file
/// and in memory; the rest goes through it, and the host keeps both alike.
final class HostFile implements ImageFile {
    private static final int PIECE = 1 << 20;
    private static final int PAGE = 4096;

    /// Of large writes, how much the host may put off before it is told to begin: else the disk is idle until
    /// somebody waits for it.
    private static final long PUT_OFF = 32 << 20;

    private static final int LARGE = 256 << 10;

    private final ImageFile lock;
    private final Fd fd;
    private final @Nullable Fd direct;
    private final AtomicLong putOff = new AtomicLong();
    private final AtomicLong length;
    private volatile boolean written;

    private HostFile(ImageFile lock, Fd fd, @Nullable Fd direct) {
        this.lock = lock;
        this.fd = fd;
        this.direct = direct;
        this.length = new AtomicLong(lock.length());
    }

    /// @throws IOException as [FileDisk#open(Path, boolean)]; EINVAL if it is to be direct and the host's file
    ///     system cannot
    static HostFile open(Path image, boolean readOnly, boolean direct) throws IOException {
        ImageFile lock = FileDisk.file(image, readOnly);
        boolean done = false;
        int flags = (readOnly ? Fcntl.O_RDONLY : Fcntl.O_RDWR) | Fcntl.O_CLOEXEC;
        Fd past = null;
        try {
            past = direct ? Fd.open(image, flags | Fcntl.O_DIRECT, 0) : null;
            var file = new HostFile(lock, Fd.open(image, flags, 0), past);
            done = true;
            return file;
        } finally {
            if (!done) {
                close(past);
                lock.close();
            }
        }
    }

    private static void close(@Nullable Fd fd) {
        if (fd != null) {
            fd.close();
        }
    }

    /// By which descriptor it goes.
    private Fd way(MemorySegment data, long off) {
        boolean pages = (off | data.byteSize() | data.address()) % PAGE == 0;
        return direct != null && pages ? direct : fd;
    }

    @Override
    public Path path() {
        return lock.path();
    }

    @Override
    public boolean isReadOnly() {
        return lock.isReadOnly();
    }

    @Override
    public long length() {
        return length.get();
    }

    @Override
    public boolean canTrim() {
        return !isReadOnly();
    }

    @Override
    public long read(MemorySegment dst, long off) throws IOException {
        if (dst.isNative()) {
            return way(dst, off).preadFully(dst, off);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.min(dst.byteSize(), PIECE));
            long done = 0;
            for (long n = 1; n > 0 && done < dst.byteSize(); done += n) {
                MemorySegment piece = bytes.asSlice(0, Math.min(bytes.byteSize(), dst.byteSize() - done));
                n = fd.preadFully(piece, off + done);
                MemorySegment.copy(piece, 0, dst, done, n);
            }
            return done;
        }
    }

    /// A device that cannot, or a host that has no memory for it, is left alone.
    @Override
    public void prefetch(long off, long len) {
        if (direct == null) {
            try {
                fd.readahead(off, len);
            } catch (ErrnoException e) {
                System.getLogger("jpuffs.cli").log(System.Logger.Level.DEBUG, "readahead", e);
            }
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        requireWritable();
        if (src.isNative()) {
            writeNative(src, off);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            writeNative(arena.allocate(src.byteSize()).copyFrom(src), off);
        }
    }

    private void writeNative(MemorySegment src, long off) throws IOException {
        way(src, off).pwriteFully(src, off);
        length.accumulateAndGet(off + src.byteSize(), Math::max);
        written = true; // after it: a flush that began before does not count
        if (src.byteSize() >= LARGE && direct == null && putOff.addAndGet(src.byteSize()) >= PUT_OFF) {
            putOff.set(0);
            fd.syncFileRange(0, 0, Fcntl.SYNC_FILE_RANGE_WRITE);
        }
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
        try {
            fd.fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len);
        } catch (ErrnoException e) {
            System.getLogger("jpuffs.cli").log(System.Logger.Level.DEBUG, "trim", e);
        }
    }

    @Override
    public void close() throws IOException {
        close(direct);
        fd.close();
        lock.close();
    }
}
