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
import java.util.Set;

/// `puffs bench psshfs`: our SFTP mount beside others, of one sshd on the loopback: straight, through a line of 20
/// ms, and through one that is narrow, too.
///
/// In each round each contender is mounted anew, warms up with other files, and then does what is measured; another
/// one is first in each round. What takes hardly any bytes, listing and small reads, it warms up with as much as is
/// measured, for a server that is compiled as it runs; the rest in small. Numbers are medians. Bytes and requests are
/// counted, and memory is looked at, in turns of their own.
final class SftpBench {
    static final String USAGE = """
            usage: puffs bench psshfs [--quick] [--rounds N] [--only NAME,...] [--out DIR]
            Compares psshfs with sshfs, rclone mount and sftp: straight, through a line of 20 ms, and through one of
            100 Mbit/s. As root. About 30 minutes.
              --quick            in small, only to see that everything works
              --rounds N         default 5, with --quick 1
              --only NAME,...    these lines and works only; lines: straight far narrow counted; works:
                                 write read ls unpack rm random memory
              --out DIR          a folder for tables and charts
            """;

    private static final String MEMORY = "memory";
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int DIRS = 100;
    private static final int FILES = 200;
    private static final int SETTLE_MILLIS = 300;
    private static final int HUGE = 4096; // MiB

    private final Undo undo;
    private final Settings settings;
    private final Path temp;
    private final Path remote;
    private final List<SftpContender> contenders;
    private final SftpResults results;
    private int turns;

    /// What the command line says.
    ///
    /// @param only lines and works, by their first words; all if it is empty
    private record Settings(boolean quick, int rounds, Set<String> only, String out) {
        private static final Set<String> WORKS = Set.of("write", "read", "ls", "unpack", "rm", "random");
        private static final Set<String> LINES = Set.of("straight", "far", "narrow", "counted");

        static Settings parse(List<String> args) throws Options.Bad {
            boolean quick = false;
            int rounds = 0;
            String out = "";
            Set<String> only = Set.of();
            for (var left = args.iterator(); left.hasNext(); ) {
                String arg = left.next();
                if (arg.equals("--quick")) {
                    quick = true;
                    continue;
                }
                String value = left.hasNext() ? left.next() : "";
                switch (arg) {
                    case "--rounds" -> rounds = Options.rounds(value);
                    case "--out" -> out = value;
                    case "--only" -> only = Set.of(value.split(",", -1));
                    default -> throw new Options.Bad("unknown option: " + arg);
                }
            }
            for (String each : only) {
                if (!WORKS.contains(each) && !LINES.contains(each) && !each.equals(MEMORY)) {
                    throw new Options.Bad("no line or work is called " + each);
                }
            }
            return new Settings(quick, rounds > 0 ? rounds : quick ? 1 : 5, only, out);
        }

        boolean runs(SftpLine line) {
            boolean works = only.isEmpty() || !Collections.disjoint(only, WORKS);
            return has(LINES, line.id()) && (works || only.contains(line.id()));
        }

        boolean runs(SftpWork work) {
            String name = work.name().split("\\W", 2)[0];
            return has(WORKS, name) || name.equals("rm") && only.contains("unpack");
        }

        boolean runsMemory() {
            return only.isEmpty() || only.contains(MEMORY);
        }

        private boolean has(Set<String> kind, String name) {
            return only.contains(name) || Collections.disjoint(only, kind);
        }
    }

    private SftpBench(Undo undo, Settings settings) throws IOException {
        this.undo = undo;
        this.settings = settings;
        Path home =
                Path.of(System.getProperty("puffs.home", ".")).toAbsolutePath().normalize();
        Proc.run(Duration.ofMinutes(15), List.of(home.resolve("puffs").toString(), "help")); // builds what is not built
        contenders = SftpContender.all(home);
        results = new SftpResults(contenders);
        temp = Files.createTempDirectory("puffs-bench-");
        undo.add("remove " + temp, () -> Proc.run(LIMIT, List.of("rm", "-rf", "--one-file-system", temp.toString())));
        remote = Files.createDirectory(temp.resolve("remote"));
        undo.add("unmount " + remote, () -> MountTable.unmount(remote));
        Proc.run(LIMIT, List.of("mount", "-t", "tmpfs", "-o", "size=8g,mode=0755", "tmpfs", remote.toString()));
    }

