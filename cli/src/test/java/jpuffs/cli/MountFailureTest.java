// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jpuffs.core.Errno;
import jpuffs.sys.Sys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class MountFailureTest {
    private static final Path MNT = Path.of("/mnt");

    @TempDir
    private Path dir;

    private Path device = Path.of("/dev/fuse");
    private String programs = "";

    @BeforeEach
    void place() throws IOException {
        device = Files.createFile(dir.resolve("fuse"));
        Path program = Files.createFile(dir.resolve("fusermount3"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        programs = "/nowhere::" + dir;
    }

    private void expect(IOException cause, boolean root, Path on, int code, String message) {
        Failure failure = MountFailure.of(on, cause, root, device, programs);
        assertThat(failure).hasMessage(message);
        assertThat(failure.code()).isEqualTo(code);
    }

    @Test
    void noDevice() {
        device = dir.resolve("none");
        String message =
                "cannot mount on /mnt: there is no " + device + " (root: modprobe fuse; a container must be given it)";
        expect(Errno.ENOENT.error("/dev/fuse"), true, MNT, ExitCode.SYSTEM, message);
        expect(Errno.EPERM.error("fusermount3: no"), false, MNT, ExitCode.SYSTEM, message);
    }

    @Test
    void noFusermount() {
        programs = "/nowhere";
        expect(
                Errno.ENOENT.error("fusermount3 is not installed"),
                false,
                MNT,
                ExitCode.SYSTEM,
                "cannot mount on /mnt: there is no fusermount3, which mounts for users (root: apt-get install fuse3)");
        expect(Errno.EIO.error(), true, MNT, ExitCode.MOUNT, "cannot mount on /mnt: Input/output error");
    }

    @Test
    void deniedToRoot() {
        expect(
                Errno.EPERM.error("/mnt: this process may not mount (no CAP_SYS_ADMIN)"),
                true,
                MNT,
                ExitCode.USAGE,
                "cannot mount on /mnt: this process may not mount (no CAP_SYS_ADMIN)");
    }

    @Test
    void deniedToUsers() {
        expect(
                Errno.EPERM.error("fusermount3: something else"),
                false,
                dir,
                ExitCode.USAGE,
                "cannot mount on " + dir + ": fusermount3: something else");
    }

    @Test
    void closedDeviceAndDirectory() throws IOException {
        assumeTrue(Sys.geteuid() != 0, "root may open everything");
        Path closed = Files.createDirectory(dir.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        IOException cause = Errno.EPERM.error("fusermount3: no");
        expect(
                cause,
                false,
                closed,
                ExitCode.USAGE,
                "cannot mount on " + closed + ": users need write permission there");
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("---------"));
        expect(
                cause,
                false,
                dir,
                ExitCode.USAGE,
                "cannot mount on " + dir + ": " + device + " is closed to users (root: chmod 666 " + device + ")");
    }

    @Test
    void theRest() {
        expect(Errno.ENOMEM.error(), true, MNT, ExitCode.SYSTEM, "cannot mount on /mnt: Cannot allocate memory");
        expect(Errno.EMFILE.error(), true, MNT, ExitCode.SYSTEM, "cannot mount on /mnt: Too many open files");
        expect(
                Errno.ENOTDIR.error("/mnt: not a directory"),
                true,
                MNT,
                ExitCode.MOUNT,
                "cannot mount on /mnt: not a directory");
        expect(
                Errno.ETIMEDOUT.error("the kernel did not\nbegin"),
                true,
                MNT,
                ExitCode.MOUNT,
                "cannot mount on /mnt: the kernel did not; begin");
        expect(new IOException("lost"), true, MNT, ExitCode.MOUNT, "cannot mount on /mnt: lost");
    }
}
