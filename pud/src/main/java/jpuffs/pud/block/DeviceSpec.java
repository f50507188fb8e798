// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jpuffs.core.BlockDevice;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.pud.nbd.NbdDevice;
import org.jspecify.annotations.Nullable;

/// Block devices as text: `TYPE[,OPTION=VALUE]...[:DEVICE]`, where DEVICE is another of these, for a type that
/// stands on one; several with `+` between where it stands on several. What names no type is the path of an image
/// file or a block device.
///
/// ```
/// disk.img                          ram,size=1G
/// cow:disk.img                      delay,read=5,write=10:ram,size=64M
/// cipher,key=/etc/disk.key:/dev/sdb concat:a.img+b.img
/// stripe,unit=128k:a.img+b.img      fault,percent=1,seed=7:disk.img
/// cow:nbd://example.org/disk        nbd+unix:///?socket=/run/disk.sock
/// nbds://example.org/disk?tls-certificates=/etc/pki/nbd
/// ```
///
/// A backslash takes the next character as it is, for paths with `,`, `:` or `+` in them. A path alone needs none.
public final class DeviceSpec {
    /// The names of the types.
    public static final List<String> TYPES =
            List.of("ram", "file", "cow", "delay", "fault", "cipher", "concat", "stripe");
    private static final int MAX_DEPTH = 16;
    private static final long MAX_DELAY = 3_600_000; // ms

    private final boolean readOnly;
    private final Opener files;

    /// Opens files and block devices of the host, as [FileDevice#open] does.
    @FunctionalInterface
    public interface Opener {
        /// The device of this path.
        ///
        /// @throws IOException the host's, and what else is wrong with it
        BlockDevice open(Path path, boolean readOnly) throws IOException;
    }

    private DeviceSpec(boolean readOnly, Opener files) {
        this.readOnly = readOnly;
        this.files = files;
    }

    /// Opens a device.
    ///
    /// @param readOnly open files for reading only
    /// @throws IOException EINVAL with a line that says what is wrong; what opening it says
    public static BlockDevice open(String text, boolean readOnly) throws IOException {
        return open(text, readOnly, FileDevice::open);
    }

    /// As above.
    ///
    /// @param files opens what is named by its path, or by `file,path=`
    public static BlockDevice open(String text, boolean readOnly, Opener files) throws IOException {
        return new DeviceSpec(readOnly, files).open(text, 0);
    }

    private BlockDevice open(String text, int depth) throws IOException {
        if (text.isEmpty()) {
            throw Errno.EINVAL.error("a device is missing (puffs-dev(8) has the types)");
        }
        if (depth > MAX_DEPTH) {
            throw Errno.EINVAL.error("more than %d devices on each other", MAX_DEPTH);
        }
        if (text.matches("nbds?(\\+unix)?://.*")) {
            return NbdDevice.open(text);
        }
        int colon = find(text, ':', 0);
        String head = colon < 0 ? text : text.substring(0, colon);
        String type = head.substring(0, end(find(head, ',', 0), head));
        if (!TYPES.contains(type)) {
            return files.open(Path.of(depth == 0 ? text : unescape(text)), readOnly);
        }
        var options = new Options(type, head.substring(Math.min(head.length(), type.length() + 1)));
        BlockDevice device = make(type, options, colon < 0 ? null : text.substring(colon + 1), depth + 1);
        try {
            options.checkUsed();
            return device;
        } catch (ErrnoException e) {
            device.close();
            throw e;
        }
    }

    private BlockDevice make(String type, Options options, @Nullable String rest, int depth) throws IOException {
        boolean isLeaf = type.equals("ram") || type.equals("file");
        if (isLeaf != (rest == null)) {
            String wanted = isLeaf ? "%s stands on no other device" : "%s stands on a device: write %1$s:DEVICE";
            throw Errno.EINVAL.error(wanted, type);
        }
        if (rest == null) {
            return type.equals("ram")
                    ? new RamDevice(options.bytes("size", -1))
                    : files.open(Path.of(options.text("path", null)), readOnly);
        }
        if (type.equals("concat") || type.equals("stripe")) {
            return join(type, options, rest, depth);
        }
        BlockDevice base = open(rest, depth);
        try {
            return filter(type, options, base);
        } catch (IOException | RuntimeException e) {
            base.close();
            throw e;
        }
    }

