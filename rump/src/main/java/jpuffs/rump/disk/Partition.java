// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;

/// A part of a disk as a disk.
final class Partition implements BlockDevice {
    private final BlockDevice whole;
    private final long start;
    private final long size;
    private final boolean closesWhole;

    /// @param start in bytes
    /// @param closesWhole whether [#close] closes `whole`
    /// @throws ErrnoException EINVAL if it does not lie within the disk in whole blocks
    Partition(BlockDevice whole, long start, long size, boolean closesWhole) throws ErrnoException {
        long mask = whole.blockSize() - 1L;
        if (start < 0 || size < 0 || start > whole.size() || size > whole.size() - start) {
            throw EINVAL.error("a partition of %d bytes at %d lies beyond the end of the disk", size, start);
        }
        if ((start & mask) != 0) {
            throw EINVAL.error("a partition at %d does not begin with a block of the disk", start);
        }
        this.whole = whole;
        this.start = start;
        this.size = size & ~mask;
        this.closesWhole = closesWhole;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return whole.blockSize();
    }

    @Override
    public boolean isReadOnly() {
        return whole.isReadOnly();
    }

    @Override
    public boolean canTrim() {
        return whole.canTrim();
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        whole.read(dst, start + off);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        check(off, src.byteSize());
        whole.write(src, start + off);
    }

    @Override
    public void flush() throws IOException {
        whole.flush();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        check(off, len);
        whole.trim(start + off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        check(off, len);
        whole.zero(start + off, len);
    }

    @Override
    public void close() throws IOException {
        if (closesWhole) {
            whole.close();
        }
    }
}
