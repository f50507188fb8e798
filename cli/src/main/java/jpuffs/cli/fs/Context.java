// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Errno;

/// One run of a tool: its options, where it reads and writes, and how it will end.
final class Context {
    private static final int BUFFER = 64 << 10;

    private final Tool tool;
    private final Options options;
    private final InputStream in;
    private final PrintStream raw;
    private final PrintStream out;
    private final PrintStream err;
    private final Progress progress;
    private int status;

    Context(Tool tool, Options options, InputStream in, PrintStream out, PrintStream err) {
        this.raw = out;
        this.tool = tool;
        this.options = options;
        this.in = in;
        this.out = new PrintStream(new BufferedOutputStream(out, BUFFER), false, StandardCharsets.UTF_8);
        this.err = err;
        this.progress = options.has("v") ? Progress.none(err) : Progress.of(err); // what -v tells would be between
    }

    /// Of copies, which this run tells of.
    Progress progress() {
        return progress;
    }

    boolean has(String letter) {
        return options.has(letter);
    }

    Options options() {
        return options;
    }

    InputStream in() {
        return in;
    }

    /// Buffered until the end, or a complaint.
    PrintStream out() {
        return out;
    }

    /// Writes bytes to standard output; false if nobody reads them any more.
    boolean write(byte[] bytes, int count) {
        out.write(bytes, 0, count);
        out.flush();
        return !raw.checkError();
    }

    /// Says what failed, in one line whatever names are in it; the tool goes on, and will exit with at least 1, or 2
    /// if 1 has another meaning.
    void complain(String what) {
        complain(what, tool.trouble());
    }

    /// As [#complain(String)], of a place: `cannot remove 'disk.img:/a': Is a directory`.
    void complain(String what, Place place, IOException why) {
        complain(what + " '" + place + "': " + text(why));
    }

    void complain(String what, int code) {
        out.flush();
        progress.clear();
        err.println(tool + ": " + Line.of(what));
        status = Math.max(status, code);
    }

    /// Things are not alike: the tool goes on, and will exit with at least 1.
    void differ() {
        status = Math.max(status, 1);
    }

    /// The text of strerror(3).
    static String text(IOException why) {
        return Errno.of(why).text();
    }

    /// Ends the run.
    ///
    /// @return the exit code
    int end() {
        progress.clear();
        out.flush();
        return status;
    }
}
