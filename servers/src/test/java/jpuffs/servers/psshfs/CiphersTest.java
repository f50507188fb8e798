// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = SECONDS)
class CiphersTest {
    private static final String USUAL = "chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com";

    @TempDir
    Path dir;

    /// What becomes of a command if ssh says that these are its ciphers, and these in the user's configuration.
    private List<String> preferred(String usual, String here) throws Exception {
        assumeTrue(Ciphers.computesAes(Files.readString(Path.of("/proc/cpuinfo"))), "no AES in this processor");
        Path ssh = dir.resolve("ssh");
        Files.writeString(
                ssh,
                "#!/bin/sh\n[ \"$1\" = -F ] && echo user me && echo ciphers %s || echo ciphers %s\n"
                        .formatted(usual, here));
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        return Ciphers.preferFast(List.of(ssh.toString(), "-s", "--", "host", "sftp"), 1, "host");
    }

    @Test
    void theFastOneComesFirst() throws Exception {
        assertThat(preferred(USUAL, USUAL).subList(1, 6))
                .containsExactly(
                        "-oCiphers=aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr",
                        "-s",
                        "--",
                        "host",
                        "sftp");
    }

    @Test
    void whatTheUserHasChosenStays() throws Exception {
        assertThat(preferred(USUAL, "aes128-ctr")).hasSize(5);
    }

    @Test
    void anSshThatDoesNotTellStaysAsItIs() throws Exception {
        assertThat(preferred("", "")).hasSize(5);
        assertThat(preferred("3des-cbc", "3des-cbc")).hasSize(5);
        List<String> none = List.of(dir.resolve("none").toString(), "host");
        assertThat(Ciphers.preferFast(none, 1, "host")).isEqualTo(none);
    }

    @Test
    void aProcessorThatComputesAes() {
        assertThat(Ciphers.computesAes("processor : 0\nflags\t\t: fpu aes avx\n"))
                .isTrue();
        assertThat(Ciphers.computesAes("Features\t: fp asimd aes pmull\n")).isTrue();
        assertThat(Ciphers.computesAes("model name : aes\nflags\t\t: fpu vaes\n"))
                .isFalse();
    }
}
