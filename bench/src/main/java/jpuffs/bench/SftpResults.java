// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.ChartEncoder;

/// What was measured with SFTP, and its tables.
final class SftpResults {
    private static final double MOST_MEBIBYTES = 200;

    /// @param line over which it was done
    record Cell(SftpLine line, SftpWork work, SftpContender contender) {}

    /// What went over the line.
    private record Wire(long bytes, long requests) {}

    private final List<SftpContender> contenders;
    private final Map<Cell, List<Double>> seconds = new LinkedHashMap<>();
    private final Map<Cell, Wire> wires = new LinkedHashMap<>();
    private long peak; // bytes; 0 if it was not measured

    SftpResults(List<SftpContender> contenders) {
        this.contenders = contenders;
    }

    void add(Cell cell, double time) {
        seconds.computeIfAbsent(cell, _ -> new ArrayList<>()).add(time);
    }

    void addWire(Cell cell, long bytes, long requests) {
        wires.put(cell, new Wire(bytes, requests));
    }

    void setPeak(long bytes) {
        peak = bytes;
    }

    private List<SftpWork> works(SftpLine line) {
        return seconds.keySet().stream()
                .filter(cell -> cell.line == line)
                .map(Cell::work)
                .distinct()
                .toList();
    }

    private OptionalDouble median(Cell cell) {
        List<Double> all = seconds.getOrDefault(cell, List.of());
        return all.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Stats.median(all));
    }

    /// A table of the works that have results of some kind.
    private TextTable table(
            List<SftpWork> works, boolean withUnit, Function<SftpWork, Function<SftpContender, String>> shown) {
        var header = new ArrayList<>(List.of("work"));
        if (withUnit) {
            header.add("unit");
        }
        contenders.forEach(c -> header.add(c.name()));
        var table = new TextTable(header);
        for (SftpWork work : works) {
            var row = new ArrayList<>(List.of(work.name()));
            if (withUnit) {
                row.add(work.unit());
            }
            contenders.forEach(c -> row.add(shown.apply(work).apply(c)));
            table.add(row);
        }
        return table;
    }

    private TextTable medians(SftpLine line) {
        return table(works(line), true, work -> contender -> {
            OptionalDouble median = median(new Cell(line, work, contender));
            return median.isPresent() ? Unit.digits(work.shown(median.getAsDouble())) : "n/a";
        });
    }

    /// How many times as fast `ours` is as `peer`.
    private OptionalDouble ratio(SftpLine line, SftpWork work, String ours, String peer) {
        OptionalDouble own = named(line, work, ours);
        OptionalDouble theirs = named(line, work, peer);
        return own.isPresent() && theirs.isPresent()
                ? OptionalDouble.of(theirs.getAsDouble() / own.getAsDouble())
                : OptionalDouble.empty();
    }

    private OptionalDouble named(SftpLine line, SftpWork work, String contender) {
        return contenders.stream()
                .filter(c -> c.name().equals(contender))
                .findFirst()
                .map(c -> median(new Cell(line, work, c)))
                .orElse(OptionalDouble.empty());
    }

    private TextTable goals(SftpLine line) {
        var table = new TextTable(List.of("work", "ours", "ratio", "goal"));
        for (SftpWork work : works(line)) {
            for (SftpGoal goal : work.goals()) {
                OptionalDouble ratio = ratio(line, work, goal.ours(), goal.peer());
                String mark = ratio.orElse(0) >= goal.ratio() ? Tables.MET : Tables.MISSED;
                String shown = ratio.isPresent() ? Unit.digits(ratio.getAsDouble()) + " " + mark : "n/a";
                table.add(List.of(work.name(), goal.ours(), shown, goal.toString()));
            }
        }
        return table;
    }

    private TextTable wire(Function<Wire, String> which) {
        List<SftpWork> works =
                wires.keySet().stream().map(Cell::work).distinct().toList();
        return table(works, false, work -> contender -> {
            Wire wire = wires.get(new Cell(SftpLine.COUNTED, work, contender));
            return wire == null ? "n/a" : which.apply(wire);
        });
    }

    private TextTable memory() {
        var table = new TextTable(List.of("what", "measured", "goal"));
        double mebibytes = peak / (double) (1 << 20);
        String goal = "≤ " + Unit.digits(MOST_MEBIBYTES) + " MiB ";
        table.add(List.of(
                "psshfs, most RSS while 4 GiB are written",
                Unit.digits(mebibytes) + " MiB",
                goal + (mebibytes <= MOST_MEBIBYTES ? Tables.MET : Tables.MISSED)));
        return table;
    }

    /// All tables, for the terminal or as Markdown.
    String sections(boolean markdown) {
        var all = new StringBuilder();
        for (SftpLine line : SftpLine.values()) {
            if (works(line).isEmpty()) {
                continue;
            }
            all.append(section(line.title(), medians(line), markdown));
            if (works(line).stream().anyMatch(work -> !work.goals().isEmpty())) {
                all.append('\n').append(text(goals(line), markdown));
            }
            if (markdown) {
                all.append("\n![%s](%s.svg)\n".formatted(line.title(), line.id()));
            }
        }
        if (!wires.isEmpty()) {
            all.append(section("MB on the wire, both ways", wire(w -> Unit.digits(w.bytes / 1e6)), markdown));
            all.append(section("Requests", wire(w -> String.valueOf(w.requests)), markdown));
        }
        if (peak > 0) {
            all.append(section("Memory", memory(), markdown));
        }
        return all.toString();
    }

    private static String section(String title, TextTable table, boolean markdown) {
        return (markdown ? "\n## " + title + "\n\n" : "\n" + title + "\n") + text(table, markdown);
    }

    private static String text(TextTable table, boolean markdown) {
        return markdown ? table.markdown() : table.text();
    }

    /// Writes results.csv, and a chart for each line.
    void write(Path dir) throws IOException {
        Files.writeString(dir.resolve("results.csv"), csv());
        for (SftpLine line : SftpLine.values()) {
            if (!works(line).isEmpty()) {
                ChartEncoder.saveChart(
                        chart(line), dir.resolve(line.id() + ".svg").toString(), "svg");
            }
        }
    }

    private CategoryChart chart(SftpLine line) {
        CategoryChart chart = Charts.empty(line.title(), SftpContender.SSHFS);
        List<SftpWork> works = works(line);
        for (SftpContender contender : contenders) {
            List<Double> speeds = works.stream()
                    .map(w -> ratio(line, w, contender.name(), SftpContender.SSHFS)
                            .orElse(0))
                    .toList();
            if (speeds.stream().anyMatch(speed -> speed > 0)) {
                chart.addSeries(
                        contender.name(), works.stream().map(SftpWork::name).toList(), speeds);
            }
        }
        return chart;
    }

    /// Every round.
    private String csv() {
        var csv = new StringBuilder("line,work,contender,round,seconds\n");
        seconds.forEach((cell, times) -> {
            int round = 0;
            for (double time : times) {
                csv.append(String.format(
                        Locale.ROOT,
                        "%s,\"%s\",%s,%d,%.4f%n",
                        cell.line,
                        cell.work.name(),
                        cell.contender,
                        ++round,
                        time));
            }
        });
        return csv.toString();
    }
}
