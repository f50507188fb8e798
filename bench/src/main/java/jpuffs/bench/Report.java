// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A run, written down: tables for the terminal; README.md, results.csv and charts in a folder.
final class Report {
    private final Results results;
    private final Options options;

    Report(Results results, Options options) {
        this.results = results;
        this.options = options;
    }

    /// All tables, for the terminal.
    String text() {
        return sections(false) + failures();
    }

    /// Writes all files into a folder, making it.
    void write(Path dir, List<String> machine) throws IOException {
        Files.createDirectories(dir);
        Files.writeString(dir.resolve("results.csv"), csv());
        for (Group group : groups()) {
            Charts.write(group, results, dir.resolve(group.id() + ".svg"));
        }
        Files.writeString(dir.resolve("README.md"), markdown(machine));
    }

    private String markdown(List<String> machine) {
        return "# Benchmark\n\n"
                + machine.stream().collect(Collectors.joining("\n* ", "* ", "\n\n"))
                + method()
                + sections(true)
                + failures();
    }

    private String method() {
        String source = options.src().isEmpty() ? "a folder on tmpfs" : "a folder on a disk's file system";
        return """
            All contenders are mounted at the same time and take turns, workload by workload and round by round, from
            another first one in each round. Numbers are medians over %d rounds: of the median time of an operation in
            the round for one client, of the throughput for two. A round before them warms up and does not count, but
            its trees are the first work of servers just started, and have a table of their own. A ratio is the time of
            the goal's peer (of the best, where several fit) over ours: above 1 we are faster.

            "ll" is libfuse's passthrough_ll, "ll -s" the same with one thread; "puffs" is our null file server on
            /dev/fuse, "puffs ring" the same on io_uring, "noxattr" the same without extended attributes, which "ll" has
            not either; "ll xattr" has them. The source is %s. results.csv has every round: operations, wall time, and the
            median and 99th percentile of one operation.
            """.formatted(options.rounds(), source);
    }

    private List<Group> groups() {
        return Arrays.stream(Group.values())
                .filter(g -> !results.workloads(g).isEmpty())
                .toList();
    }

    private String sections(boolean markdown) {
        var all = new StringBuilder();
        for (Group group : groups()) {
            all.append(section(group.title(), Tables.of(group, results), markdown));
            if (markdown) {
                all.append("\n![%s](%s.svg)\n".formatted(group.title(), group.id()));
            }
        }
        for (var part : List.of(List.of(Light.ID, "Start and memory"), List.of(Parts.ID, "Parts, by JMH"))) {
            List<Results.Fact> facts = results.facts(part.getFirst());
            if (!facts.isEmpty()) {
                all.append(section(part.getLast(), Tables.of(facts), markdown));
            }
        }
        return all.toString();
    }

    private static String section(String title, TextTable table, boolean markdown) {
        return markdown ? "\n## " + title + "\n\n" + table.markdown() : "\n" + title + "\n" + table.text();
    }

    /// Why cells say n/a.
    private String failures() {
        var rows = new LinkedHashMap<String, List<String>>();
        results.failures()
                .forEach((cell, why) -> rows.computeIfAbsent(cell.contender() + ": " + why, _ -> new ArrayList<>())
                        .add(cell.workload().name()));
        return rows.entrySet().stream()
                .map(e -> "* %s (%s)\n".formatted(e.getKey(), String.join(", ", e.getValue())))
                .reduce(String::concat)
                .map(lines -> "\nNo result:\n\n" + lines)
                .orElse("");
    }

    /// Every round.
    String csv() {
        var csv = new StringBuilder("group,workload,contender,round,ops,wall_ns,p50_ns,p99_ns\n");
        results.all().forEach(entry -> {
            Results.Cell cell = entry.getKey();
            int round = 0;
            for (Sample s : entry.getValue()) {
                csv.append(String.format(
                        Locale.ROOT,
                        "%s,%s,%s,%d,%d,%d,%d,%d%n",
                        cell.workload().group().id(),
                        cell.workload(),
                        cell.contender(),
                        ++round,
                        s.ops(),
                        s.nanos(),
                        s.p50(),
                        s.p99()));
            }
        });
        return csv.toString();
    }
}
