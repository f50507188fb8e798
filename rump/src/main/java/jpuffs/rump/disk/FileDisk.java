// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EINVAL;
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
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A file or block device of the host as a disk, by positioned reads and writes, without native access.
///
/// **Locking.** The file is locked as long as it is open (fcntl(2) locks: shared if read-only, else exclusive), so
/// that two programs do not write one image.
///
/// **Interrupts.** The JDK closes a channel when a thread that uses it is interrupted, for everybody. Here the file
/// is then opened again and the operation repeated; the thread stays interrupted. The lock has been given up for a
/// moment then. If the name stands for another file meanwhile, the disk answers EIO from then on.
public final class FileDisk implements BlockDevice {
    private final Path path;
    private final boolean readOnly;
    private final int blockSize;
    private final long size;
    private final @Nullable Object identity;
    private volatile FileChannel channel;
    private boolean closed;

    private FileDisk(Path path, boolean readOnly, int blockSize) throws IOException {
        this.path = path;
        this.readOnly = readOnly;
        this.blockSize = blockSize;
        this.identity = identity();
        this.channel = openChannel();
        this.size = channel.size() / blockSize * blockSize;
    }

    /// Opens a file or block device that exists, with blocks of 512 bytes. What follows the last whole block is not
    /// part of the disk.
    ///
    /// @throws IOException EBUSY if another has it open for writing, or has it open and this is not `readOnly`;
    ///     EINVAL for a directory; and the host's
    public static FileDisk open(Path path, boolean readOnly) throws IOException {
        return open(path, readOnly, 512);
    }

    /// As [#open(Path, boolean)].
    ///
    /// @param blockSize in bytes, a power of two from 512 to 65,536
    public static FileDisk open(Path path, boolean readOnly, int blockSize) throws IOException {
        if (Files.isDirectory(path)) {
            throw EINVAL.error("%s is a directory", path);
        }
        return new FileDisk(path.toAbsolutePath(), readOnly, blockSize);
    }

    /// Makes a sparse file of `size` bytes, or gives an existing one that size with its content kept, and opens it.
    public static FileDisk create(Path path, long size) throws IOException {
        try (var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (file.size() > size) {
                file.truncate(size);
            } else if (file.size() < size) {
                file.write(ByteBuffer.allocate(1), size - 1);
            }
        }
        return open(path, false);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        transfer(dst, off, FileChannel::read);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        if (readOnly) {
            throw EROFS.error();
        }
        check(off, src.byteSize());
        transfer(src, off, FileChannel::write);
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
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }

    private interface Io {
        int run(FileChannel file, ByteBuffer bytes, long at) throws IOException;
    }

    private void transfer(MemorySegment segment, long off, Io io) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (long done = 0; done < segment.byteSize(); ) {
                ByteBuffer bytes = segment.asSlice(done, Math.min(segment.byteSize() - done, 1 << 30))
                        .asByteBuffer();
                FileChannel file = channel;
                try {
                    int n = io.run(file, bytes, off + done);
                    if (n <= 0) {
                        throw EIO.error("%s ends at %d", path, off + done);
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
