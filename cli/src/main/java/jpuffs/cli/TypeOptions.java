// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import jpuffs.cli.FileServerType.TypeOption;
import org.jspecify.annotations.Nullable;

/// The options of one mount that belong to its type. Of those given twice the last one counts.
final class TypeOptions {
    private static final String NO = "no";

    private final List<TypeOption> known;
    private final Predicate<String> passedOn;
    private final Map<String, String> values = new HashMap<>();
    private long flags;

    TypeOptions(FileServerType type) {
        this.known = type.options();
        this.passedOn = type::passesOn;
    }

    /// Takes `option` if it is one of the type's.
    ///
    /// @return whether it is
    /// @throws Failure if it has a value and should not, or the other way round
    boolean take(Opt option) throws Failure {
        for (TypeOption each : known) {
            if (each.name().equals(option.name())) {
                requireValue(option, each.param());
                String value = option.value();
                values.put(each.name(), value == null ? "" : value);
                return true;
            }
            if (each.param() == null && option.name().equals(NO + each.name())) {
                requireValue(option, null);
                values.put(each.name(), NO);
                return true;
            }
        }
        if (passedOn.test(option.name())) {
            requireValue(option, "VALUE");
            values.put(option.name(), Objects.requireNonNullElse(option.value(), ""));
            return true;
        }
        return false;
    }

    /// Whether the mount has a flag of mount(2).
    boolean has(long flag) {
        return (flags & flag) != 0;
    }

    void setFlags(long flags) {
        this.flags = flags;
    }

    /// @throws Failure if `option` has a value although `param` is null, or none although it is not
    static void requireValue(Opt option, @Nullable String param) throws Failure {
        String value = option.value();
        if (param == null && value != null) {
            throw Failure.usage("option " + option + ": " + option.name() + " takes no value");
        }
        if (param != null && (value == null || value.isEmpty())) {
            throw Failure.usage("option " + option.name() + " lacks its value: " + option.name() + "=" + param);
        }
    }

    /// Whether a flag is on: `otherwise` if neither it nor its opposite was given.
    boolean flag(TypeOption option, boolean otherwise) {
        String value = values.get(option.name());
        return value == null ? otherwise : !value.equals(NO);
    }

    /// All that were given, by their names: of a flag the value is empty if it is on, else `no`.
    Map<String, String> given() {
        return Map.copyOf(values);
    }

    /// The value of an option, as it was given; null if it was not.
    @Nullable
    String value(TypeOption option) {
        return values.get(option.name());
    }
}
