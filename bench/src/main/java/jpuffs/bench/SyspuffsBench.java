// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.OpenFlags;
import jpuffs.puffs.MountOptions;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.servers.dtfs.Dtfs;
import jpuffs.sys.Sys;
import jpuffs.syspuffs.ChildServer;
import jpuffs.syspuffs.SysPuffs;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// What one operation costs through the kernel half of syspuffs, none of whose caches knows the answer: to dtfs by
/// calls, to dtfs on a loop of this process over a socket pair, and to libfuse's passthrough_ll in a child.
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx256m"
        })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open
public class SyspuffsBench {
    static final String USAGE = """
            usage: puffs bench syspuffs
            What one operation costs through the kernel half of the FUSE wire. For the child: gcc and libfuse3-dev.
            """;

    private static final String CHILD = "child";
    private static final String SAME_CPU = "child, one CPU";
    private static final String LOCAL = "calls";
    private static final int SIZE = 4096;
    private static final Name FILE = Name.of("f");

    /// By calls, a socket to a loop of this process, a child, or a child that is bound to the caller's CPU.
    @Param({LOCAL, "socket", CHILD, SAME_CPU})
    private String server;

    private SysPuffs half;
    private @Nullable ChildServer child;
    private @Nullable Path source;
    private Node root;
    private Handle file;
    private Arena arena;
    private MemorySegment buffer;

    @Setup(Level.Trial)
    public void open() throws IOException {
        MountOptions options = MountOptions.defaults()
                .withAttrTtl(Duration.ZERO)
                .withEntryTtl(Duration.ZERO)
                .withNegativeTtl(Duration.ZERO);
        half = switch (server) {
            case LOCAL -> SysPuffs.local(dtfs(), options);
            case CHILD -> passthrough();
            case SAME_CPU -> {
                Sys.pinTo(Sys.currentCpu()); // this thread, and what it starts
                yield passthrough();
            }
            default -> SysPuffs.serve(dtfs(), options);
        };
        arena = Arena.ofShared();
        buffer = arena.allocate(SIZE);
        root = half.root();
        file = root.create(FILE, Mode.S_IFREG | 0644, OpenFlags.O_RDWR, Cred.ROOT);
        file.write(buffer, 0);
    }

    private static FileSystem dtfs() {
        return new Dtfs(Tmpfs.Options.DEFAULT);
    }

    private SysPuffs passthrough() throws IOException {
        Path folder = Files.createTempDirectory("puffs-bench");
        source = folder;
        Path program = CProgram.libfuseExample(folder, "passthrough_ll");
        var command =
                List.of(program.toString(), "-f", "-o", "source=" + folder + ",timeout=0", ChildServer.MOUNT_POINT);
        ChildServer started = ChildServer.start(command);
        child = started;
        return started.fileSystem();
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        file.release();
        half.close();
        if (child != null) {
            child.close();
        }
        arena.close();
        if (source != null) {
            for (String name : List.of("f", "passthrough_ll", "passthrough_ll.c", ".")) {
                Files.deleteIfExists(source.resolve(name).normalize());
            }
        }
    }

    /// GETATTR.
    @Benchmark
    public long getattr() throws IOException {
        return file.getattr().size();
    }

    /// LOOKUP of a name, and a FORGET.
    @Benchmark
    public boolean lookup() throws IOException {
        Node found = root.lookup(FILE);
        if (found != null) {
            found.reclaim(1);
        }
        return found != null;
    }

    /// READ of 4 KiB.
    @Benchmark
    public int read() throws IOException {
        return file.read(buffer, 0);
    }

    /// WRITE of 4 KiB.
    @Benchmark
    public int write() throws IOException {
        return file.write(buffer, 0);
    }

    /// Runs all of it and prints a table.
    static void report() throws IOException {
        var options = new OptionsBuilder()
                .include("^jpuffs\\.bench\\.SyspuffsBench\\.")
                .verbosity(VerboseMode.SILENT)
                .build();
        try {
            IO.print(table(new Runner(options).run()).text());
        } catch (RunnerException e) {
            throw new IOException("JMH: " + e.getMessage(), e);
        }
    }

    private static TextTable table(Collection<RunResult> runs) {
        var table = new TextTable(List.of("operation", "server by", "us", "±", "goal"));
        var rows = new ArrayList<List<String>>();
        for (RunResult run : runs) {
            String by = run.getParams().getParam("server");
            String name = run.getParams().getBenchmark();
            rows.add(List.of(
                    name.substring(name.lastIndexOf('.') + 1),
                    by,
                    "%.2f".formatted(run.getPrimaryResult().getScore()),
                    "%.2f".formatted(run.getPrimaryResult().getScoreError()),
                    by.equals(LOCAL) ? "<= 3" : by.startsWith(CHILD) ? "<= 15" : ""));
        }
        rows.forEach(table::add);
        return table;
    }
}
