// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FilterDevice;

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

    private static void await(Duration time) throws ErrnoException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw Errno.EINTR.error();
            }
        }
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        await(read);
        super.read(dst, off);
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        await(write);
        super.write(src, off);
    }

    @Override
    public void flush() throws IOException {
        await(write);
        super.flush();
    }

    @Override
    public void trim(long off, long len) throws IOException {
        await(write);
        super.trim(off, len);
    }

    @Override
    public void zero(long off, long len) throws IOException {
        await(write);
        super.zero(off, len);
    }
}
