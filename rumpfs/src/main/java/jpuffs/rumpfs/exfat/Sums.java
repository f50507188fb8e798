// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.io.Le;

/// The checksums: of the boot region, of the up-case table, of entry sets and of names. (exFAT specification 3.4,
/// 6.3.3, 7.2.2, 7.6.4.)
final class Sums {
    private static final int FLAGS = 106;
    private static final int PERCENT = 112;

    private Sums() {}

    /// Goes on with a sum of 32 bits.
    static int add32(int sum, int octet) {
        return Integer.rotateRight(sum, 1) + octet;
    }

    /// Of all bytes.
    static int of32(MemorySegment bytes) {
        int sum = 0;
        for (long at = 0; at < bytes.byteSize(); at++) {
            sum = add32(sum, Le.u8(bytes, at));
        }
        return sum;
    }

    /// Of the first eleven sectors, without the fields that change while it is mounted.
    static int ofBoot(MemorySegment sectors) {
        int sum = 0;
        for (long at = 0; at < sectors.byteSize(); at++) {
            if (at != FLAGS && at != FLAGS + 1 && at != PERCENT) {
                sum = add32(sum, Le.u8(sectors, at));
            }
        }
        return sum;
    }

    private static int add16(int sum, int octet) {
        return ((sum & 1) << 15 | sum >> 1) + octet & 0xffff;
    }

    /// Of the entries of a file, without the field of the sum itself.
    static int ofSet(MemorySegment entries) {
        int sum = 0;
        for (long at = 0; at < entries.byteSize(); at++) {
            if (at != 2 && at != 3) {
                sum = add16(sum, Le.u8(entries, at));
            }
        }
        return sum;
    }

    /// Of a name in capital letters.
    static int ofName(String upper) {
        int sum = 0;
        for (int i = 0; i < upper.length(); i++) {
            sum = add16(add16(sum, upper.charAt(i) & 0xff), upper.charAt(i) >> 8);
        }
        return sum;
    }
}
