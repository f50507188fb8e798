// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which process serves which FUSE connection, by what `/proc` tells of the descriptors of `/dev/fuse`: since Linux
/// 6.16 `fdinfo` has the number of the connection. Processes of other users, for whom it is not ours to know, and
/// older kernels leave the server unknown; nothing is guessed.
final class Servers {
    private static final Path PROC = Path.of("/proc");
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final String CONNECTION = "fuse_connection:";

    private final Map<Integer, Set<Integer>> connectionsByPid = new HashMap<>();

    /// Looks at all processes.
    static Servers find() throws IOException {
        var servers = new Servers();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                servers.look(process);
            }
        }
        return servers;
    }

    /// The process that serves a connection; null if it is not known, or there is none any more.
    @Nullable
    Integer pidOf(int connection) {
        for (var entry : connectionsByPid.entrySet()) {
            if (entry.getValue().contains(connection)) {
                return entry.getKey();
            }
        }
        return null;
    }

    /// Whether process `pid` serves one connection and no other.
    boolean servesOne(int pid) {
        return connectionsByPid.getOrDefault(pid, Set.of()).size() == 1;
    }

    private void look(Path process) {
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path fd : fds) {
                if (isDevice(fd)) {
                    add(Integer.parseInt(process.getFileName().toString()), process.resolve("fdinfo"), fd);
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // Gone meanwhile, or another user's.
        }
    }

    private static boolean isDevice(Path fd) throws IOException {
        return Files.readSymbolicLink(fd).equals(DEVICE);
    }

    private void add(int pid, Path fdinfo, Path fd) throws IOException {
        for (String line : Files.readAllLines(fdinfo.resolve(fd.getFileName()))) {
            if (line.startsWith(CONNECTION)) {
                int connection = Integer.parseUnsignedInt(
                        line.substring(CONNECTION.length()).strip());
                connectionsByPid.computeIfAbsent(pid, _ -> new TreeSet<>()).add(connection);
            }
        }
    }
}
