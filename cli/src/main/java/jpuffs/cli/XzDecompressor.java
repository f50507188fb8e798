// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import jpuffs.core.Errno;
import jpuffs.rump.disk.ImageFile;
import jpuffs.rump.image.Decompressor;
import jpuffs.rump.image.PackedPart;
import org.tukaani.xz.CorruptedInputException;
import org.tukaani.xz.SeekableInputStream;
import org.tukaani.xz.SeekableXZInputStream;
import org.tukaani.xz.XZFormatException;
import org.tukaani.xz.XZInputStream;

/// xz, by the library of its makers.
public final class XzDecompressor implements Decompressor {
    private static final int MEMORY_KIB = 128 << 10;

    /// For the service loader.
    public XzDecompressor() {}

    @Override
    public String name() {
        return "xz";
    }

    @Override
    public InputStream stream(InputStream packed) throws IOException {
        try {
            return new Stream(new XZInputStream(packed, MEMORY_KIB));
        } catch (XZFormatException e) {
            throw damaged(e);
        }
    }

    /// Blocks: xz writes many of them when it has threads, which is its default now, or is told their size.
    @Override
    public List<PackedPart> parts(ImageFile packed) throws IOException {
        try {
            @SuppressWarnings("resource") // the file is the caller's
            var in = new SeekableXZInputStream(new Seekable(packed), MEMORY_KIB);
            return IntStream.range(0, in.getBlockCount())
                    .mapToObj(i -> new PackedPart(in.getBlockSize(i), () -> new BlockStream(in, i)))
                    .toList();
        } catch (CorruptedInputException | XZFormatException | EOFException e) {
            throw damaged(e);
        }
    }

    private static IOException damaged(IOException cause) {
        return Errno.EUCLEAN.error("xz: %s", String.valueOf(cause.getMessage()));
    }

    /// Tells of damage as we do.
    private static class Stream extends InputStream {
        private final InputStream in;

        Stream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            try {
                return in.read(dst, off, length);
            } catch (CorruptedInputException | XZFormatException e) {
                throw damaged(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /// One block.
    private static final class BlockStream extends Stream {
        private long left;

        BlockStream(SeekableXZInputStream in, int block) throws IOException {
            super(in);
            in.seekToBlock(block);
            left = in.getBlockSize(block);
        }

        /// The check of a block is compared when somebody reads on.
        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            if (left == 0) {
                return length == 0 ? 0 : -1;
            }
            int count = super.read(dst, off, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            if (left == 0) {
                int _ = super.read(new byte[1], 0, 1);
            }
            return count;
        }

        /// The others are of the same stream.
        @Override
        public void close() {}
    }

    /// A file as the library wants it.
    private static final class Seekable extends SeekableInputStream {
        private final ImageFile file;
        private long position;

        Seekable(ImageFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int count = (int) file.read(MemorySegment.ofArray(dst).asSlice(off, length), position);
            position += count;
            return count == 0 ? -1 : count;
        }

        @Override
        public long length() {
            return file.length();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void seek(long pos) {
            position = pos;
        }
    }
}
