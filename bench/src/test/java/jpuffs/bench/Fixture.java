// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.List;
import java.util.Map;

/// Made-up results to show.
final class Fixture {
    static final Contender LL = peer("ll");
    static final Contender LL_S = peer("ll -s");
    static final Contender OURS = ours("puffs", false);
    static final Contender RING = ours("puffs ring", true);

    private Fixture() {}

    static Contender peer(String name) {
        return new Contender(name, false, false, Map.of(Mode.UNCACHED, ""), (_, _, _) -> List.of());
    }

    static Contender ours(String name, boolean rings) {
        return new Contender(name, true, rings, Map.of(Mode.UNCACHED, ""), (_, _, _) -> List.of());
    }

    static Workload workload(String name, Goal goal) {
        return Workload.of(name, Group.METADATA, Unit.MICROS, goal, _ -> List.of());
    }

    /// One round for each time, in microseconds an operation.
    static void rounds(Results results, Workload workload, Contender contender, double... micros) {
        for (double m : micros) {
            var sample = new Sample(10, Math.round(m * 10_000), Math.round(m * 1000), Math.round(m * 2000));
            results.add(new Results.Cell(workload, contender), sample);
        }
    }
}
