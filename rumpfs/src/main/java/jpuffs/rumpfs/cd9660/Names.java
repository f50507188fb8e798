// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// Names as they are shown. Those of ISO 9660 are in capital letters and have a version, which nobody wants to see.
final class Names {
    private Names() {}

    /// A name of Rock Ridge; null if no file can be called so.
    static @Nullable Name posix(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0 || bytes.length > Name.MAX) {
            return null;
        }
        for (byte b : bytes) {
            if (b == 0 || b == '/') {
                return null;
            }
        }
        Name name = Name.of(bytes);
        return name.isDot() || name.isDotDot() ? null : name;
    }

    /// A name of ISO 9660.
    ///
    /// @param maps to small letters and without `;1` and a dot before it, as Linux's `map=normal`
    static @Nullable Name iso(byte[] bytes, boolean maps) {
        if (!maps) {
            return posix(replaced(bytes, bytes.length));
        }
        byte[] name = replaced(bytes, withoutVersion(bytes, true));
        for (int i = 0; i < name.length; i++) {
            if (name[i] >= 'A' && name[i] <= 'Z') {
                name[i] = (byte) (name[i] + 'a' - 'A');
            } else if (name[i] == ';') {
                name[i] = '.';
            }
        }
        return posix(name);
    }

    /// A name of ISO 9660:1999, which has no version and all letters.
    static @Nullable Name enhanced(byte[] bytes) {
        return posix(replaced(bytes, withoutVersion(bytes, false)));
    }

    private static int withoutVersion(byte[] bytes, boolean dotToo) {
        int end = bytes.length;
        if (end > 2 && bytes[end - 2] == ';' && bytes[end - 1] == '1') {
            end -= 2;
            end -= dotToo && end > 1 && bytes[end - 1] == '.' ? 1 : 0;
        }
        return end;
    }

    /// Without slashes and zeros.
    private static byte[] replaced(byte[] bytes, int length) {
        byte[] name = Arrays.copyOf(bytes, length);
        for (int i = 0; i < length; i++) {
            if (name[i] == '/' || name[i] == 0) {
                name[i] = '.';
            }
        }
        return name;
    }

    /// A name of Joliet. One that is too long in UTF-8 is cut, and gets a number by which it can be told apart.
    ///
    /// @param position of its record
    static @Nullable Name joliet(byte[] bytes, long position) {
        String text = new String(bytes, UTF_16BE).replace('/', '_').replace('\0', '_');
        if (text.endsWith(";1") && text.length() > 2) {
            text = text.substring(0, text.length() - 2);
        }
        byte[] utf8 = text.getBytes(UTF_8);
        if (utf8.length > Name.MAX) {
            String number = "~" + Long.toHexString(position);
            int end = Name.MAX - number.length();
            while ((utf8[end] & 0xc0) == 0x80) { // not inside a character
                end--;
            }
            utf8 = (new String(utf8, 0, end, UTF_8) + number).getBytes(UTF_8);
        }
        return posix(utf8);
    }
}
