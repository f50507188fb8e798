// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// `puffs bench psshfs`: our SFTP mount beside others, of one sshd on the loopback, straight and through a line of
/// 20 ms.
///
/// In each round each contender is mounted anew, does everything once in small, and then what is measured; another
/// one is first in each round. Numbers are medians.
final class SftpBench {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int FAR_MILLIS = 20;
    private static final int DIRS = 100;
    private static final int FILES = 200;

    private static final String USAGE = """
            usage: puffs bench psshfs [--quick] [--rounds N] [--out DIR]
            Compares psshfs with sshfs and rclone mount, straight and through a line of 20 ms. As root.
            """;

    /// What warms up: nothing of it is read again.
    private static final String WARM_UP = """
            dd if=/dev/zero of=$M/warm bs=1M count=64 conv=fsync status=none; cat $M/warm-data >/dev/null
            ls -lR $M/warm-tree >/dev/null; mkdir $M/warm-un && tar -xf $W -C $M/warm-un
            rm -r --one-file-system $M/warm-un $M/warm""";

    private static final String DATA_WARM_UP =
            WARM_UP.lines().limit(1).findFirst().orElseThrow();

    private final Undo undo;
    private final Path home;
    private final Path temp;
    private final Path remote;
    private final boolean quick;
    private final int rounds;
    private final Map<String, Map<String, List<Double>>> seconds = new TreeMap<>(); // by line and work, contender

    private SftpBench(Undo undo, Path home, boolean quick, int rounds) throws IOException {
        this.undo = undo;
        this.home = home;
        this.quick = quick;
        this.rounds = rounds;
        temp = Files.createTempDirectory("puffs-bench-");
        undo.add("remove " + temp, () -> Proc.run(LIMIT, List.of("rm", "-rf", "--one-file-system", temp.toString())));
        remote = Files.createDirectory(temp.resolve("remote"));
        undo.add("unmount " + remote, () -> MountTable.unmount(remote));
        Proc.run(LIMIT, List.of("mount", "-t", "tmpfs", "-o", "size=4g,mode=0755", "tmpfs", remote.toString()));
    }

