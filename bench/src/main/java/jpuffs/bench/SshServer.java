// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// An sshd of our own on a port of the loopback, with keys made for it and thrown away.
final class SshServer {
    static final String HOST = "127.0.0.1";

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final List<String> SFTP_SERVERS =
            List.of("/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server");

    /// What sftp-server says of a request; of its answer it says "sent".
    private static final Pattern REQUEST = Pattern.compile("request \\d+: (?!sent )");

    private final Path dir;
    private final int port;

    private SshServer(Path dir, int port) {
        this.dir = dir;
        this.port = port;
    }

    /// Starts it; it ends with `undo`.
    ///
    /// @param dir for its files, to be made
    /// @param logging whether each request is written down, see [#requests]
    static SshServer start(Path dir, boolean logging, Undo undo) throws IOException {
        String sshd = Proc.find("sshd");
        if (sshd.isEmpty()) {
            throw new IOException("sshd is not installed (Debian: openssh-server)");
        }
        Files.createDirectories(dir);
        Files.createDirectories(Path.of("/run/sshd")); // where it wants to chroot to
        key(dir.resolve("host"));
        key(dir.resolve("id"));
        Files.copy(dir.resolve("id.pub"), dir.resolve("authorized"), StandardCopyOption.REPLACE_EXISTING);
        var server = new SshServer(dir, freePort());
        Path config = dir.resolve("sshd_config");
        Files.writeString(config, server.configuration(logging));
        Process process = Proc.start(
                List.of(sshd, "-D", "-e", "-f", config.toString()),
                dir.resolve("sshd.out").toFile(),
                dir.resolve("sshd.log").toFile());
        undo.add("end sshd", () -> Proc.kill(process));
        server.await();
        return server;
    }

    private static void key(Path file) throws IOException {
        Proc.run(LIMIT, List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString()));
    }

    private String configuration(boolean logging) {
        String sftp = SFTP_SERVERS.stream()
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElse("internal-sftp");
        String log = logging ? " -e -l DEBUG3 2>>" + dir + "/requests" : "";
        return """
            Port %d
            ListenAddress %s
            HostKey %s/host
            AuthorizedKeysFile %s/authorized
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            Subsystem sftp %s%s
            """.formatted(port, HOST, dir, dir, sftp, log);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await() throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || Proc.interrupted(20)) {
                    throw new IOException("sshd does not listen", e);
                }
            }
        }
    }

    /// How many requests it has had so far, if it writes them down.
    long requests() throws IOException {
        Path log = dir.resolve("requests");
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> REQUEST.matcher(line).find()).count();
        }
    }

    int port() {
        return port;
    }

    /// How a client reaches it by a port.
    SftpContender.Line line(int through) throws IOException {
        return new SftpContender.Line(through, clientConfiguration(through), identity());
    }

    private Path identity() {
        return dir.resolve("id");
    }

    /// A configuration for ssh in which `box` is this server, reached by `through`.
    private Path clientConfiguration(int through) throws IOException {
        Path file = dir.resolve("config-" + through);
        Files.writeString(file, """
            Host box
             HostName %s
             Port %d
             User root
             IdentityFile %s
             IdentitiesOnly yes
             UserKnownHostsFile /dev/null
             StrictHostKeyChecking no
             LogLevel ERROR
            """.formatted(HOST, through, identity()));
        return file;
    }
}
