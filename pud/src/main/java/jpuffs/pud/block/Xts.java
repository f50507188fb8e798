// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// AES-XTS (IEEE 1619), built on the AES-ECB of the JDK: `C = E1(P ^ T) ^ T`, where the tweak T of a sector begins
/// as the sector's number through the second key and is multiplied by alpha from block to block.
///
/// For one thread at a time.
final class Xts {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK = 16;
    private static final int FEEDBACK = 0x87; // x^128 + x^7 + x^2 + x + 1

    private final Cipher encrypt;
    private final Cipher decrypt;
    private final Cipher tweak;
    private final int sectorSize;
    private final byte[] tweaks;

    /// @param key two AES keys of one length, of the data and of the tweak
    /// @param room the most bytes of one call
    Xts(byte[] key, int sectorSize, int room) throws GeneralSecurityException {
        int half = key.length / 2;
        encrypt = cipher(Cipher.ENCRYPT_MODE, Arrays.copyOf(key, half));
        decrypt = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(key, half));
        tweak = cipher(Cipher.ENCRYPT_MODE, Arrays.copyOfRange(key, half, key.length));
        this.sectorSize = sectorSize;
        tweaks = new byte[room];
    }

    private static Cipher cipher(int mode, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"));
        return cipher;
    }

    /// Encrypts whole sectors in place.
    ///
    /// @param sector the number of the first
    void encrypt(byte[] data, int length, long sector) throws GeneralSecurityException {
        run(encrypt, data, length, sector);
    }

    /// Decrypts whole sectors in place.
    void decrypt(byte[] data, int length, long sector) throws GeneralSecurityException {
        run(decrypt, data, length, sector);
    }

    private void run(Cipher cipher, byte[] data, int length, long sector) throws GeneralSecurityException {
        fillTweaks(length, sector);
        whiten(data, length);
        cipher.update(data, 0, length, data, 0);
        whiten(data, length);
    }

    private void fillTweaks(int length, long sector) throws GeneralSecurityException {
        for (int start = 0; start < length; start += sectorSize) {
            LONGS.set(tweaks, start, sector + start / sectorSize);
            LONGS.set(tweaks, start + 8, 0L);
            tweak.update(tweaks, start, BLOCK, tweaks, start);
            long low = (long) LONGS.get(tweaks, start);
            long high = (long) LONGS.get(tweaks, start + 8);
            for (int at = start + BLOCK; at < start + sectorSize; at += BLOCK) {
                long carry = high >> 63 & FEEDBACK;
                high = high << 1 | low >>> 63;
                low = low << 1 ^ carry;
                LONGS.set(tweaks, at, low);
                LONGS.set(tweaks, at + 8, high);
            }
        }
    }

    private void whiten(byte[] data, int length) {
        for (int at = 0; at < length; at += Long.BYTES) {
            LONGS.set(data, at, (long) LONGS.get(data, at) ^ (long) LONGS.get(tweaks, at));
        }
    }
}
