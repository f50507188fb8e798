// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Big-endian numbers, as the journal has them.
final class Be {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Be() {}

    static int u16(MemorySegment s, long at) {
        return s.get(SHORT, at) & 0xffff;
    }

    static void put16(MemorySegment s, long at, int value) {
        s.set(SHORT, at, (short) value);
    }

    static int i32(MemorySegment s, long at) {
        return s.get(INT, at);
    }

    static long u32(MemorySegment s, long at) {
        return s.get(INT, at) & 0xffffffffL;
    }

    static void put32(MemorySegment s, long at, long value) {
        s.set(INT, at, (int) value);
    }

    static long i64(MemorySegment s, long at) {
        return s.get(LONG, at);
    }

    static void put64(MemorySegment s, long at, long value) {
        s.set(LONG, at, value);
    }
}
