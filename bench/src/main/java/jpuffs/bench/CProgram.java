// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// Programs in C: clients of ours, and the examples of libfuse, which are our peers.
final class CProgram {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path EXAMPLES = Path.of("/usr/share/doc/libfuse3-dev/examples");

    private CProgram() {}

    /// Compiles `source` to a program of its name in `dir`.
    static Path compile(Path dir, Path source, List<String> flags) throws IOException {
        Path program = dir.resolve(source.getFileName().toString().replaceFirst("\\.c$", ""));
        var command = new ArrayList<>(List.of("gcc", "-O2", "-o", program.toString(), source.toString()));
        command.addAll(flags);
        Proc.run(LIMIT, command);
        return program;
    }

    /// An example of libfuse, which Debian has in libfuse3-dev.
    static Path libfuseExample(Path dir, String name) throws IOException {
        Path plain = EXAMPLES.resolve(name + ".c");
        Path packed = EXAMPLES.resolve(name + ".c.gz");
        Path copy = dir.resolve(name + ".c");
        if (Files.exists(packed)) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
                Files.copy(in, copy);
            }
        } else if (Files.exists(plain)) {
            Files.copy(plain, copy);
        } else {
            throw new IOException("no " + plain);
        }
        String flags = Proc.run(LIMIT, List.of("pkg-config", "--cflags", "--libs", "fuse3"));
        var words = new ArrayList<>(List.of(flags.strip().split("\\s+", -1)));
        words.add("-I" + EXAMPLES);
        return compile(dir, copy, words);
    }
}
