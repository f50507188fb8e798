// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.BlockDevice;
import jpuffs.rump.buf.Buf;
import jpuffs.rump.buf.BufCache;
import jpuffs.rumpfs.io.ByteDisk;

/// The bytes of the disc: metadata through a cache, file data straight to the caller. Nothing beyond its end is
/// ever asked of the device. One operation at a time.
final class Disc implements AutoCloseable {
    /// Volume descriptors and directories are cut by these, whatever the size of a logical block (ECMA-119 6.1.2).
    static final int SECTOR = 2048;

    private static final int AHEAD = 64 << 10;

    private final BlockDevice device;
    private final BufCache cache;
    private final ByteDisk data;
    private final long size;

    Disc(BlockDevice device, long cacheBytes) throws IOException {
        this.device = device;
        this.cache = new BufCache(device, Math.max(SECTOR, device.blockSize()), cacheBytes);
        this.data = new ByteDisk(device);
        this.size = device.size();
    }

    BlockDevice device() {
        return device;
    }

    /// In bytes.
    long size() {
        return size;
    }

    /// Fails unless all of a range is there.
    ///
    /// @throws IOException EUCLEAN, with `what` lies there
    void check(long off, long length, String what) throws IOException {
        if (off < 0 || length < 0 || off > size || length > size - off) {
            throw EUCLEAN.error("%s at %d with %d bytes: beyond the end of the image at %d", what, off, length, size);
        }
    }

    /// A copy of metadata, which then stays in memory for a while.
    ///
    /// @param length at most a few MiB
    /// @throws IOException EUCLEAN beyond the end
    MemorySegment meta(long off, int length, String what) throws IOException {
        check(off, length, what);
        var bytes = MemorySegment.ofArray(new byte[length]);
        int block = cache.blockSize();
        if (length > block) {
            cache.breada(off / block, Math.min(AHEAD, length) / block + 1);
        }
        for (int done = 0; done < length; ) {
            long at = off + done;
            int skip = (int) (at % block);
            int n = Math.min(block - skip, length - done);
            if (at / block >= cache.blocks()) { // half a block at the end
                data.read(bytes.asSlice(done, n), at);
            } else {
                try (Buf buf = cache.bread(at / block)) {
                    MemorySegment.copy(buf.data(), skip, bytes, done, n);
                }
            }
            done += n;
        }
        return bytes;
    }

    /// A copy of what is looked at once.
    ///
    /// @throws IOException EUCLEAN beyond the end
    MemorySegment scan(long off, int length) throws IOException {
        var bytes = MemorySegment.ofArray(new byte[length]);
        read(bytes, off);
        return bytes;
    }

    /// Fills `dst` with the data at `off`.
    ///
    /// @throws IOException EUCLEAN beyond the end
    void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize(), "data");
        data.read(dst, off);
    }

    @Override
    public void close() {
        data.close();
        cache.close();
    }
}
