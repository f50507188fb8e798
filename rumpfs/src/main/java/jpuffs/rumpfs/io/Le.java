// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Little-endian numbers and bytes at any place.
public final class Le {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Le() {}

    public static int u8(MemorySegment s, long at) {
        return s.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    public static void put8(MemorySegment s, long at, int value) {
        s.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    public static int u16(MemorySegment s, long at) {
        return s.get(SHORT, at) & 0xffff;
    }

    public static void put16(MemorySegment s, long at, int value) {
        s.set(SHORT, at, (short) value);
    }

    public static int i32(MemorySegment s, long at) {
        return s.get(INT, at);
    }

    public static long u32(MemorySegment s, long at) {
        return s.get(INT, at) & 0xffffffffL;
    }

    public static void put32(MemorySegment s, long at, long value) {
        s.set(INT, at, (int) value);
    }

    public static long i64(MemorySegment s, long at) {
        return s.get(LONG, at);
    }

    public static void put64(MemorySegment s, long at, long value) {
        s.set(LONG, at, value);
    }

    // The same in arrays: cheap for the interpreter and the quick compiler too

    public static int u16(byte[] a, int at) {
        return a[at] & 0xff | (a[at + 1] & 0xff) << 8;
    }

    public static void put16(byte[] a, int at, int value) {
        a[at] = (byte) value;
        a[at + 1] = (byte) (value >>> 8);
    }

    public static int i32(byte[] a, int at) {
        return a[at] & 0xff | (a[at + 1] & 0xff) << 8 | (a[at + 2] & 0xff) << 16 | a[at + 3] << 24;
    }

    public static long u32(byte[] a, int at) {
        return i32(a, at) & 0xffffffffL;
    }

    public static void put32(byte[] a, int at, long value) {
        put16(a, at, (int) value);
        put16(a, at + 2, (int) (value >>> 16));
    }

    public static byte[] bytes(MemorySegment s, long at, int length) {
        var bytes = new byte[length];
        MemorySegment.copy(s, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
        return bytes;
    }

    public static void putBytes(MemorySegment s, long at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, s, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    /// Fills `length` bytes with zeros.
    public static void zero(MemorySegment s, long at, long length) {
        s.asSlice(at, length).fill((byte) 0);
    }

    /// Moves bytes within one segment; the ranges may overlap.
    public static void move(MemorySegment s, long from, long to, long length) {
        MemorySegment.copy(s, from, s, to, length);
    }
}
