// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// `puffs bench images`: files into and out of disk images, by us and by others, in turns.
///
/// In each round each row is done by each of them, another one first in each round; a round before them warms up,
/// and after it all bytes are compared. What fails is told, and leaves the other rows.
final class ImagesBench {
    static final String USAGE = """
            usage: puffs bench images [--quick] [--rounds N] [--only NAME,...] [--src DIR] [--out DIR]
            Compares copying into and out of disk images with mtools, debugfs, 7z and qemu-img; and tells how long
            puffs fs ls takes, and how much memory a copy. About 13 minutes.
              --quick            in small, only to see that everything works
              --rounds N         rounds that count (default 7, with --quick 3)
              --only NAME,...    these groups only: fat ext4 qcow2 start memory
              --src DIR          work in a new folder of DIR, which takes 5 GiB (default: as root a tmpfs)
              --out DIR          where tables and chart go (default: docs/bench/DATE; none with --quick or --only)
            """;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String START = "start";
    private static final String MEMORY = "memory";
    private static final List<String> GROUPS = List.of(ImageRows.FAT, ImageRows.EXT4, ImageRows.QCOW2, START, MEMORY);
    private static final String WARM = "warm";
    private static final int STARTS = 15;
    private static final double MOST_MILLIS = 250;
    private static final int POLL_MILLIS = 5;

    /// What is done in this process is warm when so many times in turn were not [#BETTER] than the best before.
    private static final int PATIENCE = 40;

    private static final double BETTER = 0.98;

    /// The longest time for that.
    private static final Duration WARM_UP = Duration.ofSeconds(30);

    private final Options options;
    private final ImageRows files;
    private final List<String> puffs;
    private final ImageResults results = new ImageResults();
    private final Set<String> failed = new HashSet<>();

    private ImagesBench(Options options, ImageRows files, String puffs) {
        this.options = options;
        this.files = files;
        this.puffs = List.of(puffs, "fs");
    }

    /// @param args what follows `images`
    static void run(List<String> args, Undo undo) throws IOException, Options.Bad {
        Options options = Options.parse(args.toArray(String[]::new));
        if (options.jmh() || options.requests() || !options.with().isEmpty()) {
            throw new Options.Bad("not of puffs bench images: --jmh, --requests, --with");
        }
        for (String name : options.only()) {
            if (!GROUPS.contains(name)) {
                throw new Options.Bad("no group is called " + name + "; there are " + String.join(" ", GROUPS));
            }
        }
        List<String> facts = Machine.facts();
        String puffs = Path.of(System.getProperty("puffs.home", "."))
                .toAbsolutePath()
                .normalize()
                .resolve("puffs")
                .toString();
        Proc.run(Duration.ofMinutes(15), List.of(puffs, "help")); // builds what is not built
        var bench = new ImagesBench(options, new ImageRows(folder(options, undo), puffs, options.quick()), puffs);
        bench.measure();
        IO.print(bench.results.text(false));
        if (!options.out().isEmpty()) {
            Path out = Files.createDirectories(Path.of(options.out()));
            bench.results.write(out);
            Files.writeString(out.resolve("README.md"), bench.page(facts));
            Main.say("written to " + out);
        }
    }

    private static Path folder(Options options, Undo undo) throws IOException {
        boolean ours = options.src().isEmpty() && Workbench.isRoot();
        Path parent = Path.of(options.src().isEmpty() ? System.getProperty("java.io.tmpdir") : options.src());
        Path folder = Files.createTempDirectory(parent.toAbsolutePath(), "puffs-bench-");
        undo.add(
                "remove " + folder,
                () -> Proc.run(LIMIT, List.of("rm", "-rf", "--one-file-system", folder.toString())));
        if (ours) {
            undo.add("unmount " + folder, () -> MountTable.unmount(folder));
            Proc.run(LIMIT, List.of("mount", "-t", "tmpfs", "-o", "size=6g,mode=0755", "tmpfs", folder.toString()));
        }
        Path mount = folder.resolve("mnt");
        undo.add("unmount " + mount, () -> MountTable.unmount(mount));
        return folder;
    }

    private boolean runs(String group) {
        return options.only().isEmpty() || options.only().contains(group);
    }

    private void measure() throws IOException {
        for (String group : List.of(ImageRows.FAT, ImageRows.EXT4, ImageRows.QCOW2)) {
            boolean facts = group.equals(ImageRows.FAT) && (runs(START) || runs(MEMORY)); // of its image
            if (!runs(group) && !facts || !ImageRows.canRun(group)) {
                continue;
            }
            Main.say(group + ": making files");
            files.fill(group);
            if (runs(group)) {
                rounds(files.rows(group));
            }
            if (facts) {
                facts();
            }
        }
    }

    private void rounds(List<ImageRow> rows) {
        for (int round = 0; round <= options.rounds(); round++) {
            for (ImageRow row : rows) {
                String which = round == 0 ? "warming up" : "round " + round + " of " + options.rounds();
                Main.say(row.name() + ": " + which);
                turns(row, round);
            }
        }
    }

