// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.attribute.FileAttribute;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jpuffs.core.Attr;
import jpuffs.core.OpenFlags;

/// An open file, by a descriptor of the kernel.
///
/// **Interrupts** close it, as they close the JDK's own: [ClosedByInterruptException]. The image stays open.
///
/// **Mappings** are copies: `READ_ONLY` and `PRIVATE` take the bytes of that moment, in memory of the size that is
/// mapped; `READ_WRITE` is not supported, as nobody would see the writes.
final class RumpFileChannel extends FileChannel {
    private static final int CHUNK = 64 << 10;

    private final Target target;
    private final RumpFileSystem fs;
    private final OpenMode mode;
    private final int fd;
    private final ReadWriteLock descriptor = new ReentrantReadWriteLock(); // to write: to close it
    private final Object positionLock = new Object();
    private long position; // guarded by positionLock

    private RumpFileChannel(Target target, OpenMode mode, int fd) {
        this.target = target;
        this.fs = target.fs();
        this.mode = mode;
        this.fd = fd;
    }

    /// Opens a file.
    ///
    /// @throws IOException as Files.newByteChannel
    static RumpFileChannel open(Target target, OpenMode mode, FileAttribute<?>... attributes) throws IOException {
        int permissions = AttributeNames.mode(0666, attributes);
        Watches watches = target.watches();
        boolean isNew = mode.makes() && watches.areUsed() && !watches.exists(target);
        RumpFileChannel channel = target.fs().opened(() -> {
            int fd = target.call(p -> p.openat(target.dirfd(), target.bytes(), mode.flags(), permissions));
            return new RumpFileChannel(target, mode, fd);
        });
        if (isNew) {
            watches.created(target.shown());
        }
        return channel;
    }

