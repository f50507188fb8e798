// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import jpuffs.core.BlockDevice;
import jpuffs.core.FilterDevice;
import jpuffs.eventloop.Blocking;

/// A slow device: each request waits before it goes on to another device. Any number wait at once. Yields; an
/// interrupted wait is EINTR.
public final class DelayDevice extends FilterDevice {
    private final Duration read;
    private final Duration write;

    /// @param base owned from now on
    /// @param read how long reads wait
    /// @param write how long everything else waits that changes the device, flushes too
    public DelayDevice(BlockDevice base, Duration read, Duration write) {
        super(base);
        this.read = read;
        this.write = write;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        Blocking.pause(read);
        super.read(dst, off);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        Blocking.pause(write);
        super.write(src, off);
    }

    @Override
    public void flush() throws IOException {
        Blocking.pause(write);
        super.flush();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        Blocking.pause(write);
        super.trim(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        Blocking.pause(write);
        super.zero(off, len);
    }
}
