// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// O_PATH descriptors, and making files as somebody else.
@Timeout(20)
class OPathTest {
    private static final int PATH_ITSELF = Fcntl.O_PATH | Fcntl.O_NOFOLLOW;

    @TempDir
    Path dir;

    private Fd parent;

    @BeforeEach
    void open() throws ErrnoException {
        parent = Fd.open(dir, Fcntl.O_PATH, 0);
    }

    @AfterEach
    void close() {
        parent.close();
    }

    private Fd path(String name) throws ErrnoException {
        return Fd.of(At.openat(parent.number(), Name.of(name), PATH_ITSELF, 0));
    }

    @Test
    void reopensWhateverTheNameIsNow() throws IOException {
        Files.writeString(dir.resolve("f"), "text");
        try (Fd path = path("f")) {
            Files.move(dir.resolve("f"), dir.resolve("g"));
            Files.writeString(dir.resolve("f"), "another");
            try (Fd file = Fd.of(OPath.reopen(path.number(), Fcntl.O_RDWR))) {
                assertThat(At.fstat(file.number()).attr().size()).isEqualTo(4);
                assertThat(file.fcntl(Fcntl.F_GETFD, 0)).isEqualTo(Fcntl.FD_CLOEXEC);
            }
            OPath.truncate(path.number(), 2);
            assertThat(dir.resolve("g")).hasContent("te");
        }
    }

    @Test
    void doesNotFollowLinks() throws IOException {
        Files.createSymbolicLink(dir.resolve("s"), Files.writeString(dir.resolve("f"), "text"));
        try (Fd link = path("s")) {
            assertFails(Errno.ELOOP, () -> OPath.reopen(link.number(), Fcntl.O_RDONLY));
            assertFails(Errno.EINVAL, () -> OPath.truncate(link.number(), 0));
            try (Fd again = Fd.of(OPath.of(link.number()))) {
                assertThat(At.fstat(again.number()).attr().isSymlink()).isTrue();
            }
        }
    }

    @Test
    void makesOneOfAnOpenFile() throws IOException {
        try (Fd file = Fd.open(dir.resolve("f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0600);
                Fd path = Fd.of(OPath.of(file.number()))) {
            assertThat(path.flags() & Fcntl.O_PATH).isEqualTo(Fcntl.O_PATH);
            assertThat(path.fcntl(Fcntl.F_GETFD, 0)).isEqualTo(Fcntl.FD_CLOEXEC);
            assertThat(At.fstat(path.number())).isEqualTo(At.fstat(file.number()));
        }
        assertFails(Errno.EBADF, () -> OPath.of(-1));
    }

    @Test
    void closingTellsNothingOnALocalFileSystem() throws IOException {
        try (Fd file = Fd.open(dir.resolve("f"), Fcntl.O_RDWR | Fcntl.O_CREAT, 0600)) {
            At.flush(file.number());
            assertThat(file.flags() & Fcntl.O_ACCMODE).isEqualTo(Fcntl.O_RDWR);
        }
        assertFails(Errno.EBADF, () -> At.flush(-1));
    }

    @Test
    void fileSystemsHaveTypes() throws IOException {
        try (Fd proc = Fd.open("/proc", Fcntl.O_PATH, 0)) {
            assertThat(At.fsType(proc.number())).isEqualTo(0x9fa0); // PROC_SUPER_MAGIC
        }
    }

    @Test
    @Tag("root")
    void filesBelongToTheAssumedUser() throws IOException {
        assumeTrue(Sys.geteuid() == 0, "needs root");
        At.fchownat(parent.number(), At.EMPTY, 4321, 4321, Fcntl.AT_EMPTY_PATH);
        At.chmodFd(parent.number(), 0700); // nobody else may, but the capabilities are kept
        try (FsCred _ = FsCred.assume(1234, 5678)) {
            At.mkdirat(parent.number(), Name.of("theirs"), 0755);
        }
        At.mkdirat(parent.number(), Name.of("ours"), 0755);
        var theirs = At.stat(parent.number(), Name.of("theirs"), 0).attr();
        var ours = At.stat(parent.number(), Name.of("ours"), 0).attr();
        assertThat(theirs.uid()).isEqualTo(1234);
        assertThat(theirs.gid()).isEqualTo(5678);
        assertThat(ours.uid()).isZero();
        assertThat(ours.gid()).isEqualTo(Sys.getegid());
    }

    @Test
    @Tag("root")
    void idsThatCannotBeAreRefused() {
        assumeTrue(Sys.geteuid() == 0, "needs root");
        assertFails(Errno.EPERM, () -> FsCred.assume(-1, 0).close());
        assertFails(Errno.EPERM, () -> FsCred.assume(0, -1).close());
        assertThat(Sys.geteuid()).isZero();
    }
}
