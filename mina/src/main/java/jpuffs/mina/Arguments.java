// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments, as ssh(1) has them: `[-ax] [-s] [-F file] [-l user] [-p port] [-o key=value]... [--] host
/// command`.
///
/// @param host as it was said: a name of the configuration, or an address
/// @param config the file in place of ~/.ssh/config
/// @param options by keyword, as it was written; the first of each counts
/// @param subsystem whether `command` is one
record Arguments(String host, @Nullable String config, Map<String, String> options, boolean subsystem, String command) {
    /// @throws Refused for what ssh does not know or we cannot do
    static Arguments parse(List<String> words) throws Refused {
        var left = new ArrayDeque<>(words);
        var options = new LinkedHashMap<String, String>();
        String config = null;
        boolean subsystem = false;
        while (!left.isEmpty() && left.peek().startsWith("-")) {
            String word = left.remove();
            if (word.equals("--")) {
                break;
            }
            switch (word) {
                case "-a", "-x" -> {}
                case "-s" -> subsystem = true;
                case "-F" -> config = next(left, word);
                case "-l" -> options.putIfAbsent("User", next(left, word));
                case "-p" -> options.putIfAbsent("Port", next(left, word));
                case "-o" -> option(next(left, word), options);
                default -> {
                    if (!word.startsWith("-o")) {
                        throw new Refused("unknown option " + word);
                    }
                    option(word.substring(2), options);
                }
            }
        }
        String host = next(left, "the options");
        return new Arguments(host, config, options, subsystem, String.join(" ", left));
    }

    private static String next(ArrayDeque<String> left, String after) throws Refused {
        String word = left.poll();
        if (word == null) {
            throw new Refused("something is missing after " + after);
        }
        return word;
    }

    private static void option(String text, Map<String, String> options) throws Refused {
        String[] parts = text.strip().split("\\s*=\\s*|\\s+", 2);
        if (parts.length < 2) {
            throw new Refused("no value in -o " + text);
        }
        for (String known : options.keySet()) {
            if (known.equalsIgnoreCase(parts[0])) {
                return;
            }
        }
        options.put(parts[0], parts[1]);
    }
}
