// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A row of blocks: a disk, a partition, an image file, memory, a remote disk. Devices stack: a filter implements
/// this interface over another.
///
/// Offsets and lengths are in bytes and multiples of [#blockSize()], within [#size()]; the caller keeps to that and
/// may use [#check]. Buffers are borrowed until return. Any operation may block in ways that park a virtual thread,
/// and any number may run at once. What was written is durable after a [#flush()] that began later.
public interface BlockDevice extends AutoCloseable {
    /// The size in bytes, a multiple of [#blockSize()]. Does not change while the device is open.
    long size();

    /// The unit of I/O in bytes, a power of two from 512 to 65,536. Default: 512.
    default int blockSize() {
        return 512;
    }

    /// Whether [#write], [#trim] and [#zero] fail with EROFS. Default: false.
    default boolean isReadOnly() {
        return false;
    }

    /// Whether [#trim] does more than nothing. Default: false.
    default boolean canTrim() {
        return false;
    }

    /// Fills all of `dst` from `off`. EIO.
    void read(MemorySegment dst, long off) throws IOException;

    /// Says that this range will be read soon: a device that can brings it nearer meanwhile, and does not wait for
    /// it. Default: nothing to do.
    default void prefetch(long off, long len) throws IOException {}

    /// Writes all of `src` at `off`. EIO, ENOSPC, EROFS.
    void write(MemorySegment src, long off) throws IOException;

    /// Makes every completed write durable. Default: nothing to do.
    default void flush() throws IOException {}

    /// Says that the content of this range is not needed any more; it may read as anything afterwards. Default:
    /// nothing to do.
    default void trim(long off, long len) throws IOException {}

    /// Fills this range with zeros. Default: writes them.
    default void zero(long off, long len) throws IOException {
        MemorySegment zeros = MemorySegment.ofArray(new byte[(int) Math.min(len, 64 << 10)]);
        for (long done = 0; done < len; ) {
            long n = Math.min(zeros.byteSize(), len - done);
            write(zeros.asSlice(0, n), off + done);
            done += n;
        }
    }

    /// What is known of the blocks from `off` on without reading them: how far they are alike, `len` at most, and
    /// whether they are a hole. Default: all is data.
    default Extent extent(long off, long len) throws IOException {
        return Extent.data(len);
    }

    /// Checks that a request keeps to the rules.
    ///
    /// @throws ErrnoException EINVAL for a misaligned one, ENOSPC for one that goes beyond the end
    default void check(long off, long len) throws ErrnoException {
        int mask = blockSize() - 1;
        if (off < 0 || len < 0 || ((off | len) & mask) != 0) {
            throw Errno.EINVAL.error("offset %d, length %d: not in blocks of %d bytes", off, len, blockSize());
        }
        if (off > size() || len > size() - off) {
            throw Errno.ENOSPC.error("offset %d, length %d: beyond the end at %d", off, len, size());
        }
    }

    /// Ends the use of the device; does not flush. Default: nothing to do.
    @Override
    default void close() throws IOException {}
}