    private static BlockDevice filter(String type, Options options, BlockDevice base) throws IOException {
        return switch (type) {
            case "cow" -> new CowDevice(base);
            case "delay" ->
                new DelayDevice(
                        base,
                        Duration.ofMillis(options.number("read", 0, 0, MAX_DELAY)),
                        Duration.ofMillis(options.number("write", 0, 0, MAX_DELAY)));
            case "cipher" -> new CipherDevice(base, Files.readAllBytes(Path.of(options.text("key", null))));
            default -> new FaultDevice(base, plan(options));
        };
    }

    private static FaultDevice.Plan plan(Options options) throws ErrnoException {
        String error = options.text("error", "EIO");
        try {
            return new FaultDevice.Plan(
                    (int) options.number("percent", 0, 0, 100),
                    options.number("after", -1, -1, Long.MAX_VALUE),
                    Errno.valueOf(error),
                    options.text("torn", "no").equals("yes"),
                    options.number("seed", 1, Long.MIN_VALUE, Long.MAX_VALUE));
        } catch (IllegalArgumentException e) {
            throw Errno.EINVAL.error("error=%s: not the name of an error such as EIO", error);
        }
    }

    private BlockDevice join(String type, Options options, String rest, int depth) throws IOException {
        var parts = new ArrayList<BlockDevice>();
        try {
            for (int at = 0; at <= rest.length(); ) {
                int end = end(find(rest, '+', at), rest);
                parts.add(open(rest.substring(at, end), depth));
                at = end + 1;
            }
            return type.equals("concat")
                    ? JoinedDevice.concat(parts)
                    : JoinedDevice.stripe(parts, options.bytes("unit", 64 << 10));
        } catch (IOException | RuntimeException e) {
            for (BlockDevice part : parts) {
                part.close();
            }
            throw e;
        }
    }

    /// Where `c` stands from `from` on, not behind a backslash; -1 if nowhere.
    private static int find(String text, char c, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == c) {
                return i;
            }
        }
        return -1;
    }

    private static int end(int found, String text) {
        return found < 0 ? text.length() : found;
    }

    private static String unescape(String text) {
        var plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean escape = text.charAt(i) == '\\' && i + 1 < text.length();
            plain.append(text.charAt(escape ? ++i : i));
        }
        return plain.toString();
    }

    /// The options of one device.
    private static final class Options {
        private final String type;
        private final Map<String, String> values = new LinkedHashMap<>();

        Options(String type, String text) throws ErrnoException {
            this.type = type;
            for (int at = 0; at < text.length(); ) {
                int end = end(find(text, ',', at), text);
                String option = text.substring(at, end);
                int equals = option.indexOf('=');
                if (equals <= 0) {
                    throw Errno.EINVAL.error("%s: option %s is not of the form NAME=VALUE", type, option);
                }
                values.put(option.substring(0, equals), unescape(option.substring(equals + 1)));
                at = end + 1;
            }
        }

        String text(String name, @Nullable String otherwise) throws ErrnoException {
            String value = values.remove(name);
            if (value == null && otherwise == null) {
                throw Errno.EINVAL.error("%s needs %s=", type, name);
            }
            return value == null ? String.valueOf(otherwise) : value;
        }

        long number(String name, long otherwise, long least, long most) throws ErrnoException {
            String value = text(name, Long.toString(otherwise));
            long number;
            try {
                number = Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw Errno.EINVAL.error("%s: %s=%s is not a number", type, name, value);
            }
            if (number < least || number > most) {
                throw Errno.EINVAL.error("%s: %s=%s is not from %d to %d", type, name, value, least, most);
            }
            return number;
        }

        /// A number with a unit: k, M, G, T are powers of 1024.
        ///
        /// @param otherwise the default; negative if there is none
        long bytes(String name, long otherwise) throws ErrnoException {
            String value = text(name, otherwise < 0 ? null : Long.toString(otherwise));
            int unit = value.isEmpty() ? -1 : "kmgt".indexOf(Character.toLowerCase(value.charAt(value.length() - 1)));
            try {
                long count = Long.parseLong(unit < 0 ? value : value.substring(0, value.length() - 1));
                return Math.multiplyExact(count, 1L << 10 * (unit + 1));
            } catch (NumberFormatException | ArithmeticException e) {
                throw Errno.EINVAL.error("%s: %s=%s is not a size such as 64M", type, name, value);
            }
        }

        void checkUsed() throws ErrnoException {
            if (!values.isEmpty()) {
                throw Errno.EINVAL.error(
                        "%s has no option %s", type, values.keySet().iterator().next());
            }
        }
    }
}
