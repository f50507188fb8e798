// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;
import jpuffs.core.FilterDevice;

/// A part of a disk as a disk.
final class Partition extends FilterDevice {
    private final long start;
    private final long size;
    private final boolean closesWhole;

    /// @param start in bytes
    /// @param closesWhole whether [#close] closes `whole`
    /// @throws ErrnoException EINVAL if it does not lie within the disk in whole blocks
    Partition(BlockDevice whole, long start, long size, boolean closesWhole) throws ErrnoException {
        super(whole);
        long mask = whole.blockSize() - 1L;
        if (start < 0 || size < 0 || start > whole.size() || size > whole.size() - start) {
            throw EINVAL.error("a partition of %d bytes at %d lies beyond the end of the disk", size, start);
        }
        if ((start & mask) != 0) {
            throw EINVAL.error("a partition at %d does not begin with a block of the disk", start);
        }
        this.start = start;
        this.size = size & ~mask;
        this.closesWhole = closesWhole;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        super.read(dst, start + off);
    }

    @Override
    public void prefetch(long off, long len) throws IOException {
        check(off, len);
        super.prefetch(start + off, len);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        check(off, src.byteSize());
        super.write(src, start + off);
    }

    @Override
    public void trim(long off, long len) throws IOException {
        check(off, len);
        super.trim(start + off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        check(off, len);
        super.zero(start + off, len);
    }

    @Override
    public Extent extent(long off, long len) throws IOException {
        check(off, len);
        return super.extent(start + off, len);
    }

    @Override
    public void close() throws IOException {
        if (closesWhole) {
            super.close();
        }
    }
}
