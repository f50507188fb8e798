// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of others that tests run against ours.
public final class Peer {
    private static final long SECONDS = 100;

    private Peer() {}

    /// Skips the test where a program is not installed; fails in CI.
    public static void require(String... programs) {
        for (String program : programs) {
            if (run(List.of("bash", "-c", "type " + program)).status() != 0) {
                String reason = program + " is not installed";
                assertThat(Boolean.getBoolean("jpuffs.ci")).as(reason).isFalse();
                abort(reason);
            }
        }
    }

    /// How a program ended, and what it printed.
    public record Result(int status, String output) {
        public Result ok() {
            assertThat(status).as(output).isZero();
            return this;
        }
    }

    /// Runs a script by bash -e, with a deadline.
    public static Result bash(String script) {
        return run(List.of("bash", "-ec", script));
    }

    private static Result run(List<String> command) {
        try {
            Path log = Files.createTempFile("jpuffs-peer", ".log");
            try {
                return run(command, log);
            } finally {
                Files.delete(log);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Result run(List<String> command, Path log) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String output = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(ended).as("%s did not end: %s", command, output).isTrue();
        return new Result(process.exitValue(), output);
    }
}
