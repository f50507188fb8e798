// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/// The checksums of metadata: CRC-32C as a shift register that starts at any value and is not inverted at the end
/// (kernel: `crc32c_le`), so that one goes on where another ended; and the CRC-16 of group descriptors without
/// metadata_csum.
///
/// The JDK's CRC-32C, which is the processor's instruction, starts at -1 only. Four bytes that bring it from there
/// to the wanted start go first: the step over four bytes can be undone.
final class Crc {
    /// Where a checksum starts that continues none.
    static final int START = -1;

    private static final int POLYNOMIAL = 0x82f63b78; // Castagnoli, reflected
    private static final int[] TABLE = table(POLYNOMIAL);
    private static final int[] BACK = back();
    private static final int[] TABLE16 = table(0xa001); // ANSI, reflected
    private static final int SMALL = 16;

    private Crc() {}

    private static int[] table(int polynomial) {
        var table = new int[256];
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ polynomial : crc >>> 1;
            }
            table[i] = crc;
        }
        return table;
    }

    /// The index into [#TABLE] by the top byte of its entry.
    private static int[] back() {
        var back = new int[256];
        for (int i = 0; i < 256; i++) {
            back[TABLE[i] >>> 24] = i;
        }
        return back;
    }

    private static int step(int crc, int b) {
        return TABLE[(crc ^ b) & 0xff] ^ crc >>> 8;
    }

    /// The checksum of `length` bytes that continues `crc`.
    static int crc32c(int crc, MemorySegment data, long off, long length) {
        if (length <= SMALL) {
            int register = crc;
            for (long at = off; at < off + length; at++) {
                register = step(register, data.get(ValueLayout.JAVA_BYTE, at));
            }
            return register;
        }
        CRC32C jdk = startingAt(crc);
        jdk.update(data.asSlice(off, length).asByteBuffer());
        return ~(int) jdk.getValue();
    }

    /// The checksum of all of an array that continues `crc`.
    static int crc32c(int crc, byte[] data) {
        CRC32C jdk = startingAt(crc);
        jdk.update(data);
        return ~(int) jdk.getValue();
    }

    private static CRC32C startingAt(int crc) {
        int start = crc;
        for (int i = 0; i < 4; i++) {
            int index = BACK[start >>> 24];
            start = (start ^ TABLE[index]) << 8 | index;
        }
        int prefix = ~start;
        var jdk = new CRC32C();
        for (int i = 0; i < 32; i += 8) {
            jdk.update(prefix >>> i);
        }
        return jdk;
    }

    /// Continues with the four bytes of a little-endian number.
    static int crc32c(int crc, int number) {
        int register = crc;
        for (int i = 0; i < 32; i += 8) {
            register = step(register, number >>> i);
        }
        return register;
    }

    /// Continues with the eight bytes of a little-endian number.
    static int crc32c(int crc, long number) {
        return crc32c(crc32c(crc, (int) number), (int) (number >>> 32));
    }

    /// CRC-16 that continues `crc`.
    static int crc16(int crc, MemorySegment data, long off, long length) {
        int register = crc;
        for (long at = off; at < off + length; at++) {
            register = TABLE16[(register ^ data.get(ValueLayout.JAVA_BYTE, at)) & 0xff] ^ register >>> 8;
        }
        return register & 0xffff;
    }

    /// The CRC-32 of version 1 journal checksums, most significant bit first (kernel: `crc32_be`), continuing
    /// `crc`.
    static int crc32be(int crc, MemorySegment data) {
        int register = crc;
        for (long at = 0; at < data.byteSize(); at++) {
            register ^= data.get(ValueLayout.JAVA_BYTE, at) << 24;
            for (int bit = 0; bit < 8; bit++) {
                register = register < 0 ? register << 1 ^ 0x04c11db7 : register << 1;
            }
        }
        return register;
    }
}
