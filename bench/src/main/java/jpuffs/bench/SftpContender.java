// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.nio.file.Path;
import java.util.List;

/// A program that mounts a folder over SFTP.
///
/// @param manyFiles whether it takes part in what uses many files or processes
/// @param command how it is started, in the foreground
record SftpContender(String name, boolean manyFiles, Command command) {
    /// Gives the words that mount `remote` on `dir`.
    interface Command {
        List<String> of(Line line, Path remote, Path dir);
    }

    /// How the server is reached.
    ///
    /// @param config the configuration for ssh, in which it is called `box`
    record Line(int port, Path config, Path identity) {}

    static SftpContender sshfs() {
        return new SftpContender(
                "sshfs",
                true,
                (line, remote, dir) ->
                        List.of("sshfs", "-f", "-F", line.config().toString(), "box:" + remote, dir.toString()));
    }

    /// Without a cache on a disk, as it is by default; it takes minutes to unpack what others do in seconds.
    static SftpContender rclone() {
        return new SftpContender("rclone", false, (line, remote, dir) -> {
            String server = ":sftp,host=%s,port=%d,user=root,key_file=%s:%s"
                    .formatted(SshServer.HOST, line.port(), line.identity(), remote);
            return List.of("rclone", "mount", server, dir.toString());
        });
    }

    /// Ours, with further options.
    static SftpContender psshfs(Path home, String name, String options) {
        return new SftpContender(
                name,
                true,
                (line, remote, dir) -> List.of(
                        home.resolve("puffs").toString(),
                        "mount",
                        "-f",
                        "psshfs",
                        "box:" + remote,
                        dir.toString(),
                        "-o",
                        "ssh_config=" + line.config() + options));
    }

    @Override
    public String toString() {
        return name;
    }
}
