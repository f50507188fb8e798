// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jpuffs.core.Name;
import jpuffs.sys.MountInfo;
import jpuffs.sys.Mounts;
import org.jspecify.annotations.Nullable;

/// A directory to mount on or to unmount, and what is mounted there.
///
/// @param path absolute and without symbolic links, as the kernel's mount table has it
/// @param mount the uppermost mount there, null if there is none
record Dir(Path path, @Nullable MountInfo mount) {
    private static final String DESCRIPTORS = "/dev/fd/";

    /// Finds `text`. What puffs has mounted there is not touched: its server may be dead or hang.
    ///
    /// @param doing the words between `cannot` and the directory in the message of a failure
    /// @throws Failure if it does not exist or cannot be reached
    static Dir of(String text, String doing) throws Failure {
        try {
            if (text.isEmpty()) {
                throw new NoSuchFileException(text);
            }
            if (text.startsWith(DESCRIPTORS)) {
                return new Dir(Path.of(text), null);
            }
            Path path = Path.of(text).toAbsolutePath();
            Dir dir = at(withoutLinksAbove(path));
            return dir.isPuffs() ? dir : at(path.toRealPath());
        } catch (NoSuchFileException _) {
            throw new Failure(ExitCode.MOUNT, "cannot " + doing + " " + text + ": there is no such directory");
        } catch (AccessDeniedException _) {
            throw new Failure(ExitCode.USAGE, "cannot " + doing + " " + text + ": permission denied");
        } catch (InvalidPathException e) {
            throw Failure.usage(
                    "cannot " + doing + " " + text + ": " + e.getReason() + " (try it with LC_ALL=C.UTF-8)");
        } catch (IOException e) {
            throw new Failure(ExitCode.MOUNT, "cannot " + doing + " " + text + ": " + Reason.of(e));
        }
    }

    private static Dir at(Path path) throws IOException {
        return new Dir(path, Mounts.find(Name.of(path.toString())));
    }

    private static Path withoutLinksAbove(Path path) throws IOException {
        Path name = path.getFileName();
        Path parent = path.getParent();
        if (name == null
                || parent == null
                || name.toString().equals(".")
                || name.toString().equals("..")) {
            return path.toRealPath();
        }
        return parent.toRealPath().resolve(name);
    }

    /// Whether it is no directory but a descriptor of `/dev/fuse`, `/dev/fd/N`, which somebody else has mounted.
    boolean isDescriptor() {
        return path.startsWith(DESCRIPTORS);
    }

    /// Whether puffs serves the uppermost mount there.
    boolean isPuffs() {
        return mount != null && PuffsMount.isPuffs(mount);
    }

    /// For native calls.
    Name name() {
        return Name.of(path.toString());
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
