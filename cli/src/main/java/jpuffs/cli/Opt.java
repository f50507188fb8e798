// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One option of a `-o` list: `name` or `name=value`.
///
/// @param name what stands before the first `=`, never empty
/// @param value what stands behind it, possibly empty; null without a `=`
record Opt(String name, @Nullable String value) {
    /// The options of one `-o` argument in their order; empty ones (`ro,,sync`) are skipped.
    ///
    /// A backslash takes the next character as it is: `\,` is a comma within a value and `\\` a backslash. Between
    /// two double quotes commas are ordinary, as mount(8) has it for `context="..."`; the quotes go, `\"` stays a
    /// quote.
    ///
    /// @throws Failure if the list ends within quotes or behind a backslash, or an option has no name
    static List<Opt> parse(String list) throws Failure {
        var options = new ArrayList<Opt>();
        var item = new StringBuilder();
        int equals = -1;
        boolean quoted = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '\\' && ++i == list.length()) {
                throw Failure.usage("-o " + list + " ends in a backslash: \\\\ stands for one");
            }
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                add(options, item, equals);
                item.setLength(0);
                equals = -1;
            } else {
                if (c == '=' && equals < 0) {
                    equals = item.length();
                }
                item.append(c == '\\' ? list.charAt(i) : c);
            }
        }
        if (quoted) {
            throw Failure.usage("-o " + list + " lacks a closing double quote");
        }
        add(options, item, equals);
        return options;
    }

    private static void add(List<Opt> options, StringBuilder item, int equals) throws Failure {
        if (equals == 0) {
            throw Failure.usage("-o " + item + " lacks the name of an option before =");
        }
        if (equals > 0) {
            options.add(new Opt(item.substring(0, equals), item.substring(equals + 1)));
        } else if (!item.isEmpty()) {
            options.add(new Opt(item.toString(), null));
        }
    }

    /// As it was written, but for quotes and backslashes.
    @Override
    public String toString() {
        return value == null ? name : name + "=" + value;
    }
}
