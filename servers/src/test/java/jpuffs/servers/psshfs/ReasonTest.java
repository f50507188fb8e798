// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Why there is no connection is told in one line, in the words of the program that should have made it.
@Timeout(value = 120, unit = SECONDS)
class ReasonTest {
    @TempDir
    Path dir;

    /// What is told if ssh is this script.
    private String reason(String script) throws Exception {
        Path ssh = dir.resolve("ssh");
        Files.writeString(ssh, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        Options options = Options.NONE.with("ssh_command", ssh.toString());
        var e = catchThrowableOfType(
                ErrnoException.class, () -> Psshfs.open(new Remote(null, "example", "/"), options));
        assertThat(e.getMessage()).doesNotContain("\n");
        return e.getMessage();
    }

    @Test
    void whatSshSaid() throws Exception {
        assertThat(reason("echo 'ssh: connect to host example port 22: Connection refused' >&2; exit 255"))
                .isEqualTo("ENOTCONN: ssh: connect to host example port 22: Connection refused");
        assertThat(reason("echo 'me@example: Permission denied (publickey).' >&2; exit 255"))
                .isEqualTo("ENOTCONN: ssh: me@example: Permission denied (publickey).");
    }

    @Test
    void theLastOfWhatItSaid() throws Exception {
        assertThat(
                        reason(
                                "printf '@@@@\\n@  WARNING  @\\na\\nb\\n\\nc\\r\\nHost key verification failed.\\n' >&2; exit 255"))
                .isEqualTo("ENOTCONN: ssh: b; c; Host key verification failed.");
    }

    @Test
    void aProgramThatSaysNothing() throws Exception {
        assertThat(reason("exit 7")).isEqualTo("ENOTCONN: ssh ended with status 7");
    }

    @Test
    void aProgramThatFillsItsStandardErrorDoesNotHang() throws Exception {
        assertThat(reason("head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; echo enough >&2; exit 1"))
                .endsWith("; enough");
    }

    @Test
    void aProgramThatIsNotThere() {
        Options options = Options.NONE.with("ssh_command", dir.resolve("none").toString());
        var e = catchThrowableOfType(
                ErrnoException.class, () -> Psshfs.open(new Remote(null, "example", "/"), options));
        assertThat(e).hasMessageContaining("none: No such file or directory");
    }
}
