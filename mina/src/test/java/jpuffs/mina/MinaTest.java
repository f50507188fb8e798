// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.mina;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The program against MINA's own server: keys of hosts, ways to log in, configuration, ends.
@Timeout(value = 120, unit = SECONDS)
class MinaTest {
    @TempDir
    Path dir;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start();
        Files.writeString(dir.resolve("known"), server.known());
    }

    @AfterEach
    void end() throws Exception {
        server.close();
    }

    /// Starts the program.
    ///
    /// @param options further ones
    private Program run(Map<String, String> environment, String... options) throws Exception {
        return run(environment, server.port(), "sftp", options);
    }

    private Program run(Map<String, String> environment, int port, String subsystem, String... options)
            throws Exception {
        var words = new ArrayList<>(List.of("-x", "-a", "-F", "none", "-p", "" + port, "-l", "me"));
        for (String option : options) {
            words.add("-o" + option);
        }
        words.addAll(List.of("-oUserKnownHostsFile=" + dir + "/known", "-oIdentityFile=" + dir + "/id"));
        words.addAll(List.of("-s", "--", "127.0.0.1", subsystem));
        return Program.start(dir, environment, words);
    }

    /// A variable for a program that answers `text`, and writes down what it was asked.
    private Map<String, String> answering(String text) throws Exception {
        Path program = dir.resolve("ask");
        Files.writeString(program, "#!/bin/sh\necho \"$1\" >>" + dir + "/asked\necho '" + text + "'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return Map.of("SSH_ASKPASS", program.toString(), "SSH_ASKPASS_REQUIRE", "force");
    }

    private void shell(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-ec", "cd " + dir + "; " + script)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("shell").toFile())
                .start();
        assertThat(process.waitFor(60, SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(dir.resolve("shell")))
                .isZero();
    }

    private void makeKey(String passphrase) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh-keygen")), "no ssh-keygen");
        shell("ssh-keygen -q -t ed25519 -N '" + passphrase + "' -f id");
        server.authorize(dir.resolve("id.pub"));
    }

    private static void talks(Program program) throws Exception {
        assertThat(program.greet()).isEqualTo(3);
        assertThat(program.hangUp()).isZero();
        assertThat(program.said()).isEmpty();
    }

    private static void isRefused(Program program, String why) throws Exception {
        assertThat(program.status()).isEqualTo(255);
        assertThat(program.said()).startsWith("mina: ").contains(why).hasLineCount(1);
    }

    @Test
    void aPasswordIsAskedFor() throws Exception {
        try (Program program = run(answering(Server.PASSWORD))) {
            talks(program);
        }
        assertThat(Files.readString(dir.resolve("asked")))
                .contains("me@127.0.0.1")
                .containsIgnoringCase("password");
    }

    @Test
    void aWrongPasswordIsToldAndAppearsNowhere() throws Exception {
        try (Program program = run(answering("mistaken"))) {
            isRefused(program, "me@127.0.0.1: ");
            assertThat(program.said()).doesNotContain("mistaken");
        }
        assertThat(Files.readAllLines(dir.resolve("asked"))).hasSizeLessThanOrEqualTo(6);
    }

    @Test
    void nobodyIsAskedInABatch() throws Exception {
        try (Program program = run(answering(Server.PASSWORD), "BatchMode=yes")) {
            isRefused(program, "me@127.0.0.1: ");
        }
        assertThat(dir.resolve("asked")).doesNotExist();
    }

    @Test
    void aKeyInAFileLetsIn() throws Exception {
        makeKey("");
        shell("ssh-keygen -q -H -f known"); // and names of hosts may be hashed
        try (Program program = run(Map.of(), "BatchMode=yes")) {
            talks(program);
        }
    }

    @Test
    void aPassphraseIsAskedFor() throws Exception {
        makeKey("long enough");
        try (Program program = run(answering("long enough"))) {
            talks(program);
        }
        assertThat(Files.readString(dir.resolve("asked")))
                .contains("passphrase")
                .contains("/id");
    }

    @Test
    void theAgentLetsIn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh-agent")), "no ssh-agent");
        makeKey("");
        Process agent = new ProcessBuilder("ssh-agent", "-D", "-a", dir + "/agent")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            shell("until [ -S agent ]; do sleep 0.1; done; SSH_AUTH_SOCK=agent ssh-add -q id; rm id");
            try (Program program = run(Map.of("SSH_AUTH_SOCK", dir + "/agent"), "BatchMode=yes")) {
                talks(program);
            }
        } finally {
            agent.destroyForcibly();
        }
    }

    @Test
    void theConfigurationIsUsed() throws Exception {
        makeKey("");
        Files.writeString(dir.resolve("config"), """
                Host other
                  Port 1
                Host box
                  HostName 127.0.0.1
                  Port %d
                  User me
                  IdentityFile %s/id
                Host *
                  UserKnownHostsFile %s/known
                """.formatted(server.port(), dir, dir));
        try (Program program = Program.start(
                dir, Map.of(), List.of("-F", dir + "/config", "-oBatchMode=yes", "-s", "--", "box", "sftp"))) {
            talks(program);
        }
    }

    @Test
    void anUnknownServerIsRefused() throws Exception {
        Files.delete(dir.resolve("known"));
        try (Program program = run(answering(Server.PASSWORD))) {
            isRefused(program, "is not known: ecdsa-sha2-nistp256 SHA256:");
        }
        assertThat(dir.resolve("known")).doesNotExist();
        assertThat(dir.resolve("asked")).doesNotExist();
    }

    @Test
    void anUnknownServerIsTakenIfOneSaysSo() throws Exception {
        Files.delete(dir.resolve("known"));
        try (Program program = run(answering(Server.PASSWORD), "StrictHostKeyChecking=no")) {
            assertThat(program.greet()).isEqualTo(3);
            assertThat(program.hangUp()).isZero();
            assertThat(program.said())
                    .contains("is not known; it is taken as you said")
                    .hasLineCount(1);
        }
    }

    @Test
    void aServerWithAnotherKeyIsRefusedWhateverOneSays() throws Exception {
        try (Server other = Server.start()) {
            String key = other.known().substring(other.known().indexOf(' '));
            Files.writeString(dir.resolve("known"), "[127.0.0.1]:" + server.port() + key);
        }
        try (Program program = run(answering(Server.PASSWORD), "StrictHostKeyChecking=no")) {
            isRefused(program, "has changed");
        }
    }

    @Test
    void aRevokedKeyIsRefused() throws Exception {
        Files.writeString(dir.resolve("known"), server.known() + "@revoked " + server.known());
        try (Program program = run(answering(Server.PASSWORD), "StrictHostKeyChecking=no")) {
            isRefused(program, "revoked");
        }
    }

    @Test
    void noServerIsOneLine() throws Exception {
        server.close();
        try (Program program = run(Map.of())) {
            isRefused(program, "cannot connect to 127.0.0.1, port ");
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program = run(Map.of(), silent.getLocalPort(), "sftp", "ConnectTimeout=1")) {
            isRefused(program, "does not answer");
        }
    }

    @Test
    void anUnknownSubsystemIsTold() throws Exception {
        makeKey("");
        try (Program program = run(Map.of(), server.port(), "nothing", "BatchMode=yes")) {
            assertThat(program.status()).isEqualTo(255);
            assertThat(program.said()).startsWith("mina: ").hasLineCount(1);
        }
    }

    @Test
    void aLostConnectionEndsIt() throws Exception {
        try (Program program = run(answering(Server.PASSWORD))) {
            assertThat(program.greet()).isEqualTo(3);
            server.cut();
            isRefused(program, "is closed");
        }
    }

    @Test
    void aHostOnTheWayIsAskedToo() throws Exception {
        try (Program program = run(answering(Server.PASSWORD), "ProxyJump=other@127.0.0.1:" + server.port())) {
            talks(program);
        }
        Files.delete(dir.resolve("known"));
        try (Program program = run(answering(Server.PASSWORD), "ProxyJump=other@127.0.0.1:" + server.port())) {
            isRefused(program, "is not known");
        }
    }

    @Test
    void aProxyCommandIsRefused() throws Exception {
        try (Program program = run(Map.of(), "ProxyCommand=nc %h %p")) {
            isRefused(program, "ProxyCommand needs the program ssh");
        }
    }
}
