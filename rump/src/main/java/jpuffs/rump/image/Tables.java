// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jpuffs.rump.disk.ImageFile;

/// Reads the structures of containers.
final class Tables {
    private Tables() {}

    /// `count` bytes from `off` on.
    ///
    /// @param what is told if the file ends before
    static byte[] read(ImageFile file, long off, int count, String what) throws IOException {
        if (off < 0 || count < 0 || off > file.length() - count) {
            throw EUCLEAN.error("%s: %s lies at %d, behind the end of the file", file.path(), what, off);
        }
        byte[] bytes = new byte[count];
        if (file.read(MemorySegment.ofArray(bytes), off) < count) {
            throw EUCLEAN.error("%s: %s is not all there", file.path(), what);
        }
        return bytes;
    }

    /// As far as the file goes, the rest is zeros.
    static byte[] readSome(ImageFile file, long off, int count) throws IOException {
        byte[] bytes = new byte[count];
        file.read(MemorySegment.ofArray(bytes), off);
        return bytes;
    }

    /// Reads all of `dst`; what the file lacks is zeros.
    static void readPadded(ImageFile file, MemorySegment dst, long off) throws IOException {
        long done = file.read(dst, off);
        dst.asSlice(done).fill((byte) 0);
    }

    static ByteBuffer be(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    }

    static ByteBuffer le(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// All bytes of a table, to be written, or copied.
    static MemorySegment all(ByteBuffer table) {
        return MemorySegment.ofBuffer(table.duplicate().clear());
    }

    /// Text of this place up to the first zero byte.
    static String text(byte[] bytes, int at, int count) {
        int end = at;
        while (end < at + count && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, at, end - at, UTF_8);
    }
}
