// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import jpuffs.core.ErrnoException;
import jpuffs.rump.disk.ImageFile;
import jpuffs.rump.zstd.ZstdInputStream;

/// A disk as it is, compressed as a whole, read-only. It is decompressed once, when it is opened, into a scratch
/// file in which zeros are holes; so every place of it can be read, whatever the stream is like. Nothing is
/// believed that was not decompressed, its checksums among it.
final class CompressedDisk extends ImageDisk {
    private static final int PIECE = 1 << 20;
    private static final int HOLE = 4096;
    private static final long MOST = 1L << 40;

    private final ImageFile file;
    private final ImageFile scratch;
    private final ImageFormat format;
    private final long size;

    private CompressedDisk(ImageFile file, ImageFile scratch, ImageFormat format, long size) {
        this.file = file;
        this.scratch = scratch;
        this.format = format;
        this.size = size + 511 & ~511L;
    }

    /// Decompresses it.
    ///
    /// @throws IOException EUCLEAN if it is damaged, EFBIG for more than 1 TiB, ENOSPC if there is no room for
    ///     it
    static CompressedDisk open(ImageHost host, ImageFile file, ImageFormat format) throws IOException {
        ImageFile scratch = host.scratch();
        boolean done = false;
        try (InputStream in = stream(file, format)) {
            long size = unpack(in, scratch);
            done = true;
            return new CompressedDisk(file, scratch, format, size);
        } catch (ErrnoException e) {
            throw e;
        } catch (ZipException | EOFException e) {
            throw EUCLEAN.error("%s is damaged: %s", file.path(), String.valueOf(e.getMessage()));
        } finally {
            if (!done) {
                scratch.close();
            }
        }
    }

    private static InputStream stream(ImageFile file, ImageFormat format) throws IOException {
        InputStream in = new FileStream(file);
        return switch (format) {
            case GZIP -> new GZIPInputStream(in, 1 << 16);
            case ZSTD -> new ZstdInputStream(in);
            default -> Decompressor.named("xz").stream(in);
        };
    }

    private static long unpack(InputStream in, ImageFile scratch) throws IOException {
        byte[] piece = new byte[PIECE];
        long size = 0;
        for (int n = in.readNBytes(piece, 0, PIECE); n > 0; n = in.readNBytes(piece, 0, PIECE)) {
            if (size > MOST) {
                throw EFBIG.error("more than %d bytes are compressed in it", MOST);
            }
            for (int at = 0; at < n; at += HOLE) {
                int end = at;
                while (end < n && !isZero(piece, end, Math.min(n, end + HOLE))) {
                    end += HOLE;
                }
                if (end > at) {
                    scratch.write(MemorySegment.ofArray(piece).asSlice(at, Math.min(n, end) - at), size + at);
                    at = end;
                }
            }
            size += n;
        }
        return size;
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
        Tables.readPadded(scratch, dst, off);
    }

    @Override
    public void close() throws IOException {
        try (file) {
            scratch.close();
        }
    }

    /// A file from its beginning to its end.
    private static final class FileStream extends InputStream {
        private final ImageFile file;
        private final byte[] buffer = new byte[1 << 16];
        private long next; // of the file
        private int at;
        private int filled;

        FileStream(ImageFile file) {
            this.file = file;
        }

        private boolean fill() throws IOException {
            if (at == filled) {
                at = 0;
                filled = (int) file.read(MemorySegment.ofArray(buffer), next);
                next += filled;
            }
            return filled > 0;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, filled - at);
            System.arraycopy(buffer, at, dst, off, count);
            at += count;
            return count;
        }

        /// More than nothing wherever there is more: by it the JDK knows that another stream follows.
        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, filled - at + Math.max(0, file.length() - next));
        }
    }
}
