// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.BlockDevice;

/// File data: any bytes of a device, straight to and from the caller's memory; only what does not begin or end with
/// a block of the device goes through a buffer, one at a time. Who writes beside others into one block of the
/// device must not do so at once.
public final class ByteDisk implements AutoCloseable {
    private static final int BOUNCE = 64 << 10;

    /// Up to here one transfer through the buffer is better than two, one of them direct.
    private static final int SMALL = 16 << 10;

    private final BlockDevice device;
    private final int unit;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bounce = arena.allocate(BOUNCE, 4096);
    private final ReentrantLock bouncing = new ReentrantLock();
    private final AtomicLong written = new AtomicLong();

    public ByteDisk(BlockDevice device) {
        this.device = device;
        this.unit = device.blockSize();
    }

    /// Fills `dst` with what is at `off`.
    public void read(MemorySegment dst, long off) throws IOException {
        long length = dst.byteSize();
        long done = 0;
        while (done < length) {
            long at = off + done;
            long left = length - done;
            long n = aligned(at, left);
            if (n == left || n > 0 && left > SMALL) {
                device.read(dst.asSlice(done, n), at);
            } else {
                n = Math.min(left, BOUNCE - at % unit);
                readPart(dst.asSlice(done, n), at);
            }
            done += n;
        }
    }

    /// What is there will be read soon.
    public void prefetch(long off, long length) throws IOException {
        device.prefetch(off, length);
    }

    private void readPart(MemorySegment dst, long at) throws IOException {
        int skip = (int) (at % unit);
        bouncing.lock();
        try {
            device.read(bounce.asSlice(0, roundUp(skip + dst.byteSize())), at - skip);
            MemorySegment.copy(bounce, skip, dst, 0, dst.byteSize());
        } finally {
            bouncing.unlock();
        }
    }

    /// Writes `src` at `off`, keeping what is beside it.
    public void write(MemorySegment src, long off) throws IOException {
        long length = src.byteSize();
        written.addAndGet(length);
        long done = 0;
        while (done < length) {
            long at = off + done;
            long n = aligned(at, length - done);
            if (n > 0) {
                device.write(src.asSlice(done, n), at);
            } else {
                n = Math.min(length - done, unit - at % unit);
                writePart(src.asSlice(done, n), at);
            }
            done += n;
        }
    }

    /// As [#write], where nothing is kept that follows `src` in its last block: the end of a file.
    public void writeEnd(MemorySegment src, long off) throws IOException {
        long direct = src.byteSize() > SMALL ? aligned(off, src.byteSize()) : 0;
        if (off % unit != 0) {
            write(src, off);
            return;
        }
        if (direct > 0) {
            write(src.asSlice(0, direct), off);
        }
        long rest = src.byteSize() - direct;
        if (rest > 0) {
            writeNew(src.asSlice(direct), 0, off + direct, roundUp(rest));
        }
    }

    private void writePart(MemorySegment src, long at) throws IOException {
        int skip = (int) (at % unit);
        MemorySegment block = bounce.asSlice(0, unit);
        bouncing.lock();
        try {
            device.read(block, at - skip);
            MemorySegment.copy(src, 0, block, skip, src.byteSize());
            device.write(block, at - skip);
        } finally {
            bouncing.unlock();
        }
    }

    /// Writes `src` into `length` bytes at `off` that hold nothing: `skip` bytes in, with zeros before and behind.
    ///
    /// @param off a multiple of a file system block, as is `length`
    public void writeNew(MemorySegment src, int skip, long off, long length) throws IOException {
        if (skip == 0 && src.byteSize() == length) {
            written.addAndGet(length);
            device.write(src, off);
            return;
        }
        bouncing.lock();
        try {
            writePadded(src, skip, off, length);
        } finally {
            bouncing.unlock();
        }
        written.addAndGet(length);
    }

    private void writePadded(MemorySegment src, int skip, long off, long length) throws IOException {
        for (long done = 0; done < length; ) {
            long n = Math.min(BOUNCE, length - done);
            MemorySegment part = bounce.asSlice(0, n);
            long from = Math.clamp(skip, done, done + n);
            long to = Math.clamp(skip + src.byteSize(), from, done + n);
            part.asSlice(0, from - done).fill((byte) 0);
            MemorySegment.copy(src, from - skip, part, from - done, to - from);
            part.asSlice(to - done).fill((byte) 0);
            device.write(part, off + done);
            done += n;
        }
    }

    /// Writes zeros, of any length.
    public void zero(long off, long length) throws IOException {
        long head = Math.min(length, (unit - off % unit) % unit);
        long middle = (length - head) / unit * unit;
        if (head > 0) {
            write(zeros((int) head), off);
        }
        if (middle > 0) {
            device.zero(off + head, middle);
        }
        if (head + middle < length) {
            write(zeros((int) (length - head - middle)), off + head + middle);
        }
        written.addAndGet(length);
    }

    private static MemorySegment zeros(int length) {
        return MemorySegment.ofArray(new byte[length]);
    }

    /// How many bytes can go directly: 0 if it does not begin with a unit or is shorter than one.
    private long aligned(long at, long length) {
        return at % unit == 0 ? length - length % unit : 0;
    }

    private long roundUp(long length) {
        return (length + unit - 1) / unit * unit;
    }

    /// The bytes written since the last [#takeWritten].
    public long written() {
        return written.get();
    }

    /// The bytes written since the last call.
    public long takeWritten() {
        return written.getAndSet(0);
    }

    public void flush() throws IOException {
        device.flush();
    }

    @Override
    public void close() {
        arena.close();
    }
}
