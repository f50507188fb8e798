// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `puffs bench pud`: our device servers beside those of others, in one run and in turns: the NBD server against
/// nbdkit, by nbdcopy and fio; a loop device on a file that we serve against one on a plain file; a CUSE device
/// against libfuse's example, in user-mode Linux.
final class PudBench {
    static final String USAGE = """
            usage: puffs bench pud [--rounds N] [--out DIR]
            Needs nbdkit, nbdcopy and fio; for loop devices root; for CUSE user-mode-linux, libfuse3-dev and gcc. A table, in the middle of N rounds (default 5).
            """;

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration UML_LIMIT = Duration.ofMinutes(4);
    private static final String SIZE = "512M";
    private static final int COPIES = 4;
    private static final String TIMED = "--time_based --runtime=3 --output-format=json --size=" + SIZE;
    private static final Pattern FIO_IOPS = Pattern.compile("\"iops\"\\s*:\\s*([0-9.]+)");

    private final Path folder;
    private final Undo undo;
    private final int rounds;
    private final TextTable table = new TextTable(List.of("", "unit", "peer", "ours", "ratio", "goal"));

    private PudBench(Path folder, Undo undo, int rounds) {
        this.folder = folder;
        this.undo = undo;
        this.rounds = rounds;
    }

    /// @param args what follows `pud`
    static void run(List<String> args, Undo undo) throws IOException, Options.Bad {
        int rounds = 5;
        String out = "";
        for (int i = 0; i < args.size(); i += 2) {
            String value = i + 1 < args.size() ? args.get(i + 1) : "";
            switch (args.get(i)) {
                case "--rounds" -> rounds = Options.rounds(value);
                case "--out" -> out = value;
                default -> throw new Options.Bad("unknown option " + args.get(i));
            }
        }
        List<String> facts = Machine.facts();
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "puffs-bench-pud");
        undo.add("folder", () -> Proc.run(LIMIT, List.of("rm", "-rf", "--one-file-system", folder.toString())));
        var bench = new PudBench(folder, undo, rounds);
        bench.measure();
        IO.print(bench.table.text());
        if (!out.isEmpty()) {
            Files.createDirectories(Path.of(out));
            String page = "# Device servers\n\nMedians of " + rounds + " rounds, in turns.\n\n" + bench.table.markdown()
                    + "\n* " + String.join("\n* ", facts) + "\n";
            Files.writeString(Path.of(out, "README.md"), page);
        }
    }

    private void measure() throws IOException {
        shell("head -c " + SIZE + " /dev/urandom > " + folder + "/source");
        nbd("memory", "memory " + SIZE, "ram,size=" + SIZE);
        shell("truncate -s %1$s %2$s/a; truncate -s %1$s %2$s/b".formatted(SIZE, folder));
        nbd("file", "file " + folder + "/a", folder + "/b");
        if (Files.isWritable(Path.of("/dev/loop-control"))) {
            loop();
        } else {
            Main.say("no loop devices without root");
        }
        if (Proc.find("linux.uml").isEmpty()) {
            Main.say("no CUSE without user-mode-linux");
        } else {
            cuse();
        }
    }

    /// Latency, so the ratio is that of the peer to ours.
    private void cuse() throws IOException {
        Path home = Path.of(System.getProperty("puffs.home"));
        Path client = CProgram.compile(folder, home.resolve("bench/src/main/c/chardev.c"), List.of());
        Path peer = CProgram.libfuseExample(folder, "cuse");
        String output = Proc.run(
                UML_LIMIT,
                List.of(
                        home.resolve("tests/uml-run").toString(),
                        home.resolve("tests/uml-cuse-bench").toString(),
                        client.toString(),
                        peer.toString(),
                        Integer.toString(rounds)));
        for (int i = 0; i < 2; i++) {
            double theirs = latency(output, "peer", i);
            double own = latency(output, "ours", i);
            table.add(List.of(
                    "CUSE, " + (i == 0 ? "read" : "write") + " 4k",
                    "us",
                    "%.1f".formatted(theirs),
                    "%.1f".formatted(own),
                    "%.2f".formatted(theirs / own),
                    ">= 1.0"));
        }
    }

    /// @param which 0 of reads, 1 of writes
    private static double latency(String output, String who, int which) {
        var results = Pattern.compile("result " + who + " ([0-9.]+) ([0-9.]+)").matcher(output);
        return Stats.median(results.results()
                .map(result -> Double.valueOf(result.group(which + 1)))
                .toList());
    }

    private void shell(String script) throws IOException {
        Proc.run(LIMIT, List.of("bash", "-ec", script));
    }

    /// Starts a server and waits for its socket; ends it in the end.
    private Process serve(String name, String command) throws IOException {
        Path socket = folder.resolve(name);
        Process server = Proc.start(
                List.of("bash", "-c", "exec " + command),
                folder.resolve(name + ".out").toFile(),
                folder.resolve(name + ".err").toFile());
        undo.add(name, () -> Proc.kill(server));
        for (int i = 0; i < 300 && !Files.exists(socket); i++) {
            if (!server.isAlive() || Proc.interrupted(100)) {
                throw new IOException(
                        "cannot start " + command + ": " + Files.readString(folder.resolve(name + ".err")));
            }
        }
        return server;
    }

    private static String puffs() {
        return System.getProperty("puffs.home") + "/puffs";
    }

    private static String uri(Path socket) {
        return "'nbd+unix:///?socket=" + socket + "'";
    }

    /// All rows of one kind of storage.
    private void nbd(String kind, String peer, String ours) throws IOException {
        Path theirSocket = folder.resolve("nbdkit-" + kind);
        Path ourSocket = folder.resolve("puffs-" + kind);
        Process first = serve("nbdkit-" + kind, "nbdkit -f -U " + theirSocket + " " + peer);
        Process second = serve("puffs-" + kind, puffs() + " serve nbd --unix " + ourSocket + " " + ours);
        row(
                "nbd " + kind + ", nbdcopy in",
                1.0,
                theirSocket,
                ourSocket,
                uri -> copies("nbdcopy " + folder + "/source " + uri));
        row("nbd " + kind + ", nbdcopy out", 1.0, theirSocket, ourSocket, uri -> copies("nbdcopy " + uri + " null:"));
        for (String rw : List.of("randread", "randwrite")) {
            String what = "nbd " + kind + ", " + rw + " 4k";
            row(what + ", depth 1", 0.9, theirSocket, ourSocket, uri -> iops(uri, rw, 1, 1));
            row(what + ", depth 32 on 2 connections", 1.2, theirSocket, ourSocket, uri -> iops(uri, rw, 32, 2));
        }
        Proc.kill(first);
        second.destroy();
        Proc.ended(second, LIMIT);
    }

    /// How much of something a server does in a second.
    private interface Measure {
        double of(String target) throws IOException;
    }

    private void row(String name, double goal, Path peer, Path ours, Measure measure) throws IOException {
        compare(name, goal, uri(peer), uri(ours), measure);
    }

    private void compare(String name, double goal, String peer, String ours, Measure measure) throws IOException {
        var theirs = new ArrayList<Double>();
        var own = new ArrayList<Double>();
        measure.of(ours); // both warm: caches, and for ours the compiler
        measure.of(peer);
        for (int i = 0; i < rounds; i++) {
            theirs.add(measure.of(peer));
            own.add(measure.of(ours));
        }
        double ratio = Stats.median(own) / Stats.median(theirs);
        String unit = name.contains("copy") || name.contains("loop") ? "MiB/s" : "IOPS";
        Main.say("%s: %.2f".formatted(name, ratio));
        table.add(List.of(
                name,
                unit,
                "%.0f".formatted(Stats.median(theirs)),
                "%.0f".formatted(Stats.median(own)),
                "%.2f".formatted(ratio),
                ">= " + goal));
    }

    /// MiB a second of a program that copies [#SIZE]. One run takes a quarter of a second, so there are several. What
    /// others have written goes to the disk before.
    private double copies(String command) throws IOException {
        shell("sync -f " + folder);
        long start = System.nanoTime();
        shell("for i in {1..%d}; do %s; done".formatted(COPIES, command));
        return COPIES * 512e9 / (System.nanoTime() - start);
    }

    private double iops(String uri, String rw, int depth, int jobs) throws IOException {
        return fio(
                "cd %s && fio --name=x --ioengine=nbd --uri=%s --rw=%s --bs=4k --iodepth=%d --numjobs=%d %s --group_reporting"
                        .formatted(folder, uri, rw, depth, jobs, TIMED));
    }

    /// The larger of the rates that fio tells: that of reads, or that of writes.
    private static double fio(String command) throws IOException {
        Matcher rates = FIO_IOPS.matcher(Proc.run(LIMIT, List.of("bash", "-ec", command)));
        return rates.results()
                .mapToDouble(rate -> Double.parseDouble(rate.group(1)))
                .max()
                .orElseThrow();
    }

    /// 128 KiB by O_DIRECT. The peer keeps its file in the page cache, as our server does: else one measures the
    /// disk.
    private void loop() throws IOException {
        String name = "puffs-bench" + ProcessHandle.current().pid();
        String made = Proc.run(LIMIT, List.of("bash", "-ec", "losetup -f --show " + folder + "/a"))
                .strip();
        undo.add("loop device", () -> shell("losetup -d " + made));
        shell(puffs() + " dev " + folder + "/b " + name);
        undo.add("device", () -> shell(puffs() + " dev remove -f " + name));
        for (String rw : List.of("read", "write")) {
            compare("loop, " + rw + " 128k, depth 4", 0.8, made, "/dev/" + name, device -> direct(device, rw));
        }
    }

    private static double direct(String device, String rw) throws IOException {
        return fio("fio --name=x --ioengine=libaio --direct=1 --filename=%s --rw=%s --bs=128k --iodepth=4 %s"
                        .formatted(device, rw, TIMED))
                / 8;
    }
}
