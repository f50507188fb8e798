// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// `puffs bench`: the comparison with peers.
public final class Main {
    private Main() {}

    /// Runs what the options say; see [Options#USAGE], [PudBench#USAGE], [ImagesBench#USAGE] and
    /// [SyspuffsBench#USAGE].
    public static void main(String[] args) {
        boolean pud = args.length > 0 && args[0].equals("pud");
        boolean syspuffs = args.length > 0 && args[0].equals("syspuffs");
        if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
            IO.print(usage(args[0]));
            return;
        }
        try (var undo = Undo.withHook()) {
            if (args.length > 0 && args[0].equals("psshfs")) {
                SftpBench.run(List.of(args).subList(1, args.length), undo);
                return;
            }
            if (args.length > 0 && args[0].equals("images")) {
                ImagesBench.run(List.of(args).subList(1, args.length), undo);
                return;
            }
            if (syspuffs) {
                if (args.length > 1) {
                    throw new Options.Bad("puffs bench syspuffs has no options");
                }
                SyspuffsBench.report();
                return;
            }
            if (pud) {
                PudBench.run(List.of(args).subList(1, args.length), undo);
                return;
            }
            boolean images = args.length > 0 && args[0].equals("rump");
            Options options = Options.parse(images ? Arrays.copyOfRange(args, 1, args.length) : args);
            check(options);
            if (images) {
                runImages(options.ofImages(), undo);
            } else {
                run(options, undo);
            }
        } catch (IOException | IllegalStateException e) {
            say(String.valueOf(e.getMessage()));
            System.exit(1);
        } catch (Options.Bad e) {
            System.err.println("puffs bench: " + e.getMessage() + " (see: puffs bench --help)");
            System.exit(2);
        }
    }

    private static String usage(String first) {
        return switch (first) {
            case "pud" -> PudBench.USAGE;
            case "psshfs" -> SftpBench.USAGE;
            case "images" -> ImagesBench.USAGE;
            case "syspuffs" -> SyspuffsBench.USAGE;
            default -> Options.USAGE;
        };
    }

    private static void check(Options options) throws Options.Bad {
        for (String name : options.only()) {
            boolean known = name.equals(Light.ID)
                    || Stream.of(Workloads.all(), Workloads.images(), Workloads.inProcess())
                            .flatMap(List::stream)
                            .anyMatch(
                                    w -> w.name().equals(name) || w.group().id().equals(name));
            if (!known) {
                throw new Options.Bad("no workload or group is called " + name);
            }
        }
    }

    private static void run(Options options, Undo undo) throws IOException {
        var machine = Machine.facts();
        var bench = new Workbench(options, undo);
        List<Contender> contenders = bench.contenders();
        if (options.requests()) {
            IO.print(new Requests(bench).table(contenders));
            return;
        }
        var results = new Results(contenders);
        for (Mode mode : Mode.values()) {
            compare(bench, mode, contenders, results);
        }
        if (options.runsLight()) {
            new Light(bench).measure(results);
        }
        if (options.jmh()) {
            Parts.measure(results);
        }
        var report = new Report(results, options);
        IO.print(report.text());
        if (!options.out().isEmpty()) {
            report.write(Path.of(options.out()), machine);
            say("written to " + options.out());
        }
    }

    private static void runImages(Options options, Undo undo) throws IOException {
        var machine = Machine.facts();
        var bench = new Workbench(options, undo);
        List<Contender> contenders = Images.contenders(bench);
        var results = new Results(contenders);
        var images = new Images(bench);
        try (var run = new ImageRun(bench, images, contenders, results)) {
            run.rounds();
        }
        if (Workloads.inProcess().stream().anyMatch(options::runs)) {
            runInProcess(new InProcess(bench, images, results), contenders);
        }
        var report = new Report(results, options);
        IO.print(report.text());
        if (!options.out().isEmpty()) {
            report.write(Path.of(options.out()), machine);
            say("written to " + options.out());
        }
    }

    /// A failure is told, and leaves the other rows.
    private static void runInProcess(InProcess run, List<Contender> contenders) {
        var kernel = contenders.stream().filter(Goal.Peer.KERNEL::is).findFirst();
        var ours = contenders.stream().filter(Contender::ours).findFirst();
        if (kernel.isEmpty() || ours.isEmpty()) {
            return;
        }
        try {
            run.rounds(kernel.get(), ours.get());
        } catch (IOException e) {
            say("in process: " + e.getMessage());
        }
    }

    private static void compare(Workbench bench, Mode mode, List<Contender> contenders, Results results)
            throws IOException {
        var workloads = new ArrayList<Workload>();
        for (Workload workload : Workloads.all()) {
            if (workload.group().mode() == mode && bench.options().runs(workload)) {
                workloads.add(workload);
            }
        }
        if (workloads.isEmpty()) {
            return;
        }
        try (var run = new Run(bench, mode, contenders, workloads, results)) {
            run.rounds(workloads);
            run.noteMemory();
        }
    }

    /// A line for the one who waits.
    static void say(String line) {
        System.err.println("puffs bench: " + line);
    }
}
