// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// The header of a member of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"). Names and values are
/// bytes, kept as strings of ISO 8859-1.
final class TarEntry {
    static final int BLOCK = 512;
    static final Charset BYTES = StandardCharsets.ISO_8859_1;

    static final char FILE = '0';
    static final char LINK = '1';
    static final char SYMLINK = '2';
    static final char CHAR = '3';
    static final char DISK = '4';
    static final char DIRECTORY = '5';
    static final char FIFO = '6';
    static final char PAX = 'x';
    static final char PAX_GLOBAL = 'g';
    static final char GNU_NAME = 'L';
    static final char GNU_LINK = 'K';

    /// Before the name of an extended attribute, in the records.
    static final String XATTR = "SCHILY.xattr.";

    private static final int NAME_LENGTH = 100;
    private static final int PREFIX = 345;
    private static final int PREFIX_LENGTH = 155;
    private static final int CHECKSUM = 148;

    char type = FILE;
    String name = "";
    String link = "";
    int mode;
    long uid;
    long gid;
    long size;
    Time mtime = Time.EPOCH;
    int major;
    int minor;

    /// Records of pax, by their keyword.
    final Map<String, String> records = new TreeMap<>();

    // Writing

    /// The header, with the records that it needs before it.
    byte[] toBytes() {
        var extended = new TreeMap<>(records);
        putIf(extended, "path", name, !fits(name));
        putIf(extended, "linkpath", link, !fits(link));
        putIf(extended, "uid", Long.toString(uid), uid > 07777777);
        putIf(extended, "gid", Long.toString(gid), gid > 07777777);
        putIf(extended, "size", Long.toString(size), size > 077777777777L);
        boolean plain = mtime.nanos() == 0 && mtime.seconds() >= 0 && mtime.seconds() <= 077777777777L;
        putIf(extended, "mtime", decimal(mtime), !plain);
        var out = new ByteArrayOutputStream();
        if (!extended.isEmpty()) {
            byte[] text = pax(extended);
            var before = new TarEntry();
            before.type = PAX;
            before.name = "PaxHeaders/" + (name.length() > 80 ? "long" : name.replace('/', '_'));
            before.mode = 0644;
            before.size = text.length;
            out.writeBytes(before.header());
            out.writeBytes(Arrays.copyOf(text, padded(text.length)));
        }
        out.writeBytes(header());
        return out.toByteArray();
    }

    private static void putIf(Map<String, String> records, String key, String value, boolean needed) {
        if (needed) {
            records.putIfAbsent(key, value);
        }
    }

    private static boolean fits(String text) {
        return text.length() <= NAME_LENGTH && text.chars().allMatch(c -> c < 128);
    }

    private static String decimal(Time time) {
        return BigDecimal.valueOf(time.seconds())
                .add(BigDecimal.valueOf(time.nanos(), 9))
                .toPlainString();
    }

