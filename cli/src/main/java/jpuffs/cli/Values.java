// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.time.Duration;

/// The values of options as numbers. Each failure is one line that names the option and says what it takes.
final class Values {
    private static final long NANOS = 1_000_000_000L;

    /// Longer is for ever: the kernel counts in seconds and nanoseconds, and no one waits for it.
    private static final Duration FOREVER = Duration.ofDays(365_000);

    private Values() {}

    /// A count of bytes, such as `4096`, `64k`, `1M`, `2G` or `1T`; the letters are powers of 1024.
    static long bytes(String name, String value) throws Failure {
        int end = value.length();
        int shift = end == 0 ? 0 : shift(value.charAt(end - 1));
        long count = number(value, shift == 0 ? end : end - 1, 10);
        if (count < 0 || count > Long.MAX_VALUE >> shift) {
            throw bad(name, value, "a number of bytes such as 4096, 64k or 1M");
        }
        return count << shift;
    }

    private static int shift(char unit) {
        return switch (unit) {
            case 'k', 'K' -> 10;
            case 'm', 'M' -> 20;
            case 'g', 'G' -> 30;
            case 't', 'T' -> 40;
            default -> 0;
        };
    }

    /// A count of bytes between `least` and `most`.
    static int bytes(String name, String value, int least, int most) throws Failure {
        long count = bytes(name, value);
        if (count < least || count > most) {
            throw bad(name, value, "between " + least + " and " + most + " bytes");
        }
        return (int) count;
    }

    /// A user or group number; not the -1 that chown(2) takes for `leave it`.
    static int id(String name, String value) throws Failure {
        long id = number(value, value.length(), 10);
        if (id < 0 || id >= 0xffff_ffffL) {
            throw bad(name, value, "a number (id -u NAME and id -g NAME tell them)");
        }
        return (int) id;
    }

    /// Permission bits in octal, 0 to 7777.
    static int mode(String name, String value) throws Failure {
        long mode = number(value, value.length(), 8);
        if (mode < 0 || mode > 07777) {
            throw bad(name, value, "an octal number such as 022");
        }
        return (int) mode;
    }

    /// A time in seconds, such as `1`, `0.25` or `86400`.
    static Duration seconds(String name, String value) throws Failure {
        int dot = value.indexOf('.');
        String whole = dot < 0 ? value : value.substring(0, dot);
        String fraction = dot < 0 ? "" : value.substring(dot + 1);
        long seconds = whole.isEmpty() && !fraction.isEmpty() ? 0 : number(whole, whole.length(), 10);
        String digits = fraction.length() > 9 ? fraction.substring(0, 9) : fraction;
        long nanos = digits.isEmpty() ? 0 : number(digits, digits.length(), 10);
        if (seconds < 0 || nanos < 0) {
            throw bad(name, value, "a time in seconds such as 1 or 0.5");
        }
        if (seconds >= FOREVER.toSeconds()) {
            return FOREVER;
        }
        long unit = NANOS;
        for (int i = 0; i < digits.length(); i++) {
            unit /= 10;
        }
        return Duration.ofSeconds(seconds, nanos * unit);
    }

    /// The number that `value` is; -1 if it is none.
    static long number(String value) {
        return number(value, value.length(), 10);
    }

    /// The digits before `end` as a number; -1 if there is none, something else among them, or it needs over 62
    /// bits.
    private static long number(String text, int end, int radix) {
        long number = end == 0 ? -1 : 0;
        for (int i = 0; i < end && number >= 0; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, radix) : -1;
            number = digit < 0 || number > (Long.MAX_VALUE >> 1) / radix ? -1 : number * radix + digit;
        }
        return number;
    }

    private static Failure bad(String name, String value, String wanted) {
        return Failure.usage("option " + name + "=" + value + ": " + name + " is " + wanted);
    }
}
