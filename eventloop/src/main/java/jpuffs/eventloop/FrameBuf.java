// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// One frame of a protocol: bytes with a cursor, in native memory from its loop's pool, growing as it is written.
///
/// It is owned: whoever has it closes it, or gives it to a [Channel]. Given away or closed it cannot be used any
/// more (IllegalStateException); closing it after giving it away does nothing, so that `try` works, closing it
/// twice is an error.
///
/// Accessors without an offset work at the cursor and move it; those with one do not. The byte order is the
/// [Framing]'s, except where the name says `le` or `be`. Reading beyond [#size()] fails with EBADMSG: the frame is
/// shorter than its protocol says. Writing beyond it grows the frame, with zeros in any gap, and fails with
/// EMSGSIZE beyond [#maxSize()].
///
/// Not thread-safe: it belongs to one context, or one callback, at a time.
public final class FrameBuf extends FrameMemory {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long U32 = 0xffff_ffffL;

    private FrameBuf(@Nullable FramePool pool, boolean big, int maxSize, Block block) {
        super(pool, big, maxSize, block);
    }

    /// An empty frame with room for `capacity` bytes before it must grow.
    static FrameBuf of(FramePool pool, ByteOrder order, int maxSize, int capacity) {
        return new FrameBuf(pool, order == ByteOrder.BIG_ENDIAN, maxSize, pool.take(capacity));
    }

    /// A look at `bytes` as at a frame, until it is closed. It cannot grow.
    static FrameBuf lent(MemorySegment bytes, ByteOrder order) {
        int size = (int) bytes.byteSize();
        var frame = new FrameBuf(null, order == ByteOrder.BIG_ENDIAN, size, new Block(bytes, null));
        frame.size = size;
        return frame;
    }

    /// Cuts the frame, or lengthens it with zeros. A cursor beyond the end moves to it.
    public FrameBuf size(int newSize) throws ErrnoException {
        writable(checkNotNegative(newSize), 0);
        size = newSize;
        position = Math.min(position, newSize);
        return this;
    }

    /// Moves the cursor, beyond the end too: what is then written there grows the frame.
    public FrameBuf seek(int offset) {
        position = checkNotNegative(offset);
        return this;
    }

    /// Moves the cursor on over `count` bytes that are there, or fails with EBADMSG.
    public FrameBuf skip(int count) throws ErrnoException {
        readable(position, count);
        position += count;
        return this;
    }

    /// A frame of its own with the same bytes, cursor and limits.
    public FrameBuf copy() {
        MemorySegment from = memory();
        FramePool source = owned();
        var copy = new FrameBuf(source, big, maxSize(), source.take(size));
        MemorySegment.copy(from, 0, copy.memory(), 0, size);
        copy.size = size;
        copy.position = position;
        return copy;
    }

    public int u8() throws ErrnoException {
        return u8(advance(1));
    }

