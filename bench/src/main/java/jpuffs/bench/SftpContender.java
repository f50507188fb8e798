// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A program that reaches folders over SFTP.
///
/// @param works the names of the works it takes part in; empty for all
/// @param command how it is started, in the foreground
record SftpContender(String name, Set<String> works, Command command) {
    static final String OURS = "psshfs";
    static final String ASYNC = "psshfs async";
    static final String SSHFS = "sshfs";
    static final String RCLONE = "rclone";
    static final String SFTP = "sftp";

    /// Gives the words that mount `remote` on `dir`; none if it does not mount.
    interface Command {
        List<String> of(Line line, Path remote, Path dir);
    }

    /// How the server is reached.
    ///
    /// @param config the configuration for ssh, in which it is called `box`
    record Line(int port, Path config, Path identity) {}

    /// All that are installed.
    static List<SftpContender> all(Path home) {
        var all = new ArrayList<SftpContender>();
        all.add(sshfs());
        if (!Proc.find("rclone").isEmpty()) {
            all.add(rclone());
        }
        all.add(new SftpContender(SFTP, Set.of(SftpWork.WRITE, SftpWork.READ, SftpWork.LIST), (_, _, _) -> List.of()));
        all.add(psshfs(home, OURS, Set.of(), ""));
        all.add(psshfs(home, ASYNC, Set.of(SftpWork.UNPACK, SftpWork.REMOVE), ",async_create"));
        return all;
    }

    private static SftpContender sshfs() {
        return new SftpContender(
                SSHFS,
                Set.of(),
                (line, remote, dir) ->
                        List.of("sshfs", "-f", "-F", line.config().toString(), "box:" + remote, dir.toString()));
    }

    /// Without a cache on a disk, as it is by default; it takes minutes to unpack what others do in seconds.
    private static SftpContender rclone() {
        return new SftpContender(RCLONE, Set.of(SftpWork.WRITE, SftpWork.READ, SftpWork.LIST), (line, remote, dir) -> {
            String server = ":sftp,host=%s,port=%d,user=root,key_file=%s:%s"
                    .formatted(SshServer.HOST, line.port(), line.identity(), remote);
            return List.of("rclone", "mount", server, dir.toString());
        });
    }

    /// Ours, with further options.
    private static SftpContender psshfs(Path home, String name, Set<String> works, String options) {
        return new SftpContender(
                name,
                works,
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

    boolean does(SftpWork work) {
        return works.isEmpty() || works.contains(work.name());
    }

    boolean mounts() {
        return !name.equals(SFTP);
    }

    @Override
    public String toString() {
        return name;
    }
}
