// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.util.Collection;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// The JMH benchmarks of this package.
final class Parts {
    static final String ID = "parts";

    private Parts() {}

    /// Runs all of them, with the settings their classes give.
    static void measure(Results results) {
        var options = new OptionsBuilder()
                .include("^jpuffs\\.bench\\.")
                .verbosity(VerboseMode.SILENT)
                .build();
        try {
            note(new Runner(options).run(), results);
        } catch (RunnerException e) {
            results.add(Results.Fact.of(ID, "JMH", "n/a: " + e.getMessage()));
        }
    }

    private static void note(Collection<RunResult> runs, Results results) {
        for (RunResult run : runs) {
            Result<?> result = run.getPrimaryResult();
            String name = run.getParams().getBenchmark().replaceFirst("^jpuffs\\.bench\\.", "");
            String params = run.getParams().getParamsKeys().stream()
                    .map(key -> " " + key + "=" + run.getParams().getParam(key))
                    .reduce("", String::concat);
            String score = Unit.digits(result.getScore()) + " ± " + Unit.digits(result.getScoreError());
            results.add(Results.Fact.of(ID, name + params, score + " " + result.getScoreUnit()));
        }
    }
}
