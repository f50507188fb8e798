// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The options of one mount, by the names psshfs(8) documents. Immutable.
public final class Options {
    /// Everything as it is by default.
    public static final Options NONE = new Options(Map.of());

    private static final String NO = "no";

    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /// The same with an option set.
    ///
    /// @param value empty for a flag that is on, `no` for one that is off
    /// @throws IllegalArgumentException with the reason, if there is no such option, it cannot be had, or its
    ///     value is bad
    public Options with(String name, String value) {
        OptionTable.check(name, value);
        var all = new HashMap<>(values);
        all.put(name, value);
        return new Options(Map.copyOf(all));
    }

    /// Those given that are ssh's own, each as `Key=value`.
    String[] ofSsh() {
        return values.entrySet().stream()
                .filter(each -> OptionTable.isSsh(each.getKey()))
                .map(each -> each.getKey() + "=" + each.getValue())
                .sorted()
                .toArray(String[]::new);
    }

    @Nullable
    String value(String name) {
        return values.get(name);
    }

    String value(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : !value.equals(NO);
    }

    int number(String name, int otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    /// A time in seconds; null for ever (a negative number).
    @Nullable
    Duration seconds(String name, @Nullable Duration otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : seconds(value);
    }

    static @Nullable Duration seconds(String value) {
        double seconds = Double.parseDouble(value);
        return seconds < 0 ? null : Duration.ofNanos((long) (Math.min(seconds, 1e9) * 1e9));
    }

    /// How long cached attributes, listings and targets are believed; null for ever.
    @Nullable
    Duration cacheTime(String kind) {
        Duration all = flag("cache", true) && flag("dir_cache", true) ? Duration.ofSeconds(20) : Duration.ZERO;
        Duration general = seconds("dcache_timeout", seconds("cache_timeout", all));
        return seconds("dcache_" + kind + "_timeout", seconds("cache_" + kind + "_timeout", general));
    }

    Symlinks symlinks() {
        if (flag("contain_symlinks", true) && !flag("no_contain_symlinks", false)) {
            return Symlinks.CONTAIN;
        }
        return flag("transform_symlinks", false) ? Symlinks.TRANSFORM : Symlinks.AS_IS;
    }

    /// Whether `workaround` says so: its words are read in turn, as sshfs does.
    boolean isDeletingToRename() {
        boolean deleting = false;
        for (String word : value("workaround", "none").toLowerCase(Locale.ROOT).split(":", -1)) {
            deleting = switch (word) {
                case "rename", "all" -> true;
                case "norename", "none" -> false;
                default -> deleting;
            };
        }
        return deleting;
    }

    /// Whether a text is one of yes and no, as sshfs has them.
    static boolean isYesOrNo(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes", "no", "" -> true;
            default -> false;
        };
    }
}
