// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The source as one contender shows it: a mount and the process that serves it, or the source itself.
final class Served implements AutoCloseable {
    private static final Duration TO_START = Duration.ofSeconds(20);
    private static final Duration TO_STOP = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 10;

    private final Path dir;
    private final @Nullable Process server;
    private final Path log;

    private Served(Path dir, @Nullable Process server, Path log) {
        this.dir = dir;
        this.server = server;
        this.log = log;
    }

    /// Starts a contender's server and returns when its mount answers.
    ///
    /// @param dir where to mount, made here
    /// @throws IOException when it ends instead, or does not answer in time: nothing is left of it
    static Served start(List<String> command, Path source, Path dir, Undo undo) throws IOException {
        Path log = dir.resolveSibling(dir.getFileName() + ".log");
        if (command.isEmpty()) {
            return new Served(source, null, log);
        }
        Files.createDirectories(dir);
        File out = log.toFile();
        var served = new Served(dir, Proc.start(command, out, out), log);
        undo.add("serve " + dir, served::close);
        try {
            served.awaitAnswer(command);
            return served;
        } catch (IOException e) {
            served.close();
            throw e;
        }
    }

    private void awaitAnswer(List<String> command) throws IOException {
        long end = System.nanoTime() + TO_START.toNanos();
        while (MountTable.find(dir).isEmpty()) {
            if (server != null && !server.isAlive()) {
                throw new IOException(Proc.failure(command, server.exitValue(), log));
            }
            if (System.nanoTime() > end || Proc.interrupted(POLL_MILLIS)) {
                throw new Proc.TimedOut(command.getFirst(), TO_START);
            }
        }
        Proc.run(TO_START, List.of("stat", dir.toString()));
    }

    /// The folder to work in.
    Path dir() {
        return dir;
    }

    /// The memory its server has in RAM now, in bytes: 0 for the source itself.
    long rss() throws IOException {
        return server == null ? 0 : rss(server.pid());
    }

    /// The most memory its server has ever had in RAM, in bytes: 0 for the source itself.
    long peakRss() throws IOException {
        return server == null ? 0 : memory(server.pid(), "VmHWM:");
    }

    /// VmRSS of a process, in bytes.
    static long rss(long pid) throws IOException {
        return memory(pid, "VmRSS:");
    }

    /// Source: proc_pid_status(5).
    private static long memory(long pid, String which) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith(which)) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("process " + pid + " has no memory");
    }

    /// The CPU time its server has used, in nanoseconds: 0 for the source itself. Source: sched-stats of the
    /// kernel's documentation.
    long cpuNanos() throws IOException {
        long nanos = 0;
        if (server != null) {
            try (var threads = Files.newDirectoryStream(Path.of("/proc/" + server.pid() + "/task"))) {
                for (Path thread : threads) {
                    nanos += cpuNanos(thread);
                }
            }
        }
        return nanos;
    }

    private static long cpuNanos(Path thread) {
        try {
            return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
        } catch (IOException e) {
            return 0; // it ended meanwhile
        }
    }

    /// The number of its FUSE connection, -1 for the source itself.
    int connection() throws IOException {
        return server == null
                ? -1
                : MountTable.find(dir).map(MountTable.Row::minor).orElse(-1);
    }

    /// Lets every caller that waits for it fail.
    void abort() throws IOException {
        var row = MountTable.find(dir);
        if (server != null && row.isPresent()) {
            MountTable.abort(row.get());
        }
    }

    /// Unmounts and ends the server, by force where need be; more than once does no harm.
    @Override
    public void close() throws IOException {
        if (server == null) {
            return;
        }
        MountTable.unmount(dir);
        if (!Proc.ended(server, TO_STOP)) {
            Proc.kill(server);
            MountTable.unmount(dir);
        }
    }
}
