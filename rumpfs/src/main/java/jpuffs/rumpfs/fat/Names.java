// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;

import java.util.Arrays;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// What can be a name: up to 255 units of UTF-16, none of `"*/:<>?\|` or below the blank, and no dot at the end.
/// (FAT32 specification, "Long Directory Entries"; exFAT specification 7.7.3.)
public final class Names {
    public static final int MAX_UNITS = 255;

    /// The most bytes of UTF-8 that a unit takes.
    private static final int MAX_UTF_8 = 3;

    /// Stands for bytes that are not UTF-8, unless they are its own.
    private static final char REPLACEMENT = '\ufffd';

    private static final String FORBIDDEN = "\"*/:<>?\\|";

    private Names() {}

    /// The text of a name to be made, without dots at its end, which a name cannot have.
    ///
    /// @throws ErrnoException EINVAL for what is not UTF-8 or has characters a name cannot have, ENOENT for
    ///     nothing but dots, ENAMETOOLONG
    public static String toCreate(Name name) throws ErrnoException {
        String text = decode(name);
        if (text == null || text.endsWith(" ")) {
            throw EINVAL.error("%s: not a name for FAT", name);
        }
        text = withoutDots(text);
        if (text.isEmpty()) {
            throw ENOENT.error();
        }
        for (int i = 0; i < text.length(); i++) {
            if (isForbidden(text.charAt(i))) {
                throw EINVAL.error("%s: not a name for FAT", name);
            }
        }
        if (text.length() > MAX_UNITS) {
            throw ENAMETOOLONG.error();
        }
        return text;
    }

    /// Whether no name can have it.
    public static boolean isForbidden(char unit) {
        return unit < ' ' || FORBIDDEN.indexOf(unit) >= 0;
    }

    /// A name as it is looked up; null for what no file can be called.
    public static @Nullable String toFind(Name name) {
        String text = decode(name);
        return text == null ? null : withoutDots(text);
    }

    private static @Nullable String decode(Name name) {
        byte[] bytes = name.toBytes();
        String text = new String(bytes, UTF_8);
        boolean damaged = text.indexOf(REPLACEMENT) >= 0 && !Arrays.equals(text.getBytes(UTF_8), bytes);
        return damaged ? null : text;
    }

    private static String withoutDots(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '.') {
            end--;
        }
        return text.substring(0, end);
    }

    /// Whether a name from the disk can be shown: it is a text, no path, and not too long as UTF-8.
    public static boolean isShowable(String text) {
        if (text.isEmpty() || text.equals(".") || text.equals("..") || !isText(text)) {
            return false;
        }
        boolean fits = text.length() <= Name.MAX / MAX_UTF_8 || text.getBytes(UTF_8).length <= Name.MAX;
        return fits && text.indexOf('/') < 0 && text.indexOf('\0') < 0;
    }

    /// Whether no unit is half of a character.
    private static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return UTF_8.newEncoder().canEncode(text);
            }
        }
        return true;
    }
}
