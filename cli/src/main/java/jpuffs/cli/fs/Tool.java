// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The tools: a row for each.
enum Tool {
    CAT("", "cat FILE...", 1, Writes.NONE, Contents::cat),
    CHMOD("R", "chmod [-R] MODE FILE...", 2, Writes.ALL, Changes::chmod),
    CHOWN("Rh", "chown [-Rh] [UID][:GID] FILE...", 2, Writes.ALL, Changes::chown),
    CP("rRapv", "cp [-rapv] SOURCE... TARGET", 2, Writes.LAST, Copier::cp),
    DF("hi", "df [-hi] FILE...", 1, Writes.NONE, Space::df),
    DIFF("rq", "diff [-qr] FILE FILE", 2, Writes.NONE, Comparer::diff),
    DU("ahs", "du [-ahs] FILE...", 1, Writes.NONE, Space::du),
    FIND("", "find FILE... [-name PATTERN] [-type TYPE] [-maxdepth N]", 1, Writes.NONE, Finder::find) {
        @Override
        Options parse(List<String> words) throws UsageException {
            return Finder.options(words);
        }
    },
    LN("sf", "ln [-sf] FILE LINK", 2, Writes.ALL, Changes::ln),
    LS("adhilR", "ls [-adhilR] FILE...", 1, Writes.NONE, Listing::ls),
    MKDIR("pm:", "mkdir [-p] [-m MODE] DIR...", 1, Writes.ALL, Changes::mkdir),
    MV("v", "mv [-v] SOURCE... TARGET", 2, Writes.ALL, Copier::mv),
    RM("rRfv", "rm [-rfv] FILE...", 1, Writes.ALL, Changes::rm),
    SHA256("", "sha256 FILE...", 1, Writes.NONE, Contents::sha256),
    STAT("", "stat FILE...", 1, Writes.NONE, Listing::stat),
    TAR("cxtv", "tar -c FILE... | -x [-v] DIR | -t", 0, Writes.ALL, TarWriter::tar) {
        @Override
        boolean writes(Options options, int index, int count) {
            return options.has("x");
        }
    },
    TREE("a", "tree [-a] DIR...", 1, Writes.NONE, Listing::tree),
    WRITE("a", "write [-a] FILE", 1, Writes.ALL, Contents::write);

    /// The operands that a tool changes.
    private enum Writes {
        NONE,
        LAST,
        ALL
    }

    @FunctionalInterface
    private interface Body {
        void run(Context context, List<Place> places) throws IOException, UsageException;
    }

    private final String letters;
    private final String synopsis;
    private final int least;
    private final Writes writes;

    @SuppressWarnings("ImmutableEnumChecker") // a method without state
    private final Body body;

    /// @param letters of its options, as [Options#parse] has them
    /// @param least so many operands it needs
    Tool(String letters, String synopsis, int least, Writes writes, Body body) {
        this.letters = letters;
        this.synopsis = synopsis;
        this.least = least;
        this.writes = writes;
        this.body = body;
    }

    /// The tool called so, or null.
    static @Nullable Tool named(String name) {
        for (Tool tool : values()) {
            if (tool.toString().equals(name)) {
                return tool;
            }
        }
        return null;
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Tool::toString).toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    String synopsis() {
        return synopsis;
    }

    Options parse(List<String> words) throws UsageException {
        return Options.parse(letters, words);
    }

    /// The exit code of a failure: `diff` and `tar` have another meaning for 1.
    int trouble() {
        return this == DIFF || this == TAR ? 2 : 1;
    }

    /// The operands that are files; those of `chmod`, `chown` and `ln -s` begin with one that is not.
    List<String> files(Options options) throws UsageException {
        List<String> operands = options.operands();
        if (operands.size() < least) {
            throw new UsageException(
                    operands.isEmpty() ? "missing operand" : "missing operand after '" + operands.getLast() + "'");
        }
        boolean word = this == CHMOD || this == CHOWN || this == LN && options.has("s");
        return word ? operands.subList(1, operands.size()) : operands;
    }

    /// Whether it changes something on the volume of the file with this index of `count`.
    boolean writes(Options options, int index, int count) {
        return writes == Writes.ALL || writes == Writes.LAST && index == count - 1;
    }

    void run(Context context, List<Place> places) throws IOException, UsageException {
        body.run(context, places);
    }
}
