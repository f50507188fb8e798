// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.OpenFlags.O_CREAT;
import static jpuffs.core.OpenFlags.O_DIRECTORY;
import static jpuffs.core.OpenFlags.O_EXCL;
import static jpuffs.core.OpenFlags.O_PATH;
import static jpuffs.core.OpenFlags.O_RDONLY;
import static jpuffs.core.OpenFlags.O_RDWR;
import static jpuffs.rump.Process.AT_FDCWD;
import static jpuffs.rump.Process.AT_REMOVEDIR;
import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Time;
import jpuffs.rump.Process;
import jpuffs.rump.TimeSpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Each call, against what Java sees of the same files.
@Timeout(60)
final class HostCallsTest {
    private final HostCalls calls = new HostCalls();

    @TempDir
    private Path folder;

    private int dir;

    @BeforeEach
    void openFolder() throws Exception {
        dir = calls.openat(AT_FDCWD, folder.toString().getBytes(UTF_8), O_PATH | O_DIRECTORY, 0);
    }

    @AfterEach
    void closeFolder() throws Exception {
        calls.close(dir);
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }

    private static void fails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private Attr attr(String name) throws ErrnoException {
        return calls.fstatat(dir, name(name), AT_SYMLINK_NOFOLLOW).attr();
    }

    private void make(String name) throws ErrnoException {
        calls.close(calls.openat(dir, name(name), O_RDWR | O_CREAT | O_EXCL, 0600));
    }

    @Test
    void bytesOfAFile() throws Exception {
        int fd = calls.openat(dir, name("f"), O_RDWR | O_CREAT | O_EXCL, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom("123456789");
            assertThat(calls.pwrite(fd, bytes.asSlice(0, 9), 4096)).isEqualTo(9);
            assertThat(calls.write(fd, bytes.asSlice(0, 2))).isEqualTo(2);
            assertThat(calls.read(fd, bytes.asSlice(0, 1))).isEqualTo(1); // the third
            assertThat(bytes.get(JAVA_BYTE, 0)).isZero();
            assertThat(calls.pread(fd, bytes, 4100)).isEqualTo(5);
            assertThat(bytes.getString(0)).startsWith("56789");
            assertThat(calls.lseek(fd, 0, Process.SEEK_END)).isEqualTo(4105);
            calls.ftruncate(fd, 2);
            assertThat(Files.readString(folder.resolve("f"))).isEqualTo("12");
            fails(Errno.ENXIO, () -> calls.lseek(fd, 2, Process.SEEK_DATA));
        } finally {
            calls.close(fd);
        }
    }

    @Test
    void names() throws Exception {
        make("f");
        calls.mkdirat(dir, name("d"), 0700);
        calls.linkat(dir, name("f"), dir, name("d/g"), 0);
        calls.symlinkat(name("d/g"), dir, name("l"));
        calls.mknodat(dir, name("p"), Mode.S_IFIFO | 0600, 0);
        assertThat(attr("f").nlink()).isEqualTo(2);
        assertThat(attr("l").isSymlink()).isTrue();
        assertThat(calls.fstatat(dir, name("l"), 0).attr().ino())
                .isEqualTo(attr("f").ino());
        assertThat(Mode.type(attr("p").mode())).isEqualTo(Mode.S_IFIFO);
        assertThat(calls.readlinkat(dir, name("l"))).isEqualTo(name("d/g"));
        calls.renameat2(dir, name("d/g"), dir, name("h"), 0);
        calls.unlinkat(dir, name("f"), 0);
        calls.unlinkat(dir, name("d"), AT_REMOVEDIR);
        assertThat(list()).isEqualTo(Set.of(".", "..", "h", "l", "p"));
        fails(Errno.ENOENT, () -> attr("f"));
    }

    @Test
    void aDirectoryOfManyNames() throws Exception {
        var expected = new HashSet<>(Set.of(".", ".."));
        for (int i = 0; i < 1500; i++) {
            String name = "a name of some length so that not all of them are read at once " + i;
            make(name);
            expected.add(name);
        }
        assertThat(list()).isEqualTo(expected);
    }

    private Set<String> list() throws ErrnoException {
        var names = new HashSet<String>();
        int fd = calls.openat(dir, name("."), O_RDONLY | O_DIRECTORY, 0);
        try {
            for (int before = -1; before != names.size(); ) {
                before = names.size();
                calls.getdents(fd, (name, ino, mode, cookie) -> names.add(name.toString()));
            }
        } finally {
            calls.close(fd);
        }
        return names;
    }

    @Test
    void attributes() throws Exception {
        make("f");
        calls.fchmodat(dir, name("f"), 0640, 0);
        calls.utimensat(dir, name("f"), TimeSpec.of(new Time(7, 8)), TimeSpec.of(new Time(9, 10)), 0);
        calls.utimensat(dir, name("f"), TimeSpec.OMIT, TimeSpec.of(new Time(11, 12)), 0);
        Attr attr = attr("f");
        calls.fchownat(dir, name("f"), attr.uid(), -1, 0);
        assertThat(attr.mode() & Mode.PERMISSIONS).isEqualTo(0640);
        assertThat(attr.atime()).isEqualTo(new Time(7, 8));
        assertThat(attr.mtime()).isEqualTo(new Time(11, 12));
        calls.utimensat(dir, name("f"), TimeSpec.NOW, TimeSpec.NOW, 0);
        assertThat(attr("f").mtime().seconds()).isGreaterThan(1_000_000_000);
        assertThat(calls.statfs(name(folder.toString())).blocks()).isPositive();
    }

    @Test
    void extendedAttributes() throws Exception {
        make("f");
        try {
            calls.setxattrat(dir, name("f"), 0, Name.of("user.a"), name("value"), 0);
        } catch (ErrnoException e) {
            assumeThat(e.errno()).as("the folder's file system has some").isNotEqualTo(Errno.EOPNOTSUPP);
            throw e;
        }
        assertThat(calls.listxattrat(dir, name("f"), 0)).contains(Name.of("user.a"));
        assertThat(calls.getxattrat(dir, name("f"), 0, Name.of("user.a"))).isEqualTo(name("value"));
        fails(Errno.ENODATA, () -> calls.getxattrat(dir, name("f"), 0, Name.of("user.b")));
    }
}