    private void facts() throws IOException {
        if (runs(START)) {
            start();
        }
        if (runs(MEMORY)) {
            memory("a large file out of FAT32", "cp", "full.fat:/data", "out");
            memory("a tree out of FAT32", "cp", "-r", "full.fat:/tree", "out");
            files.shell("rm -f new.fat; cp --sparse=always empty.fat new.fat");
            memory("a large file into FAT32", "cp", "data/data", "new.fat:/");
            memory("a tree into FAT32", "cp", "-r", "tree", "new.fat:/");
        }
    }

    private void turns(ImageRow row, int round) {
        var order = new ArrayList<>(row.turns());
        Collections.rotate(order, -round);
        for (ImageRow.Turn turn : order) {
            String cell = row.name() + ", " + turn.name();
            if (failed.contains(cell)) {
                continue;
            }
            try {
                double time = turn.time();
                if (round == 0) {
                    turn.check().run();
                    warmUp(row, turn, time);
                } else {
                    results.add(row, turn, time);
                }
            } catch (IOException e) {
                failed.add(cell);
                Main.say(cell + ": " + e.getMessage());
            }
        }
    }

    /// Repeats what is done in this process until it does not become faster any more, or for as long as there is.
    ///
    /// @param first how long it took at first
    private void warmUp(ImageRow row, ImageRow.Turn turn, double first) throws IOException {
        if (!turn.here()) {
            return;
        }
        double best = first;
        int times = 1;
        long end = System.nanoTime() + WARM_UP.toNanos();
        for (int without = 0; without < PATIENCE && System.nanoTime() < end; times++) {
            double time = turn.time();
            without = time < best * BETTER ? 0 : without + 1;
            best = Math.min(best, time);
        }
        String what = "%s: the first of %d to warm up".formatted(row.name(), times);
        results.add(Results.Fact.of(WARM, what, Unit.digits(first * 1000) + " ms"));
    }

    private List<String> command(String... words) {
        var command = new ArrayList<>(List.of("env", "-C", files.folder().toString()));
        command.addAll(puffs);
        command.addAll(List.of(words));
        return command;
    }

    private void start() throws IOException {
        Main.say("start");
        var millis = new ArrayList<Double>();
        for (int i = 0; i <= STARTS; i++) {
            long begin = System.nanoTime();
            Proc.run(LIMIT, command("ls", "full.fat:/"));
            if (i > 0) {
                millis.add((System.nanoTime() - begin) / 1e6);
            }
        }
        double median = Stats.median(millis);
        results.add(new Results.Fact(
                START,
                "puffs fs ls of an image of " + files.fatMebibytes() + " MiB",
                Unit.digits(median) + " ms",
                "≤ " + Unit.digits(MOST_MILLIS) + " ms",
                median <= MOST_MILLIS));
    }

    /// The most memory a copy has in RAM, as a look at it each few milliseconds tells.
    private void memory(String name, String... words) throws IOException {
        Main.say("memory: " + name);
        files.shell("rm -rf out; mkdir out");
        File log = files.folder().resolve("log").toFile();
        Process process = Proc.start(command(words), log, log);
        long most = 0;
        for (long end = System.nanoTime() + LIMIT.toNanos(); process.isAlive() && System.nanoTime() < end; ) {
            try {
                most = Math.max(most, Served.rss(process.pid()));
            } catch (IOException e) {
                break; // it has ended
            }
            if (Proc.interrupted(POLL_MILLIS)) {
                break;
            }
        }
        if (!Proc.ended(process, LIMIT) || process.exitValue() != 0) {
            Proc.kill(process);
            throw new IOException(Proc.failure(command(words), 1, log.toPath()));
        }
        results.add(Results.Fact.of(MEMORY, "most RSS: " + name, Light.mebibytes(most)));
    }

    private String page(List<String> facts) {
        String where = !options.src().isEmpty()
                ? "on a disk, in the page cache"
                : Workbench.isRoot() ? "in a tmpfs" : "in the folder for temporary files";
        return "# Files on disk images\n\n* " + String.join("\n* ", facts) + "\n\n"
                + """
            Medians of %d rounds. In each round each program does its part, another one first in each round; before
            that they warm up once, and all bytes are compared. All files are %s. Others, and our command, are whole
            commands, the start of the JVM among them. With ext4 ours is the command; with FAT32 it is the same work in a
            program that runs, and so it is with qcow2, where no command of ours converts images. Such a program has been
            running for a while: it repeats its work before the rounds until 40 times in turn were no faster (30 s at
            most), as compilers need that long; what the very first time takes is below. A ratio above 1 means
            that ours is faster than the best of the others. "mounted" is `cp -r` and `puffs umount` on a `puffs mount`,
            which is made before. results.csv has every round.

            """.formatted(options.rounds(), where)
                + results.text(true) + "\n![Files on disk images](images.svg)\n";
    }
}
