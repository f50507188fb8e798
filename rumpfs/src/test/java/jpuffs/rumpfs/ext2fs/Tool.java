// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpuffs.rumpfs.Programs;

/// The programs of e2fsprogs.
final class Tool {
    private Tool() {}

    /// Makes an image of `size` bytes with these options of mke2fs(8).
    static void mke2fs(Path image, long size, String options) throws IOException, InterruptedException {
        try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(size);
        }
        var command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
        command.addAll(List.of(options.trim().split(" +")));
        command.add(image.toString());
        Programs.succeed(command.toArray(new String[0]));
    }

    /// Fails if e2fsck(8) finds anything, writing nothing.
    static void requireClean(Path image) throws IOException, InterruptedException {
        Programs.Result result = Programs.run(List.of("e2fsck", "-fn", image.toString()));
        boolean odd = result.output().contains("IGNORED") || result.output().contains("FIXED");
        if (result.exitCode() != 0 || odd) {
            throw new AssertionError(
                    "e2fsck -fn " + image + " ended with " + result.exitCode() + ":\n" + result.output());
        }
    }

    /// What debugfs(8) says to commands that may write.
    static String debugfs(Path image, String commands) throws IOException, InterruptedException {
        return Programs.run(List.of("debugfs", "-w", "-f", "-", image.toString()), commands)
                .output();
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
