// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Vectors of IEEE 1619-2007, annex B.
@Timeout(30)
class XtsTest {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static void check(String key, long sector, byte[] plain, String beginOfSecret)
            throws GeneralSecurityException {
        var xts = new Xts(hex(key), plain.length, plain.length);
        byte[] data = plain.clone();
        xts.encrypt(data, data.length, sector);
        assertThat(HexFormat.of().formatHex(data)).startsWith(beginOfSecret);
        xts.decrypt(data, data.length, sector);
        assertThat(data).isEqualTo(plain);
    }

    @Test
    void vector1() throws GeneralSecurityException {
        String zeros = "00".repeat(32);
        check(zeros, 0, new byte[32], "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e");
    }

    @Test
    void vector2() throws GeneralSecurityException {
        check(
                "11".repeat(16) + "22".repeat(16),
                0x3333333333L,
                hex("44".repeat(32)),
                "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0");
    }

    private static byte[] counting() {
        var plain = new byte[512];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) i;
        }
        return plain;
    }

    @Test
    void vector4HasAWholeSector() throws GeneralSecurityException {
        check(
                "2718281828459045235360287471352631415926535897932384626433832795",
                0,
                counting(),
                "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c");
    }

    @Test
    void vector10HasKeysOf256Bits() throws GeneralSecurityException {
        check(
                "2718281828459045235360287471352662497757247093699959574966967627"
                        + "3141592653589793238462643383279502884197169399375105820974944592",
                0xff,
                counting(),
                "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b");
    }

    @Test
    void whatLiesBelowIsSecretAndEachSectorAnother() throws IOException {
        var below = new RamDevice(1 << 20);
        byte[] key = hex("01".repeat(32) + "02".repeat(32));
        try (var device = new CipherDevice(below, key)) {
            byte[] data = new byte[200 * 512];
            device.write(MemorySegment.ofArray(data), 512);
            MemorySegment back = MemorySegment.ofArray(new byte[data.length]);
            device.read(back, 512);
            assertThat(back.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(data);
            below.read(back, 512);
            byte[] secret = back.toArray(ValueLayout.JAVA_BYTE);
            assertThat(secret).isNotEqualTo(data);
            assertThat(HexFormat.of().formatHex(secret, 0, 512))
                    .isNotEqualTo(HexFormat.of().formatHex(secret, 512, 1024));
        }
    }

    @Test
    void badKeysAreRefused() throws IOException {
        try (var below = new RamDevice(4096)) {
            assertThatThrownBy(() -> new CipherDevice(below, new byte[33])).isInstanceOf(ErrnoException.class);
            assertThatThrownBy(() -> new CipherDevice(below, new byte[32])).hasMessageContaining("halves");
        }
    }
}
