// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.core.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;

/// A command line within one word: blanks part its words, quotes and backslashes keep them together as in a shell.
final class Words {
    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;

    private Words(String text) {
        this.text = text;
    }

    /// @throws ErrnoException EINVAL if a quote is not closed, or a backslash is the end
    static List<String> split(String text) throws ErrnoException {
        var words = new Words(text);
        for (int at = 0; at < text.length(); ) {
            at = words.next(at);
        }
        words.end();
        return words.words;
    }

    /// Takes one character, or all between two quotes.
    ///
    /// @return where the next one is
    private int next(int at) throws ErrnoException {
        char c = text.charAt(at);
        if (c == ' ') {
            end();
            return at + 1;
        }
        begun = true;
        if (c == '\'' || c == '"') {
            int close = text.indexOf(c, at + 1);
            if (close < 0) {
                throw EINVAL.error("%s lacks a closing quote", text);
            }
            word.append(text, at + 1, close);
            return close + 1;
        }
        int of = c == '\\' ? at + 1 : at;
        if (of == text.length()) {
            throw EINVAL.error("%s ends in a backslash", text);
        }
        word.append(text.charAt(of));
        return of + 1;
    }

    private void end() {
        if (begun) {
            words.add(word.toString());
            word.setLength(0);
            begun = false;
        }
    }
}
