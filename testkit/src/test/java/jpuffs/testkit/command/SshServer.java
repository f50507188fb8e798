// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/// OpenSSH's sshd on a port of the loopback, with a configuration of its own and keys that are thrown away.
final class SshServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Path SSHD = Path.of("/usr/sbin/sshd");

    private final Path dir;
    private final int port;
    private final Process process;

    private SshServer(Path dir, int port, Process process) {
        this.dir = dir;
        this.port = port;
        this.process = process;
    }

    static SshServer start(Path dir) throws Exception {
        assumeTrue(Files.isExecutable(SSHD), "no sshd");
        Path empty = Files.createDirectories(Path.of("/run/sshd"));
        Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwxr-xr-x")); // whatever our umask is
        Shell.run(dir, LIMIT, """
                ssh-keygen -q -t ed25519 -N '' -f host
                ssh-keygen -q -t ed25519 -N '' -f id
                cp id.pub authorized""").ok();
        int port = freePort();
        Files.writeString(dir.resolve("sshd_config"), """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s/host
                AuthorizedKeysFile %s/authorized
                PidFile none
                StrictModes no
                UsePAM no
                PermitRootLogin prohibit-password
                Subsystem sftp /usr/lib/openssh/sftp-server
                """.formatted(port, dir, dir));
        Process process = new ProcessBuilder(List.of(SSHD.toString(), "-D", "-e", "-f", dir + "/sshd_config"))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("sshd.log").toFile())
                .start();
        var server = new SshServer(dir, port, process);
        server.await();
        return server;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await() throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    /// The options of ssh that reach it, as psshfs takes them.
    String options() {
        return "port=" + port + ",IdentityFile=" + dir + "/id,UserKnownHostsFile=/dev/null,StrictHostKeyChecking=no"
                + ",IdentitiesOnly=yes,LogLevel=ERROR";
    }

    /// Ends the connections there are; new ones can be made.
    void cut() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() throws IOException {
        Shell.killAll(process);
    }
}
