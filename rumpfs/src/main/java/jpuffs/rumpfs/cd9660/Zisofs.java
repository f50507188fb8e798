// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// A compressed file (zisofs 1 and 2: libisofs doc/zisofs2_format.txt): a header, pointers to the blocks, and the
/// blocks, each compressed by itself. An empty one is all zeros.
final class Zisofs {
    private static final long MAGIC_1 = 0x07d6dbc99653e437L;
    private static final long MAGIC_2 = 0xa0951bbca15522efL;
    private static final int MIN_SHIFT = 15;
    private static final int MAX_SHIFT = 17;

    private final Sections file;
    private final Format format;
    private final long blocks;
    private boolean checked;

    /// What a directory record says of a compressed file.
    ///
    /// @param version 1, or 2 with pointers of 64 bits
    /// @param algorithm two letters
    /// @param headerSize in bytes
    /// @param shift a block has 2 to the power of it bytes
    /// @param size without compression, in bytes; negative: nonsense
    record Format(int version, String algorithm, int headerSize, int shift, long size) {
        static Format of(MemorySegment s) {
            int version = Le.u8(s, 3);
            String algorithm = "" + (char) Le.u8(s, 4) + (char) Le.u8(s, 5);
            long size = version == 1 ? Le.u32(s, 8) : Le.i64(s, 8);
            return new Format(version, algorithm, Le.u8(s, 6) * 4, Le.u8(s, 7), size);
        }

        int blockSize() {
            return 1 << shift;
        }

        private int pointerSize() {
            return version == 1 ? 4 : 8;
        }

        /// @throws ErrnoException EOPNOTSUPP, EUCLEAN
        void check() throws ErrnoException {
            if (version > 2 || !algorithm.equals(version == 1 ? "pz" : "PZ")) {
                throw EOPNOTSUPP.error("zisofs %d with algorithm %s", version, algorithm);
            }
            if (shift < MIN_SHIFT || shift > MAX_SHIFT || size < 0) {
                throw EUCLEAN.error("zisofs with blocks of 2^%d bytes, %d bytes in all", shift, size);
            }
        }
    }

    Zisofs(Sections file, Format format) {
        this.file = file;
        this.format = format;
        this.blocks = format.size() <= 0 ? 0 : ((format.size() - 1) >> format.shift()) + 1;
    }

    Format format() {
        return format;
    }

    /// The header is there, and room for all pointers.
    private void check() throws IOException {
        if (checked) {
            return;
        }
        int need = format.version() == 1 ? 16 : 24;
        long pointers = format.headerSize() + (blocks + 1) * format.pointerSize();
        if (format.headerSize() < need || pointers > file.length()) {
            throw EUCLEAN.error("a compressed file of %d bytes is too short", file.length());
        }
        MemorySegment header = bytes(0, need);
        if (Le.i64(header, 0) != (format.version() == 1 ? MAGIC_1 : MAGIC_2)) {
            throw EUCLEAN.error("a compressed file without its header");
        }
        checked = true;
    }

    private MemorySegment bytes(long off, int length) throws IOException {
        var bytes = MemorySegment.ofArray(new byte[length]);
        file.read(bytes, off);
        return bytes;
    }

    /// The bytes of a block when it is not compressed.
    private int length(long block) {
        return (int) Math.min(format.blockSize(), format.size() - (block << format.shift()));
    }

    /// A block without compression.
    ///
    /// @throws IOException EUCLEAN
    byte[] inflate(long block) throws IOException {
        check();
        long[] ends = ends(block);
        int length = length(block);
        long packed = ends[1] - ends[0];
        if (packed == 0) {
            return new byte[length];
        }
        if (packed < 0 || packed > 2L * format.blockSize() || ends[0] < 0 || ends[1] > file.length()) {
            throw damaged(block);
        }
        byte[] plain = new byte[length];
        if (unpack(bytes(ends[0], (int) packed).toArray(ValueLayout.JAVA_BYTE), plain) < length) {
            throw damaged(block);
        }
        return plain;
    }

    /// Answers how many bytes came out.
    private static int unpack(byte[] packed, byte[] plain) {
        var zlib = new Inflater();
        int done = 0;
        try {
            zlib.setInput(packed);
            for (int n = -1; done < plain.length && n != 0; done += n) {
                n = zlib.inflate(plain, done, plain.length - done);
            }
        } catch (DataFormatException e) {
            return -1;
        } finally {
            zlib.end();
        }
        return done;
    }

    private ErrnoException damaged(long block) {
        return EUCLEAN.error("block %d of a compressed file is damaged", block);
    }

    /// Where a block begins and ends in the compressed file.
    private long[] ends(long block) throws IOException {
        int size = format.pointerSize();
        MemorySegment pair = bytes(format.headerSize() + block * size, 2 * size);
        return size == 4
                ? new long[] {Le.u32(pair, 0), Le.u32(pair, 4)}
                : new long[] {Le.i64(pair, 0), Le.i64(pair, 8)};
    }
}
