// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;

/// File data: any bytes of a device, straight to and from the caller's memory; a part of a device's block goes
/// through one of its own. One operation at a time.
public final class ByteDisk implements AutoCloseable {
    private final BlockDevice device;
    private final int unit;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment block;

    public ByteDisk(BlockDevice device) {
        this.device = device;
        this.unit = device.blockSize();
        this.block = arena.allocate(unit, unit);
    }

    /// Part of one block: `n` bytes of it from `skip` on are those of `segment` from `done` on.
    private interface Part {
        void run(long start, int skip, long done, int n) throws IOException;
    }

    /// Many whole blocks.
    private interface Whole {
        void run(MemorySegment bytes, long off) throws IOException;
    }

    private void each(MemorySegment segment, long off, Whole whole, Part part) throws IOException {
        long length = segment.byteSize();
        for (long done = 0; done < length; ) {
            long at = off + done;
            int skip = (int) (at % unit);
            long direct = skip == 0 ? (length - done) / unit * unit : 0;
            if (direct > 0) {
                whole.run(segment.asSlice(done, direct), at);
                done += direct;
            } else {
                int n = (int) Math.min(length - done, unit - skip);
                part.run(at - skip, skip, done, n);
                done += n;
            }
        }
    }

    /// Fills `dst` with what is at `off`.
    public void read(MemorySegment dst, long off) throws IOException {
        each(dst, off, device::read, (start, skip, done, n) -> {
            device.read(block, start);
            MemorySegment.copy(block, skip, dst, done, n);
        });
    }

    /// Writes `src` at `off`, keeping what is beside it.
    public void write(MemorySegment src, long off) throws IOException {
        each(src, off, device::write, (start, skip, done, n) -> {
            device.read(block, start);
            MemorySegment.copy(src, done, block, skip, n);
            device.write(block, start);
        });
    }

    /// Writes zeros, of any length.
    public void zero(long off, long length) throws IOException {
        long head = Math.min(length, (unit - off % unit) % unit);
        long middle = (length - head) / unit * unit;
        long tail = length - head - middle;
        if (head > 0) {
            write(MemorySegment.ofArray(new byte[(int) head]), off);
        }
        if (middle > 0) {
            device.zero(off + head, middle);
        }
        if (tail > 0) {
            write(MemorySegment.ofArray(new byte[(int) tail]), off + head + middle);
        }
    }

    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void close() {
        arena.close();
    }
}
