// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.core.Mode;

/// A mode as chmod(1) takes it: octal, or changes such as `u+x,go-w,a=rX`.
///
/// @param umask says what is meant without one of `ugoa`
record ModeChange(String text, int umask) {
    private static final int ALL = 0777;
    private static final int EXECUTE = 0111;

    /// @throws UsageException if it is none
    static ModeChange parse(String text, int umask) throws UsageException {
        if (!text.matches("[0-7]{1,5}|[ugoa]*([-+=][rwxXst]*)+(,[ugoa]*([-+=][rwxXst]*)+)*")) {
            throw new UsageException("invalid mode: '" + text + "'");
        }
        return new ModeChange(text, umask);
    }

    /// `mode`, of which the type stays, after it.
    int apply(int mode) {
        if (Character.isDigit(text.charAt(0))) {
            return mode & ~Mode.PERMISSIONS | Integer.parseInt(text, 8) & Mode.PERMISSIONS;
        }
        int result = mode;
        for (String clause : text.split(",", -1)) {
            int operator = indexOfOperator(clause, 0);
            String who = clause.substring(0, operator);
            while (operator < clause.length()) {
                int next = indexOfOperator(clause, operator + 1);
                result = apply(result, who, clause.charAt(operator), clause.substring(operator + 1, next));
                operator = next;
            }
        }
        return result;
    }

    private static int indexOfOperator(String clause, int from) {
        int at = from;
        while (at < clause.length() && "-+=".indexOf(clause.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private int apply(int mode, String who, char operator, String letters) {
        int mask = who.isEmpty() ? ALL & ~umask : mask(who);
        int ids = (who.isEmpty() || who.contains("a") ? Mode.S_ISUID | Mode.S_ISGID : 0)
                | (who.contains("u") ? Mode.S_ISUID : 0)
                | (who.contains("g") ? Mode.S_ISGID : 0);
        int bits = 0;
        for (int i = 0; i < letters.length(); i++) {
            bits |= switch (letters.charAt(i)) {
                case 'r' -> 0444 & mask;
                case 'w' -> 0222 & mask;
                case 'x' -> EXECUTE & mask;
                case 'X' -> Mode.isDirectory(mode) || (mode & EXECUTE) != 0 ? EXECUTE & mask : 0;
                case 's' -> ids;
                default -> who.isEmpty() || who.contains("a") || who.contains("o") ? Mode.S_ISVTX : 0;
            };
        }
        return switch (operator) {
            case '+' -> mode | bits;
            case '-' -> mode & ~bits;
            default -> mode & ~(mask | (Mode.isDirectory(mode) ? 0 : ids)) | bits;
        };
    }

    private static int mask(String who) {
        return (who.contains("u") || who.contains("a") ? 0700 : 0)
                | (who.contains("g") || who.contains("a") ? 0070 : 0)
                | (who.contains("o") || who.contains("a") ? 0007 : 0);
    }
}
