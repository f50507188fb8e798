// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.charset.Charset;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.rumpfs.fat.Names;

/// Names of eight characters, and three behind the dot. (FAT32 specification, "Generating 8.3 names from long
/// names".)
final class ShortName {
    private static final Charset OEM = Charset.forName("IBM437");
    private static final String ALLOWED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%'-_@~`!(){}^#&";
    private static final int BASE = 8;
    private static final int EXTENSION = 3;
    private static final int SMALL_BASE = 0x08;
    private static final int SMALL_EXTENSION = 0x10;
    private static final int PLAIN_TAILS = 4;

    private ShortName() {}

    /// As it is shown.
    static String text(EntryRec rec) {
        byte[] name = rec.name();
        String base = part(name, 0, BASE, (rec.caseBits() & SMALL_BASE) != 0);
        String extension = part(name, BASE, EXTENSION, (rec.caseBits() & SMALL_EXTENSION) != 0);
        String text = joined(base, extension);
        return Names.isShowable(text) ? text : "_" + Integer.toHexString(Arrays.hashCode(name));
    }

    private static String part(byte[] name, int from, int length, boolean small) {
        int end = from + length;
        while (end > from && name[end - 1] == ' ') {
            end--;
        }
        String text = new String(name, from, end - from, isAscii(name) ? US_ASCII : OEM);
        return small ? text.toLowerCase(Locale.ROOT) : text;
    }

    /// Then it need not be looked up what its bytes mean, which takes long.
    private static boolean isAscii(byte[] name) {
        for (byte b : name) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(String base, String extension) {
        byte[] name = new byte[EntryRec.NAME_LENGTH];
        Arrays.fill(name, (byte) ' ');
        System.arraycopy(base.getBytes(US_ASCII), 0, name, 0, base.length());
        System.arraycopy(extension.getBytes(US_ASCII), 0, name, BASE, extension.length());
        return name;
    }

    /// Whether a name needs no long one: it is a short name, in capital letters.
    static boolean isShort(String text) {
        int dot = text.lastIndexOf('.');
        String base = dot < 0 ? text : text.substring(0, dot);
        String extension = dot < 0 ? "" : text.substring(dot + 1);
        return !base.isEmpty()
                && base.length() <= BASE
                && extension.length() <= EXTENSION
                && (dot < 0 || !extension.isEmpty())
                && allowed(base).equals(base)
                && allowed(extension).equals(extension);
    }

    /// Capital letters, `_` for what a short name cannot have, without blanks and dots.
    private static String allowed(String text) {
        var result = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = Character.toUpperCase(text.charAt(i));
            if (c != ' ' && c != '.') {
                result.append(ALLOWED.indexOf(c) >= 0 ? c : '_');
            }
        }
        return result.toString();
    }

    /// A short name for a file, which no other in its directory has.
    ///
    /// @param taken whether another has it
    /// @param tail the first number to try, from 1 on, if it needs one: who makes many for one name counts on
    static byte[] alias(String text, Predicate<String> taken, int tail) throws ErrnoException {
        int start = 0;
        while (start < text.length() && text.charAt(start) == '.') {
            start++;
        }
        int dot = text.lastIndexOf('.');
        boolean dotted = dot > start;
        String base = allowed(dotted ? text.substring(0, dot) : text);
        String extension = dotted ? first(allowed(text.substring(dot + 1)), EXTENSION) : "";
        String plain = first(base, BASE);
        boolean exact = isShort(LongName.key(text));
        if (exact && !taken.test(joined(plain, extension))) {
            return bytes(plain, extension);
        }
        String stem = base;
        boolean hashed = false;
        for (int n = tail; n < 1_000_000; n++) {
            if (n > PLAIN_TAILS && !hashed) {
                stem = first(base, 2) + hash(text);
                hashed = true;
            }
            String number = "~" + n;
            String name = first(stem, BASE - number.length()) + number;
            if (!taken.test(joined(name, extension))) {
                return bytes(name, extension);
            }
        }
        throw Errno.EEXIST.error("no short name is left for %s", text);
    }

    private static String hash(String text) {
        var crc = new CRC32();
        for (int i = 0; i < text.length(); i++) {
            crc.update(text.charAt(i) & 0xff);
            crc.update(text.charAt(i) >> 8);
        }
        return HexFormat.of().withUpperCase().toHexDigits((short) crc.getValue());
    }

    private static String joined(String base, String extension) {
        return extension.isEmpty() ? base : base + "." + extension;
    }

    private static String first(String text, int length) {
        return text.substring(0, Math.min(length, text.length()));
    }

    /// What names that are one have in common.
    static String key(byte[] name) {
        return LongName.key(text(EntryRec.of(FatKind.FAT12, ZoneOffset.UTC, name, 0)));
    }
}
