// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import static jpuffs.bench.Fixture.LL;
import static jpuffs.bench.Fixture.OURS;
import static jpuffs.bench.Fixture.RING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReportTest {
    private final Workload stat = Fixture.workload("stat", Goal.passthroughLl(1.0));
    private final Workload miss = Fixture.workload("miss", Goal.passthroughLlByRings(1.2));
    private final Results results = new Results(List.of(LL, OURS, RING));

    @BeforeEach
    void fill() {
        Fixture.rounds(results, stat, LL, 50, 40);
        Fixture.rounds(results, stat, OURS, 30, 30);
        Fixture.rounds(results, stat, RING, 60, 60);
        Fixture.rounds(results, miss, LL, 30);
        Fixture.rounds(results, miss, OURS, 30);
        results.fail(new Results.Cell(miss, RING), "no rings");
        results.add(new Results.Fact(Light.ID, "start", "310 ms", "≤ 300 ms", false));
    }

    private Report report() throws Options.Bad {
        return new Report(results, Options.parse("--rounds", "2"));
    }

    @Test
    void theTableShowsMediansRatiosAndMarks() {
        assertThat(Tables.of(Group.METADATA, results).markdown())
                .contains("| workload | unit | ll | puffs | puffs ring | puffs ratio | puffs ring ratio | goal |")
                .contains("| stat | µs | 45.0 | 30.0 | 60.0 | 1.50 ✓ | 0.75 ✗ | ll ≥ 1.0 |")
                .contains("| miss | µs | 30.0 | 30.0 | n/a | 1.00   | n/a | ll ≥ 1.2 (ring) |");
    }

    @Test
    void theTerminalGetsAlignedColumnsAndTheReasons() throws Options.Bad {
        List<String> lines = report().text().lines().toList();
        assertThat(lines).contains("* puffs ring: no rings (miss)");
        String header = lines.get(lines.indexOf(Group.METADATA.title()) + 1);
        String row = lines.get(lines.indexOf(Group.METADATA.title()) + 2);
        assertThat(row.indexOf("45.0") + 4).isEqualTo(header.indexOf(" ll") + 3);
        assertThat(lines).anyMatch(line -> line.matches("start +310 ms +≤ 300 ms ✗"));
    }

    @Test
    void theFolderHasEverything(@TempDir Path dir) throws Exception {
        Path out = dir.resolve("a/b");
        report().write(out, List.of("CPU: fast", "kernel: new"));
        assertThat(out.resolve("README.md"))
                .content()
                .contains("* CPU: fast\n* kernel: new\n", "(metadata.svg)", "no rings");
        assertThat(out.resolve("results.csv"))
                .content()
                .startsWith("group,workload,contender,round,ops,wall_ns,p50_ns,p99_ns\n")
                .contains("metadata,stat,ll,2,10,400000,40000,80000\n");
        assertThat(out.resolve("metadata.svg")).content().contains("<svg", "</svg>");
    }

    @Test
    void theCsvHasARowForEachRound() throws IOException, Options.Bad {
        assertThat(report().csv().lines()).hasSize(1 + 8);
    }

    @Test
    void anEmptyRunHasNoTables(@TempDir Path dir) throws Exception {
        var empty = new Report(new Results(List.of()), Options.parse());
        empty.write(dir, List.of());
        assertThat(empty.text()).isEmpty();
        assertThat(dir).isDirectoryNotContaining("glob:**.svg");
    }
}
