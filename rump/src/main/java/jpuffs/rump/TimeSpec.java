// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import jpuffs.core.SetAttr;
import jpuffs.core.Time;

/// `struct timespec` of utimensat(2): a time to set, or [#NOW] or [#OMIT].
///
/// @param nanos 0 to 999,999,999, or one of the two special values; anything else is EINVAL
public record TimeSpec(long seconds, long nanos) {
    /// The time of the call (UTIME_NOW).
    public static final TimeSpec NOW = new TimeSpec(0, (1 << 30) - 1);

    /// Leaves the time as it is (UTIME_OMIT).
    public static final TimeSpec OMIT = new TimeSpec(0, (1 << 30) - 2);

    public static TimeSpec of(Time time) {
        return new TimeSpec(time.seconds(), time.nanos());
    }

    boolean isNow() {
        return nanos == NOW.nanos;
    }

    boolean isOmitted() {
        return nanos == OMIT.nanos;
    }

    boolean isValid() {
        return isNow() || isOmitted() || nanos >= 0 && nanos <= 999_999_999;
    }

    private Time toTime() {
        return new Time(seconds, (int) nanos);
    }

    /// What utimensat(2) with both changes.
    ///
    /// @param now the time of the call
    public static SetAttr change(TimeSpec atime, TimeSpec mtime, Time now) {
        SetAttr change = SetAttr.none();
        if (!atime.isOmitted()) {
            change = atime.isNow() ? change.withAtime(now).with(SetAttr.ATIME_NOW) : change.withAtime(atime.toTime());
        }
        if (!mtime.isOmitted()) {
            change = mtime.isNow() ? change.withMtime(now).with(SetAttr.MTIME_NOW) : change.withMtime(mtime.toTime());
        }
        return change;
    }
}
