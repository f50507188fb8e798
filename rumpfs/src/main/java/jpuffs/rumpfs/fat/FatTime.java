// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import jpuffs.core.Time;

/// Times of entries: the date in the upper 16 bits, the time of the day in steps of two seconds in the lower ones,
/// from 1980 to 2107; and hundredths of a second, 0 to 199, that are to be added. (FAT32 specification, "Date and
/// Time Formats"; exFAT specification 7.4.8.)
public final class FatTime {
    private static final int FIRST_YEAR = 1980;
    private static final LocalDateTime FIRST = LocalDateTime.of(FIRST_YEAR, 1, 1, 0, 0);
    private static final LocalDateTime LAST = LocalDateTime.of(2107, 12, 31, 23, 59, 59, 990_000_000);
    private static final int HUNDREDTH = 10_000_000; // nanoseconds

    private FatTime() {}

    /// What is too early or too late becomes the first or the last time there is.
    private static LocalDateTime at(Time time, ZoneId zone) {
        LocalDateTime at;
        try {
            ZoneOffset offset = zone.getRules().getOffset(time.toInstant());
            at = LocalDateTime.ofEpochSecond(time.seconds(), time.nanos(), offset);
        } catch (DateTimeException e) {
            return time.seconds() < 0 ? FIRST : LAST;
        }
        return at.isBefore(FIRST) ? FIRST : at.isAfter(LAST) ? LAST : at;
    }

    /// Rounded down to two seconds.
    public static int of(Time time, ZoneId zone) {
        LocalDateTime at = at(time, zone);
        int date = at.getYear() - FIRST_YEAR << 9 | at.getMonthValue() << 5 | at.getDayOfMonth();
        return date << 16 | at.getHour() << 11 | at.getMinute() << 5 | at.getSecond() / 2;
    }

    /// The hundredths of a second that [#of] leaves out.
    public static int hundredths(Time time, ZoneId zone) {
        LocalDateTime at = at(time, zone);
        return at.getSecond() % 2 * 100 + at.getNano() / HUNDREDTH;
    }

    /// The epoch for what is no time.
    public static Time time(int dateTime, int hundredths, ZoneId zone) {
        int date = dateTime >>> 16;
        try {
            LocalDateTime at = LocalDateTime.of(
                            FIRST_YEAR + (date >> 9),
                            date >> 5 & 15,
                            date & 31,
                            dateTime >> 11 & 31,
                            dateTime >> 5 & 63)
                    .plusSeconds((dateTime & 31) * 2L + hundredths / 100);
            long seconds = at.toEpochSecond(zone.getRules().getOffset(at));
            return new Time(seconds, hundredths % 100 * HUNDREDTH);
        } catch (DateTimeException e) {
            return Time.EPOCH;
        }
    }
}
