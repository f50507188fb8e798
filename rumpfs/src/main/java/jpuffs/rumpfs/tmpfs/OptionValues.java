// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What the values of mount options mean, and what their defaults come from.
final class OptionValues {
    private static final long UNKNOWN_MEMORY = 2L << 30;

    private OptionValues() {}

    /// A size in bytes. IllegalArgumentException.
    static long size(String value) {
        if (value.endsWith("%")) {
            return number("size", value, value.length() - 1) * (memory() / 100);
        }
        return count("size", value);
    }

    /// A number with k, m, g or t for powers of 1024. IllegalArgumentException.
    static long count(String name, String value) {
        int last = value.length() - 1;
        int power =
                last < 0 ? -1 : "kmgt".indexOf(value.toLowerCase(Locale.ROOT).charAt(last));
        long number = number(name, value, power < 0 ? value.length() : last);
        int shift = 10 * (power + 1);
        if (number > Long.MAX_VALUE >> shift) {
            throw bad(name, value);
        }
        return number << shift;
    }

    /// Permissions in octal. IllegalArgumentException.
    static int mode(String value) {
        if (!value.matches("[0-7]{1,5}") || Integer.parseInt(value, 8) > 07777) {
            throw bad("mode", value);
        }
        return Integer.parseInt(value, 8);
    }

    /// A user or group id. IllegalArgumentException.
    static int id(String name, String value) {
        long id = number(name, value, value.length());
        if (id > 0xfffffffeL) { // the last one means "no change" to chown(2)
            throw bad(name, value);
        }
        return (int) id;
    }

    /// The first `length` digits of `value`.
    private static long number(String name, String value, int length) {
        String digits = value.substring(0, length);
        if (!digits.matches("[0-9]{1,18}")) {
            throw bad(name, value);
        }
        return Long.parseLong(digits);
    }

    private static IllegalArgumentException bad(String name, String value) {
        return new IllegalArgumentException("bad value for option " + name + ": \"" + value + "\"");
    }

    /// The bytes of memory of the machine.
    static long memory() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemTotal:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(UNKNOWN_MEMORY);
        } catch (IOException e) {
            return UNKNOWN_MEMORY; // no proc file system: a default only
        }
    }

    /// The bytes of heap that inodes, names and attributes may take.
    static long heapLimit() {
        return Runtime.getRuntime().maxMemory() / 2;
    }
}
