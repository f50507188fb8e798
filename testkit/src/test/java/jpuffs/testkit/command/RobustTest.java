// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpuffs.testkit.command.Shell.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes wrong around a mount, and what the command says then.
@Tag("mounted")
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RobustTest {
    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final int MOUNT_FAILURE = 32;
    private static final int USAGE = 1;

    @BeforeEach
    void require() {
        PuffsMount.require();
    }

    private static Result puffs(String... arguments) throws IOException {
        var command = new java.util.ArrayList<>(List.of(PuffsMount.puffs()));
        command.addAll(List.of(arguments));
        return Shell.exec(Path.of("/"), SHORT, command);
    }

    private static void assertOneLine(Result result, int status, String... words) {
        assertThat(result.output().strip().lines()).as(result.output()).hasSize(1);
        assertThat(result.output()).startsWith("puffs: ").contains(words);
        assertThat(result.status()).as(result.output()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dtfs", "null"})
    void aKilledServerLeavesErrorsAndNothingElse(String type) throws IOException, InterruptedException {
        try (PuffsMount mount = type.equals("null") ? PuffsMount.ofNull(true, "") : PuffsMount.of(type, "")) {
            String directory = mount.directory().toString();
            killWhileInUse(mount);
            assertThat(Shell.run(Path.of("/"), SHORT, "ls " + directory + " || true")
                            .output())
                    .contains("Transport endpoint is not connected");
            puffs("umount", directory).ok();
            assertThat(mount.info()).isEmpty();
            puffs("mount", "dtfs", directory).ok();
            Shell.run(mount.directory(), SHORT, "echo again > f && test \"$(cat f)\" = again")
                    .ok();
            puffs("umount", directory).ok();
        }
    }

    /// Kills the server while a writer and a reader are at work: both end by themselves, with an error.
    private static void killWhileInUse(PuffsMount mount) throws IOException, InterruptedException {
        String write = "while dd if=/dev/zero of=w bs=64k count=64 oflag=direct; do :; done";
        Process writer = Shell.start(mount.directory(), write);
        Process reader = Shell.start(mount.directory(), "while stat . && ls -l; do :; done");
        try {
            Shell.run(mount.directory(), SHORT, "until test -s w; do sleep 0.05; done")
                    .ok();
            mount.server().destroyForcibly();
            assertThat(writer.waitFor(20, TimeUnit.SECONDS))
                    .as("the writer ended")
                    .isTrue();
            assertThat(reader.waitFor(20, TimeUnit.SECONDS))
                    .as("the reader ended")
                    .isTrue();
        } finally {
            Shell.killAll(writer);
            Shell.killAll(reader);
        }
    }

    @Test
    void aBusyMountIsNotUnmounted() throws IOException {
        try (PuffsMount mount = PuffsMount.of("dtfs", "")) {
            Process user = Shell.start(mount.directory(), "echo held > f; exec 3< f; sleep 60");
            Shell.run(Path.of("/"), SHORT, "until test -s " + mount.directory() + "/f; do sleep 0.05; done")
                    .ok();
            assertOneLine(puffs("umount", mount.directory().toString()), MOUNT_FAILURE, "in use");
            Shell.run(mount.directory(), SHORT, "test \"$(cat f)\" = held").ok();
            Shell.killAll(user);
            puffs("umount", mount.directory().toString()).ok();
        }
    }

    /// Also while the server, whose connection ends, takes it away by itself.
    @Test
    void forceTakesOneMountAway() throws IOException {
        Path scratch = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-force");
        try {
            Shell.run(scratch, SHORT, "mkdir mnt; mount -t tmpfs tmpfs mnt; touch mnt/below")
                    .ok();
            for (int round = 0; round < 10; round++) {
                Shell.run(scratch, SHORT, """
                        %1$s mount dtfs mnt; touch mnt/above; exec 3<mnt/above
                        timeout 20 %1$s umount -f mnt; [ "$(ls mnt)" = below ]""".formatted(PuffsMount.puffs())).ok();
            }
        } finally {
            Shell.run(scratch, SHORT, "while umount -l mnt; do :; done 2>/dev/null; rm -r " + scratch)
                    .ok();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalUnmounts(String signal) throws IOException, InterruptedException {
        try (PuffsMount mount = PuffsMount.of("dtfs", "")) {
            ProcessHandle server = mount.server();
            Shell.run(Path.of("/"), SHORT, "kill -" + signal + " " + server.pid())
                    .ok();
            Shell.run(Path.of("/"), SHORT, "while mountpoint -q " + mount.directory() + "; do sleep 0.05; done")
                    .ok();
            server.onExit().orTimeout(20, TimeUnit.SECONDS).join();
            assertThat(mount.info()).isEmpty();
        }
    }

    @Test
    void aHangUpIsNoEnd() throws IOException {
        try (PuffsMount mount = PuffsMount.of("dtfs", "")) {
            Shell.run(mount.directory(), SHORT, "kill -HUP " + mount.server().pid() + "; sleep 0.3; echo x > f; cat f")
                    .ok();
        }
    }

    @Test
    void badInputGetsALine() throws IOException {
        Path scratch = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-bad");
        try {
            Path file = Files.createFile(scratch.resolve("file"));
            String missing = scratch.resolve("missing").toString();
            String directory = scratch.toString();
            assertOneLine(puffs("mount", "dtfs", file.toString()), MOUNT_FAILURE, file.toString(), "not a directory");
            assertOneLine(puffs("mount", "dtfs", missing), MOUNT_FAILURE, missing, "no such directory");
            assertOneLine(puffs("mount", "nosuchfs", directory), USAGE, "nosuchfs", "dtfs", "null");
            assertOneLine(puffs("mount", "dtfs", directory, "-o", "nosuchoption"), USAGE, "nosuchoption");
            assertOneLine(puffs("mount", "null", missing, directory), MOUNT_FAILURE, missing);
            assertOneLine(puffs("umount", directory), MOUNT_FAILURE, directory, "not");
        } finally {
            Shell.run(Path.of("/"), SHORT, "rm -r " + scratch).ok();
        }
    }

    @Test
    void twiceOnOneDirectoryIsRefused() throws IOException {
        try (PuffsMount mount = PuffsMount.of("dtfs", "")) {
            assertOneLine(puffs("mount", "dtfs", mount.directory().toString()), MOUNT_FAILURE, "already");
            puffs("umount", mount.directory().toString()).ok();
        }
    }

    @Test
    void anOrdinaryUserWithoutPermissionIsToldWhy() throws IOException {
        Path scratch = Files.createTempDirectory(Path.of("/var/tmp"), "jpuffs-user");
        try {
            String command =
                    "chown nobody " + scratch + "; setpriv --reuid=nobody --regid=nogroup --clear-groups env -u HOME "
                            + PuffsMount.puffs() + " mount dtfs " + scratch;
            // /dev/fuse is closed to users on some machines and open on others
            Result result = Shell.run(Path.of("/"), SHORT, command + " || exit $?; fusermount3 -u " + scratch);
            if (result.status() != 0) {
                assertThat(result.output().strip().lines()).as(result.output()).hasSize(1);
                assertThat(result.output()).startsWith("puffs: ").contains(scratch.toString());
            }
        } finally {
            Shell.run(Path.of("/"), SHORT, "umount -l " + scratch + " 2>/dev/null || true; rmdir " + scratch)
                    .ok();
        }
    }

    @Test
    void theTypeIsShown() throws IOException {
        try (PuffsMount mount = PuffsMount.of("dtfs", "ro,noatime,fsname=my data")) {
            Result shown = Shell.run(Path.of("/"), SHORT, "mount | grep " + mount.directory());
            assertThat(shown.output())
                    .startsWith("my data on " + mount.directory() + " type fuse.puffs|dtfs (")
                    .contains("ro")
                    .contains("noatime");
            assertThat(Shell.run(mount.directory(), SHORT, "touch f").output()).contains("Read-only file system");
            assertThat(puffs("list").ok().output()).contains(mount.directory().toString());
        }
    }
}
