// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A device that passes everything on to another, which it owns: to extend by what does something on the way.
public abstract class FilterDevice implements BlockDevice {
    private final BlockDevice base;

    protected FilterDevice(BlockDevice base) {
        this.base = base;
    }

    /// What it passes everything on to.
    protected final BlockDevice base() {
        return base;
    }

    @Override
    public long size() {
        return base.size();
    }

    @Override
    public int blockSize() {
        return base.blockSize();
    }

    @Override
    public boolean isReadOnly() {
        return base.isReadOnly();
    }

    @Override
    public boolean canTrim() {
        return base.canTrim();
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        base.read(dst, off);
    }

    @Override
    public void prefetch(long off, long len) throws IOException {
        base.prefetch(off, len);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        base.write(src, off);
    }

    @Override
    public void flush() throws IOException {
        base.flush();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        base.trim(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        base.zero(off, len);
    }

    @Override
    public Extent extent(long off, long len) throws IOException {
        return base.extent(off, len);
    }

    @Override
    public void close() throws IOException {
        base.close();
    }
}
