// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// A line that tells how far a long copy has come, on a terminal only; it begins after a second and goes at the
/// end.
///
/// ```
/// 1,204 files, 3.2G  [######--------------]  31%  disk.img:/srv/large
/// ```
final class Progress {
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final long EACH_NANOS = 200_000_000L;
    private static final int BAR = 20;
    private static final int NAME = 40;
    private static final String CLEAR = "\r\033[K";

    private final PrintStream terminal;
    private final boolean shown;
    private final LongSupplier clock;
    private long next;
    private boolean drawn;
    private long files;
    private long bytes; // of files that are done
    private String name = "";
    private long size;

    /// On standard error, if that is a terminal.
    static Progress of(PrintStream err) {
        return new Progress(err, err.equals(System.err) && isTerminal(), System::nanoTime);
    }

    /// Whether standard error is a terminal.
    private static boolean isTerminal() {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /// None.
    static Progress none(PrintStream err) {
        return new Progress(err, false, System::nanoTime);
    }

    /// @param shown whether `terminal` is one
    /// @param clock in nanoseconds
    Progress(PrintStream terminal, boolean shown, LongSupplier clock) {
        this.terminal = terminal;
        this.shown = shown;
        this.clock = clock;
        this.next = clock.getAsLong() + FIRST_NANOS;
    }

    /// A file of `newSize` bytes is begun.
    void begin(Place place, long newSize) {
        if (shown) {
            name = place.toString();
            size = newSize;
        }
    }

    /// It was copied up to `done`.
    void at(long done) {
        if (shown && clock.getAsLong() - next >= 0) {
            draw(done);
            next = clock.getAsLong() + EACH_NANOS;
        }
    }

    /// It is done.
    void fileDone() {
        at(size);
        files++;
        bytes += size;
    }

    private void draw(long done) {
        int percent = size <= 0 ? 100 : (int) Math.min(100, done * 100.0 / size);
        int marks = percent * BAR / 100;
        int cut = Math.max(0, name.length() - NAME);
        terminal.printf(
                "%s%,d files, %s  [%s%s]  %d%%  %s",
                CLEAR,
                files,
                Text.human(bytes + done),
                "#".repeat(marks),
                "-".repeat(BAR - marks),
                percent,
                (cut > 0 ? "..." : "") + name.substring(cut));
        terminal.flush();
        drawn = true;
    }

    /// Takes the line away, before anything else is said.
    void clear() {
        if (drawn) {
            terminal.print(CLEAR);
            terminal.flush();
            drawn = false;
        }
    }
}
