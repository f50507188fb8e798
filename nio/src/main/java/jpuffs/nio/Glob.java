// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import java.util.regex.PatternSyntaxException;

/// The patterns of [java.nio.file.FileSystem#getPathMatcher], as regular expressions.
final class Glob {
    private static final String SPECIAL = "\\^$.|?*+()[]{}&-~";

    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int at;
    private boolean inGroup;

    private Glob(String glob) {
        this.glob = glob;
    }

    /// @throws PatternSyntaxException if it lacks a bracket or the character behind a backslash
    static String toRegex(String glob) {
        return new Glob(glob).translate();
    }

    private String translate() {
        while (at < glob.length()) {
            next(glob.charAt(at++));
        }
        if (inGroup) {
            throw wrong("a brace is not closed");
        }
        return regex.toString();
    }

    private void next(char c) {
        switch (c) {
            case '*' -> star();
            case '?' -> regex.append("[^/]");
            case '[' -> bracket();
            case '\\' -> literal(escaped());
            case '{' -> open();
            case '}' -> close(c);
            case ',' -> regex.append(inGroup ? "|" : ",");
            default -> literal(c);
        }
    }

    private void star() {
        if (at < glob.length() && glob.charAt(at) == '*') {
            at++;
            regex.append("(?s:.*)"); // also what is a line break
        } else {
            regex.append("[^/]*");
        }
    }

    private void open() {
        if (inGroup) {
            throw wrong("a brace in a brace");
        }
        inGroup = true;
        regex.append("(?:");
    }

    private void close(char c) {
        if (inGroup) {
            regex.append(')');
            inGroup = false;
        } else {
            literal(c);
        }
    }

    private char escaped() {
        if (at == glob.length()) {
            throw wrong("nothing behind the backslash");
        }
        return glob.charAt(at++);
    }

    /// Inside of brackets nothing is special but `-` between two characters and `!` in front.
    private void bracket() {
        int end = glob.indexOf(']', at);
        if (end <= at || glob.startsWith("!]", at)) {
            throw wrong("a bracket is not closed, or empty");
        }
        String set = glob.substring(at, end);
        if (set.indexOf('/') >= 0) {
            throw wrong("a slash in brackets");
        }
        at = end + 1;
        boolean not = set.startsWith("!");
        regex.append("(?:(?!/)[").append(not ? "^" : "");
        for (int i = not ? 1 : 0; i < set.length(); i++) {
            boolean range = set.charAt(i) == '-' && i > (not ? 1 : 0) && i < set.length() - 1;
            if (range) {
                regex.append('-');
            } else {
                literal(set.charAt(i));
            }
        }
        regex.append("])");
    }

    private void literal(char c) {
        if (SPECIAL.indexOf(c) >= 0) {
            regex.append('\\');
        }
        regex.append(c);
    }

    private PatternSyntaxException wrong(String what) {
        return new PatternSyntaxException(what, glob, at - 1);
    }
}
