// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import jpuffs.core.Mode;
import jpuffs.core.Time;

/// Attributes as ls(1) and stat(1) write them.
final class Text {
    private static final String RWX = "rwxrwxrwx";

    private Text() {}

    /// `drwxr-xr-x`.
    static String mode(int mode) {
        var text = new StringBuilder(10).append(letter(mode));
        for (int i = 0; i < 9; i++) {
            text.append((mode & 0400 >> i) != 0 ? RWX.charAt(i) : '-');
        }
        special(text, 3, (mode & Mode.S_ISUID) != 0, 's');
        special(text, 6, (mode & Mode.S_ISGID) != 0, 's');
        special(text, 9, (mode & Mode.S_ISVTX) != 0, 't');
        return text.toString();
    }

    private static void special(StringBuilder text, int at, boolean set, char letter) {
        if (set) {
            text.setCharAt(at, text.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }

    private static char letter(int mode) {
        return switch (Mode.type(mode)) {
            case Mode.S_IFREG -> '-';
            default -> typeLetter(mode);
        };
    }

    /// The letter of find(1) for the type.
    static char typeLetter(int mode) {
        return switch (Mode.type(mode)) {
            case Mode.S_IFREG -> 'f';
            case Mode.S_IFDIR -> 'd';
            case Mode.S_IFLNK -> 'l';
            case Mode.S_IFCHR -> 'c';
            case Mode.S_IFBLK -> 'b';
            case Mode.S_IFIFO -> 'p';
            default -> 's';
        };
    }

    /// As stat(1) calls it.
    static String type(int mode, long size) {
        return switch (typeLetter(mode)) {
            case 'f' -> size == 0 ? "regular empty file" : "regular file";
            case 'd' -> "directory";
            case 'l' -> "symbolic link";
            case 'c' -> "character special file";
            case 'b' -> "block special file";
            case 'p' -> "fifo";
            default -> "socket";
        };
    }

    /// `2026-01-31 23:59`, in the time zone of this machine.
    static String minute(Time time) {
        var text = new StringBuilder(16);
        ZonedDateTime at = local(time);
        pad(text, at.getYear(), 4).append('-');
        pad(text, at.getMonthValue(), 2).append('-');
        pad(text, at.getDayOfMonth(), 2).append(' ');
        pad(text, at.getHour(), 2).append(':');
        return pad(text, at.getMinute(), 2).toString();
    }

    /// `2026-01-31 23:59:58.123456789 +0100`.
    static String exact(Time time) {
        ZonedDateTime at = local(time);
        var text = new StringBuilder(minute(time)).append(':');
        pad(text, at.getSecond(), 2).append('.');
        pad(text, at.getNano(), 9).append(' ');
        int offset = at.getOffset().getTotalSeconds() / 60;
        text.append(offset < 0 ? '-' : '+');
        return pad(text, Math.abs(offset) / 60 * 100 + Math.abs(offset) % 60, 4).toString();
    }

    private static ZonedDateTime local(Time time) {
        return time.toInstant().atZone(ZoneId.systemDefault());
    }

    private static StringBuilder pad(StringBuilder text, int number, int width) {
        String digits = Integer.toString(number);
        return text.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
    }

    /// With one letter for the power of 1,024, rounded up, as `-h` has it: `1.5K`, `20M`.
    static String human(long bytes) {
        if (bytes < 1024) {
            return Long.toString(bytes);
        }
        int power = 0;
        double value = bytes;
        while (value >= 1024 && power < 6) {
            value /= 1024;
            power++;
        }
        double tenths = Math.ceil(value * 10) / 10;
        String digits = tenths < 10 ? Double.toString(tenths) : Long.toString((long) Math.ceil(value));
        return digits + "KMGTPE".charAt(power - 1);
    }

    /// `text` with blanks before it.
    static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
