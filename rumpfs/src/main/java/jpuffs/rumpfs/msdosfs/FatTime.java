// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import jpuffs.core.Time;

/// Times of entries: the date in the upper 16 bits, the time of the day in steps of two seconds in the lower ones,
/// local time of this machine, from 1980 to 2107.
final class FatTime {
    private static final int FIRST_YEAR = 1980;
    private static final LocalDateTime FIRST = LocalDateTime.of(FIRST_YEAR, 1, 1, 0, 0);
    private static final LocalDateTime LAST = LocalDateTime.of(2107, 12, 31, 23, 59, 58);
    private static final int HUNDREDTH = 10_000_000; // nanoseconds

    private FatTime() {}

    private static LocalDateTime local(Time time) {
        LocalDateTime at;
        try {
            ZoneOffset offset = ZoneId.systemDefault().getRules().getOffset(time.toInstant());
            at = LocalDateTime.ofEpochSecond(time.seconds(), time.nanos(), offset);
        } catch (DateTimeException e) {
            return time.seconds() < 0 ? FIRST : LAST;
        }
        return at.isBefore(FIRST) ? FIRST : at.isAfter(LAST) ? LAST : at;
    }

    /// Rounded down; what is too early or too late becomes the first or the last time there is.
    static int of(Time time) {
        LocalDateTime at = local(time);
        int date = at.getYear() - FIRST_YEAR << 9 | at.getMonthValue() << 5 | at.getDayOfMonth();
        return date << 16 | at.getHour() << 11 | at.getMinute() << 5 | at.getSecond() / 2;
    }

    /// The hundredths of a second, 0 to 199, that [#of] leaves out.
    static int hundredths(Time time) {
        LocalDateTime at = local(time);
        return at.getSecond() % 2 * 100 + at.getNano() / HUNDREDTH;
    }

    /// The epoch for what is no time.
    static Time time(int dateTime, int hundredths) {
        int date = dateTime >>> 16;
        try {
            LocalDateTime at = LocalDateTime.of(
                            FIRST_YEAR + (date >> 9),
                            date >> 5 & 15,
                            date & 31,
                            dateTime >> 11 & 31,
                            dateTime >> 5 & 63)
                    .plusSeconds((dateTime & 31) * 2L + hundredths / 100);
            long seconds = at.toEpochSecond(ZoneId.systemDefault().getRules().getOffset(at));
            return new Time(seconds, hundredths % 100 * HUNDREDTH);
        } catch (DateTimeException e) {
            return Time.EPOCH;
        }
    }
}
