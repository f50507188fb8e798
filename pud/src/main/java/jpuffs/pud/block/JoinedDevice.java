// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Extent;

/// Several devices as one: one behind the other, or striped. They are owned.
public final class JoinedDevice implements BlockDevice {
    private final List<BlockDevice> parts;
    private final long unit; // of a stripe; 0: one behind the other
    private final long[] ends; // where each part ends
    private final long size;
    private final int blockSize;

    private JoinedDevice(List<BlockDevice> parts, long unit) throws ErrnoException {
        if (parts.isEmpty()) {
            throw Errno.EINVAL.error("no devices to join");
        }
        this.parts = List.copyOf(parts);
        this.unit = unit;
        blockSize = parts.stream().mapToInt(BlockDevice::blockSize).max().orElseThrow();
        ends = new long[parts.size()];
        size = unit == 0 ? concatenate() : stripe();
    }

    /// One behind the other.
    ///
    /// @throws ErrnoException EINVAL if there are none, or a part ends within a block of another
    public static JoinedDevice concat(List<BlockDevice> parts) throws ErrnoException {
        return new JoinedDevice(parts, 0);
    }

    /// `unit` bytes of the first, then of the second and so on, and again of the first (RAID 0). Each counts as the
    /// smallest does, in whole units.
    ///
    /// @throws ErrnoException EINVAL if there are none, or the unit is no multiple of their blocks
    public static JoinedDevice stripe(List<BlockDevice> parts, long unit) throws ErrnoException {
        if (unit <= 0) {
            throw Errno.EINVAL.error("a stripe of %d bytes", unit);
        }
        return new JoinedDevice(parts, unit);
    }

    private long concatenate() throws ErrnoException {
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += parts.get(i).size();
            ends[i] = end;
            if (end % blockSize != 0) {
                throw Errno.EINVAL.error("part %d ends at %d, in blocks of %d bytes", i + 1, end, blockSize);
            }
        }
        return end;
    }

    private long stripe() throws ErrnoException {
        long least = parts.stream().mapToLong(BlockDevice::size).min().orElseThrow();
        if (unit % blockSize != 0 || unit > least) {
            throw Errno.EINVAL.error("a stripe of %d bytes, for blocks of %d and parts of %d", unit, blockSize, least);
        }
        return least / unit * unit * parts.size();
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
        return parts.stream().anyMatch(BlockDevice::isReadOnly);
    }

    @Override
    public boolean canTrim() {
        return parts.stream().allMatch(BlockDevice::canTrim);
    }

    /// What to do with one piece of a range.
    private interface Piece {
        /// @param off within `part`
        /// @param done bytes of the range before the piece
        void run(BlockDevice part, long off, long done, long len) throws IOException;
    }

    /// Runs `piece` for each part of a range, in order.
    private void forEach(long off, long len, Piece piece) throws IOException {
        for (long done = 0; done < len; ) {
            long at = off + done;
            int index = index(at);
            long length = Math.min(len - done, unit == 0 ? ends[index] - at : unit - at % unit);
            piece.run(parts.get(index), within(index, at), done, length);
            done += length;
        }
    }

    private int index(long off) {
        if (unit > 0) {
            return (int) (off / unit % parts.size());
        }
        int index = 0;
        while (off >= ends[index]) {
            index++;
        }
        return index;
    }

    private long within(int index, long off) {
        return unit > 0 ? off / unit / parts.size() * unit + off % unit : off - (index == 0 ? 0 : ends[index - 1]);
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        forEach(off, dst.byteSize(), (part, at, done, len) -> part.read(dst.asSlice(done, len), at));
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        forEach(off, src.byteSize(), (part, at, done, len) -> part.write(src.asSlice(done, len), at));
    }

    /// Flushes all, also when one fails; then the first failure is thrown.
    @Override
    public void flush() throws IOException {
        each(BlockDevice::flush);
    }

    @Override
    public void trim(long off, long len) throws IOException {
        forEach(off, len, (part, at, _, length) -> part.trim(at, length));
    }

    @Override
    public void zero(long off, long len) throws IOException {
        forEach(off, len, (part, at, _, length) -> part.zero(at, length));
    }

    @Override
    public Extent extent(long off, long len) throws IOException {
        int index = index(off);
        long length = Math.min(len, unit == 0 ? ends[index] - off : unit - off % unit);
        return parts.get(index).extent(within(index, off), length);
    }

    /// Closes all.
    @Override
    public void close() throws IOException {
        each(BlockDevice::close);
    }

    private interface Action {
        void on(BlockDevice part) throws IOException;
    }

    private void each(Action action) throws IOException {
        IOException failure = null;
        for (BlockDevice part : parts) {
            try {
                action.on(part);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
