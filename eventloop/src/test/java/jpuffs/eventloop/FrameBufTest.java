// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrameBufTest {
    private final FramePool pool = new FramePool();

    @AfterEach
    void nothingLeaked() {
        assertThat(pool.taken()).isZero();
        pool.close();
    }

    private FrameBuf frame(ByteOrder order) {
        return FrameBuf.of(pool, order, 1 << 20, 0);
    }

    private FrameBuf big() {
        return frame(ByteOrder.BIG_ENDIAN);
    }

    @Test
    void numbersAreInTheByteOrderOfTheFrame() throws Exception {
        try (FrameBuf big = frame(ByteOrder.BIG_ENDIAN);
                FrameBuf little = frame(ByteOrder.LITTLE_ENDIAN)) {
            for (FrameBuf frame : new FrameBuf[] {big, little}) {
                frame.put8(0x01).put16(0x0203).put32(0x04050607).put64(0x08090a0b0c0d0e0fL);
            }
            assertThat(big.seek(0).bytes(15)).isEqualTo(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
            assertThat(little.seek(0).bytes(15)).isEqualTo(bytes(1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8));
            assertThat(little.u8(0)).isEqualTo(1);
            assertThat(little.u16(1)).isEqualTo(0x0203);
            assertThat(little.u32(3)).isEqualTo(0x04050607);
            assertThat(little.u64(7)).isEqualTo(0x08090a0b0c0d0e0fL);
        }
    }

    @Test
    void theExplicitOrdersDoNotDependOnTheFrame() throws Exception {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            try (FrameBuf frame = frame(order)) {
                frame.put16le(0xfffe).put16be(0xfffe).put32le(0xfffefdfcL).put32be(0xfffefdfcL);
                frame.put64le(-2).put64be(-2);
                assertThat(frame.seek(0).bytes(12))
                        .isEqualTo(bytes(254, 255, 255, 254, 252, 253, 254, 255, 255, 254, 253, 252));
                frame.seek(0);
                assertThat(frame.u16le()).isEqualTo(0xfffe);
                assertThat(frame.u16be()).isEqualTo(0xfffe);
                assertThat(frame.u32le()).isEqualTo(0xfffefdfcL);
                assertThat(frame.u32be()).isEqualTo(0xfffefdfcL);
                assertThat(frame.u64le()).isEqualTo(-2);
                assertThat(frame.u64be()).isEqualTo(-2);
                assertThat(frame.remaining()).isZero();

                frame.put16le(0, 0x0102)
                        .put16be(2, 0x0102)
                        .put32le(4, 0x01020304)
                        .put32be(8, 0x01020304);
                frame.put64le(12, 0x0102030405060708L).put64be(20, 0x0102030405060708L);
                assertThat(frame.u16le(0)).isEqualTo(0x0102).isEqualTo(frame.u16be(2));
                assertThat(frame.u32le(4)).isEqualTo(0x01020304).isEqualTo(frame.u32be(8));
                assertThat(frame.u64le(12)).isEqualTo(0x0102030405060708L).isEqualTo(frame.u64be(20));
            }
        }
    }

    @Test
    void signedAndUnsigned() throws Exception {
        try (FrameBuf frame = big()) {
            frame.put8(0xff).put16(0xffff).put32(0xffff_ffffL).put64(-1L).seek(0);
            assertThat(frame.u8(0)).isEqualTo(255);
            assertThat(frame.i8(0)).isEqualTo((byte) -1);
            assertThat(frame.i8()).isEqualTo((byte) -1);
            assertThat(frame.u16(1)).isEqualTo(65535);
            assertThat(frame.i16(1)).isEqualTo((short) -1);
            assertThat(frame.i16()).isEqualTo((short) -1);
            assertThat(frame.u32(3)).isEqualTo(0xffff_ffffL);
            assertThat(frame.i32(3)).isEqualTo(-1);
            assertThat(frame.i32()).isEqualTo(-1);
            assertThat(frame.i64(7)).isEqualTo(-1);
            assertThat(frame.i64()).isEqualTo(-1);
        }
    }

    @Test
    void namesAndTexts() throws Exception {
        Name name = Name.of(bytes(0x80, 0xff, 'x'));
        try (FrameBuf frame = big()) {
            frame.putName(name)
                    .putName16(name)
                    .putName32(name)
                    .putString("é")
                    .putString16("abc")
                    .putString32("");
            assertThat(frame.size()).isEqualTo(3 + 5 + 7 + 2 + 5 + 4);
            frame.seek(0);
            assertThat(frame.name(3)).isEqualTo(name);
            assertThat(frame.name16()).isEqualTo(name);
            assertThat(frame.name32()).isEqualTo(name);
            assertThat(frame.string(2)).isEqualTo("é");
            assertThat(frame.string16()).isEqualTo("abc");
            assertThat(frame.string32()).isEmpty();
        }
    }

    @Test
    void segmentsGoInAndOut() throws Exception {
        try (FrameBuf frame = big()) {
            MemorySegment from = MemorySegment.ofArray(bytes(1, 2, 3, 4));
            MemorySegment to = MemorySegment.ofArray(new byte[3]);
            frame.put(from).put(bytes(5)).seek(1).get(to);
            assertThat(to.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(2, 3, 4));
            assertThat(frame.position()).isEqualTo(4);
            frame.window(3, 4).fill((byte) 9);
            assertThat(frame.size()).isEqualTo(7);
            assertThat(frame.view(2, 5).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(3, 9, 9, 9, 9));
        }
    }

    @Test
    void readingBeyondTheEndIsEbadmsg() throws Exception {
        try (FrameBuf frame = big()) {
            frame.put32(0xff).seek(0);
            refuses(Errno.EBADMSG, frame::u64);
            refuses(Errno.EBADMSG, () -> frame.u32(1));
            refuses(Errno.EBADMSG, () -> frame.u8(4));
            refuses(Errno.EBADMSG, () -> frame.u8(-1));
            refuses(Errno.EBADMSG, () -> frame.u8(Integer.MAX_VALUE));
            refuses(Errno.EBADMSG, () -> frame.bytes(5));
            refuses(Errno.EBADMSG, () -> frame.bytes(-1));
            refuses(Errno.EBADMSG, () -> frame.view(0, 5));
            refuses(Errno.EBADMSG, () -> frame.skip(5));
            refuses(Errno.EBADMSG, () -> frame.get(MemorySegment.ofArray(new byte[5])));
            assertThat(frame.position()).isZero(); // none of these moved it
            refuses(Errno.EBADMSG, frame::string32); // says 255 bytes
            refuses(Errno.EBADMSG, () -> frame.seek(100).u8());
            assertThat(frame.remaining()).isZero();
        }
    }

    @Test
    void aLengthOf4GigabytesAllocatesNothing() throws Exception {
        try (FrameBuf frame = big()) {
            frame.put32(0xffff_ffffL).put32(0x7fff_ffff).seek(0);
            refuses(Errno.EBADMSG, frame::string32);
            refuses(Errno.EBADMSG, frame::name32);
        }
    }

    @Test
    void growingBeyondTheMaximumIsEmsgsize() throws Exception {
        try (FrameBuf frame = FrameBuf.of(pool, ByteOrder.BIG_ENDIAN, 10, 0)) {
            frame.put64(1).put16(2);
            refuses(Errno.EMSGSIZE, () -> frame.put8(3));
            refuses(Errno.EMSGSIZE, () -> frame.put16(9, 3));
            refuses(Errno.EMSGSIZE, () -> frame.window(8, 3));
            refuses(Errno.EMSGSIZE, () -> frame.size(11));
            refuses(Errno.EMSGSIZE, () -> frame.put8(Integer.MAX_VALUE, 1));
            refuses(Errno.EMSGSIZE, () -> frame.put(new byte[11]));
            assertThat(frame.size()).isEqualTo(10);
            assertThat(frame.maxSize()).isEqualTo(10);
            refuses(Errno.EMSGSIZE, () -> frame.putString16("x".repeat(65536)));
            assertThatThrownBy(() -> frame.put8(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> frame.seek(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> frame.size(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void gapsAreZeroWhateverTheMemoryHeld() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (FrameBuf dirty = FrameBuf.of(pool, ByteOrder.BIG_ENDIAN, 4096, 4096)) {
                dirty.window(0, 4096).fill((byte) 0x55);
            }
            try (FrameBuf frame = FrameBuf.of(pool, ByteOrder.BIG_ENDIAN, 4096, 4096)) {
                frame.put8(1).put8(10, 2).seek(20).put8(3).size(30);
                var expected = new byte[30];
                expected[0] = 1;
                expected[10] = 2;
                expected[20] = 3;
                assertThat(frame.seek(0).bytes(30)).isEqualTo(expected);
                assertThat(frame.window(30, 4).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(new byte[4]);
            }
        }
    }

    @Test
    void cuttingMovesTheCursorBack() throws Exception {
        try (FrameBuf frame = big()) {
            frame.put64(1).put64(2).size(8);
            assertThat(frame.position()).isEqualTo(8);
            assertThat(frame.put8(3).size()).isEqualTo(9);
        }
    }

    @Test
    void aCopyIsAFrameOfItsOwn() throws Exception {
        try (FrameBuf frame = big()) {
            frame.put32(7).seek(2);
            try (FrameBuf copy = frame.copy()) {
                frame.put32(0, 8);
                assertThat(copy.position()).isEqualTo(2);
                assertThat(copy.u32(0)).isEqualTo(7);
                assertThat(copy.size()).isEqualTo(4);
            }
        }
    }

    @Test
    void useAfterCloseAndDoubleCloseShow() throws Exception {
        FrameBuf frame = big();
        frame.put8(1);
        frame.close();
        assertThatThrownBy(frame::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> frame.u8(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> frame.put8(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFrameGivenAwayCannotBeUsedButClosed() throws Exception {
        FrameBuf frame = big();
        Block block = frame.giveAway();
        assertThatThrownBy(() -> frame.put8(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("given");
        frame.close();
        frame.close();
        pool.give(block);
    }

    @Test
    void randomWritesReadBack() throws Exception {
        Random random = Seed.random();
        for (int round = 0; round < 50; round++) {
            boolean big = random.nextBoolean();
            var model = new ByteArrayOutputStream();
            long[] values = random.longs(200).toArray();
            int[] kinds = random.ints(200, 0, 5).toArray();
            try (FrameBuf frame = frame(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)) {
                for (int i = 0; i < values.length; i++) {
                    write(frame, kinds[i], values[i]);
                    model.writeBytes(modelled(kinds[i], values[i], big));
                }
                byte[] expected = model.toByteArray();
                assertThat(frame.size()).isEqualTo(expected.length);
                assertThat(frame.seek(0).bytes(expected.length)).isEqualTo(expected);
                frame.seek(0);
                for (int i = 0; i < values.length; i++) {
                    assertThat(readsBack(frame, kinds[i], values[i])).isTrue();
                }
                assertThat(frame.remaining()).isZero();
            }
        }
    }

    private static void write(FrameBuf frame, int kind, long value) throws ErrnoException {
        switch (kind) {
            case 0 -> frame.put8((int) value);
            case 1 -> frame.put16((int) value);
            case 2 -> frame.put32(value);
            case 3 -> frame.put64(value);
            default -> frame.put(text(value));
        }
    }

    private static byte[] modelled(int kind, long value, boolean big) {
        int length = kind == 4 ? text(value).length : 1 << kind;
        if (kind == 4) {
            return text(value);
        }
        var buffer = ByteBuffer.allocate(8).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(0, big ? value << 64 - 8 * length : value);
        return Arrays.copyOf(buffer.array(), length);
    }

    private static boolean readsBack(FrameBuf frame, int kind, long value) throws ErrnoException {
        return switch (kind) {
            case 0 -> frame.i8() == (byte) value;
            case 1 -> frame.u16() == (value & 0xffff);
            case 2 -> frame.u32() == (value & 0xffff_ffffL);
            case 3 -> frame.u64() == value;
            default -> Arrays.equals(frame.bytes(text(value).length), text(value));
        };
    }

    private static byte[] text(long value) {
        return Long.toString(value).repeat(1 + (int) (value & 15)).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void thePoolKeepsLargeBlocksWithinLimits() throws Exception {
        var frames = new FrameBuf[20];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = FrameBuf.of(pool, ByteOrder.BIG_ENDIAN, 1 << 20, 1 << 20);
            frames[i].put64(1 << 19, i);
        }
        assertThat(pool.taken()).isEqualTo(20);
        for (FrameBuf frame : frames) {
            frame.close(); // 20 MiB: some are kept, some freed
        }
        try (FrameBuf again = FrameBuf.of(pool, ByteOrder.BIG_ENDIAN, 1 << 20, 100_000)) {
            assertThat(again.put64(99_992, 1).size()).isEqualTo(100_000);
        }
    }

    @Test
    void blocksOfAllSizesDoNotOverlap() {
        Random random = Seed.random();
        var blocks = new Block[300];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = pool.take(random.nextInt(1 << 1 + random.nextInt(17)));
            blocks[i].memory().fill((byte) i);
        }
        for (int i = 0; i < blocks.length; i++) {
            MemorySegment memory = blocks[i].memory();
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) i);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, memory.byteSize() - 1)).isEqualTo((byte) i);
            pool.give(blocks[i]);
        }
    }

    private static void refuses(Errno errno, ThrowingCallable access) {
        assertThatThrownBy(access)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
