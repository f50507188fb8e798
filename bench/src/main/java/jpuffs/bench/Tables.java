// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// Results as tables: a row for each workload, the contenders' medians, and how we stand to the goal.
final class Tables {
    static final String MET = "✓";
    static final String MISSED = "✗";

    private Tables() {}

    /// The comparison in one group.
    static TextTable of(Group group, Results results) {
        List<Contender> contenders = results.contenders(group);
        List<Contender> ours = contenders.stream().filter(Contender::ours).toList();
        var header = new ArrayList<>(List.of("workload", "unit"));
        contenders.forEach(c -> header.add(c.name()));
        ours.forEach(c -> header.add(c.name() + " ratio"));
        header.add("goal");
        var table = new TextTable(header);
        for (Workload workload : results.workloads(group)) {
            var row = new ArrayList<>(List.of(workload.name(), workload.unit().label()));
            contenders.forEach(c -> row.add(time(results, new Results.Cell(workload, c))));
            ours.forEach(c -> row.add(ratio(results, new Results.Cell(workload, c))));
            row.add(workload.goal().toString());
            table.add(row);
        }
        return table;
    }

    private static String time(Results results, Results.Cell cell) {
        OptionalDouble nanos = results.nanosPerOp(cell);
        return nanos.isPresent() ? cell.workload().unit().format(nanos.getAsDouble()) : "n/a";
    }

    /// The ratio for each goal, and whether it meets that where this contender is held to it.
    private static String ratio(Results results, Results.Cell cell) {
        return cell.workload()
                .goal()
                .all()
                .map(goal -> ratio(results, cell, goal))
                .collect(Collectors.joining(", "));
    }

    private static String ratio(Results results, Results.Cell cell, Goal goal) {
        OptionalDouble ratio = results.ratio(cell, goal);
        if (ratio.isEmpty()) {
            return "n/a";
        }
        String mark = !goal.holdsFor(cell.contender()) ? " " : ratio.getAsDouble() >= goal.ratio() ? MET : MISSED;
        return Unit.digits(ratio.getAsDouble()) + " " + mark;
    }

    /// Single facts.
    static TextTable of(List<Results.Fact> facts) {
        var table = new TextTable(List.of("what", "measured", "goal"));
        for (Results.Fact fact : facts) {
            String goal = fact.goal().isEmpty() ? "" : fact.goal() + " " + (fact.met() ? MET : MISSED);
            table.add(List.of(fact.name(), fact.value(), goal));
        }
        return table;
    }
}
