// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.disk;

import static jpuffs.core.Errno.EINVAL;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import jpuffs.core.BlockDevice;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A disk in the heap that takes memory only for what was written: alone, or over another disk, which is then never
/// written (copy on write).
public final class MemoryDisk implements BlockDevice {
    private static final int CHUNK = 64 << 10;

    private final @Nullable BlockDevice base;
    private final long size;
    private final int blockSize;
    private final ConcurrentHashMap<Long, MemorySegment> chunks = new ConcurrentHashMap<>();

    private MemoryDisk(@Nullable BlockDevice base, long size, int blockSize) {
        this.base = base;
        this.size = size;
        this.blockSize = blockSize;
    }

    /// An empty disk of zeros with blocks of 512 bytes.
    ///
    /// @throws ErrnoException EINVAL for a size that is not a multiple of 512
    public static MemoryDisk ofSize(long size) throws ErrnoException {
        if (size < 0 || size % 512 != 0) {
            throw EINVAL.error("a disk of %d bytes", size);
        }
        return new MemoryDisk(null, size, 512);
    }

    /// A writable disk that begins as `base`, and keeps what is written to itself. Does not close `base`.
    public static MemoryDisk over(BlockDevice base) {
        return new MemoryDisk(base, base.size(), base.blockSize());
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
    public boolean canTrim() {
        return true;
    }

    /// The bytes of memory it takes.
    public long memory() {
        return (long) chunks.size() * CHUNK;
    }

    /// One piece of a request, within one chunk.
    private interface Piece {
        void run(long chunk, long within, long at, long count) throws IOException;
    }

    private void forEachPiece(long off, long len, Piece piece) throws IOException {
        check(off, len);
        for (long at = 0; at < len; ) {
            long within = (off + at) % CHUNK;
            long count = Math.min(CHUNK - within, len - at);
            piece.run((off + at) / CHUNK, within, at, count);
            at += count;
        }
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        forEachPiece(off, dst.byteSize(), (chunk, within, at, count) -> {
            MemorySegment bytes = chunks.get(chunk);
            MemorySegment part = dst.asSlice(at, count);
            if (bytes != null) {
                part.copyFrom(bytes.asSlice(within, count));
            } else if (base != null) {
                base.read(part, off + at);
            } else {
                part.fill((byte) 0);
            }
        });
    }

    @Override
    public void write(MemorySegment src, long off) throws IOException {
        forEachPiece(off, src.byteSize(), (chunk, within, at, count) -> {
            MemorySegment bytes = chunks.get(chunk);
            MemorySegment to = bytes == null ? newChunk(chunk) : bytes;
            to.asSlice(within, count).copyFrom(src.asSlice(at, count));
        });
    }

    /// The chunk as it is before the first write to it. Two threads may make it; one of them wins.
    private MemorySegment newChunk(long chunk) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[CHUNK]);
        if (base != null) {
            long from = chunk * CHUNK;
            base.read(bytes.asSlice(0, Math.min(CHUNK, size - from)), from);
        }
        MemorySegment other = chunks.putIfAbsent(chunk, bytes);
        return other == null ? bytes : other;
    }

    @Override
    public void zero(long off, long len) throws IOException {
        forEachPiece(off, len, (chunk, within, at, count) -> {
            if (base == null && count == CHUNK) {
                chunks.remove(chunk);
            } else if (base != null || chunks.containsKey(chunk)) {
                write(MemorySegment.ofArray(new byte[(int) count]), off + at);
            }
        });
    }

    /// Zeros, which take no memory where whole pieces of 64 KiB go.
    @Override
    public void trim(long off, long len) throws IOException {
        if (base == null) {
            zero(off, len);
        }
    }
}
