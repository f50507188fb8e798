// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.io;

import java.util.Locale;
import java.util.function.Consumer;

/// The lines of a check, bounded: in a directory of rubbish something is wrong with each entry, and there may be
/// millions. Of one directory 100 findings are told, of all 10,000, and then how many more there were.
public final class FsckReport {
    private static final int OF_DIRECTORY = 100;
    private static final int OF_ALL = 10_000;

    private final Consumer<String> report;
    private boolean inDirectory;
    private int here; // of this directory
    private int all;
    private long moreHere;
    private long more;

    public FsckReport(Consumer<String> report) {
        this.report = report;
    }

    /// What is told from now on, up to [#endDirectory] or the next, is about one directory.
    public void beginDirectory() {
        endDirectory();
        inDirectory = true;
    }

    public void endDirectory() {
        if (moreHere > 0) {
            report.accept("and " + moreHere + " more in this directory");
        }
        inDirectory = false;
        here = 0;
        moreHere = 0;
    }

    /// Tells a finding, as `String.format` has it.
    public void tell(String format, Object... args) {
        if (all == OF_ALL) {
            more++;
        } else if (inDirectory && here == OF_DIRECTORY) {
            moreHere++;
        } else {
            here++;
            all++;
            report.accept(String.format(Locale.ROOT, format, args));
        }
    }

    /// Tells the last line.
    public void end(String line) {
        endDirectory();
        if (more > 0) {
            report.accept("and " + more + " more");
        }
        report.accept(line);
    }
}
