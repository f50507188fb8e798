// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The program, in a JVM of its own, without a terminal.
final class Program implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final byte[] INIT = {0, 0, 0, 5, 1, 0, 0, 0, 3};
    private static final int VERSION = 2;

    private final Process process;
    private final Path errors;

    private Program(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /// @param environment beside ours, in which there is no agent and nobody to ask
    static Program start(Path dir, Map<String, String> environment, List<String> arguments) throws IOException {
        Path errors = Files.createTempFile(dir, "errors", "");
        var words = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "jpuffs.mina.Main"));
        words.addAll(arguments);
        var builder = new ProcessBuilder(words).redirectError(errors.toFile());
        List.of("SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY")
                .forEach(builder.environment()::remove);
        builder.environment().putAll(environment);
        return new Program(builder.start(), errors);
    }

    /// Begins a conversation of SFTP; gives the server's version.
    int greet() throws IOException {
        process.getOutputStream().write(INIT);
        process.getOutputStream().flush();
        var in = new DataInputStream(process.getInputStream());
        int length = in.readInt();
        int type = in.readUnsignedByte();
        int version = in.readInt();
        in.skipNBytes(length - 5);
        return type == VERSION ? version : -1;
    }

    /// Says no more; the exit status.
    int hangUp() throws Exception {
        process.getOutputStream().close();
        return status();
    }

    int status() throws InterruptedException {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it hangs");
        }
        return process.exitValue();
    }

    /// What it said on its standard error, once it has ended.
    String said() throws Exception {
        status();
        return Files.readString(errors);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
