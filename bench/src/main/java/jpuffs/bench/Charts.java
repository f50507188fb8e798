// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler;

/// A bar chart for each group: how fast each contender is, the peer of the goals being 1.
final class Charts {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private Charts() {}

    /// Writes a chart as SVG. Where a contender has no result its bar is missing.
    static void write(Group group, Results results, Path file) throws IOException {
        List<Workload> workloads = results.workloads(group);
        Goal.Peer peer = workloads.getFirst().goal().peer();
        CategoryChart chart = empty(group.title(), "best of " + peer.label());
        List<String> names = workloads.stream().map(Workload::name).toList();
        for (Contender contender : results.contenders(group)) {
            chart.addSeries(contender.name(), names, speeds(workloads, contender, results));
        }
        ChartEncoder.saveChart(chart, file.toString(), "svg");
    }

    /// A chart without bars.
    ///
    /// @param one who has the speed 1
    static CategoryChart empty(String title, String one) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle("speed, " + one + " = 1")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setYAxisMin(0.0);
        return chart;
    }

    private static List<Double> speeds(List<Workload> workloads, Contender contender, Results results) {
        return workloads.stream()
                .map(w -> results.ratio(new Results.Cell(w, contender)).orElse(0))
                .toList();
    }
}
