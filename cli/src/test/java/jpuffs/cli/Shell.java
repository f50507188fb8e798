// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// bash in the scratch directory of a test.
public record Shell(Path dir) {
    /// Runs a script, which must succeed; answers what it printed.
    public String run(String script) throws IOException, InterruptedException {
        Path log = dir.resolve(".log");
        var process = new ProcessBuilder("bash", "-euc", "PATH=$PATH:/sbin:/usr/sbin; export LC_ALL=C.UTF-8; " + script)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(log);
        assertThat(ended && process.exitValue() == 0).as("%s: %s", script, text).isTrue();
        return text;
    }

    /// Leaves the test out if one of these programs is not here.
    public static void require(String... programs) {
        for (String program : programs) {
            boolean here = Stream.of("/bin", "/sbin", "/usr/bin", "/usr/sbin")
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            assumeTrue(here || Boolean.getBoolean("jpuffs.ci"), "no " + program);
        }
    }
}
