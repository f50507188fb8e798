// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;

/// A disk inside a container: found by [Images#open].
///
/// The content of the file is not trusted. What does not make sense in it is EUCLEAN, what is not known EOPNOTSUPP
/// with its name, each found in bounded time and memory.
public abstract class ImageDisk implements BlockDevice {
    ImageDisk() {}

    /// What the container says of itself.
    public abstract ImageInfo info();

    /// Containers that can be written say so.
    @Override
    public boolean isReadOnly() {
        return true;
    }

    final void requireWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw EROFS.error();
        }
    }

    /// Containers that cannot be written need not say more.
    @Override
    public void write(MemorySegment src, long off) throws IOException {
        throw EROFS.error();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        requireWritable();
        check(off, len);
        BlockDevice.super.zero(off, len);
    }
}
