// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jpuffs.lab.Outcome.Kind;
import jpuffs.testkit.Case;
import jpuffs.testkit.Cases;
import jpuffs.testkit.Env;
import jpuffs.testkit.Feature;
import jpuffs.testkit.Matrix;
import jpuffs.testkit.MountedProgramEnv;
import jpuffs.testkit.RumpEnv;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/// Runs testkit's cases against a server, each with a server of its own, one after the other.
final class Conformance {
    private static final int DETAIL = 300;

    private final Settings settings;
    private final Counters counters = new Counters();
    private final PrintStream progress;

    Conformance(Settings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    Counters counters() {
        return counters;
    }

    private List<Case> cases() {
        return Cases.all().stream()
                .filter(test -> settings.slow() || !test.slow())
                .filter(test -> test.name().matches(settings.cases()))
                .toList();
    }

    /// On the kernel half of syspuffs.
    List<Outcome> onSyspuffs() throws IOException {
        Set<Feature> missing =
                EnumSet.of(Feature.SIZE_LIMIT, Feature.COLLAPSE_RANGE, Feature.BTIME); // STATX is not asked for
        missing.addAll(settings.missing());
        var outcomes = new ArrayList<Outcome>();
        for (Case test : cases()) {
            try (Journal journal = journal(test)) {
                long seed = settings.seed() + test.name().hashCode();
                var work = new Tap.Work(settings.faults(), seed, counters, journal, settings.timeout());
                var volume = new ServerVolume(settings.command(), work);
                outcomes.add(run(test, new RumpEnv("syspuffs", missing, volume), volume));
            }
        }
        return outcomes;
    }

    private @Nullable Journal journal(Case test) throws IOException {
        Path record = settings.record();
        if (record == null) {
            return null;
        }
        Files.createDirectories(record);
        return new Journal(record.resolve(test.name() + ".puffs"));
    }

    /// On the kernel's FUSE.
    List<Outcome> onKernel() {
        Set<Feature> missing = EnumSet.of(Feature.SIZE_LIMIT, Feature.COLLAPSE_RANGE);
        missing.addAll(settings.missing());
        var outcomes = new ArrayList<Outcome>();
        for (Case test : cases()) {
            var env = new MountedProgramEnv("kernel", missing, (source, directory) -> {
                var words = new ArrayList<>(ServerVolume.words(settings.command(), source));
                words.addAll(List.of("-f", directory.toString()));
                return words;
            });
            outcomes.add(run(test, env, null));
        }
        return outcomes;
    }

    private Outcome run(Case test, Env env, @Nullable ServerVolume volume) {
        long start = System.nanoTime();
        Kind kind = Kind.PASSED;
        String detail = "";
        try {
            Matrix.run(test, env);
        } catch (TestAbortedException e) {
            kind = Kind.SKIPPED;
            detail = line(e);
        } catch (Exception | AssertionError e) {
            boolean cut = settings.faults().areFatal() && volume != null && volume.isBroken();
            kind = cut ? Kind.CUT : Kind.FAILED;
            detail = line(e);
        }
        var outcome = new Outcome(test.name(), kind, detail, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        if (kind == Kind.FAILED) {
            progress.println(env + ": " + test.name() + ": " + detail);
        }
        return outcome;
    }

    private static String line(Throwable e) {
        String message = e.getMessage();
        String text = message == null ? e.toString() : message;
        String line = text.strip().replaceAll("\\s*\\n\\s*", " / ");
        return line.length() > DETAIL ? line.substring(0, DETAIL) + "..." : line;
    }
}
