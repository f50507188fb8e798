// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Bitmaps: bit `n` is bit `n % 8` of byte `n / 8`. Bits of `busy`, where there is one, count as set for searches.
final class Bits {
    private Bits() {}

    static boolean get(MemorySegment map, int bit) {
        return (Le.u8(map, bit >>> 3) >>> (bit & 7) & 1) != 0;
    }

    static void set(MemorySegment map, int from, int count) {
        fill(map, from, count, true);
    }

    static void clear(MemorySegment map, int from, int count) {
        fill(map, from, count, false);
    }

    private static void fill(MemorySegment map, int from, int count, boolean value) {
        int at = from;
        int end = from + count;
        while (at < end) {
            if ((at & 7) == 0 && end - at >= 8) {
                Le.put8(map, at >>> 3, value ? 0xff : 0);
                at += 8;
            } else {
                int bit = 1 << (at & 7);
                int old = Le.u8(map, at >>> 3);
                Le.put8(map, at >>> 3, value ? old | bit : old & ~bit);
                at++;
            }
        }
    }

    private static long word(MemorySegment map, long @Nullable [] busy, int index) {
        long word = Le.i64(map, 8L * index);
        return busy == null ? word : word | busy[index];
    }

    /// The first bit from `from` on that is clear, or `end`.
    static int nextClear(MemorySegment map, long @Nullable [] busy, int from, int end) {
        return next(map, busy, from, end, -1L);
    }

    /// The first bit from `from` on that is set, or `end`.
    static int nextSet(MemorySegment map, long @Nullable [] busy, int from, int end) {
        return next(map, busy, from, end, 0);
    }

    private static int next(MemorySegment map, long @Nullable [] busy, int from, int end, long flip) {
        if (from >= end) {
            return end;
        }
        int index = from >>> 6;
        long word = (word(map, busy, index) ^ flip) & -1L << from;
        while (word == 0) {
            if (++index << 6 >= end) {
                return end;
            }
            word = word(map, busy, index) ^ flip;
        }
        return Math.min((index << 6) + Long.numberOfTrailingZeros(word), end);
    }

    /// How many of the bits from `from` to before `end` are set.
    static int count(MemorySegment map, int from, int end) {
        int count = 0;
        for (int at = from; at < end; ) {
            if ((at & 63) == 0 && end - at >= 64) {
                count += Long.bitCount(Le.i64(map, at >>> 3));
                at += 64;
            } else {
                count += get(map, at) ? 1 : 0;
                at++;
            }
        }
        return count;
    }
}
