// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import org.jspecify.annotations.Nullable;

/// Finds the name that was probably meant.
final class Similar {
    private static final int LONGEST = 64; // no name is longer, and the work grows with it

    private Similar() {}

    /// The name in `known` that takes the fewest edits to reach from `typed`; null if that is more than one edit
    /// for each three characters.
    static @Nullable String to(String typed, Iterable<String> known) {
        if (typed.length() > LONGEST) {
            return null;
        }
        String best = null;
        int bestEdits = Math.max(1, typed.length() / 3) + 1;
        for (String name : known) {
            int edits = edits(typed, name);
            if (edits < bestEdits) {
                best = name;
                bestEdits = edits;
            }
        }
        return best;
    }

    /// ` (did you mean NAME?)`, or nothing.
    static String hint(String typed, Iterable<String> known) {
        String name = to(typed, known);
        return name == null ? "" : " (did you mean " + name + "?)";
    }

    /// The number of characters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    private static int edits(String a, String b) {
        var rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : step(a, b, rows, i, j);
            }
        }
        return rows[a.length()][b.length()];
    }

    private static int step(String a, String b, int[][] rows, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
    }
}
