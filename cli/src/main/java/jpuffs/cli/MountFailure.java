// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Errno;

/// Finds out why a mount failed, so that one line tells what to do. It looks only after the failure: an ordinary
/// start pays nothing, and nothing can change between a check and the mount.
final class MountFailure {
    private static final Path DEVICE = Path.of("/dev/fuse");

    private MountFailure() {}

    /// Of a directory of this machine that has `dir` in it.
    static Failure intoItself(String source, Path dir) {
        return new Failure(
                ExitCode.MOUNT, "cannot mount " + source + " on " + dir + ": it would look into itself for ever");
    }

    /// @param root whether root tried
    static Failure of(Path dir, IOException cause, boolean root) {
        return of(dir, cause, root, DEVICE, System.getenv("PATH"));
    }

    /// As [#of(Path, IOException, boolean)] with another device and another list of directories with programs.
    static Failure of(Path dir, IOException cause, boolean root, Path device, String path) {
        String start = "cannot mount on " + dir + ": ";
        String reason = reason(dir, cause);
        if (!Files.exists(device)) {
            return new Failure(
                    ExitCode.SYSTEM,
                    start + "there is no " + device + " (root: modprobe fuse; a container" + " must be given it)");
        }
        if (!root && !isOnPath("fusermount3", path) && !isOnPath("fusermount", path)) {
            return new Failure(
                    ExitCode.SYSTEM,
                    start + "there is no fusermount3, which mounts for users (root:" + " apt-get install fuse3)");
        }
        return switch (Errno.of(cause)) {
            case EPERM, EACCES -> Failure.usage(start + (root ? reason : userReason(dir, reason, device)));
            case ENOMEM, EMFILE, ENFILE -> new Failure(ExitCode.SYSTEM, start + reason);
            default -> new Failure(ExitCode.MOUNT, start + reason);
        };
    }

    private static String userReason(Path dir, String reason, Path device) {
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return device + " is closed to users (root: chmod 666 " + device + ")";
        }
        return Files.isWritable(dir) ? reason : "users need write permission there";
    }

    /// Without the directory in front, which is named already.
    private static String reason(Path dir, IOException cause) {
        String reason = Reason.of(cause);
        String prefix = dir + ": ";
        return reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason;
    }

    private static boolean isOnPath(String program, String path) {
        for (String dir : path.split(File.pathSeparator, -1)) {
            if (!dir.isEmpty() && Files.isExecutable(Path.of(dir, program))) {
                return true;
            }
        }
        return false;
    }
}
