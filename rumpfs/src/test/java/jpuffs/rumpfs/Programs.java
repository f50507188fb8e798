// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Programs of this machine that make and check images, run with a deadline.
public final class Programs {
    private static final int SECONDS = 60;

    /// The check of mtools takes a link to the last cluster of a disk for one that leads too far, also on its own
    /// disks.
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "LC_ALL",
            "C.UTF-8",
            "MTOOLS_SKIP_CHECK",
            "1",
            "TZ",
            ZoneId.systemDefault().getId());

    private Programs() {}

    /// How a program ended, and all it said.
    public record Result(int exitCode, String output) {}

    public static Result run(List<String> command) throws IOException, InterruptedException {
        return run(command, "");
    }

    /// Runs one that reads `input`.
    public static Result run(List<String> command, String input) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(ENVIRONMENT);
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        Path output = Files.createTempFile("jpuffs", ".out");
        Path in = Files.createTempFile("jpuffs", ".in");
        try {
            Files.writeString(in, input);
            Process process = builder.redirectOutput(output.toFile())
                    .redirectInput(in.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command + " took more than " + SECONDS + " s");
            }
            return new Result(process.exitValue(), new String(Files.readAllBytes(output), UTF_8));
        } finally {
            Files.delete(output);
            Files.delete(in);
        }
    }

    /// What a program said that must succeed.
    public static String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(List.of(command));
        if (result.exitCode != 0) {
            throw new AssertionError(List.of(command) + " ended with " + result.exitCode + ":\n" + result.output);
        }
        return result.output;
    }
}
