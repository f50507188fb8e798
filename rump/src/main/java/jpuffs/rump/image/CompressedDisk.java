// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;
import jpuffs.rump.zstd.Frames;
import jpuffs.rump.zstd.ZstdInputStream;

/// A disk as it is, compressed as a whole, read-only. It is decompressed into a scratch file in which zeros are
/// holes; so every place of it can be read, whatever the stream is like. Where the file has parts that say how much
/// they give (blocks of xz, frames of zstd), each is decompressed when something of it is read first; else all is
/// when it is opened. Nothing is believed that was not decompressed, its checksums among it.
final class CompressedDisk extends ImageDisk {
    private static final int PIECE = 1 << 20;
    private static final int HOLE = 4096;
    private static final long MOST = 1L << 40;

    private final ImageFile file;
    private final ImageFile scratch;
    private final ImageFormat format;
    private final List<PackedPart> parts;
    private final long[] ends; // of the parts
    private final BitSet unpacked = new BitSet(); // guarded by unpacking
    private final ReentrantLock unpacking = new ReentrantLock();
    private volatile int left; // parts that were not unpacked
    private final long size;

    /// @param bytes that are in the scratch file if there are no parts
    private CompressedDisk(ImageFile file, ImageFile scratch, ImageFormat format, List<PackedPart> parts, long bytes)
            throws ErrnoException {
        this.file = file;
        this.scratch = scratch;
        this.format = format;
        this.parts = parts;
        this.left = parts.size();
        this.ends = new long[parts.size()];
        long end = bytes;
        for (int i = 0; i < ends.length; i++) {
            long length = parts.get(i).length();
            if (length < 0 || length > MOST - end) {
                throw tooLarge();
            }
            end += length;
            ends[i] = end;
        }
        this.size = end + 511 & ~511L;
    }

    private static ErrnoException tooLarge() {
        return EFBIG.error("more than %d bytes are compressed in it", MOST);
    }

    /// Opens it.
    ///
    /// @throws IOException EUCLEAN if it is damaged, EFBIG for more than 1 TiB, ENOSPC if there is no room for
    ///     it
    static CompressedDisk open(ImageHost host, ImageFile file, ImageFormat format) throws IOException {
        ImageFile scratch = host.scratch();
        boolean done = false;
        try {
            List<PackedPart> parts = parts(file, format);
            boolean indexed = parts.size() > 1;
            long size = indexed ? 0 : unpack(file, () -> stream(file, format), scratch, 0, MOST);
            var disk = new CompressedDisk(file, scratch, format, indexed ? parts : List.of(), size);
            done = true;
            return disk;
        } finally {
            if (!done) {
                scratch.close();
            }
        }
    }

    private static List<PackedPart> parts(ImageFile file, ImageFormat format) throws IOException {
        return switch (format) {
            case GZIP -> List.of(); // each place needs the 32 KiB before it, and no file says where that could be
            case ZSTD ->
                Frames.of(file).stream().map(frame -> part(file, frame)).toList();
            default -> Decompressor.named("xz").parts(file);
        };
    }

    private static PackedPart part(ImageFile file, Frames.Place frame) {
        long end = frame.off() + frame.packed();
        return new PackedPart(frame.content(), () -> new ZstdInputStream(new ByteRange(file::read, frame.off(), end)));
    }

    private static InputStream stream(ImageFile file, ImageFormat format) throws IOException {
        InputStream in = new ByteRange(file::read, 0, file.length());
        return switch (format) {
            case GZIP -> new GZIPInputStream(in, 1 << 16);
            case ZSTD -> new ZstdInputStream(in);
            default -> Decompressor.named("xz").stream(in);
        };
    }

    /// Has what is read there decompressed.
    private void require(long off, long length) throws IOException {
        if (left == 0 || length == 0) {
            return;
        }
        unpacking.lock();
        try {
            int found = Arrays.binarySearch(ends, off);
            int first = found < 0 ? -found - 1 : found + 1;
            for (int i = first; i < ends.length && start(i) < off + length; i++) {
                if (!unpacked.get(i)) {
                    unpack(i);
                    unpacked.set(i);
                    left = parts.size() - unpacked.cardinality();
                }
            }
        } finally {
            unpacking.unlock();
        }
    }

    private long start(int part) {
        return part == 0 ? 0 : ends[part - 1];
    }

    private void unpack(int i) throws IOException {
        PackedPart part = parts.get(i);
        long length = unpack(file, part.source(), scratch, start(i), part.length());
        if (length != part.length()) {
            throw EUCLEAN.error("%s is damaged: a part of %d bytes has %d", file.path(), part.length(), length);
        }
    }

    /// Decompresses a stream to a place of the scratch file.
    ///
    /// @param most EFBIG for more
    /// @return how much it was
    private static long unpack(ImageFile file, PackedPart.Source source, ImageFile scratch, long off, long most)
            throws IOException {
        byte[] piece = new byte[PIECE];
        long size = 0;
        try (InputStream in = source.open()) {
            for (int n = in.readNBytes(piece, 0, PIECE); n > 0; n = in.readNBytes(piece, 0, PIECE)) {
                size += n;
                if (size > most) {
                    throw most == MOST ? tooLarge() : EUCLEAN.error("%s is damaged: a part is too long", file.path());
                }
                write(piece, n, scratch, off + size - n);
            }
            return size;
        } catch (ErrnoException e) {
            throw e;
        } catch (ZipException | EOFException e) {
            throw EUCLEAN.error("%s is damaged: %s", file.path(), String.valueOf(e.getMessage()));
        }
    }

    private static void write(byte[] piece, int count, ImageFile scratch, long off) throws IOException {
        for (int at = 0; at < count; at += HOLE) {
            int end = at;
            while (end < count && !isZero(piece, end, Math.min(count, end + HOLE))) {
                end += HOLE;
            }
            if (end > at) {
                scratch.write(MemorySegment.ofArray(piece).asSlice(at, Math.min(count, end) - at), off + at);
                at = end;
            }
        }
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        return bytes[from] == 0 && Arrays.mismatch(bytes, from, to - 1, bytes, from + 1, to) < 0;
    }

    @Override
    public ImageInfo info() {
        String name = format.name().toLowerCase(Locale.ROOT);
        return new ImageInfo(name, "", size, 0, "", "", List.of(), List.of());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(MemorySegment dst, long off) throws IOException {
        check(off, dst.byteSize());
        require(off, dst.byteSize());
        Tables.readPadded(scratch, dst, off);
    }

    @Override
    public void close() throws IOException {
        try (file) {
            scratch.close();
        }
    }
}
