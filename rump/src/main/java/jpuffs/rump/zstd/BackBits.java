// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jpuffs.core.ErrnoException;

/// Bits read from the end of a piece of an array to its beginning (RFC 8878 4.1). Behind the beginning there are
/// zeros; [#left] is negative then.
final class BackBits {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int start;
    private int left; // bits

    BackBits(byte[] bytes, int start, int end) throws ErrnoException {
        if (end <= start || end > bytes.length || bytes[end - 1] == 0) {
            throw EUCLEAN.error("zstd: a bit stream without an end");
        }
        this.bytes = bytes;
        this.start = start;
        int padding = Integer.numberOfLeadingZeros(bytes[end - 1] & 0xff) - 24 + 1;
        this.left = (end - start) * 8 - padding;
    }

    /// Bits that are left; negative if more were read than there were.
    int left() {
        return left;
    }

    /// The next `count` bits, 32 at most, without taking them.
    int peek(int count) {
        int at = left - count;
        if (at >= 0) {
            return (int) (load(at) & (1L << count) - 1);
        }
        return left <= 0 ? 0 : (int) ((load(0) & (1L << left) - 1) << -at);
    }

    private long load(int bit) {
        int at = start + (bit >> 3);
        if (at <= bytes.length - 8) {
            return (long) LONG.get(bytes, at) >>> (bit & 7);
        }
        long value = 0;
        for (int i = bytes.length - 1; i >= at; i--) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value >>> (bit & 7);
    }

    void skip(int count) {
        left -= count;
    }

    int read(int count) {
        int value = peek(count);
        left -= count;
        return value;
    }
}
