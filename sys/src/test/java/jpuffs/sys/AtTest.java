// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static jpuffs.sys.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.Dev;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import jpuffs.core.Time;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class AtTest {
    private static final Name A = Name.of("a");
    private static final Name B = Name.of("b");

    @TempDir
    Path dir;

    private int root;

    @BeforeEach
    void openRoot() throws ErrnoException {
        root = At.openat(Fcntl.AT_FDCWD, Name.of(dir.toString()), Fcntl.O_PATH | Fcntl.O_DIRECTORY, 0);
    }

    @AfterEach
    void closeRoot() {
        At.close(root);
    }

    private void createFile(Name name) throws ErrnoException {
        At.close(At.openat(root, name, Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_WRONLY, 0640));
    }

    private Attr attr(Name name) throws ErrnoException {
        return At.stat(root, name, Fcntl.AT_SYMLINK_NOFOLLOW).attr();
    }

    @Test
    void statTellsWhatJavaTells() throws Exception {
        Path file = Files.writeString(dir.resolve("a"), "hello");
        Map<String, Object> unix = Files.readAttributes(file, "unix:*");
        Stat stat = At.stat(root, A, 0);
        assertThat(stat.attr().ino()).isEqualTo(unix.get("ino"));
        assertThat(stat.attr().mode()).isEqualTo(unix.get("mode"));
        assertThat(stat.attr().nlink()).isEqualTo(unix.get("nlink"));
        assertThat(stat.attr().uid()).isEqualTo(unix.get("uid"));
        assertThat(stat.attr().size()).isEqualTo(5);
        assertThat(stat.attr().mtime().toInstant())
                .isEqualTo(Files.getLastModifiedTime(file).toInstant());
        assertThat(stat.attr().atime()).isGreaterThan(Time.EPOCH);
        assertThat(stat.attr().ctime()).isGreaterThan(Time.EPOCH);
        assertThat(stat.attr().blksize()).isPositive();
        assertThat(At.stat(root, A, 0)).isEqualTo(stat);
        int fd = At.openat(root, A, Fcntl.O_PATH, 0);
        assertThat(At.fstat(fd)).isEqualTo(stat);
        At.close(fd);
        assertThat(Mounts.list()).anySatisfy(mount -> {
            assertThat((long) mount.id()).isEqualTo(stat.mountId());
            assertThat(mount.dev()).isEqualTo(stat.dev());
        });
    }

    @Test
    void aMissingFileIsNullOrEnoent() throws ErrnoException {
        assertThat(At.statOrNull(root, A, 0)).isNull();
        assertFails(Errno.ENOENT, () -> At.stat(root, A, 0)).hasMessage("ENOENT: No such file or directory");
        assertThat(At.tryOpenat(root, A, Fcntl.O_RDONLY, 0)).isEqualTo(-Errno.ENOENT.number());
        createFile(A);
        assertThat(At.statOrNull(root, A, 0)).isNotNull();
        assertFails(Errno.ENOTDIR, () -> At.statOrNull(root, Name.of("a/b"), 0));
        assertFails(Errno.ENAMETOOLONG, () -> At.statOrNull(root, Name.of("x".repeat(256)), 0));
    }

    @Test
    void namesAreBytes() throws ErrnoException {
        var bytes = new byte[255];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + 1 == '/' ? 'x' : i + 1);
        }
        Name name = Name.of(bytes);
        At.mkdirat(root, name, 0700);
        assertThat(attr(name).isDirectory()).isTrue();
        assertThat(entries()).containsKey(name);
        assertFails(Errno.EINVAL, () -> At.mkdirat(root, Name.of("a\0b"), 0700));
    }

    @Test
    void namesAreMadeMovedAndRemoved() throws ErrnoException {
        At.mkdirat(root, A, 0750);
        createFile(Name.of("a/f"));
        assertFails(Errno.EEXIST, () -> At.mkdirat(root, A, 0700));
        assertFails(Errno.ENOTEMPTY, () -> At.unlinkat(root, A, Fcntl.AT_REMOVEDIR));
        At.renameat2(root, Name.of("a/f"), root, B, 0);
        createFile(Name.of("c"));
        assertFails(Errno.EEXIST, () -> At.renameat2(root, B, root, Name.of("c"), Fcntl.RENAME_NOREPLACE));
        At.renameat2(root, A, root, B, Fcntl.RENAME_EXCHANGE);
        assertThat(attr(A).isRegular()).isTrue();
        assertThat(attr(B).isDirectory()).isTrue();
        At.linkat(root, A, root, Name.of("l"), 0);
        assertThat(attr(A).nlink()).isEqualTo(2);
        At.unlinkat(root, A, 0);
        At.unlinkat(root, B, Fcntl.AT_REMOVEDIR);
        At.mknodat(root, A, Mode.S_IFIFO | 0600, 0);
        assertThat(Mode.type(attr(A).mode())).isEqualTo(Mode.S_IFIFO);
    }

    @Test
    void symbolicLinksAreReadThroughTheirDescriptor() throws ErrnoException {
        At.symlinkat(Name.of("some/where"), root, A);
        byte[] target = "some/where".getBytes(StandardCharsets.UTF_8);
        assertThat(At.readlinkat(root, A)).isEqualTo(target);
        int link = At.openat(root, A, Fcntl.O_PATH | Fcntl.O_NOFOLLOW, 0);
        assertThat(At.readlinkat(link, At.EMPTY)).isEqualTo(target);
        assertFails(Errno.EOPNOTSUPP, () -> At.chmodFd(link, 0700));
        At.fchownat(link, At.EMPTY, -1, -1, Fcntl.AT_EMPTY_PATH);
        At.utimensat(link, At.EMPTY, SetAttr.none().withMtime(new Time(5, 6)), Fcntl.AT_EMPTY_PATH);
        assertThat(attr(A).mtime()).isEqualTo(new Time(5, 6));
        At.close(link);
        assertFails(Errno.ELOOP, () -> At.openat(root, A, Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW, 0));
        Name longest = Name.of("x".repeat(4095));
        At.symlinkat(longest, root, B);
        assertThat(Name.of(At.readlinkat(root, B))).isEqualTo(longest);
    }

    @Test
    void attributesChangeThroughAPathDescriptor() throws ErrnoException {
        createFile(A);
        int file = At.openat(root, A, Fcntl.O_PATH, 0);
        At.chmodFd(file, Mode.S_IFREG | 01604);
        assertThat(attr(A).mode()).isEqualTo(Mode.S_IFREG | 01604);
        At.fchmodat(root, A, 0600);
        assertThat(attr(A).mode()).isEqualTo(Mode.S_IFREG | 0600);
        At.fchownat(file, At.EMPTY, -1, Sys.getegid(), Fcntl.AT_EMPTY_PATH);
        At.linkFd(file, root, B);
        assertThat(attr(B).ino()).isEqualTo(attr(A).ino());
        At.close(file);
    }

    @Test
    void timesAreSetAloneTogetherAndToNow() throws ErrnoException {
        createFile(A);
        var before = new Time(-1_000_000, 999_999_999);
        var after = new Time(1L << 33, 1);
        At.utimensat(root, A, SetAttr.none().withAtime(before).withMtime(after), 0);
        assertThat(attr(A).atime()).isEqualTo(before);
        assertThat(attr(A).mtime()).isEqualTo(after);
        At.utimensat(root, A, SetAttr.none().withAtime(Time.EPOCH).with(SetAttr.ATIME_NOW), 0);
        assertThat(attr(A).atime()).isGreaterThan(Time.EPOCH);
        assertThat(attr(A).mtime()).isEqualTo(after);
    }

    @Test
    void resolutionIsKeptBeneath() throws ErrnoException {
        createFile(A);
        At.symlinkat(Name.of("/etc/passwd"), root, B);
        int resolve = Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_NO_MAGICLINKS;
        At.close(At.openat2(root, A, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC, 0, resolve));
        assertFails(Errno.EXDEV, () -> At.openat2(root, B, Fcntl.O_RDONLY, 0, resolve));
        assertFails(Errno.EXDEV, () -> At.openat2(root, Name.of("../x"), Fcntl.O_RDONLY, 0, resolve));
        assertFails(Errno.ELOOP, () -> At.openat2(root, B, Fcntl.O_RDONLY, 0, Fcntl.RESOLVE_NO_SYMLINKS));
        At.unlinkat(root, B, 0);
        int made = At.openat2(root, Name.of("n"), Fcntl.O_CREAT | Fcntl.O_RDWR, 0600, resolve);
        assertThat(At.fstat(made).attr().mode()).isEqualTo(Mode.S_IFREG | 0600);
        At.close(made);
    }

    @Test
    void accessIsAskedFor() throws ErrnoException {
        createFile(A);
        assertThat(At.faccessat2(root, A, Fcntl.R_OK | Fcntl.W_OK, Fcntl.AT_EACCESS))
                .isTrue();
        assertThat(At.faccessat2(root, A, Fcntl.X_OK, Fcntl.AT_EACCESS)).isFalse();
        assertFails(Errno.ENOENT, () -> At.faccessat2(root, B, Fcntl.F_OK, 0));
    }

    private Map<Name, Integer> entries() throws ErrnoException {
        var found = new HashMap<Name, Integer>();
        int fd = At.openat(root, Name.DOT, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        try (Arena arena = Arena.ofConfined()) {
            var entries = new Dirents(arena.allocate(4096));
            while (entries.fill(fd) > 0) {
                while (entries.next()) {
                    if (!entries.isDots()) {
                        assertThat(found.put(entries.name(), entries.mode())).isNull();
                    }
                }
            }
        } finally {
            At.close(fd);
        }
        return found;
    }

    @Test
    void directoriesAreReadWholeAndFromACookie() throws ErrnoException {
        for (int i = 0; i < 500; i++) {
            At.mkdirat(root, Name.of("dir" + i), 0700);
        }
        createFile(Name.of(".x"));
        createFile(Name.of("..."));
        assertThat(entries())
                .hasSize(502)
                .containsEntry(Name.of("dir77"), Mode.S_IFDIR)
                .containsEntry(Name.of(".x"), Mode.S_IFREG)
                .containsEntry(Name.of("..."), Mode.S_IFREG);
        int fd = At.openat(root, Name.DOT, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
        try (Arena arena = Arena.ofConfined()) {
            var entries = new Dirents(arena.allocate(4096));
            entries.fill(fd);
            entries.next();
            long cookie = entries.cookie();
            entries.next();
            Name second = entries.name();
            long ino = entries.ino();
            At.seek(fd, cookie, Fcntl.SEEK_SET);
            entries.fill(fd);
            entries.next();
            assertThat(entries.name()).isEqualTo(second);
            assertThat(entries.ino()).isEqualTo(ino);
            assertFails(Errno.EINVAL, () -> {
                At.seek(fd, 0, Fcntl.SEEK_SET);
                At.getdents(fd, arena.allocate(8));
            });
        } finally {
            At.close(fd);
        }
    }

    @Test
    void fileSystemsTellTheirSize() throws Exception {
        StatFs byFd = At.fstatfs(root);
        StatFs byPath = At.statfs(Name.of(dir.toString()));
        assertThat(byFd.blocks() * byFd.blockSize())
                .isEqualTo(Files.getFileStore(dir).getTotalSpace());
        assertThat(byPath.blocks()).isEqualTo(byFd.blocks());
        assertThat(byFd.nameMax()).isEqualTo(255);
        assertThat(byFd.files()).isGreaterThanOrEqualTo(byFd.filesFree());
    }

    @Test
    @Tag("root")
    void devicesKeepTheirNumbers() throws ErrnoException {
        assumeTrue(Sys.geteuid() == 0, "needs root");
        int rdev = Dev.make(259, 0x12345);
        At.mknodat(root, A, Mode.S_IFBLK | 0600, rdev);
        assertThat(attr(A).rdev()).isEqualTo(rdev);
        At.fchownat(root, A, 1234, 5678, 0);
        assertThat(attr(A).uid()).isEqualTo(1234);
        assertThat(attr(A).gid()).isEqualTo(5678);
    }
}