    /// Rounded up to blocks.
    static int padded(int length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    /// `LENGTH KEY=VALUE` and a newline each, where the length counts its own digits.
    private static byte[] pax(Map<String, String> records) {
        var out = new ByteArrayOutputStream();
        records.forEach((key, value) -> {
            String text = " " + key + "=" + value + "\n";
            int length = text.length() + 1;
            while (Integer.toString(length).length() + text.length() != length) {
                length = Integer.toString(length).length() + text.length();
            }
            out.writeBytes((length + text).getBytes(BYTES));
        });
        return out.toByteArray();
    }

    private byte[] header() {
        byte[] h = new byte[BLOCK];
        put(h, 0, name.substring(0, Math.min(NAME_LENGTH, name.length())));
        octal(h, 100, 8, mode);
        octal(h, 108, 8, Math.min(uid, 07777777));
        octal(h, 116, 8, Math.min(gid, 07777777));
        octal(h, 124, 12, Math.min(size, 077777777777L));
        octal(h, 136, 12, Math.clamp(mtime.seconds(), 0, 077777777777L));
        h[156] = (byte) type;
        put(h, 157, link.substring(0, Math.min(NAME_LENGTH, link.length())));
        put(h, 257, "ustar\00000");
        octal(h, 329, 8, major);
        octal(h, 337, 8, minor);
        Arrays.fill(h, CHECKSUM, CHECKSUM + 8, (byte) ' ');
        put(h, CHECKSUM, "%06o\0 ".formatted(sum(h)));
        return h;
    }

    private static void put(byte[] h, int at, String text) {
        byte[] bytes = text.getBytes(BYTES);
        System.arraycopy(bytes, 0, h, at, bytes.length);
    }

    private static void octal(byte[] h, int at, int width, long value) {
        put(h, at, ("%0" + (width - 1) + "o").formatted(value));
    }

    private static int sum(byte[] h) {
        int sum = 0;
        for (byte b : h) {
            sum += b & 0xff;
        }
        return sum;
    }

    // Reading

    /// The header in a block; null if its checksum is wrong.
    static @Nullable TarEntry parse(byte[] h) {
        byte[] blank = h.clone();
        Arrays.fill(blank, CHECKSUM, CHECKSUM + 8, (byte) ' ');
        if (number(h, CHECKSUM, 8) != sum(blank)) {
            return null;
        }
        var entry = new TarEntry();
        entry.type = h[156] == 0 || h[156] == '7' ? FILE : (char) (h[156] & 0xff);
        boolean ustar = text(h, 257, 6).equals("ustar");
        String prefix = ustar ? text(h, PREFIX, PREFIX_LENGTH) : "";
        entry.name = (prefix.isEmpty() ? "" : prefix + "/") + text(h, 0, NAME_LENGTH);
        entry.mode = (int) number(h, 100, 8) & 07777;
        entry.uid = number(h, 108, 8);
        entry.gid = number(h, 116, 8);
        entry.size = number(h, 124, 12);
        entry.mtime = new Time(number(h, 136, 12), 0);
        entry.link = text(h, 157, NAME_LENGTH);
        entry.major = (int) number(h, 329, 8);
        entry.minor = (int) number(h, 337, 8);
        return entry;
    }

    /// Octal digits, or binary if the first bit is set (GNU).
    private static long number(byte[] h, int at, int width) {
        if (h[at] < 0) {
            long value = (h[at] & 0x40) != 0 ? -1 : 0;
            for (int i = at + Math.max(1, width - 8); i < at + width; i++) {
                value = value << 8 | h[i] & 0xff;
            }
            return value;
        }
        String digits = text(h, at, width).strip();
        return digits.matches("[0-7]{1,21}") ? Long.parseLong(digits, 8) : 0;
    }

    private static String text(byte[] h, int at, int width) {
        int end = at;
        while (end < at + width && h[end] != 0) {
            end++;
        }
        return new String(h, at, end - at, BYTES);
    }

    /// Reads records of pax; what is damaged ends it.
    static Map<String, String> records(byte[] bytes) {
        var records = new TreeMap<String, String>();
        String text = new String(bytes, BYTES);
        for (int at = 0; at < text.length(); ) {
            int blank = text.indexOf(' ', at);
            String digits = blank < 0 ? "" : text.substring(at, blank);
            int length = digits.matches("[0-9]{1,8}") ? Integer.parseInt(digits) : 0;
            int equals = text.indexOf('=', at);
            if (length <= 0 || at + length > text.length() || equals < blank || equals >= at + length) {
                break;
            }
            records.put(text.substring(blank + 1, equals), text.substring(equals + 1, at + length - 1));
            at += length;
        }
        return records;
    }

    /// Applies records, which say more than the header.
    void apply(Map<String, String> more) {
        records.putAll(more);
        name = more.getOrDefault("GNU.sparse.name", more.getOrDefault("path", name));
        link = more.getOrDefault("linkpath", link);
        uid = number(more.get("uid"), uid);
        gid = number(more.get("gid"), gid);
        size = number(more.get("size"), size);
        String time = more.get("mtime");
        if (time != null && time.matches("-?[0-9]{1,15}(\\.[0-9]{0,30})?")) {
            BigDecimal exact = new BigDecimal(time);
            long seconds = exact.setScale(0, RoundingMode.FLOOR).longValue();
            mtime = new Time(
                    seconds,
                    exact.subtract(BigDecimal.valueOf(seconds))
                            .movePointRight(9)
                            .intValue());
        }
    }

    private static long number(@Nullable String text, long preset) {
        return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : preset;
    }

    /// Type and permissions as stat(2) tells them. What there is no type for is a regular file, as is a link.
    int fileMode() {
        int bits = switch (type) {
            case SYMLINK -> Mode.S_IFLNK;
            case CHAR -> Mode.S_IFCHR;
            case DISK -> Mode.S_IFBLK;
            case DIRECTORY -> Mode.S_IFDIR;
            case FIFO -> Mode.S_IFIFO;
            default -> Mode.S_IFREG;
        };
        return bits | mode;
    }

    /// Bytes as this class keeps them.
    static String text(byte[] bytes) {
        return new String(bytes, BYTES);
    }

    /// As the user sees it.
    static String shown(String name) {
        return new String(name.getBytes(BYTES), UTF_8);
    }
}
