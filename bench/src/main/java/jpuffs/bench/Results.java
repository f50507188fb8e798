// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/// The samples of each workload and contender, or why there are none; and single facts.
final class Results {
    /// A row and a column.
    record Cell(Workload workload, Contender contender) {}

    /// Something measured that is not compared with peers.
    ///
    /// @param group the table it belongs to
    /// @param goal what it should be, "" for none
    /// @param met whether it is
    record Fact(String group, String name, String value, String goal, boolean met) {
        /// A goal of its own is not set.
        static Fact of(String group, String name, String value) {
            return new Fact(group, name, value, "", true);
        }
    }

    private final Map<Cell, List<Sample>> samples = new LinkedHashMap<>();
    private final Map<Cell, String> failures = new LinkedHashMap<>();
    private final List<Fact> facts = new ArrayList<>();
    private final Set<Workload> workloads = new LinkedHashSet<>();
    private final List<Contender> contenders;

    /// For these, in the order of the tables' columns.
    Results(List<Contender> contenders) {
        this.contenders = contenders;
    }

    void add(Cell cell, Sample sample) {
        workloads.add(cell.workload);
        samples.computeIfAbsent(cell, _ -> new ArrayList<>()).add(sample);
    }

    /// Says why a contender has no result; the first reason stays.
    void fail(Cell cell, String reason) {
        workloads.add(cell.workload);
        failures.putIfAbsent(cell, reason);
    }

    void add(Fact fact) {
        facts.add(fact);
    }

    boolean failed(Cell cell) {
        return failures.containsKey(cell);
    }

    /// The median of the rounds, in nanoseconds for each operation; empty when a round failed.
    OptionalDouble nanosPerOp(Cell cell) {
        List<Sample> all = samples(cell);
        return all.isEmpty() || failed(cell)
                ? OptionalDouble.empty()
                : OptionalDouble.of(Stats.median(
                        all.stream().map(cell.workload.group()::nanosPerOp).toList()));
    }

    /// The goal's peer's time over that of the cell: above 1 the cell is faster. Empty when either has no result.
    OptionalDouble ratio(Cell cell) {
        return ratio(cell, cell.workload.goal());
    }

    /// The same with the peer of another goal.
    OptionalDouble ratio(Cell cell, Goal goal) {
        OptionalDouble own = nanosPerOp(cell);
        OptionalDouble peer = contenders.stream()
                .filter(goal.peer()::is)
                .flatMapToDouble(c -> nanosPerOp(new Cell(cell.workload, c)).stream())
                .min();
        return own.isEmpty() || peer.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(peer.getAsDouble() / own.getAsDouble());
    }

    List<Sample> samples(Cell cell) {
        return samples.getOrDefault(cell, List.of());
    }

    Map<Cell, String> failures() {
        return failures;
    }

    /// The cells with samples, as they were run.
    Stream<Map.Entry<Cell, List<Sample>>> all() {
        return samples.entrySet().stream();
    }

    List<Workload> workloads(Group group) {
        return workloads.stream().filter(w -> w.group() == group).toList();
    }

    /// The contenders that took part in a group.
    List<Contender> contenders(Group group) {
        return contenders.stream().filter(c -> c.in(group.mode())).toList();
    }

    List<Fact> facts(String group) {
        return facts.stream().filter(f -> f.group.equals(group)).toList();
    }
}
