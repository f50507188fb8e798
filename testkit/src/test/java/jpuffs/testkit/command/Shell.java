// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs shell commands with a deadline. A command that does not end in time is killed with all it started, and the
/// test fails.
final class Shell {
    /// What a command printed (both streams, its last 64 KiB) and how it ended.
    record Result(int status, String output) {
        Result ok() {
            assertThat(status).as(output).isZero();
            return this;
        }
    }

    private static final int MAX_OUTPUT = 64 << 10;

    private Shell() {}

    /// Runs `script` by bash -e, in `directory`.
    static Result run(Path directory, Duration deadline, String script) throws IOException {
        return exec(directory, deadline, List.of("bash", "-ec", script));
    }

    static Result exec(Path directory, Duration deadline, List<String> command) throws IOException {
        Path log = Files.createTempFile("jpuffs-shell", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            boolean ended = waitFor(process, deadline);
            if (!ended) {
                killAll(process);
            }
            String output = tail(log);
            assertThat(ended)
                    .as("%s did not end within %s: %s", command, deadline, output)
                    .isTrue();
            return new Result(process.exitValue(), output);
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /// Starts a command that goes on while the test does something; the test ends it by [#killAll].
    static Process start(Path directory, String script) throws IOException {
        return new ProcessBuilder("bash", "-c", script)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static void killAll(Process process) throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        waitFor(process, Duration.ofSeconds(5));
    }

    private static boolean waitFor(Process process, Duration deadline) throws IOException {
        try {
            return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new InterruptedIOException(e.toString());
        }
    }

    private static String tail(Path log) throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        int from = Math.max(0, bytes.length - MAX_OUTPUT);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}
