// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static jpuffs.core.Errno.EINVAL;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Options as `-o` has them: `ro,cache=8M,label=root`. The last of a name counts. Immutable.
public final class FsOptions {
    public static final FsOptions NONE = new FsOptions(Map.of());

    private final Map<String, String> values;

    private FsOptions(Map<String, String> values) {
        this.values = values;
    }

    /// The options of a comma-separated list, which may be empty.
    public static FsOptions of(String text) {
        var values = new LinkedHashMap<String, String>();
        for (String option : text.split(",", -1)) {
            if (!option.isEmpty()) {
                int at = option.indexOf('=');
                String name = at < 0 ? option : option.substring(0, at);
                values.put(name, at < 0 ? "" : option.substring(at + 1));
            }
        }
        return new FsOptions(values);
    }

    /// The same with one more.
    public FsOptions with(String name, String value) {
        var more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new FsOptions(more);
    }

    /// Refuses an option that is not among `known`, by its name: EINVAL.
    public void requireKnown(Collection<String> known) throws ErrnoException {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw EINVAL.error("option %s: not known; there are %s", name, new TreeSet<>(known));
            }
        }
    }

    /// Whether an option without value is given.
    ///
    /// @throws ErrnoException EINVAL if it has a value
    public boolean has(String name) throws ErrnoException {
        String value = values.get(name);
        if (value != null && !value.isEmpty()) {
            throw EINVAL.error("option %s takes no value", name);
        }
        return value != null;
    }

    /// The value as it was written, or null if the option is not given.
    public @Nullable String text(String name) {
        return values.get(name);
    }

    /// A number from `min` to `max`, decimal, or `0x` and hexadecimal, or `0` and octal.
    public long number(String name, long preset, long min, long max) throws ErrnoException {
        return inRange(name, preset, min, max, 1);
    }

    /// A size in bytes: a number with K, M, G or T (powers of 1024) or none.
    public long size(String name, long preset, long min, long max) throws ErrnoException {
        String value = values.get(name);
        int letter = value == null || value.isEmpty()
                ? -1
                : "KMGT".indexOf(value.toUpperCase(Locale.ROOT).charAt(value.length() - 1));
        return inRange(name, preset, min, max, letter < 0 ? 1 : 1L << (10 * (letter + 1)));
    }

    private long inRange(String name, long preset, long min, long max, long unit) throws ErrnoException {
        String value = values.get(name);
        if (value == null) {
            return preset;
        }
        try {
            String digits = unit == 1 ? value : value.substring(0, value.length() - 1);
            long number = Math.multiplyExact(Long.decode(digits), unit);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // the same answer as for one that is out of range
        }
        throw EINVAL.error("option %s=%s: must be from %d to %d", name, value, min, max);
    }
}
