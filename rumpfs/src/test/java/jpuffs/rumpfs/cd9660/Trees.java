// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import jpuffs.rumpfs.Programs;

/// Trees of the host to make images of.
final class Trees {
    private Trees() {}

    static void write(Path file, int size, Random random) throws IOException {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        Files.write(file, bytes);
    }

    /// What Joliet can keep as well: names of at most 60 characters, directories, files.
    static Path simple(Path root, long seed) throws IOException {
        var random = new Random(seed);
        Files.createDirectories(root.resolve("many"));
        for (int size : new int[] {0, 1, 2047, 2048, 2049, 300_000}) {
            write(root.resolve("size " + size), size, random);
        }
        for (int i = 0; i < 300; i++) {
            write(root.resolve("many/file-" + i + ".text"), random.nextInt(3), random);
        }
        write(root.resolve("Grüße an alle.txt"), 10, random);
        write(root.resolve("UPPER and lower.Txt"), 11, random);
        write(root.resolve("no dots"), 12, random);
        write(root.resolve(".profile"), 13, random);
        Files.createDirectories(root.resolve("a/b/c"));
        write(root.resolve("a/b/c/deep"), 5000, random);
        setTimes(root);
        return root;
    }

    /// What only Rock Ridge can keep.
    static Path posix(Path root, long seed) throws IOException, InterruptedException {
        var random = new Random(seed);
        simple(root, seed);
        write(root.resolve("x".repeat(200)), 14, random);
        write(root.resolve("y".repeat(250)), 15, random);
        Files.createLink(root.resolve("another name"), root.resolve("size 2049"));
        Files.createLink(root.resolve("a/third"), root.resolve("size 2049"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("size 1"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../etc/./passwd"));
        Files.createSymbolicLink(root.resolve("absolute"), Path.of("/"));
        Files.createSymbolicLink(root.resolve("components"), Path.of("/some/" + "component/".repeat(20) + "end"));
        String deep = "deep/1/2/3/4/5/6/7/8/9/10";
        Files.createDirectories(root.resolve(deep));
        write(root.resolve(deep).resolve("bottom"), 3000, random);
        Files.createDirectories(root.resolve("deep/1/2/3/4/5/6/7/other"));
        write(root.resolve("deep/1/2/3/4/5/6/7/other/bottom"), 3001, random);
        Programs.succeed("mkfifo", root.resolve("fifo").toString());
        Files.setPosixFilePermissions(root.resolve("no dots"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setPosixFilePermissions(root.resolve("a/b"), PosixFilePermissions.fromString("rwx------"));
        if (isRoot(root)) {
            Programs.succeed("mknod", root.resolve("disk").toString(), "b", "8", "3");
            Programs.succeed("mknod", root.resolve("large").toString(), "c", "300", "70000");
            Programs.succeed(
                    "chown",
                    "-h",
                    "1234:70000",
                    root.resolve("link").toString(),
                    root.resolve("a").toString());
        }
        setTimes(root);
        return root;
    }

    /// What genisoimage never comes to an end with, and makefs writes wrong.
    static Path longLinks(Path root) throws IOException {
        Files.createDirectories(root);
        Files.createSymbolicLink(root.resolve("long"), Path.of("/some/directory/" + "component/".repeat(90) + "end"));
        Files.createSymbolicLink(root.resolve("wide"), Path.of("w".repeat(255) + "/" + "v".repeat(255)));
        setTimes(root);
        return root;
    }

    static boolean isRoot(Path root) throws IOException {
        return Files.getAttribute(root, "unix:uid").equals(0);
    }

    /// Whole seconds, all different.
    private static void setTimes(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            long at = 1_000_000_000;
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
                    continue; // setting the times would open it
                }
                FileTime time = FileTime.from(Instant.ofEpochSecond(at += 86_399));
                Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setTimes(time, time, null);
            }
        }
    }
}
