// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jpuffs.core.BlockDevice;

/// A file or block device of the host as a disk, by positioned reads and writes, without native access. What is in
/// it is taken as it is: [jpuffs.rump.image.Images] looks whether it is a container.
///
/// **Locking.** The file is locked as long as it is open (fcntl(2) locks: shared if read-only, else exclusive), so
/// that two programs do not write one image.
///
/// **Interrupts.** The JDK closes a channel when a thread that uses it is interrupted, for everybody. Here the file
/// is then opened again and the operation repeated; the thread stays interrupted. The lock has been given up for a
/// moment then. If the name stands for another file meanwhile, the disk answers EIO from then on.
public final class FileDisk implements BlockDevice {
    private final ImageFile file;
    private final int blockSize;
    private final long size;

    private FileDisk(ImageFile file, int blockSize) {
        this.file = file;
        this.blockSize = blockSize;
        this.size = file.length() / blockSize * blockSize;
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
        return new FileDisk(file(path, readOnly), blockSize);
    }

    /// The same file as bytes. Locked as a disk is.
    ///
    /// @throws IOException as [#open(Path, boolean)]
    public static ImageFile file(Path path, boolean readOnly) throws IOException {
        return channelFile(path, readOnly);
    }

    private static ChannelFile channelFile(Path path, boolean readOnly) throws IOException {
        if (Files.isDirectory(path)) {
            throw EINVAL.error("%s is a directory", path);
        }
        return new ChannelFile(path, readOnly);
    }

    /// A new empty file in the folder for such (`java.io.tmpdir`), which is deleted when it is closed.
    ///
    /// @throws IOException the host's
    public static ImageFile scratch() throws IOException {
        Path path = Files.createTempFile("jpuffs", ".disk");
        return new ChannelFile(path, false) {
            @Override
            public void close() throws IOException {
                super.close();
                Files.deleteIfExists(path);
            }
        };
    }

    /// Makes a sparse file of `size` bytes, or gives an existing one that size with its content kept, and opens it.
    ///
    /// @throws IOException as [#open(Path, boolean)]; the file is as it was then
    public static FileDisk create(Path path, long size) throws IOException {
        if (!Files.exists(path)) {
            FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                    .close();
        }
        ChannelFile file = channelFile(path, false);
        boolean done = false;
        try {
            file.resize(size);
            done = true;
            return new FileDisk(file, 512);
        } finally {
            if (!done) {
                file.close();
            }
        }
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
        return file.isReadOnly();
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        long done = file.read(dst, off);
        if (done < dst.byteSize()) {
            throw EIO.error("%s ends at %d", file.path(), off + done);
        }
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
        check(off, src.byteSize());
        file.write(src, off);
    }

    @Override
    public void flush() throws IOException {
        file.flush();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
