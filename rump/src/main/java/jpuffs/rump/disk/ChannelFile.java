// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A file of the host by a FileChannel that is locked and survives interrupts, see [FileDisk].
class ChannelFile implements ImageFile {
    private final Path path;
    private final boolean readOnly;
    private final @Nullable Object identity;
    private final AtomicLong length;
    private volatile FileChannel channel;
    private boolean closed;

    /// @throws IOException EBUSY if another has it open for writing, or has it open and this is not `readOnly`;
    ///     and the host's
    ChannelFile(Path path, boolean readOnly) throws IOException {
        this.path = path.toAbsolutePath();
        this.readOnly = readOnly;
        this.identity = identity();
        this.channel = openChannel();
        this.length = new AtomicLong(channel.size());
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public long length() {
        return length.get();
    }

    @Override
    public long read(MemorySegment dst, long off) throws IOException {
        return transfer(dst, off, FileChannel::read);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        if (readOnly) {
            throw EROFS.error();
        }
        if (transfer(src, off, FileChannel::write) < src.byteSize()) {
            throw EIO.error("%s takes no more", path);
        }
        length.accumulateAndGet(off + src.byteSize(), Math::max);
    }

    /// Gives it a size: what is beyond goes, what is new is zeros.
    void resize(long size) throws IOException {
        if (size > length()) {
            write(MemorySegment.ofArray(new byte[1]), size - 1);
        } else {
            channel.truncate(size);
            length.set(size);
        }
    }

    @Override
    public void flush() throws IOException {
        if (!readOnly) {
            transfer(MemorySegment.ofArray(new byte[1]), 0, (file, bytes, at) -> {
                file.force(false);
                bytes.position(1);
                return 1;
            });
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            channel.close();
        }
    }

    private interface Io {
        int run(FileChannel file, ByteBuffer bytes, long at) throws IOException;
    }

    private long transfer(MemorySegment segment, long off, Io io) throws IOException {
        boolean interrupted = Thread.interrupted();
        long done = 0;
        try {
            while (done < segment.byteSize()) {
                ByteBuffer bytes = segment.asSlice(done, Math.min(segment.byteSize() - done, 1 << 30))
                        .asByteBuffer();
                FileChannel file = channel;
                try {
                    int n = io.run(file, bytes, off + done);
                    if (n <= 0) {
                        break;
                    }
                    done += n;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    Thread.interrupted();
                    reopen(file);
                } catch (ClosedChannelException e) {
                    reopen(file); // another thread's interrupt
                }
            }
            return done;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // whether it is still the one that broke
    private synchronized void reopen(FileChannel broken) throws IOException {
        if (closed) {
            throw EBADF.error("%s is closed", path);
        }
        if (channel == broken) {
            if (!Objects.equals(identity(), identity)) {
                throw EIO.error("%s is another file now", path);
            }
            channel = openChannel();
        }
    }

    private @Nullable Object identity() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private FileChannel openChannel() throws IOException {
        Set<OpenOption> options =
                readOnly ? Set.of(StandardOpenOption.READ) : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel file = FileChannel.open(path, options);
        boolean done = false;
        try {
            if (file.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
                throw busy();
            }
            done = true;
            return file;
        } catch (OverlappingFileLockException e) {
            throw busy();
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    private ErrnoException busy() {
        return EBUSY.error("%s is in use as a disk", path);
    }
}
