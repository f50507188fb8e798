// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.util.function.Consumer;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.io.FsckReport;

/// What a check has found, and whether it is to be repaired.
public final class FsckLog {
    private static final int MAX_PATH = 1000; // letters

    private final boolean repair;
    private final FsckReport report;
    private int found;
    private int left; // that cannot be repaired

    public FsckLog(boolean repair, Consumer<String> report) {
        this.repair = repair;
        this.report = new FsckReport(report);
    }

    /// What is found from now on is found in one directory, up to [#endDirectory] or the next.
    public void beginDirectory() {
        report.beginDirectory();
    }

    public void endDirectory() {
        report.endDirectory();
    }

    /// Says what is wrong; whether it is to be repaired.
    public boolean error(String text, Object... values) {
        found++;
        report.tell(text, values);
        return repair;
    }

    /// Says what is wrong and stays so.
    public void hopeless(String text, Object... values) {
        left++;
        error(text, values);
    }

    public boolean isRepairing() {
        return repair;
    }

    /// Whether something stays wrong.
    public boolean isHopeless() {
        return left > 0;
    }

    /// A path as it is kept and told: that of a deep directory must not take much memory.
    public static String shortened(String path) {
        return path.length() <= MAX_PATH ? path : "..." + path.substring(path.length() - MAX_PATH);
    }

    /// Sums up.
    ///
    /// @param kind of the file system
    /// @param used clusters, of how many there are
    FsckResult result(String kind, int used, int all) {
        if (found == 0) {
            report.end(kind + ": clean, " + used + " of " + all + " clusters in use");
            return FsckResult.CLEAN;
        }
        boolean repaired = repair && left == 0;
        report.end(kind + ": " + found + (found == 1 ? " error, " : " errors, ")
                + (repaired ? "repaired" : repair ? left + " left" : "nothing written"));
        return repaired ? FsckResult.REPAIRED : FsckResult.DAMAGED;
    }
}