    public int u8(int offset) throws ErrnoException {
        return readable(offset, 1).get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    public byte i8() throws ErrnoException {
        return (byte) u8();
    }

    public byte i8(int offset) throws ErrnoException {
        return (byte) u8(offset);
    }

    public int u16() throws ErrnoException {
        return u16(advance(2));
    }

    public int u16(int offset) throws ErrnoException {
        return get16(offset, big) & 0xffff;
    }

    public int u16le() throws ErrnoException {
        return u16le(advance(2));
    }

    public int u16le(int offset) throws ErrnoException {
        return get16(offset, false) & 0xffff;
    }

    public int u16be() throws ErrnoException {
        return u16be(advance(2));
    }

    public int u16be(int offset) throws ErrnoException {
        return get16(offset, true) & 0xffff;
    }

    public short i16() throws ErrnoException {
        return (short) u16();
    }

    public short i16(int offset) throws ErrnoException {
        return get16(offset, big);
    }

    public long u32() throws ErrnoException {
        return u32(advance(4));
    }

    public long u32(int offset) throws ErrnoException {
        return get32(offset, big) & U32;
    }

    public long u32le() throws ErrnoException {
        return u32le(advance(4));
    }

    public long u32le(int offset) throws ErrnoException {
        return get32(offset, false) & U32;
    }

    public long u32be() throws ErrnoException {
        return u32be(advance(4));
    }

    public long u32be(int offset) throws ErrnoException {
        return get32(offset, true) & U32;
    }

    public int i32() throws ErrnoException {
        return i32(advance(4));
    }

    public int i32(int offset) throws ErrnoException {
        return get32(offset, big);
    }

    /// The 64 bits, to be read as unsigned by `Long.compareUnsigned` and its like.
    public long u64() throws ErrnoException {
        return u64(advance(8));
    }

    /// As [#u64()].
    public long u64(int offset) throws ErrnoException {
        return get64(offset, big);
    }

    /// As [#u64()].
    public long u64le() throws ErrnoException {
        return u64le(advance(8));
    }

    /// As [#u64()].
    public long u64le(int offset) throws ErrnoException {
        return get64(offset, false);
    }

    /// As [#u64()].
    public long u64be() throws ErrnoException {
        return u64be(advance(8));
    }

    /// As [#u64()].
    public long u64be(int offset) throws ErrnoException {
        return get64(offset, true);
    }

    public long i64() throws ErrnoException {
        return u64();
    }

    public long i64(int offset) throws ErrnoException {
        return u64(offset);
    }

    /// The next bytes, as many as `into` holds.
    public FrameBuf get(MemorySegment into) throws ErrnoException {
        int length = length(into.byteSize());
        int from = advance(length);
        MemorySegment.copy(memory(), from, into, 0, length);
        return this;
    }

    /// The next `length` bytes.
    public byte[] bytes(int length) throws ErrnoException {
        int from = advance(length);
        return bytesAt(from, length);
    }

    /// The next `length` bytes as a name. Whether it can be a directory entry is not looked at.
    public Name name(int length) throws ErrnoException {
        int from = advance(length);
        return Name.of(memory(), from, length);
    }

    /// A name after its length in 16 bits.
    public Name name16() throws ErrnoException {
        return name(u16());
    }

    /// A name after its length in 32 bits.
    public Name name32() throws ErrnoException {
        return name(length(u32()));
    }

    /// The next `length` bytes, read as UTF-8.
    public String string(int length) throws ErrnoException {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    /// A text after its length in 16 bits.
    public String string16() throws ErrnoException {
        return string(u16());
    }

    /// A text after its length in 32 bits.
    public String string32() throws ErrnoException {
        return string(length(u32()));
    }

    public FrameBuf put8(int value) throws ErrnoException {
        return put8(extend(1), value);
    }

    public FrameBuf put8(int offset, int value) throws ErrnoException {
        writable(offset, 1).set(ValueLayout.JAVA_BYTE, offset, (byte) value);
        return this;
    }

    public FrameBuf put16(int value) throws ErrnoException {
        return set16(extend(2), value, big);
    }

    public FrameBuf put16(int offset, int value) throws ErrnoException {
        return set16(offset, value, big);
    }

    public FrameBuf put16le(int value) throws ErrnoException {
        return set16(extend(2), value, false);
    }

    public FrameBuf put16le(int offset, int value) throws ErrnoException {
        return set16(offset, value, false);
    }

    public FrameBuf put16be(int value) throws ErrnoException {
        return set16(extend(2), value, true);
    }

    public FrameBuf put16be(int offset, int value) throws ErrnoException {
        return set16(offset, value, true);
    }

    public FrameBuf put32(long value) throws ErrnoException {
        return set32(extend(4), value, big);
    }

    public FrameBuf put32(int offset, long value) throws ErrnoException {
        return set32(offset, value, big);
    }

    public FrameBuf put32le(long value) throws ErrnoException {
        return set32(extend(4), value, false);
    }

    public FrameBuf put32le(int offset, long value) throws ErrnoException {
        return set32(offset, value, false);
    }

    public FrameBuf put32be(long value) throws ErrnoException {
        return set32(extend(4), value, true);
    }

    public FrameBuf put32be(int offset, long value) throws ErrnoException {
        return set32(offset, value, true);
    }

    public FrameBuf put64(long value) throws ErrnoException {
        return set64(extend(8), value, big);
    }

    public FrameBuf put64(int offset, long value) throws ErrnoException {
        return set64(offset, value, big);
    }

    public FrameBuf put64le(long value) throws ErrnoException {
        return set64(extend(8), value, false);
    }

    public FrameBuf put64le(int offset, long value) throws ErrnoException {
        return set64(offset, value, false);
    }

    public FrameBuf put64be(long value) throws ErrnoException {
        return set64(extend(8), value, true);
    }

    public FrameBuf put64be(int offset, long value) throws ErrnoException {
        return set64(offset, value, true);
    }

    public FrameBuf put(byte[] bytes) throws ErrnoException {
        return put(MemorySegment.ofArray(bytes));
    }

    public FrameBuf put(MemorySegment bytes) throws ErrnoException {
        int length = fitting(bytes.byteSize());
        int at = extend(length);
        MemorySegment.copy(bytes, 0, memory(), at, length);
        return this;
    }

    /// The bytes of the name alone, neither length nor NUL.
    public FrameBuf putName(Name name) throws ErrnoException {
        int at = extend(name.length());
        name.copyTo(memory(), at);
        return this;
    }

    /// The name after its length in 16 bits; EMSGSIZE if that is too long.
    public FrameBuf putName16(Name name) throws ErrnoException {
        return put16(count16(name.length())).putName(name);
    }

    /// The name after its length in 32 bits.
    public FrameBuf putName32(Name name) throws ErrnoException {
        return put32(name.length()).putName(name);
    }

    /// The text as UTF-8 alone, neither length nor NUL.
    public FrameBuf putString(String text) throws ErrnoException {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    /// The text as UTF-8 after its length in 16 bits; EMSGSIZE if that is too long.
    public FrameBuf putString16(String text) throws ErrnoException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return put16(count16(bytes.length)).put(bytes);
    }

    /// The text as UTF-8 after its length in 32 bits.
    public FrameBuf putString32(String text) throws ErrnoException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return put32(bytes.length).put(bytes);
    }

    private short get16(int offset, boolean big) throws ErrnoException {
        short value = readable(offset, 2).get(SHORT, offset);
        return big ? Short.reverseBytes(value) : value;
    }

    private int get32(int offset, boolean big) throws ErrnoException {
        int value = readable(offset, 4).get(INT, offset);
        return big ? Integer.reverseBytes(value) : value;
    }

    private long get64(int offset, boolean big) throws ErrnoException {
        long value = readable(offset, 8).get(LONG, offset);
        return big ? Long.reverseBytes(value) : value;
    }

    private FrameBuf set16(int offset, int value, boolean big) throws ErrnoException {
        short bits = (short) value;
        writable(offset, 2).set(SHORT, offset, big ? Short.reverseBytes(bits) : bits);
        return this;
    }

    private FrameBuf set32(int offset, long value, boolean big) throws ErrnoException {
        int bits = (int) value;
        writable(offset, 4).set(INT, offset, big ? Integer.reverseBytes(bits) : bits);
        return this;
    }

    private FrameBuf set64(int offset, long value, boolean big) throws ErrnoException {
        writable(offset, 8).set(LONG, offset, big ? Long.reverseBytes(value) : value);
        return this;
    }

    private byte[] bytesAt(int offset, int length) {
        var bytes = new byte[length];
        MemorySegment.copy(memory(), ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }

    private static int count16(int length) throws ErrnoException {
        if (length > 0xffff) {
            throw Errno.EMSGSIZE.error("%d bytes, a 16-bit length counts 65535", length);
        }
        return length;
    }
}
