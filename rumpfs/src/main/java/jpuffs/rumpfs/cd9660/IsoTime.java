// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import jpuffs.core.Time;
import jpuffs.rumpfs.io.Le;

/// Times, which carry their zone. What is no time is [Time#EPOCH].
final class IsoTime {
    /// The bytes of the short form (ECMA-119 9.1.5).
    static final int SHORT = 7;

    /// The bytes of the long form (ECMA-119 8.4.26.1).
    static final int LONG = 17;

    private static final int MAX_QUARTERS = 56; // of an hour: beyond the 52 of the standard, for zones like UTC+14
    private static final int NANOS_PER_HUNDREDTH = 10_000_000;

    private IsoTime() {}

    /// Years since 1900, month, day, hour, minute, second, zone.
    static Time ofShort(MemorySegment s, long at) {
        int[] field = new int[6];
        for (int i = 0; i < 6; i++) {
            field[i] = Le.u8(s, at + i);
        }
        field[0] += 1900;
        return time(field, 0, (byte) Le.u8(s, at + 6));
    }

    /// Digits `YYYYMMDDHHMMSSCC`, zone.
    static Time ofLong(MemorySegment s, long at) {
        String digits = new String(Le.bytes(s, at, LONG - 1), StandardCharsets.US_ASCII);
        if (!digits.matches("[0-9]{16}")) {
            return Time.EPOCH;
        }
        int[] field = new int[6];
        field[0] = Integer.parseInt(digits.substring(0, 4));
        for (int i = 1; i < 6; i++) {
            field[i] = Integer.parseInt(digits.substring(2 + 2 * i, 4 + 2 * i));
        }
        int hundredths = Integer.parseInt(digits.substring(14));
        return time(field, hundredths, (byte) Le.u8(s, at + 16));
    }

    private static Time time(int[] field, int hundredths, int quarters) {
        try {
            int known = Math.abs(quarters) <= MAX_QUARTERS ? quarters : 0;
            var local = LocalDateTime.of(field[0], field[1], field[2], field[3], field[4], field[5]);
            long seconds = local.toEpochSecond(ZoneOffset.UTC) - known * 900L;
            return new Time(seconds, hundredths * NANOS_PER_HUNDREDTH);
        } catch (DateTimeException e) {
            return Time.EPOCH; // all zeros say "not known"; the rest is nonsense
        }
    }
}