    /// Makes a system call with the descriptor, which stays open for its time.
    private <R> R call(RumpFileSystem.Call<R> call) throws IOException {
        boolean done = false;
        begin();
        try {
            descriptor.readLock().lock();
            try {
                if (!isOpen()) {
                    throw new ClosedChannelException();
                }
                R result = fs.call(target.shown(), call);
                done = true;
                return result;
            } finally {
                descriptor.readLock().unlock();
            }
        } finally {
            end(done);
        }
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void requireReadable() throws ClosedChannelException {
        requireOpen();
        if (!OpenFlags.canRead(mode.flags())) {
            throw new NonReadableChannelException();
        }
    }

    private void requireWritable() throws ClosedChannelException {
        requireOpen();
        if (!OpenFlags.canWrite(mode.flags())) {
            throw new NonWritableChannelException();
        }
    }

    private boolean appends() {
        return (mode.flags() & OpenFlags.O_APPEND) != 0;
    }

    private static void requireNotNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " " + value);
        }
    }

    // Reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        requireReadable();
        synchronized (positionLock) {
            int count = readAt(dst, position);
            position += Math.max(count, 0);
            return count;
        }
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        requireReadable();
        long total = 0;
        synchronized (positionLock) {
            for (int i = offset; i < offset + length; i++) {
                int count = dsts[i].hasRemaining() ? read(dsts[i]) : 0;
                if (count < 0) {
                    return total == 0 ? -1 : total;
                }
                total += count;
                if (dsts[i].hasRemaining()) {
                    return total;
                }
            }
        }
        return total;
    }

    @Override
    public int read(ByteBuffer dst, long from) throws IOException {
        requireNotNegative(from, "position");
        requireReadable();
        return readAt(dst, from);
    }

    private int readAt(ByteBuffer dst, long from) throws IOException {
        if (dst.isReadOnly()) {
            throw new IllegalArgumentException("a read-only buffer");
        }
        if (!dst.hasRemaining()) {
            return 0;
        }
        MemorySegment segment = MemorySegment.ofBuffer(dst);
        int count = call(p -> p.pread(fd, segment, from));
        dst.position(dst.position() + count);
        return count == 0 ? -1 : count;
    }

    // Writing

    @Override
    public int write(ByteBuffer src) throws IOException {
        requireWritable();
        synchronized (positionLock) {
            int count = writeAt(src, position);
            position += count;
            return count;
        }
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        requireWritable();
        long total = 0;
        synchronized (positionLock) {
            for (int i = offset; i < offset + length; i++) {
                while (srcs[i].hasRemaining()) {
                    total += write(srcs[i]);
                }
            }
        }
        return total;
    }

    @Override
    public int write(ByteBuffer src, long to) throws IOException {
        requireNotNegative(to, "position");
        requireWritable();
        return writeAt(src, to);
    }

    private int writeAt(ByteBuffer src, long to) throws IOException {
        if (!src.hasRemaining()) {
            return 0;
        }
        MemorySegment segment = MemorySegment.ofBuffer(src);
        int count = call(p -> p.pwrite(fd, segment, to));
        src.position(src.position() + count);
        fs.watches().modified(target.shown());
        return count;
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        requireNotNegative(size, "size");
        requireWritable();
        synchronized (positionLock) {
            if (size < size()) {
                call(p -> {
                    p.ftruncate(fd, size);
                    return true;
                });
                fs.watches().modified(target.shown());
            }
            position = Math.min(position, size);
        }
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        call(p -> {
            if (metaData) {
                p.fsync(fd);
            } else {
                p.fdatasync(fd);
            }
            return true;
        });
    }

    // Position and size

    /// With `APPEND` the end of the file, where the next write goes.
    @Override
    public long position() throws IOException {
        requireOpen();
        if (appends()) {
            return size();
        }
        synchronized (positionLock) {
            return position;
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        requireOpen();
        requireNotNegative(newPosition, "position");
        synchronized (positionLock) {
            position = newPosition;
        }
        return this;
    }

    @Override
    public long size() throws IOException {
        return attributes().size();
    }

    private Attr attributes() throws IOException {
        return call(p -> p.fstat(fd)).attr();
    }

    // Between channels

    @Override
    public long transferTo(long from, long count, WritableByteChannel to) throws IOException {
        requireNotNegative(from, "position");
        requireNotNegative(count, "count");
        requireReadable();
        if (!to.isOpen()) {
            throw new ClosedChannelException();
        }
        if (to instanceof RumpFileChannel channel) {
            channel.requireWritable();
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, CHUNK));
        for (long done = 0; done < count; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
            int n = readAt(buffer, from + done);
            if (n < 0) {
                return done;
            }
            buffer.flip();
            int written = to.write(buffer);
            done += written;
            if (written < n) {
                return done;
            }
        }
        return count;
    }

    @Override
    public long transferFrom(ReadableByteChannel src, long to, long count) throws IOException {
        requireNotNegative(to, "position");
        requireNotNegative(count, "count");
        requireWritable();
        if (!src.isOpen()) {
            throw new ClosedChannelException();
        }
        if (to > size()) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, CHUNK));
        for (long done = 0; done < count; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
            int n = src.read(buffer);
            if (n <= 0) {
                return done;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                done += writeAt(buffer, to + done);
            }
        }
        return count;
    }

    // Mappings

    private void checkMap(MapMode how, long from, long size) throws IOException {
        requireNotNegative(from, "position");
        requireNotNegative(size, "size");
        requireReadable();
        if (!how.equals(MapMode.READ_ONLY) && !how.equals(MapMode.PRIVATE)) {
            throw new UnsupportedOperationException("files on images can be mapped READ_ONLY and PRIVATE only");
        }
        if (from + size > size()) {
            throw new IOException(target.shown() + " ends at " + size() + ": nothing to map behind that");
        }
    }

    private void fill(ByteBuffer copy, long from) throws IOException {
        while (copy.hasRemaining()) {
            if (readAt(copy, from + copy.position()) < 0) {
                throw new IOException(target.shown() + " has become shorter while it was mapped");
            }
        }
        copy.flip();
    }

    @Override
    public MappedByteBuffer map(MapMode how, long from, long size) throws IOException {
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("size " + size + " is more than a buffer can have");
        }
        checkMap(how, from, size);
        ByteBuffer copy = ByteBuffer.allocateDirect((int) size);
        fill(copy, from);
        // Direct buffers are of this class in the JDK, as nothing else could be: it has no public constructor.
        if ((how.equals(MapMode.READ_ONLY) ? copy.asReadOnlyBuffer() : copy) instanceof MappedByteBuffer mapped) {
            return mapped;
        }
        throw new UnsupportedOperationException("this JDK has direct buffers that are no MappedByteBuffer");
    }

    @Override
    public MemorySegment map(MapMode how, long from, long size, Arena arena) throws IOException {
        checkMap(how, from, size);
        MemorySegment copy = arena.allocate(size);
        for (long done = 0; done < size; ) {
            MemorySegment rest = copy.asSlice(done);
            long off = from + done;
            int count = call(p -> p.pread(fd, rest, off));
            if (count == 0) {
                throw new IOException(target.shown() + " has become shorter while it was mapped");
            }
            done += count;
        }
        return how.equals(MapMode.READ_ONLY) ? copy.asReadOnly() : copy;
    }

    // Locks

    @Override
    public FileLock lock(long from, long size, boolean shared) throws IOException {
        return tryLock(from, size, shared);
    }

    @Override
    public FileLock tryLock(long from, long size, boolean shared) throws IOException {
        requireOpen();
        if (shared) {
            requireReadable();
        } else {
            requireWritable();
        }
        FileKey file = FileKey.of(call(p -> p.fstat(fd)));
        return fs.locks().take(this, file, from, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        descriptor.writeLock().lock();
        try {
            fs.locks().removeAll(this);
            if (mode.deleteOnClose()) {
                fs.deleteOnClose(target);
            }
            fs.close(this, fd, target.shown());
        } finally {
            descriptor.writeLock().unlock();
        }
    }
}
