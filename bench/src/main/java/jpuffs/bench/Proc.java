// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Child processes that end: each has a deadline, and what it started ends with it.
final class Proc {
    private static final int MOST_OUTPUT = 1 << 20;
    private static final Duration TO_DIE = Duration.ofSeconds(3);

    /// A command that did not end in time; it was killed.
    static final class TimedOut extends IOException {
        TimedOut(String command, Duration deadline) {
            super(name(List.of(command)) + " did not end within " + deadline.toSeconds() + " s");
        }
    }

    private Proc() {}

    /// Runs a command without input and gives back what it printed, at most a MiB.
    ///
    /// @throws TimedOut when it was killed at the deadline
    /// @throws IOException when it cannot be started, or ended with another status than 0: the message has its
    ///     first line and its last
    static String run(Duration deadline, List<String> command) throws IOException {
        Path out = Files.createTempFile("puffs-bench-", ".out");
        Path err = Files.createTempFile("puffs-bench-", ".err");
        try {
            Process process = start(command, out.toFile(), err.toFile());
            if (!ended(process, deadline)) {
                kill(process);
                throw new TimedOut(command.getFirst(), deadline);
            }
            if (process.exitValue() != 0) {
                throw new IOException(failure(command, process.exitValue(), err));
            }
            return head(out);
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    /// Starts a command without input, in the C locale and with a git that knows no settings of ours.
    static Process start(List<String> command, File out, File err) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(out)
                .redirectError(err);
        var env = builder.environment();
        env.put("LC_ALL", "C.UTF-8");
        env.put("GIT_CONFIG_NOSYSTEM", "1");
        env.put("GIT_CONFIG_GLOBAL", "/dev/null");
        return builder.start();
    }

    /// Waits for a process; false when it still runs after that time or when we are interrupted.
    static boolean ended(Process process, Duration atMost) {
        try {
            return process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Waits; true when we are to stop waiting.
    static boolean interrupted(long millis) {
        try {
            Thread.sleep(millis);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// Kills a process and what it started. One that hangs in the kernel is left to end when its mount is aborted.
    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        ended(process, TO_DIE);
    }

    /// The first line and the last that a failed command printed, as one message.
    static String failure(List<String> command, int status, Path err) throws IOException {
        List<String> lines = head(err)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        String said = lines.isEmpty() ? "" : ": " + lines.getFirst();
        String last = lines.size() < 2 ? "" : "; " + lines.getLast();
        return name(command) + " ended with status " + status + said + last;
    }

    private static String name(List<String> command) {
        return command.getFirst().replaceFirst(".*/", "");
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
        }
    }

    /// The first program of that name on the PATH or in the folders of the super-user, or "".
    static String find(String name) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin";
        for (String dir : path.split(":", -1)) {
            Path file = Path.of(dir.isEmpty() ? "." : dir, name);
            if (Files.isExecutable(file) && Files.isRegularFile(file)) {
                return file.toString();
            }
        }
        return "";
    }
}