    static void run(List<String> args, Undo undo) throws IOException, Options.Bad {
        Settings settings = Settings.parse(args);
        if (!Workbench.isRoot()) {
            throw new IOException("only root can do this");
        }
        var facts = new ArrayList<>(Machine.facts());
        facts.add("sshfs: " + Machine.said("sshfs --version"));
        facts.add("rclone: " + Machine.said("rclone --version"));
        facts.add("ssh: " + Machine.said("ssh -V 2>&1"));
        var bench = new SftpBench(undo, settings);
        bench.measure();
        IO.print(bench.results.sections(false));
        if (!settings.out.isEmpty()) {
            Path out = Files.createDirectories(Path.of(settings.out));
            bench.results.write(out);
            Files.writeString(out.resolve("README.md"), bench.page(facts));
        }
    }

    private String page(List<String> facts) {
        return "# psshfs beside others\n\n* " + String.join("\n* ", facts) + "\n\n"
                + """
            Medians of %d rounds. In each round each contender connects anew, warms up with other files (as many
            names and small reads as are measured, less of the rest), and then does what is measured, one after
            the other; another one is first in each round. Before bytes are written or read, as much memory as they
            take is touched: a virtual machine gets it from its host on first use. The server is OpenSSH's on the
            loopback, its files lie in a tmpfs. A ratio above 1 means that ours is faster.
            "psshfs async" is psshfs with `-o async_create`; "sftp" is the plain program with a batch of
            commands; it connects for each work. Bytes are those of TCP, counted by a proxy without delay, and
            requests those that the server has written down, of the work that is done over the long line. `ls
            -lR` is that of %,d files that this mount has not seen yet. results.csv has every round.
            """.formatted(settings.rounds, DIRS * FILES) + results.sections(true);
    }

    private void measure() throws IOException {
        fill();
        SshServer server = SshServer.start(temp.resolve("sshd"), false, undo);
        for (SftpLine line : List.of(SftpLine.STRAIGHT, SftpLine.FAR, SftpLine.NARROW)) {
            if (settings.runs(line)) {
                compare(server, line);
            }
        }
        if (settings.runs(SftpLine.COUNTED)) {
            count(SshServer.start(temp.resolve("sshd-logging"), true, undo));
        }
        if (settings.runsMemory()) {
            fillMemory(server);
        }
    }

    private void fill() throws IOException {
        var variables = Map.of(
                "R", remote.toString(),
                "L", temp.toString(),
                "SIZES", SftpLine.each(settings.quick, SftpLine.Sizes::megabytes),
                "COUNTS", SftpLine.each(settings.quick, SftpLine.Sizes::counts),
                "DIRS", String.valueOf(settings.quick ? DIRS / 10 : DIRS));
        shell(variables, """
            cd $R; head -c 512M /dev/urandom >random; cp random warm-random
            for n in $SIZES; do head -c ${n}M random >data$n; truncate -s ${n}M $L/zeros$n; done
            for t in tree warm-tree; do for d in $(seq $DIRS); do
                mkdir -p $t/d$d; (cd $t/d$d; touch $(seq %d))
            done; done
            mkdir $L/pack; cd $L/pack
            for d in $(seq 10); do mkdir d$d; for f in $(seq 100); do head -c 3000 /dev/urandom >d$d/f$f; done; done
            for n in $COUNTS; do find d* >names; head -n $n names | tar --no-recursion -cf $L/$n.tar -T -; done
            """.formatted(FILES));
    }

    private void compare(SshServer server, SftpLine line) throws IOException {
        try (DelayProxy proxy = DelayProxy.start(server.port(), line.millis(), line.bits())) {
            int port = line == SftpLine.STRAIGHT ? server.port() : proxy.port();
            for (int round = 0; round < settings.rounds; round++) {
                Main.say("%s: round %d of %d".formatted(line, round + 1, settings.rounds));
                var order = new ArrayList<>(contenders);
                Collections.rotate(order, -round);
                for (SftpContender contender : order) {
                    turn(server.line(port), line, contender, (cell, script) -> {
                        double time = script.run();
                        Main.say(String.format(
                                Locale.ROOT,
                                "  %s %s: %.2f s",
                                contender,
                                cell.work().name(),
                                time));
                        results.add(cell, time);
                    });
                }
            }
        }
    }

