// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.fat.Names;
import jpuffs.rumpfs.fat.Slots;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Names of up to 255 units of UTF-16, in entries of 13 units before the short one. (FAT32 specification, "Long
/// Directory Entries".)
final class LongName {
    static final int UNITS = 13;

    /// In the number of the entry that has the end of the name, which comes first.
    static final int LAST = 0x40;

    private static final int ORDER_MASK = 0x3f;
    private static final int CHECKSUM = 13;

    private LongName() {}

    /// Small and capital letters are the same.
    static String key(String text) {
        char[] key = text.toCharArray();
        for (int i = 0; i < key.length; i++) {
            key[i] = Character.toUpperCase(key[i]);
        }
        return new String(key);
    }

    /// The sum of a short name that its long entries carry.
    static int checksum(byte[] shortName) {
        int sum = 0;
        for (int i = 0; i < EntryRec.NAME_LENGTH; i++) {
            sum = ((sum & 1) << 7 | sum >> 1) + (shortName[i] & 0xff) & 0xff;
        }
        return sum;
    }

    /// How many entries the long name takes.
    static int entries(String text) {
        return (text.length() + UNITS - 1) / UNITS;
    }

    private static int unitOffset(int i) {
        return i < 5 ? 1 + 2 * i : i < 11 ? 14 + 2 * (i - 5) : 28 + 2 * (i - 11);
    }

    /// The entry of this number, from 1 on.
    static MemorySegment entry(String text, int number, int checksum) {
        MemorySegment raw = MemorySegment.ofArray(new byte[Slots.SIZE]);
        Le.put8(raw, 0, number == entries(text) ? number | LAST : number);
        Le.put8(raw, 11, EntryRec.ATTR_LONG_NAME);
        Le.put8(raw, CHECKSUM, checksum);
        for (int i = 0; i < UNITS; i++) {
            int at = (number - 1) * UNITS + i;
            int unit = at < text.length() ? text.charAt(at) : at == text.length() ? 0 : 0xffff;
            Le.put16(raw, unitOffset(i), unit);
        }
        return raw;
    }

    static void setChecksum(MemorySegment entry, int checksum) {
        Le.put8(entry, CHECKSUM, checksum);
    }

    /// Puts the entries of one name together, as they come.
    static final class Collector {
        private final char[] units = new char[ORDER_MASK * UNITS];
        private int length;
        private int expected; // the number of the next entry; 0: complete; -1: there is none
        private int checksum;

        Collector() {
            clear();
        }

        void clear() {
            expected = -1;
        }

        /// Whether the entry begins a name or goes on with one.
        boolean add(MemorySegment raw) {
            int number = Le.u8(raw, 0) & ORDER_MASK;
            boolean begins = (Le.u8(raw, 0) & LAST) != 0;
            if (number == 0 || !begins && (number != expected || Le.u8(raw, CHECKSUM) != checksum)) {
                clear();
                return false;
            }
            if (begins) {
                checksum = Le.u8(raw, CHECKSUM);
                length = number * UNITS;
            }
            for (int i = 0; i < UNITS; i++) {
                int at = (number - 1) * UNITS + i;
                units[at] = (char) Le.u16(raw, unitOffset(i));
                length = units[at] == 0 ? Math.min(length, at) : length;
            }
            expected = number - 1;
            return true;
        }

        /// The name, if it is complete and belongs to that short one.
        @Nullable
        String take(byte[] shortName) {
            boolean good = expected == 0 && checksum == checksum(shortName) && length <= Names.MAX_UNITS;
            clear();
            return good ? new String(units, 0, length) : null;
        }
    }
}
