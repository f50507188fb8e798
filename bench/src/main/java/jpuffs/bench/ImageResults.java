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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.ChartEncoder;

/// What was measured with disk images: every round, and tables of medians.
final class ImageResults {
    private final Map<ImageRow, Map<String, List<Double>>> seconds = new LinkedHashMap<>();
    private final List<Results.Fact> facts = new ArrayList<>();

    void add(ImageRow row, ImageRow.Turn turn, double time) {
        seconds.computeIfAbsent(row, _ -> new LinkedHashMap<>())
                .computeIfAbsent(turn.name(), _ -> new ArrayList<>())
                .add(time);
    }

    void add(Results.Fact fact) {
        facts.add(fact);
    }

    private OptionalDouble speed(ImageRow row, ImageRow.Turn turn) {
        List<Double> times = seconds.getOrDefault(row, Map.of()).getOrDefault(turn.name(), List.of());
        return times.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(row.amount() / Stats.median(times));
    }

    /// That of the fastest of the others.
    private OptionalDouble best(ImageRow row) {
        return row.others().stream()
                .map(turn -> speed(row, turn))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .max();
    }

    private static String shown(OptionalDouble speed) {
        return speed.isPresent() ? Unit.digits(speed.getAsDouble()) : "n/a";
    }

    private TextTable speeds() {
        var table = new TextTable(List.of("", "unit", "others", "ours", "ratio", "goal", "other ways of ours"));
        for (ImageRow row : seconds.keySet()) {
            OptionalDouble ours = speed(row, row.ours());
            OptionalDouble best = best(row);
            String ratio = "n/a";
            if (ours.isPresent() && best.isPresent()) {
                double value = ours.getAsDouble() / best.getAsDouble();
                ratio = Unit.digits(value) + " " + (value >= row.goal() ? Tables.MET : Tables.MISSED);
            }
            table.add(List.of(
                    row.name(),
                    row.unit(),
                    speeds(row, row.others()),
                    shown(ours),
                    ratio,
                    "≥ " + row.goal(),
                    speeds(row, row.ways())));
        }
        return table;
    }

    private String speeds(ImageRow row, List<ImageRow.Turn> turns) {
        return turns.stream()
                .map(turn -> turn.name() + " " + shown(speed(row, turn)))
                .collect(Collectors.joining(", "));
    }

    /// All tables, for the terminal or as Markdown.
    String text(boolean markdown) {
        var text = new StringBuilder();
        if (!seconds.isEmpty()) {
            text.append(markdown ? speeds().markdown() : speeds().text());
        }
        if (!facts.isEmpty()) {
            TextTable table = Tables.of(facts);
            text.append('\n').append(markdown ? table.markdown() : table.text());
        }
        return text.toString();
    }

    /// Writes results.csv, with every round, and images.svg.
    void write(Path dir) throws IOException {
        var csv = new StringBuilder("row,who,round,seconds\n");
        seconds.forEach((row, byName) -> byName.forEach((name, times) -> {
            for (int i = 0; i < times.size(); i++) {
                csv.append(String.format(Locale.ROOT, "\"%s\",%s,%d,%.4f%n", row.name(), name, i + 1, times.get(i)));
            }
        }));
        Files.writeString(dir.resolve("results.csv"), csv);
        if (!seconds.isEmpty()) {
            ChartEncoder.saveChart(chart(), dir.resolve("images.svg").toString(), "svg");
        }
    }

    private CategoryChart chart() {
        CategoryChart chart = Charts.empty("Files on disk images", "best of the others");
        List<String> names = seconds.keySet().stream().map(ImageRow::name).toList();
        chart.addSeries("ours", names, ratios(ImageRow::ours));
        chart.addSeries("ours, a command", names, ratios(row -> way(row, ImageRows.COMMAND)));
        chart.addSeries("ours, mounted", names, ratios(row -> way(row, ImageRows.MOUNTED)));
        return chart;
    }

    private static ImageRow.@Nullable Turn way(ImageRow row, String name) {
        return row.ways().stream()
                .filter(turn -> turn.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /// Above 1 they are faster than the best of the others; 0 where there is no result, so that the bar is missing.
    private List<Double> ratios(Function<ImageRow, ImageRow.@Nullable Turn> which) {
        var ratios = new ArrayList<Double>();
        for (ImageRow row : seconds.keySet()) {
            ImageRow.Turn turn = which.apply(row);
            OptionalDouble speed = turn == null ? OptionalDouble.empty() : speed(row, turn);
            OptionalDouble best = best(row);
            ratios.add(speed.isEmpty() || best.isEmpty() ? 0 : speed.getAsDouble() / best.getAsDouble());
        }
        return ratios;
    }
}
