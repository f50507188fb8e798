// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What the numbers were measured on: nothing that tells which machine it is.
final class Machine {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private Machine() {}

    /// One line for each fact.
    static List<String> facts() throws IOException {
        return List.of(
                "CPU: " + field(Path.of("/proc/cpuinfo"), "model name") + ", "
                        + Runtime.getRuntime().availableProcessors() + " of them for us",
                "memory: " + field(Path.of("/proc/meminfo"), "MemTotal"),
                "kernel: Linux "
                        + Files.readString(Path.of("/proc/sys/kernel/osrelease"))
                                .strip(),
                "load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0],
                "JDK: " + System.getProperty("java.vendor") + " " + Runtime.version(),
                "libfuse: " + said("pkg-config --modversion fuse3"),
                "bindfs: " + said("bindfs --version").replace("bindfs ", ""));
    }

    private static String field(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    /// The first line that a command of the shell says of itself.
    static String said(String command) {
        try {
            return Proc.run(DEADLINE, List.of("bash", "-c", command))
                    .lines()
                    .findFirst()
                    .orElse("none");
        } catch (IOException e) {
            return "none";
        }
    }
}
