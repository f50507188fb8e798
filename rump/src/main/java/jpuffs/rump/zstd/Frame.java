// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EUCLEAN;

import jpuffs.core.ErrnoException;

/// The header of a frame (RFC 8878 3.1.1.1).
///
/// @param window bytes that later ones may refer to
/// @param content bytes that the frame gives, -1 if it does not say
/// @param hasChecksum whether a checksum follows its last block
/// @param bytes of this header, without the magic number
record Frame(long window, long content, boolean hasChecksum, int bytes) {
    static final int MAGIC = 0xfd2fb528;
    static final int MAX_BYTES = 14;
    private static final int SKIPPABLE = 0x184d2a50;
    private static final long MAX_WINDOW = 128L << 20;

    static boolean isSkippable(int magic) {
        return (magic & ~15) == SKIPPABLE;
    }

    /// Reads the header whose bytes, and then any, are from `at` on.
    static Frame read(byte[] src, int from) throws ErrnoException {
        int head = src[from];
        int at = from + 1;
        boolean single = (head & 0x20) != 0;
        if ((head & 8) != 0) {
            throw EUCLEAN.error("zstd: a frame of an unknown kind");
        }
        long window = 0;
        if (!single) {
            int exponent = (src[at] >> 3 & 31) + 10;
            window = (1L << exponent) + (1L << exponent) / 8 * (src[at] & 7);
            at++;
        }
        int idBytes = new int[] {0, 1, 2, 4}[head & 3];
        if (number(src, at, idBytes) != 0) {
            throw EOPNOTSUPP.error("zstd: compressed with a dictionary");
        }
        at += idBytes;
        int flag = head >> 6 & 3;
        int sizeBytes = flag == 0 ? single ? 1 : 0 : 1 << flag;
        long content = sizeBytes == 0 ? -1 : number(src, at, sizeBytes) + (sizeBytes == 2 ? 256 : 0);
        at += sizeBytes;
        if (single) {
            window = content;
        }
        if (sizeBytes > 0 && content < 0 || window < 0 || window > MAX_WINDOW) {
            throw EOPNOTSUPP.error("zstd: a window of more than %d bytes", MAX_WINDOW);
        }
        return new Frame(window, content, (head & 4) != 0, at - from);
    }

    static long number(byte[] src, int at, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = value << 8 | src[at + i] & 0xff;
        }
        return value;
    }
}
