// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How long `puffs mount dtfs` takes from exec to the first answer, and how much memory its server has when idle.
final class Light {
    static final String ID = "light";
    private static final int STARTS = 5;
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int IDLE_MILLIS = 2000;
    private static final double MOST_MILLIS = 300;
    private static final double MOST_MIB = 80;

    private final Workbench bench;
    private final Path dir;

    Light(Workbench bench) throws IOException {
        this.bench = bench;
        dir = Files.createDirectories(bench.temp().resolve("light"));
        bench.undo().add("unmount " + dir, () -> MountTable.unmount(dir));
    }

    /// Starts it some times, the first time to warm up.
    void measure(Results results) {
        try {
            var millis = new ArrayList<Double>();
            for (int i = 0; i <= STARTS; i++) {
                double took = start();
                if (i > 0) {
                    millis.add(took);
                }
            }
            double median = Stats.median(millis);
            String goal = "≤ " + Unit.digits(MOST_MILLIS) + " ms";
            results.add(new Results.Fact(
                    ID,
                    "start: puffs mount dtfs, to the first answer",
                    Unit.digits(median) + " ms",
                    goal,
                    median <= MOST_MILLIS));
            noteIdle(results);
        } catch (IOException e) {
            results.add(Results.Fact.of(ID, "start: puffs mount dtfs", "n/a: " + e.getMessage()));
        }
    }

    private double start() throws IOException {
        try {
            return mount() / 1e6;
        } finally {
            MountTable.unmount(dir);
        }
    }

    private long mount() throws IOException {
        String puffs = bench.home().resolve("puffs").toString();
        var words = List.of("run", dir.toString(), puffs, "mount", "dtfs", dir.toString());
        return Sample.parse(Proc.run(DEADLINE, bench.load(words))).nanos();
    }

    private void noteIdle(Results results) throws IOException {
        try {
            mount();
            if (Proc.interrupted(IDLE_MILLIS)) {
                throw new IOException("interrupted");
            }
            long rss = Served.rss(server());
            String goal = "≤ " + Unit.digits(MOST_MIB) + " MiB";
            results.add(new Results.Fact(ID, "RSS of dtfs, idle", mebibytes(rss), goal, rss <= MOST_MIB * (1 << 20)));
        } finally {
            MountTable.unmount(dir);
        }
    }

    /// The process that was told to serve our folder.
    private long server() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                if (serves(process)) {
                    return Long.parseLong(process.getFileName().toString());
                }
            }
        }
        throw new IOException("its server is not to be found");
    }

    private boolean serves(Path process) {
        try {
            String words = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return words.contains("\0mount\0dtfs\0" + dir) && words.contains("java");
        } catch (IOException e) {
            return false; // it ended meanwhile
        }
    }

    static String mebibytes(long bytes) {
        return Unit.digits(bytes / (double) (1 << 20)) + " MiB";
    }
}
