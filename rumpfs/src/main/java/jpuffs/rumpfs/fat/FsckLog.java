// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import java.util.Locale;
import java.util.function.Consumer;
import jpuffs.rumpfs.FsckResult;

/// What a check has found, and whether it is to be repaired.
public final class FsckLog {
    private final boolean repair;
    private final Consumer<String> report;
    private int found;
    private int left; // that cannot be repaired

    public FsckLog(boolean repair, Consumer<String> report) {
        this.repair = repair;
        this.report = report;
    }

    /// Says what is wrong; whether it is to be repaired.
    public boolean error(String text, Object... values) {
        found++;
        report.accept(String.format(Locale.ROOT, text, values));
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

    /// Sums up.
    ///
    /// @param kind of the file system
    /// @param used clusters, of how many there are
    public FsckResult result(String kind, int used, int all) {
        if (found == 0) {
            report.accept(kind + ": clean, " + used + " of " + all + " clusters in use");
            return FsckResult.CLEAN;
        }
        boolean repaired = repair && left == 0;
        report.accept(kind + ": " + found + (found == 1 ? " error, " : " errors, ")
                + (repaired ? "repaired" : repair ? left + " left" : "nothing written"));
        return repaired ? FsckResult.REPAIRED : FsckResult.DAMAGED;
    }
}
