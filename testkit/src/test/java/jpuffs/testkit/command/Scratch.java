// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// A folder for a test of the command, with a directory `mnt` to mount on, which is unmounted by force in the end.
final class Scratch implements AutoCloseable {
    /// How long a script takes at most, if nothing else is said.
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path ROOT = Path.of("/");

    private final Path folder;

    private Scratch(Path folder) {
        this.folder = folder;
    }

    /// Made where mounts can be; else the test is skipped.
    static Scratch make(String name) throws IOException {
        PuffsMount.require();
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-" + name);
        Files.createDirectory(folder.resolve("mnt"));
        return new Scratch(folder);
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /// Runs a script in the folder, in which `puffs` is the command; answers what it printed.
    String run(String script) throws IOException {
        return run(LIMIT, script);
    }

    /// As [#run(String)], for as long as `limit`.
    String run(Duration limit, String script) throws IOException {
        String command = "PATH=$PATH:/sbin:/usr/sbin; puffs() { " + PuffsMount.puffs() + " \"$@\"; }\n" + script;
        return Shell.run(folder, limit, command).ok().output();
    }

    @Override
    public void close() throws IOException {
        Shell.run(ROOT, LIMIT, "umount -l " + folder + "/mnt 2>/dev/null || true");
        Shell.run(ROOT, LIMIT, "rm -rf --one-file-system " + folder);
    }
}
