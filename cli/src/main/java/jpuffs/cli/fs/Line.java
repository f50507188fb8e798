// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

/// Text for a terminal.
public final class Line {
    private Line() {}

    /// One line, whatever names are in it: those from an image or a server must not command the terminal.
    public static String of(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }
}
