// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;

/// A mount made by the project's own command, `./puffs mount`, as a user makes it.
final class PuffsMount implements AutoCloseable {
    static final Duration START = Duration.ofSeconds(60);

    private final Path scratch;
    private final Path directory;
    private final boolean ownTmpfs;

    private PuffsMount(Path scratch, boolean ownTmpfs) {
        this.scratch = scratch;
        this.directory = scratch.resolve("mnt");
        this.ownTmpfs = ownTmpfs;
    }

    /// The folder with the scripts.
    static Path home() {
        return Path.of(System.getProperty("jpuffs.home", "..")).toAbsolutePath().normalize();
    }

    /// The command itself.
    static String puffs() {
        return home().resolve("puffs").toString();
    }

    /// Skips the test by name where mounting is not possible; fails in CI.
    static void require() {
        boolean root = "root".equals(System.getProperty("user.name"));
        boolean fuse = Files.exists(Path.of("/dev/fuse"));
        if (root && fuse) {
            return;
        }
        String reason = fuse ? "mounting with the command needs root here" : "there is no /dev/fuse";
        assertThat(Boolean.getBoolean("jpuffs.ci"))
                .as("in CI no mounted test is skipped: " + reason)
                .isFalse();
        abort(reason);
    }

    /// `puffs mount TYPE DIR` with `options` (`-o` list, may be empty).
    static PuffsMount of(String type, String options) throws IOException {
        var mount = new PuffsMount(scratch(), false);
        return mount.start(type, null, options);
    }

    /// `puffs mount null SRC DIR` of a new directory on the disk, or on a tmpfs.
    static PuffsMount ofNull(boolean tmpfs, String options) throws IOException {
        var mount = new PuffsMount(scratch(), tmpfs);
        Files.createDirectory(mount.source());
        if (tmpfs) {
            Shell.exec(
                            mount.scratch,
                            START,
                            List.of(
                                    "mount",
                                    "-t",
                                    "tmpfs",
                                    "tmpfs",
                                    mount.source().toString()))
                    .ok();
        }
        return mount.start("null", mount.source().toString(), options);
    }

    /// `puffs mount psshfs root@127.0.0.1:SRC DIR` of a new directory on the disk.
    static PuffsMount ofPsshfs(String options) throws IOException {
        var mount = new PuffsMount(scratch(), false);
        Files.createDirectory(mount.source());
        return mount.start("psshfs", "root@127.0.0.1:" + mount.source(), options);
    }

    /// `puffs syspuffs -- COMMAND`, of whose words `SRC` and `DIR` stand for a new directory on the disk and for
    /// where it mounts.
    static PuffsMount ofSyspuffs(List<String> command) throws IOException {
        var mount = new PuffsMount(scratch(), false);
        Files.createDirectory(mount.source());
        var words = new ArrayList<>(List.of(puffs(), "syspuffs", "--"));
        for (String word : command) {
            words.add(word.replace("SRC", mount.source().toString()).replace("DIR", mount.directory.toString()));
        }
        return mount.run(words);
    }

    private static Path scratch() throws IOException {
        // not under /tmp, which may be a tmpfs: the null layer is to be tried over a disk's file system too
        Path scratch = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-test");
        Files.createDirectory(scratch.resolve("mnt"));
        return scratch;
    }

    private PuffsMount start(String type, String source, String options) throws IOException {
        var command = new ArrayList<>(List.of(puffs(), "mount", type));
        if (source != null) {
            command.add(source);
        }
        command.add(directory.toString());
        if (!options.isEmpty()) {
            command.addAll(List.of("-o", options));
        }
        return run(command);
    }

    private PuffsMount run(List<String> command) throws IOException {
        try {
            Shell.exec(scratch, START, command).ok();
            return this;
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    Path directory() {
        return directory;
    }

    /// What a null mount mirrors.
    Path source() {
        return scratch.resolve("src");
    }

    Path scratchDirectory() {
        return scratch;
    }

    Optional<MountInfo> info() throws IOException {
        return Optional.ofNullable(Mounts.find(jpuffs.core.Name.of(directory.toString())));
    }

    /// The process that serves it, as `puffs list` tells it.
    ProcessHandle server() throws IOException {
        String list = Shell.exec(Path.of("/"), START, List.of(puffs(), "list", "--json"))
                .ok()
                .output();
        String pattern = "\"dir\"\\s*:\\s*\"" + Pattern.quote(directory.toString()) + "\"[^}]*\"pid\"\\s*:\\s*(\\d+)";
        Matcher matcher = Pattern.compile(pattern).matcher(list);
        assertThat(matcher.find())
                .as("no server of " + directory + " in " + list)
                .isTrue();
        return ProcessHandle.of(Long.parseLong(matcher.group(1))).orElseThrow();
    }

    /// Takes everything away, by force where need be.
    @Override
    public void close() throws IOException {
        for (Optional<MountInfo> info = info(); info.isPresent(); info = info()) {
            assertThat(Mounts.takeAway(info.get())).as("unmounted").isTrue();
        }
        if (ownTmpfs) {
            quietly("umount -l '" + source() + "'");
        }
        delete();
    }

    private void quietly(String script) throws IOException {
        Shell.run(Path.of("/"), Duration.ofSeconds(20), script + " 2>/dev/null || true");
    }

    private void delete() throws IOException {
        assertThat(info()).as("still mounted").isEmpty();
        Files.walkFileTree(scratch, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
