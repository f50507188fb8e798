// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;

/// A disk that lies in a file as it is, from its first byte on.
final class RawDisk implements BlockDevice {
    private final ImageFile file;
    private final long size;

    /// @param size in bytes, a multiple of 512; of the last block, and of no other, the file may lack a part,
    ///     which reads as zeros
    RawDisk(ImageFile file, long size) {
        this.file = file;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean isReadOnly() {
        return file.isReadOnly();
    }

    @Override
    public boolean canTrim() {
        return file.canTrim();
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        long done = file.read(dst, off);
        if (done < dst.byteSize()) {
            if (off + done <= size - blockSize()) {
                throw EIO.error("%s ends at %d", file.path(), off + done);
            }
            dst.asSlice(done).fill((byte) 0);
        }
    }

    @Override
    public void prefetch(long off, long len) throws IOException {
        check(off, len);
        file.prefetch(off, len);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        requireWritable();
        check(off, src.byteSize());
        file.write(src, off);
    }

    private void requireWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
    }

    @Override
    public void flush() throws IOException {
        if (!isReadOnly()) {
            file.flush();
        }
    }

    @Override
    public void trim(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        file.trim(off, len);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