    private void count(SshServer server) throws IOException {
        try (DelayProxy proxy = DelayProxy.start(server.port(), 0, 0)) {
            for (SftpContender contender : contenders) {
                Main.say("counting: " + contender);
                turn(server.line(proxy.port()), SftpLine.COUNTED, contender, (cell, script) -> {
                    long bytes = proxy.bytes();
                    long requests = server.requests();
                    script.run();
                    Proc.interrupted(SETTLE_MILLIS);
                    results.addWire(cell, proxy.bytes() - bytes, server.requests() - requests);
                });
            }
        }
    }

    /// A work of a contender, ready to be done.
    private interface Script {
        /// @return seconds
        double run() throws IOException;
    }

    private interface Measure {
        void take(SftpResults.Cell cell, Script script) throws IOException;
    }

    /// All that one contender does in a round.
    private void turn(SftpContender.Line at, SftpLine line, SftpContender contender, Measure measure)
            throws IOException {
        List<SftpWork> works = SftpWork.all(line, settings.quick).stream()
                .filter(work -> contender.does(work) && settings.runs(work))
                .toList();
        if (works.isEmpty()) {
            return;
        }
        Path dir = temp.resolve("mnt");
        Map<String, String> variables = variables(at, line, dir);
        try (var _ = Served.start(contender.command().of(at, remote, dir), remote, dir, undo)) {
            for (SftpWork work : works) {
                shell(variables, contender.mounts() ? work.scripts().warmUp() : ":");
            }
            for (SftpWork work : works) {
                variables.put("N", String.valueOf(work.amount()));
                if (work.unit().equals(SftpWork.RATE)) {
                    // A virtual machine gets memory from its host when it first touches it, which can take longer
                    // than all else here: both copies of the file go where memory has just been.
                    shell(variables, "head -c $((2 * N))M /dev/zero >$R/ballast; rm $R/ballast");
                }
                String script = contender.mounts()
                        ? work.scripts().mount()
                        : work.scripts().sftp();
                measure.take(new SftpResults.Cell(line, work, contender), () -> timed(variables, script));
            }
        } catch (IOException e) {
            Main.say(contender + ": " + e.getMessage());
        }
        shell(variables, "cd $R; rm -rf new un warm warm-un");
    }

    private Map<String, String> variables(SftpContender.Line at, SftpLine line, Path dir) {
        SftpLine.Sizes sizes = line.sizes(settings.quick);
        var variables = new HashMap<String, String>();
        variables.put("M", dir.toString());
        variables.put("R", remote.toString());
        variables.put("L", temp.toString());
        variables.put("WM", String.valueOf(sizes.warm()));
        variables.put("WF", String.valueOf(sizes.warmFiles()));
        variables.put("WN", String.valueOf(sizes.ios()));
        variables.put("SEED", String.valueOf(++turns));
        variables.put("SFTP", "sftp -q -F " + at.config() + " -b - box");
        return variables;
    }

    private void fillMemory(SshServer server) throws IOException {
        Main.say("memory");
        Path dir = temp.resolve("mnt");
        SftpContender ours = contenders.stream()
                .filter(c -> c.name().equals(SftpContender.OURS))
                .findFirst()
                .orElseThrow();
        var variables = new HashMap<>(Map.of("M", dir.toString(), "N", String.valueOf(settings.quick ? 256 : HUGE)));
        try (var served = Served.start(ours.command().of(server.line(server.port()), remote, dir), remote, dir, undo)) {
            shell(variables, "dd if=/dev/zero of=$M/new bs=1M count=$N conv=fsync status=none");
            results.setPeak(served.peakRss());
        } catch (IOException e) { // the tables are worth more than this row
            Main.say("memory: " + e.getMessage());
        }
        Files.deleteIfExists(remote.resolve("new"));
    }

    private static double timed(Map<String, String> variables, String script) throws IOException {
        long begin = System.nanoTime();
        String millis = shell(variables, script).strip();
        double own = (System.nanoTime() - begin) / 1e9;
        return millis.isEmpty() ? own : Double.parseDouble(millis) / 1e3;
    }

    private static String shell(Map<String, String> variables, String script) throws IOException {
        var words = new ArrayList<>(List.of("env"));
        variables.forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(List.of("bash", "-ec", script));
        return Proc.run(LIMIT, words);
    }
}
