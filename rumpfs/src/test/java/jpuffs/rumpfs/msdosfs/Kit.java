// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Programs;
import org.junit.jupiter.api.Assumptions;

/// Images of mkfs.fat(8), what fsck.fat(8) and mtools(1) say of them, and mounts in process.
final class Kit {
    private Kit() {}

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
        Programs.succeed(command.toArray(new String[0]));
    }

    /// Fails if fsck.fat(8) finds anything.
    static void requireClean(Path image) throws IOException, InterruptedException {
        require("fsck.fat");
        String output = Programs.succeed("fsck.fat", "-n", image.toString());
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
}
