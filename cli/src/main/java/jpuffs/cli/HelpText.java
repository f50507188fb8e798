// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.List;
import jpuffs.cli.FileServerType.TypeOption;
import org.jspecify.annotations.Nullable;

/// The parts of the help that come from tables: types and mount options. Lines without line ends.
final class HelpText {
    private static final int TEXT_COLUMN = 28;
    private static final int WIDTH = 100;

    private HelpText() {}

    /// One line for each type.
    static List<String> types() {
        var lines = new ArrayList<String>();
        for (FileServerType type : Types.all()) {
            row(lines, type.name(), type.summary());
        }
        return lines;
    }

    /// One line for each option that all types have, or for a pair of them.
    static List<String> genericOptions() {
        var lines = new ArrayList<String>();
        var ignored = new ArrayList<String>();
        GenericOption[] options = GenericOption.values();
        for (int i = 0; i < options.length; i++) {
            GenericOption option = options[i];
            switch (option.effect()) {
                case SET, CLEAR, SETTING -> {
                    String name = name(option.optionName(), option.param());
                    boolean pair = options[i + 1].help().equals(GenericOption.Help.OPPOSITE);
                    row(lines, pair ? name + ", " + options[++i].optionName() : name, option.help());
                }
                case IGNORED -> ignored.add(option.optionName());
                case REFUSED -> {}
            }
        }
        lines.add("");
        wrap(lines, "Accepted without effect here: " + String.join(", ", ignored) + ", x-*.");
        return lines;
    }

    /// All about one type.
    static List<String> type(FileServerType type) {
        var lines = new ArrayList<String>();
        lines.add(type.name() + ": " + type.summary());
        if (!type.aliases().isEmpty()) {
            lines.add("Also called " + String.join(", ", type.aliases()) + ".");
        }
        lines.add("");
        lines.add("Usage: " + usage(type) + " [-o OPTIONS]... [-f] [-v]");
        options(lines, "Options of " + type.name() + ":", type.options(), true);
        options(lines, "Options of puffs newfs " + type.name() + ":", type.newfsOptions(), false);
        lines.add("");
        lines.add("The options of all types: puffs help mount");
        return lines;
    }

    private static void options(List<String> lines, String heading, List<TypeOption> options, boolean withOpposites) {
        if (!options.isEmpty()) {
            lines.add("");
            lines.add(heading);
        }
        for (TypeOption option : options) {
            String opposite = option.param() == null && withOpposites ? ", no" + option.name() : "";
            row(lines, name(option.name(), option.param()) + opposite, option.help());
        }
    }

    /// The words to mount one type.
    static String usage(FileServerType type) {
        return switch (type.source()) {
            case NONE -> "puffs mount " + type.name() + " DIR";
            case DIRECTORY, NAME -> "puffs mount " + type.name() + " SOURCE DIR";
            case DISK -> "puffs mount " + type.name() + " IMAGE[@pN] DIR";
        };
    }

    private static String name(String option, @Nullable String param) {
        return param == null ? option : option + "=" + param;
    }

    private static void row(List<String> lines, String name, String text) {
        int gap = TEXT_COLUMN - 2 - name.length();
        if (gap < 2) {
            lines.add("  " + name);
            lines.add(" ".repeat(TEXT_COLUMN) + text);
        } else {
            lines.add("  " + name + " ".repeat(gap) + text);
        }
    }

    private static void wrap(List<String> lines, String text) {
        int from = 0;
        while (text.length() - from > WIDTH) {
            int blank = text.lastIndexOf(' ', from + WIDTH);
            lines.add(text.substring(from, blank));
            from = blank + 1;
        }
        lines.add(text.substring(from));
    }
}
