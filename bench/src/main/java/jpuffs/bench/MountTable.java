// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is mounted where, and how to get rid of it. Nothing here touches a mounted file: its server may not answer.
///
/// Source of the format: proc_pid_mountinfo(5).
final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");
    private static final Duration TO_UNMOUNT = Duration.ofSeconds(10);

    /// A mount: the minor number of its device, which names the connection of a FUSE mount; its folder and type.
    record Row(int minor, String dir, String type) {
        static Row parse(String line) {
            String[] words = line.split(" ", -1);
            int dash = List.of(words).indexOf("-");
            return new Row(Integer.parseInt(words[2].replaceFirst(".*:", "")), unescape(words[4]), words[dash + 1]);
        }

        private static String unescape(String word) {
            return word.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
        }
    }

    private MountTable() {}

    /// The uppermost mount on a folder.
    static Optional<Row> find(Path dir) throws IOException {
        return Files.readAllLines(MOUNTINFO).stream()
                .map(Row::parse)
                .filter(row -> row.dir.equals(dir.toString()))
                .reduce((_, last) -> last);
    }

    /// Unmounts a folder, by force where it does not go otherwise; nothing where nothing is mounted.
    static void unmount(Path dir) throws IOException {
        Optional<Row> row = find(dir);
        if (row.isEmpty()) {
            return;
        }
        boolean root = Workbench.isRoot();
        if (tried(root ? List.of("umount", dir.toString()) : List.of("fusermount3", "-u", dir.toString()))) {
            return;
        }
        abort(row.get());
        tried(root ? List.of("umount", "-l", dir.toString()) : List.of("fusermount3", "-uz", dir.toString()));
        if (find(dir).isPresent()) {
            throw new IOException(dir + " is still mounted");
        }
    }

    /// Ends a FUSE connection: every caller that waits gets an error.
    static void abort(Row row) throws IOException {
        Path file = CONNECTIONS.resolve(row.minor + "/abort");
        if (row.type.startsWith("fuse") && Files.isWritable(file)) {
            Files.writeString(file, "1");
        }
    }

    private static boolean tried(List<String> command) {
        try {
            Proc.run(TO_UNMOUNT, command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
