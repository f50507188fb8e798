// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.core.Cred;
import jpuffs.core.FileSystem;
import jpuffs.rump.Kernel;
import jpuffs.rump.Process;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.FsckResult;
import jpuffs.rumpfs.Programs;
import jpuffs.rumpfs.RumpFsType;
import jpuffs.rumpfs.RumpFsTypes;
import org.junit.jupiter.api.Assumptions;

/// One of the types with the programs that make and check its images, and mounts in process.
public enum Kit {
    MSDOSFS("msdosfs", "mkfs.fat", "fsck.fat", "-a", 2),
    EXFAT("exfat", "mkfs.exfat", "fsck.exfat", "-y", Integer.MAX_VALUE);

    private final String type;
    private final String maker;
    private final String checker;
    private final String repairing; // option of the checker
    private final int lines; // the checker says so many at most of a clean image

    Kit(String type, String maker, String checker, String repairing, int lines) {
        this.type = type;
        this.maker = maker;
        this.checker = checker;
        this.repairing = repairing;
        this.lines = lines;
    }

    /// The one whose images the command makes that begins with this word.
    public static Kit of(String command) {
        for (Kit kit : values()) {
            if (command.startsWith(kit.maker + " ")) {
                return kit;
            }
        }
        throw new AssertionError(command);
    }

    public RumpFsType type() {
        return requireNonNull(RumpFsTypes.named(type));
    }

    /// Skips, or in CI fails, without a program.
    public static void require(String... programs) {
        for (String program : programs) {
            boolean here = List.of("/sbin", "/usr/sbin", "/bin", "/usr/bin").stream()
                    .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
            if (!here && Boolean.getBoolean("jpuffs.ci")) {
                throw new AssertionError("no " + program);
            }
            Assumptions.assumeTrue(here, "no " + program);
        }
    }

    /// Makes an image with this command, as in `mkfs.fat -F 12`.
    public static void mkfs(Path image, long size, String words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(words.trim().split(" +")));
        require(command.getFirst());
        Files.deleteIfExists(image);
        FileDisk.create(image, size).close();
        command.add(image.toString());
        Programs.succeed(command.toArray(new String[0]));
    }

    /// Fails if the program that checks images finds anything.
    public void requireClean(Path image) throws IOException, InterruptedException {
        requireClean(image, "");
    }

    /// The same after the program has repaired an image: fsck.fat leaves a part of a long name that a crash has left
    /// without the rest, and says so each time.
    void requireRepaired(Path image) throws IOException, InterruptedException {
        requireClean(image, "(?m)^\\S.*\n(?:  (?!Not).*\n)*  Not auto-correcting this\\.\n");
    }

    /// @param allowed lines that do not count
    private void requireClean(Path image, String allowed) throws IOException, InterruptedException {
        require(checker);
        String output = Programs.succeed(checker, "-n", image.toString()).replaceAll(allowed, "");
        if (output.strip().lines().count() > lines || output.contains("ERROR")) {
            throw new AssertionError(checker + " says\n" + output);
        }
    }

    /// Fails if our own checker does.
    public void requireCleanHere(Path image) throws IOException {
        var report = new ArrayList<String>();
        try (var disk = FileDisk.open(image, true)) {
            FsckResult result = type().fsck(disk, false, report::add, Rumpuser.HOST);
            if (result != FsckResult.CLEAN) {
                throw new AssertionError(result + ": " + report);
            }
        }
    }

    /// Has the image repaired by the program; what it says.
    String repair(Path image) throws IOException, InterruptedException {
        require(checker);
        Programs.Result result = Programs.run(List.of(checker, repairing, image.toString()));
        if (result.exitCode() > 1) {
            throw new AssertionError(checker + " ended with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    public FileSystem mount(BlockDevice device, String options) throws IOException {
        return type().mount(device, FsOptions.of(options), Rumpuser.HOST);
    }

    /// Something done with a mounted file system.
    @FunctionalInterface
    public interface Work {
        void run(Process process) throws Exception;
    }

    /// Mounts an image, works with it, unmounts it and has it checked.
    public void with(Path image, Work work) throws Exception {
        try (var disk = FileDisk.open(image, false);
                var kernel = new Kernel(mount(disk, ""))) {
            try (Process process = kernel.newProcess(Cred.ROOT)) {
                work.run(process);
            }
            kernel.unmountAll();
        }
        requireClean(image);
    }
}
