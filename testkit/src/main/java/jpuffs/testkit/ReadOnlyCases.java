// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EBADF;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.sys.Fcntl.O_DIRECT;
import static jpuffs.sys.Fcntl.O_DIRECTORY;
import static jpuffs.sys.Fcntl.O_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.SEEK_END;
import static jpuffs.sys.Fcntl.SEEK_SET;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import jpuffs.core.Attr;
import jpuffs.core.Mode;

/// What reads the files that are in all file systems without [Feature#WRITABLE]; for these only, as the other cases
/// do the same with files of their own.
final class ReadOnlyCases {
    private static final int SMALL = 100; // bytes: an entry or two
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED = 1;

    private ReadOnlyCases() {}

    static void readOnlyFileIsReadInParts(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_RDONLY);
        assertThat(root.read(fd, 2)).asString().isEqualTo("te");
        assertThat(root.read(fd, 10)).asString().isEqualTo("xt");
        assertThat(root.read(fd, 10)).isEmpty();
        assertThat(root.pread(fd, 2, 1)).asString().isEqualTo("ex");
        assertThat(root.pread(fd, 10, 4)).isEmpty();
        assertThat(root.pread(fd, 10, 1L << 40)).isEmpty();
        assertThat(root.lseek(fd, -1, SEEK_END)).isEqualTo(3);
        assertThat(root.read(fd, 10)).asString().isEqualTo("t");
        fails(EBADF, () -> root.write(fd, "x"));
        fails(EINVAL, () -> root.ftruncate(fd, 0));
        root.fsync(fd);
        root.close(fd);
    }

    static void readOnlyFileIsReadDirectly(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open("f", O_RDONLY | O_DIRECT);
        assertThat(root.pread(fd, 4096, 0)).asString().isEqualTo("text");
        root.close(fd);
    }

    static void readOnlyFileIsMapped(Env env) throws Exception {
        env.requires(Feature.MMAP);
        Client root = env.root();
        int fd = root.open("f", O_RDONLY);
        long map = root.calls().mmap(fd, 4096, PROT_READ, MAP_SHARED, 0);
        assertThat(root.peek(map, 5)).containsExactly('t', 'e', 'x', 't', 0);
        root.calls().munmap(map, 4096);
        root.close(fd);
    }

    static void readOnlyPathsMayBeWrong(Env env) throws Exception {
        Client root = env.root();
        fails(ENOENT, () -> root.stat("missing"));
        fails(ENOENT, () -> root.open("d/missing", O_RDONLY));
        fails(ENOENT, () -> root.stat("n".repeat(255)));
        fails(ENAMETOOLONG, () -> root.stat("n".repeat(256)));
        fails(ENOTDIR, () -> root.stat("f/x"));
        fails(ENOTDIR, () -> root.stat("l/x"));
        fails(ENOTDIR, () -> root.open("f", O_RDONLY | O_DIRECTORY));
        fails(ELOOP, () -> root.open("l", O_RDONLY | O_NOFOLLOW));
        fails(EINVAL, () -> root.readlink("f"));
        assertThat(root.stat("l").ino()).isEqualTo(root.stat("f").ino());
        assertThat(root.stat("d/../f").ino()).isEqualTo(root.stat("f").ino());
    }

    static void readOnlyDirectoryIsListedInParts(Env env) throws Exception {
        Client root = env.root();
        int fd = root.open(".", O_RDONLY | O_DIRECTORY);
        var entries = new ArrayList<Dirent>();
        for (var some = root.getdents(fd, SMALL); !some.isEmpty(); some = root.getdents(fd, SMALL)) {
            entries.addAll(some);
        }
        assertThat(entries.stream().map(entry -> entry.name().toString()))
                .containsExactlyInAnyOrder(".", "..", "d", "f", "l", "p");
        for (int i = 0; i + 1 < entries.size(); i++) {
            root.lseek(fd, entries.get(i).cookie(), SEEK_SET);
            assertThat(root.getdents(fd, 4096).getFirst().name())
                    .isEqualTo(entries.get(i + 1).name());
        }
        root.close(fd);
        for (Dirent entry : root.entries(".")) {
            Attr attr = root.lstat(entry.name().toString());
            assertThat(entry.ino()).isEqualTo(attr.ino());
            assertThat(entry.mode()).isIn(Mode.type(attr.mode()), 0);
        }
        assertThat(root.names("d")).isEmpty();
    }

    static void readOnlyAttributes(Env env) throws Exception {
        Client root = env.root();
        Attr file = root.stat("f");
        assertThat(file.isRegular()).isTrue();
        assertThat(file.size()).isEqualTo(4);
        assertThat(file.nlink()).isEqualTo(1);
        assertThat(root.lstat("l").isSymlink()).isTrue();
        assertThat(root.lstat("l").size()).isEqualTo(1);
        assertThat(Mode.type(root.stat("p").mode())).isEqualTo(Mode.S_IFIFO);
        assertThat(root.statfs("f").blocks()).isPositive();
        assertThat(root.statfs("f").free()).isZero();
    }

    /// The file is for reading and writing by everybody.
    static void readOnlyPermissionsHold(Env env) throws Exception {
        env.requires(Feature.USERS, Feature.MODES);
        Client user = env.user();
        assertThat(user.mode("f")).isEqualTo(0666);
        assertThat(user.text("f")).isEqualTo("text");
        user.access("f", 4);
        fails(EACCES, () -> user.access("f", 1));
        assertThat(user.names("d")).isEmpty();
    }

    static void readOnlyIsMountedAgain(Env env) throws Exception {
        env.requires(Feature.PERSISTENT);
        long ino = env.root().stat("f").ino();
        env.mountAgain();
        assertThat(env.root().text("f")).isEqualTo("text");
        assertThat(env.root().stat("f").ino()).isEqualTo(ino);
    }
}
