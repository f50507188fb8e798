// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// testkit's cases through syspuffs by an ordinary user who has no `/dev/fuse`: user 1000 of a user namespace,
/// without any capability, in a mount namespace in which that is `/dev/null`.
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class OrdinaryUserTest {
    private static final long LIMIT_SECONDS = 400;

    /// What an ordinary user of the host has not, and what lies below in /tmp may not have.
    private static final String OF_ROOT = "users,devices,trusted_xattrs";

    /// All but the one that rests on supplementary groups, which the wire does not carry.
    private static final String CASES = "(?!setgidIsDroppedFromNewProgramOfForeignGroup$).*";

    /// Without those in which root does what he alone may on files of the host: among it to make links to symbolic
    /// links, where fs.protected_hardlinks is on.
    private static final String NOT_BY_ROOT =
            "(?!(createEmptyFile|accessOfRoot|writeByRootKeepsSetIds|randomTree)$)" + CASES;

    private static final long BUILD_MINUTES = 10;

    @TempDir
    private Path dir;

    private record Result(int status, String output) {}

    /// Runs a script as that user.
    ///
    /// @param cases its variable CASES
    private Result run(String script, String cases) throws Exception {
        Path log = dir.resolve("log");
        String inner = "exec unshare --user --map-user=1000 --map-group=1000 -- bash -ec '" + script + "'";
        String outer = "mount --bind /dev/null /dev/fuse; " + inner;
        var builder = new ProcessBuilder("unshare", "--user", "--map-root-user", "--mount", "--", "bash", "-ec", outer)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("CASES", cases);
        Process process = builder.start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Result(process.waitFor(), Files.readString(log));
    }

    private static String puffs() {
        return Path.of(System.getProperty("jpuffs.home", ".."))
                .toAbsolutePath()
                .normalize()
                .resolve("puffs")
                .toString();
    }

    /// That user cannot build what is not built.
    @BeforeAll
    static void build() throws Exception {
        Process process = new ProcessBuilder(puffs(), "lab", "--help")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        assertThat(process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)).as("built").isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @BeforeEach
    void require() throws Exception {
        assumeThat(Path.of("/dev/fuse")).exists();
        Result can = run("test $(id -u) = 1000; ! grep -q CapEff:.*[1-9a-f] /proc/self/status", "");
        assumeThat(can.status).as("user namespaces: " + can.output).isZero();
    }

    @Test
    void nothingCanBeMounted() throws Exception {
        Files.createDirectory(dir.resolve("m"));
        assertThat(run(puffs() + " mount dtfs " + dir.resolve("m"), "").status).isNotZero();
    }

    @Test
    void dtfs() throws Exception {
        Result result = run(puffs() + " lab --seed 1 --case \"$CASES\" dtfs", CASES);
        assertThat(result.status).as(result.output).isZero();
        assertThat(result.output).containsPattern("On syspuffs: [1-9]\\d\\d passed, 0 failed");
    }

    @Test
    @Tag("long")
    void nullOverADirectory() throws Exception {
        Result result =
                run(puffs() + " lab --seed 1 --without " + OF_ROOT + " --case \"$CASES\" null SRC", NOT_BY_ROOT);
        assertThat(result.status).as(result.output).isZero();
        assertThat(result.output).containsPattern("On syspuffs: [1-9]\\d\\d passed, 0 failed");
    }
}
