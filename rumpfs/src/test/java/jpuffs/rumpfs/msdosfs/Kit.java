// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import org.junit.jupiter.api.Assumptions;

/// Images of mkfs.fat(8), what fsck.fat(8) and mtools(1) say of them, and mounts in process.
final class Kit {
    private static final System.Logger LOG = System.getLogger("jpuffs.rumpfs.msdosfs");
    private static final int SECONDS = 60;

    private Kit() {}

    /// How a program ended and what it said.
    record Result(int exitCode, String output) {}

    static Result run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("jpuffs", ".out");
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(java.util.Map.of("LC_ALL", "C.UTF-8", "MTOOLS_SKIP_CHECK", "0", "TZ", zone()));
            builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
            java.lang.Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command + " took more than " + SECONDS + " s");
            }
            return new Result(process.exitValue(), new String(Files.readAllBytes(output), UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    private static String zone() {
        return java.time.ZoneId.systemDefault().getId();
    }

    static String succeed(String... command) throws IOException, InterruptedException {
        Result result = run(List.of(command));
        if (result.exitCode != 0) {
            throw new AssertionError(List.of(command) + " ended with " + result.exitCode + ":\n" + result.output);
        }
        return result.output;
    }

    /// Skips, or in CI fails, without a program.
    static void require(String... programs) {
        for (String program : programs) {
            boolean here = List.of("/sbin", "/usr/sbin", "/bin", "/usr/bin").stream()
                    .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
            if (!here && Boolean.getBoolean("jpuffs.ci")) {
                throw new AssertionError("no " + program);
            }
            Assumptions.assumeTrue(here, "no " + program);
        }
    }

    /// Makes an image with these options of mkfs.fat(8).
    static void mkfs(Path image, long size, String options) throws IOException, InterruptedException {
        require("mkfs.fat");
        Files.deleteIfExists(image);
        FileDisk.create(image, size).close();
        var command = new java.util.ArrayList<>(List.of("mkfs.fat"));
        command.addAll(List.of(options.trim().split(" +")));
        command.add(image.toString());
        succeed(command.toArray(new String[0]));
    }

    /// Fails if fsck.fat(8) finds anything.
    static void requireClean(Path image) throws IOException, InterruptedException {
        require("fsck.fat");
        String output = succeed("fsck.fat", "-n", image.toString());
        if (output.strip().lines().count() > 2) { // its version, and its sum
            throw new AssertionError("fsck.fat says\n" + output);
        }
    }

    static MsdosFs mount(BlockDevice device, String options) throws IOException {
        return MsdosFs.mount(device, MountOptions.of(FsOptions.of(options)), Rumpuser.HOST);
    }

    /// Something done with a mounted file system.
    @FunctionalInterface
    interface Work {
        void run(Process process) throws Exception;
    }

    /// Mounts an image, works with it, unmounts it and has it checked.
    static void with(Path image, Work work) throws Exception {
        try (var disk = FileDisk.open(image, false)) {
            with(disk, work);
        }
        requireClean(image);
    }

    static void with(BlockDevice disk, Work work) throws Exception {
        try (var kernel = new Kernel(mount(disk, ""))) {
            try (Process process = kernel.newProcess(Cred.ROOT)) {
                work.run(process);
            }
            kernel.unmountAll();
        }
    }

    /// The seed of a random test: `-Djpuffs.seed=N`, else a new one each time, which is logged.
    static long seed(String test) {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        LOG.log(System.Logger.Level.INFO, test + ": -Djpuffs.seed=" + seed);
        return seed;
    }
}
