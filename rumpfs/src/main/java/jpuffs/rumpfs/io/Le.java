// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Little-endian numbers at any place.
public final class Le {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private Le() {}

    public static int u8(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    public static void put8(MemorySegment s, long at, int value) {
        s.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    public static int u16(MemorySegment s, long at) {
        return s.get(U16, at) & 0xffff;
    }

    public static void put16(MemorySegment s, long at, int value) {
        s.set(U16, at, (short) value);
    }

    public static long u32(MemorySegment s, long at) {
        return s.get(U32, at) & 0xffffffffL;
    }

    public static void put32(MemorySegment s, long at, long value) {
        s.set(U32, at, (int) value);
    }
}
