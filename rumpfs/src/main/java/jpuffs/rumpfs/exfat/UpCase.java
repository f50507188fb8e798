// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.exfat;

import static jpuffs.core.Errno.EUCLEAN;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.io.Le;

/// Which letter is the capital one of which, as the volume says. Names that are alike in capital letters are one.
/// (exFAT specification 7.2.)
final class UpCase {
    private static final int UNITS = 1 << 16;

    /// The longest table there can be.
    static final int MAX_BYTES = 2 * UNITS;

    /// Before a number of letters that are their own capital ones.
    private static final int SAME = 0xffff;

    private static final int LEAST_SAME = 4; // shorter ones are written out
    private static final int ASCII = 0x80;

    private final char[] upper = new char[UNITS];

    private UpCase() {
        for (int i = 0; i < UNITS; i++) {
            upper[i] = (char) i;
        }
    }

    /// The table of a new volume: the simple mappings of Unicode, but none from another letter to one of ASCII.
    static UpCase usual() {
        var table = new UpCase();
        for (int i = 0; i < UNITS; i++) {
            char capital = Character.toUpperCase((char) i);
            table.upper[i] = capital < ASCII && i >= ASCII ? (char) i : capital;
        }
        return table;
    }

    /// @throws ErrnoException EUCLEAN for one that is too long
    static UpCase read(MemorySegment bytes) throws ErrnoException {
        var table = new UpCase();
        int unit = 0;
        for (long at = 0; at + 1 < bytes.byteSize(); at += 2) {
            int value = Le.u16(bytes, at);
            if (value == SAME && at + 3 < bytes.byteSize()) {
                at += 2;
                unit += Le.u16(bytes, at);
            } else if (unit < UNITS) {
                table.upper[unit++] = (char) value;
            } else {
                unit++;
            }
            if (unit > UNITS) {
                throw EUCLEAN.error("the up-case table is too long");
            }
        }
        return table;
    }

    /// As it lies on the disk.
    MemorySegment bytes() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[MAX_BYTES]);
        long at = 0;
        for (int unit = 0; unit < UNITS; ) {
            int same = 0;
            while (unit + same < UNITS && upper[unit + same] == unit + same && same < SAME) {
                same++;
            }
            if (same >= LEAST_SAME) {
                Le.put16(bytes, at, SAME);
                Le.put16(bytes, at + 2, same);
                at += 4;
                unit += same;
            } else {
                Le.put16(bytes, at, upper[unit++]);
                at += 2;
            }
        }
        return bytes.asSlice(0, at);
    }

    String key(String name) {
        var key = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            key.append(upper[name.charAt(i)]);
        }
        return key.toString();
    }
}
