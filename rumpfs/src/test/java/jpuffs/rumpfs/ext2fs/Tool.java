// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The programs of e2fsprogs and mount(8), run with a deadline.
final class Tool {
    private static final int SECONDS = 60;

    private Tool() {}

    /// How a program ended, and all it said.
    record Result(int exitCode, String output) {}

    static Result run(List<String> command, String input) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
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

    static String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(List.of(command), "");
        if (result.exitCode != 0) {
            throw new AssertionError(List.of(command) + " ended with " + result.exitCode + ":\n" + result.output);
        }
        return result.output;
    }

    /// Makes an image of `size` bytes with these options of mke2fs(8).
    static void mke2fs(Path image, long size, String options) throws IOException, InterruptedException {
        try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(size);
        }
        var command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
        command.addAll(List.of(options.trim().split(" +")));
        command.add(image.toString());
        succeed(command.toArray(new String[0]));
    }

    /// Fails if e2fsck(8) finds anything, writing nothing.
    static void requireClean(Path image) throws IOException, InterruptedException {
        Result result = run(List.of("e2fsck", "-fn", image.toString()), "");
        boolean odd = result.output.contains("IGNORED") || result.output.contains("FIXED");
        if (result.exitCode != 0 || odd) {
            throw new AssertionError("e2fsck -fn " + image + " ended with " + result.exitCode + ":\n" + result.output);
        }
    }

    /// What debugfs(8) says to commands that may write.
    static String debugfs(Path image, String commands) throws IOException, InterruptedException {
        return run(List.of("debugfs", "-w", "-f", "-", image.toString()), commands).output;
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
