// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The options of a tool and its operands, read as getopt(3) does: `-rp`, `-m 755`, `--` ends them, and they may
/// come behind operands.
///
/// @param values by the letter; empty for those without a value
record Options(Map<String, String> values, List<String> operands) {
    /// @param known the letters; a colon behind one says that it has a value
    /// @throws UsageException for a letter that is not known or lacks its value
    static Options parse(String known, List<String> words) throws UsageException {
        var options = new Options(new LinkedHashMap<>(), new ArrayList<>());
        boolean ended = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (ended || word.length() < 2 || word.charAt(0) != '-') {
                options.operands.add(word);
            } else if (word.equals("--")) {
                ended = true;
            } else {
                boolean used = options.cluster(known, word, i + 1 < words.size() ? words.get(i + 1) : "");
                i += used ? 1 : 0;
            }
        }
        return options;
    }

    /// Whether the next word was used as the value of the last letter.
    private boolean cluster(String known, String word, String next) throws UsageException {
        for (int i = 1; i < word.length(); i++) {
            String letter = word.substring(i, i + 1);
            int at = letter.equals(":") ? -1 : known.indexOf(letter);
            if (at < 0) {
                throw new UsageException("invalid option -- '" + letter + "'");
            }
            boolean valued = known.startsWith(":", at + 1);
            if (!valued) {
                values.put(letter, "");
            } else {
                String rest = word.substring(i + 1);
                if (rest.isEmpty() && next.isEmpty()) {
                    throw new UsageException("option requires an argument -- '" + letter + "'");
                }
                values.put(letter, rest.isEmpty() ? next : rest);
                return rest.isEmpty();
            }
        }
        return false;
    }

    boolean has(String letter) {
        return values.containsKey(letter);
    }

    /// The value of an option, or `preset` without it.
    String value(String letter, String preset) {
        return values.getOrDefault(letter, preset);
    }
}
