// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Counts the requests that the kernel sends to a server, by its tracepoint fuse_request_send (Linux 6.11).
///
/// FORGET and INTERRUPT are not counted: nobody waits for them.
final class Requests {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Pattern OPCODE = Pattern.compile("opcode \\d+ \\((?:FUSE_)?(\\w+)\\)");
    private static final String BUFFER_KIB = "65536";

    private final Workbench bench;
    private final Path instance;
    private final Path event;

    /// Opens a trace of our own.
    ///
    /// @throws IOException when we are not root, or the kernel has no such tracepoint
    Requests(Workbench bench) throws IOException {
        this.bench = bench;
        Path tracing = Files.createDirectories(bench.temp().resolve("tracing"));
        bench.undo().add("unmount " + tracing, () -> MountTable.unmount(tracing));
        Proc.run(DEADLINE, List.of("mount", "-t", "tracefs", "tracefs", tracing.toString()));
        instance = tracing.resolve(
                "instances/puffs-bench-" + ProcessHandle.current().pid());
        Files.createDirectory(instance);
        bench.undo().add("end the trace", () -> Files.delete(instance));
        event = instance.resolve("events/fuse/fuse_request_send");
        Files.writeString(instance.resolve("buffer_size_kb"), BUFFER_KIB);
    }

    /// A table of requests and of the server's CPU time for each operation, or for each file of a tree. CPU time is
    /// what a busy machine disturbs least.
    String table(List<Contender> contenders) throws IOException {
        var table = new TextTable(List.of("workload", "server", "requests", "server CPU µs", "which"));
        for (Mode mode : Mode.values()) {
            var workloads = Workloads.all().stream()
                    .filter(w -> w.group().mode() == mode
                            && w.group() != Group.CLIENTS
                            && bench.options().runs(w))
                    .toList();
            var served = contenders.stream()
                    .filter(c -> !c.serve(mode, bench.source(), bench.temp()).isEmpty());
            try (var run = new Run(bench, mode, served.toList(), workloads, new Results(contenders))) {
                warmUp(run, workloads);
                for (Workload workload : workloads) {
                    rows(workload, run, table);
                }
            }
        }
        return table.markdown();
    }

    /// What a kernel asks once is not counted.
    private static void warmUp(Run run, List<Workload> workloads) throws IOException {
        for (Workload workload : workloads) {
            for (Run.Entrant entrant : run.entrants()) {
                run.sample(workload, entrant);
            }
        }
    }

    private void rows(Workload workload, Run run, TextTable table) throws IOException {
        for (Run.Entrant entrant : run.entrants()) {
            var counts = new TreeMap<String, Long>();
            long before = entrant.served().cpuNanos();
            double ops =
                    count(() -> run.sample(workload, entrant), entrant.served().connection(), counts);
            long cpu = entrant.served().cpuNanos() - before;
            if (workload.group() == Group.TREE) {
                ops = bench.options().treeFiles();
            }
            table.add(row(workload, entrant.contender(), counts, ops, cpu));
        }
    }

    private static List<String> row(
            Workload workload, Contender contender, Map<String, Long> counts, double ops, long cpu) {
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        String which = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .filter(e -> e.getValue() / ops >= 0.005)
                .map(e -> "%s %s".formatted(e.getKey(), perOp(e.getValue(), ops)))
                .collect(Collectors.joining(", "));
        return List.of(workload.name(), contender.name(), perOp(all, ops), Unit.digits(cpu / 1e3 / ops), which);
    }

    private static String perOp(long count, double ops) {
        return String.format(Locale.ROOT, "%.2f", count / ops);
    }

    /// Something that can be traced.
    private interface Traced {
        Sample run() throws IOException;
    }

    private double count(Traced work, int connection, Map<String, Long> counts) throws IOException {
        Files.writeString(instance.resolve("trace"), "");
        Files.writeString(event.resolve("filter"), "connection == " + connection);
        Files.writeString(event.resolve("enable"), "1");
        Sample sample;
        try {
            sample = work.run();
        } finally {
            Files.writeString(event.resolve("enable"), "0");
        }
        try (Stream<String> lines = Files.lines(instance.resolve("trace"))) {
            lines.map(Requests::opcode).filter(op -> !op.isEmpty()).forEach(op -> counts.merge(op, 1L, Long::sum));
        }
        return sample.ops();
    }

    /// The opcode a line of the trace tells of, or "".
    static String opcode(String line) {
        var m = OPCODE.matcher(line);
        return m.find() ? m.group(1) : "";
    }
}
