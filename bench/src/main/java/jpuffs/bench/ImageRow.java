// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Something done with a disk image, by others and by us.
///
/// @param group its name for `--only`
/// @param unit of the speed
/// @param amount how much of that is done
/// @param goal how much faster than the best of the others we want to be
/// @param ways other ways of ours
record ImageRow(
        String group,
        String name,
        String unit,
        double amount,
        double goal,
        List<Turn> others,
        Turn ours,
        List<Turn> ways) {
    /// A part of a turn.
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /// What one program does.
    ///
    /// @param prepare before the clock runs
    /// @param work what is measured
    /// @param check compares all bytes with those they ought to be
    /// @param here whether it is done in this process, where it becomes faster for a while
    record Turn(String name, Step prepare, Step work, Step check, boolean here) {
        /// One of another process.
        Turn(String name, Step prepare, Step work, Step check) {
            this(name, prepare, work, check, false);
        }

        /// Does the work once.
        ///
        /// @return for how long, in seconds
        double time() throws IOException {
            prepare.run();
            long begin = System.nanoTime();
            work.run();
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    /// All, the others first.
    List<Turn> turns() {
        var all = new ArrayList<>(others);
        all.add(ours);
        all.addAll(ways);
        return all;
    }
}