    static void run(List<String> args, Undo undo) throws IOException, Options.Bad {
        boolean quick = false;
        int rounds = 5;
        String out = "";
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--quick")) {
                quick = true;
            } else if (i + 1 < args.size()
                    && arg.equals("--rounds")
                    && args.get(i + 1).matches("[1-9]\\d?")) {
                rounds = Integer.parseInt(args.get(++i));
            } else if (i + 1 < args.size() && arg.equals("--out")) {
                out = args.get(++i);
            } else {
                throw new Options.Bad("unknown option: " + arg + "\n" + USAGE);
            }
        }
        if (!Workbench.isRoot()) {
            throw new IOException("only root can do this");
        }
        Path home =
                Path.of(System.getProperty("puffs.home", ".")).toAbsolutePath().normalize();
        var bench = new SftpBench(undo, home, quick, rounds);
        String report = bench.measure();
        IO.print(report);
        if (!out.isEmpty()) {
            Files.createDirectories(Path.of(out));
            Files.writeString(Path.of(out, "README.md"), report);
        }
    }

    private String measure() throws IOException {
        Proc.run(Duration.ofMinutes(15), List.of(home.resolve("puffs").toString(), "help")); // builds what is not built
        fill();
        SshServer server = SshServer.start(temp.resolve("sshd"), undo);
        var report = new StringBuilder("# psshfs beside others\n\n* " + String.join("\n* ", Machine.facts())
                + "\n* medians of " + rounds + " rounds\n");
        lineOf(server, server.port(), false, report);
        try (DelayProxy proxy = DelayProxy.start(server.port(), FAR_MILLIS)) {
            lineOf(server, proxy.port(), true, report);
        }
        return report.toString();
    }

    private void fill() throws IOException {
        shell(Map.of(), """
            cd %s; head -c %dM /dev/urandom >data; head -c 64M /dev/urandom >warm-data
            for t in tree warm-tree; do for d in $(seq %d); do
                mkdir -p $t/d$d; (cd $t/d$d; touch $(seq %d))
            done; done
            mkdir ../pack; cd ../pack
            for d in $(seq 10); do mkdir d$d; for f in $(seq 100); do head -c 3000 /dev/urandom >d$d/f$f; done; done
            tar -cf ../near.tar d*; tar -cf ../far.tar d1; tar -cf ../warm.tar d1 d2
            """.formatted(remote, quick ? 64 : 512, quick ? 10 : DIRS, FILES));
    }

    private List<SftpContender> contenders(boolean far) {
        var all = new ArrayList<SftpContender>();
        all.add(SftpContender.sshfs());
        if (!Proc.find("rclone").isEmpty()) {
            all.add(SftpContender.rclone());
        }
        all.add(SftpContender.psshfs(home, "psshfs", ""));
        if (far) {
            all.add(SftpContender.psshfs(home, "psshfs async", ",async_create"));
        }
        return all;
    }

    private void lineOf(SshServer server, int port, boolean far, StringBuilder report) throws IOException {
        var line = new SftpContender.Line(port, server.clientConfiguration(port), server.identity());
        List<SftpContender> contenders = contenders(far);
        List<SftpWork> works = SftpWork.all(far, quick);
        for (int round = 0; round < rounds; round++) {
            Main.say((far ? "20 ms" : "straight") + ": round " + (round + 1) + " of " + rounds);
            var order = new ArrayList<>(contenders);
            Collections.rotate(order, -round);
            for (SftpContender contender : order) {
                turn(contender, line, works, far);
            }
        }
        report.append("\n## ").append(far ? "A line of 20 ms" : "Straight").append("\n\n");
        report.append(table(contenders, works, far));
    }

    private void turn(SftpContender contender, SftpContender.Line line, List<SftpWork> works, boolean far)
            throws IOException {
        Path dir = temp.resolve("mnt");
        try (var _ = Served.start(contender.command().of(line, remote, dir), remote, dir, undo)) {
            var variables = new HashMap<String, String>();
            variables.put("M", dir.toString());
            variables.put("T", temp.resolve(far ? "far.tar" : "near.tar").toString());
            variables.put("W", temp.resolve(far ? "far.tar" : "warm.tar").toString());
            shell(variables, contender.manyFiles() ? WARM_UP : DATA_WARM_UP);
            for (SftpWork work : works) {
                if (work.manyFiles() && !contender.manyFiles()) {
                    continue;
                }
                variables.put("N", String.valueOf(work.amount()));
                long begin = System.nanoTime();
                shell(variables, work.script());
                note(work, contender, far, (System.nanoTime() - begin) / 1e9);
            }
        } catch (IOException e) {
            Main.say(contender + ": " + e.getMessage());
        }
        Files.deleteIfExists(remote.resolve("new"));
        Proc.run(
                LIMIT,
                List.of(
                        "rm",
                        "-rf",
                        remote.resolve("un").toString(),
                        remote.resolve("warm-un").toString()));
    }

    private void note(SftpWork work, SftpContender contender, boolean far, double time) {
        Main.say(String.format(Locale.ROOT, "  %s %s: %.2f s", contender, work.name(), time));
        seconds.computeIfAbsent(far + work.name(), _ -> new HashMap<>())
                .computeIfAbsent(contender.name(), _ -> new ArrayList<>())
                .add(time);
    }

    private static void shell(Map<String, String> variables, String script) throws IOException {
        var words = new ArrayList<>(List.of("env"));
        variables.forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(List.of("bash", "-ec", script));
        Proc.run(LIMIT, words);
    }

    private String table(List<SftpContender> contenders, List<SftpWork> works, boolean far) {
        var text = new StringBuilder("| work | unit |");
        contenders.forEach(c -> text.append(' ').append(c).append(" |"));
        text.append(" psshfs is faster than sshfs | goal |\n| --- | --- |");
        contenders.forEach(c -> text.append(" ---: |"));
        text.append(" ---: | ---: |\n");
        for (SftpWork work : works) {
            Map<String, List<Double>> times = seconds.getOrDefault(far + work.name(), Map.of());
            text.append("| ")
                    .append(work.name())
                    .append(" | ")
                    .append(work.unit())
                    .append(" |");
            for (SftpContender c : contenders) {
                List<Double> mine = times.getOrDefault(c.name(), List.of());
                text.append(mine.isEmpty() ? " n/a |" : " " + Unit.digits(work.shown(Stats.median(mine))) + " |");
            }
            boolean both = times.containsKey("psshfs") && times.containsKey("sshfs");
            text.append(' ').append(both ? work.ratio(median(times, "psshfs"), median(times, "sshfs")) : "n/a");
            text.append(" | ").append(work.goal()).append(" |\n");
        }
        return text.toString();
    }

    private static double median(Map<String, List<Double>> times, String contender) {
        return Stats.median(times.getOrDefault(contender, List.of()));
    }
}
