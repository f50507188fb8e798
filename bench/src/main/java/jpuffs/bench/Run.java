// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// The comparison in one mode: all contenders are mounted, and take turns.
///
/// In each round each workload goes once through all contenders, from another first one each time. The first round
/// only warms up. A contender that fails has no result in that row; one that hangs is aborted and out of the mode.
final class Run implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    /// A JVM compiles what is used often, and is slower until it has.
    private static final int WARM_UPS = 5;

    /// A contender at work.
    record Entrant(Contender contender, Served served, Workload.Place place) {}

    private final Workbench bench;
    private final Mode mode;
    private final Results results;
    private final List<Entrant> entrants = new ArrayList<>();

    /// Starts the contenders that take part in the mode; one that does not start fails in all of the workloads.
    Run(Workbench bench, Mode mode, List<Contender> contenders, List<Workload> workloads, Results results)
            throws IOException {
        this.bench = bench;
        this.mode = mode;
        this.results = results;
        bench.fill(mode);
        for (Contender contender : contenders) {
            if (contender.in(mode)) {
                start(contender, workloads);
            }
        }
    }

    private void start(Contender contender, List<Workload> workloads) throws IOException {
        String name =
                mode.name().toLowerCase(Locale.ROOT) + "-" + contender.name().replaceAll("\\W", "");
        Path dir = bench.temp().resolve(name);
        Path own = Files.createDirectories(bench.source().resolve(name));
        try {
            Served served = Served.start(contender.serve(mode, bench.source(), dir), bench.source(), dir, bench.undo());
            Path place = served.dir().resolve(own.getFileName());
            var at = new Workload.Place(
                    served.dir(), place, bench.tar(), bench.options().millis());
            entrants.add(new Entrant(contender, served, at));
        } catch (IOException e) {
            Main.say(contender + " does not start: " + e.getMessage());
            workloads.forEach(w -> results.fail(new Results.Cell(w, contender), "does not start: " + e.getMessage()));
        }
    }

    /// All rounds of the workloads.
    void rounds(List<Workload> workloads) throws IOException {
        int rounds = bench.options().rounds();
        for (int round = 0; round <= rounds; round++) {
            Main.say("%s: %s".formatted(mode, round == 0 ? "warming up" : "round " + round + " of " + rounds));
            for (Workload workload : workloads) {
                turn(workload, round);
            }
        }
    }

    private void turn(Workload workload, int round) throws IOException {
        var order = new ArrayList<>(entrants);
        Collections.rotate(order, -round);
        for (Entrant entrant : order) {
            var cell = new Results.Cell(workload, entrant.contender);
            if (results.failed(cell)) {
                continue;
            }
            try {
                if (round == 0) {
                    warmUp(workload, entrant);
                } else {
                    results.add(cell, sample(workload, entrant));
                }
            } catch (Proc.TimedOut e) {
                results.fail(cell, reason(e));
                entrants.remove(entrant);
                entrant.served.abort();
                entrant.served.close();
            } catch (IOException e) {
                results.fail(cell, reason(e));
            }
        }
    }

    private void warmUp(Workload workload, Entrant entrant) throws IOException {
        if (workload.group() == Group.TREE) {
            results.add(new Results.Cell(workload.fresh(), entrant.contender), sample(workload, entrant));
            return;
        }
        for (int i = 0; i < WARM_UPS; i++) {
            sample(workload, entrant);
        }
    }

    private static String reason(IOException e) {
        return String.valueOf(e.getMessage());
    }

    /// One run of a workload.
    Sample sample(Workload workload, Entrant entrant) throws IOException {
        List<String> before = workload.before().words(entrant.place);
        if (!before.isEmpty()) {
            Proc.run(DEADLINE, bench.load(before));
        }
        if (workload.cold()) {
            bench.dropCaches();
        }
        return Sample.parse(Proc.run(DEADLINE, bench.load(workload.load().words(entrant.place))));
    }

    List<Entrant> entrants() {
        return entrants;
    }

    /// Notes how much memory the servers have now.
    void noteMemory() throws IOException {
        for (Entrant e : entrants) {
            if (e.served.rss() > 0) {
                String name = "RSS of " + e.contender + " after " + mode.name().toLowerCase(Locale.ROOT) + " workloads";
                results.add(Results.Fact.of(Light.ID, name, Light.mebibytes(e.served.rss())));
            }
        }
    }

    /// Unmounts all.
    @Override
    public void close() throws IOException {
        for (Entrant entrant : entrants) {
            entrant.served.close();
        }
    }
}
