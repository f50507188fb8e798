// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.nio.file.Path;
import java.util.List;

/// One row of a table: what clients do, in one of the source's folders as a contender shows it.
///
/// @param name what options and tables call it
/// @param unit how its time is shown
/// @param goal what we want it to be
/// @param cold whether the kernel's dentries and inodes are dropped before
/// @param before what is done before, unmeasured: the words after `load`, or none
/// @param load what is measured: the words after `load`
record Workload(String name, Group group, Unit unit, Goal goal, boolean cold, Load before, Load load) {
    /// Gives the words after `load`.
    interface Load {
        List<String> words(Place place);
    }

    /// Where a contender works.
    ///
    /// @param dir the source as it shows it
    /// @param own the folder in it that only this contender works in
    /// @param tar the tree to unpack
    /// @param millis how long a repeated operation is repeated
    record Place(Path dir, Path own, Path tar, int millis) {}

    /// Nothing before, and no caches dropped.
    static Workload of(String name, Group group, Unit unit, Goal goal, Load load) {
        return new Workload(name, group, unit, goal, false, _ -> List.of(), load);
    }

    /// Its first round, as a row of its own.
    Workload fresh() {
        return new Workload(name + "-fresh", Group.FRESH, unit, goal, cold, before, load);
    }

    @Override
    public String toString() {
        return name;
    }
}
