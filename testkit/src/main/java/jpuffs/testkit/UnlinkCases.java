// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.sys.Fcntl.AT_EMPTY_PATH;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TMPFILE;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.Time;
import jpuffs.rump.TimeSpec;

/// unlink(2), files that are open and have no name, O_TMPFILE. (NetBSD: t_io read_after_unlink, wrrd_after_unlink;
/// puffs unlink_accessible, reclaim_hardlink; tmpfs remove.)
final class UnlinkCases {
    private UnlinkCases() {}

    static void unlinkRemovesName(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        root.unlink("f");
        fails(ENOENT, () -> root.stat("f"));
        fails(ENOENT, () -> root.unlink("f"));
        assertThat(root.names(".")).doesNotContain("f");
    }

    static void unlinkOfDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        fails(EISDIR, () -> root.unlink("d"));
        fails(EISDIR, () -> root.unlink("d/"));
        fails(EISDIR, () -> root.unlink("."));
        fails(EISDIR, () -> root.unlink("d/.."));
        fails(EISDIR, () -> root.unlink("/"));
        assertThat(root.stat("d").isDirectory()).isTrue();
    }

    static void unlinkOfEachType(Env env) throws Exception {
        env.requires(Feature.FIFOS, Feature.SYMLINKS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        root.symlink("none", "l");
        root.mknod("s", jpuffs.core.Mode.S_IFSOCK | 0600, 0);
        root.unlink("p");
        root.unlink("l");
        root.unlink("s");
        assertThat(root.names(".")).isEmpty();
    }

    static void unlinkWithBadFlags(Env env) throws Exception {
        env.root().create("f");
        fails(Errno.EINVAL, () -> env.root().calls().unlinkat(AT_FDCWD, Client.bytes("f"), 1));
    }

    static void unlinkNeedsWritePermissionOfDirectory(Env env) throws Exception {
        env.requires(Feature.USERS);
        env.root().mkdir("d", 0755);
        env.root().create("d/f");
        env.root().chown("d/f", Env.USER, Env.USER);
        Client user = env.user();
        fails(EACCES, () -> user.unlink("d/f"));
        env.root().chmod("d", 0766);
        fails(EACCES, () -> user.unlink("d/f"));
        env.root().chmod("d", 0777);
        user.unlink("d/f");
    }

    static void unlinkNeedsNoPermissionOfFile(Env env) throws Exception {
        env.root().create("f", 0000);
        env.user().unlink("f");
        assertThat(env.root().exists("f")).isFalse();
    }

    static void unlinkSetsTimes(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        root.link("d/f", "g");
        var watch = Watch.of(env, "d", "g");
        root.unlink("d/f");
        watch.expect("d", "mc");
        watch.expect("g", "c");
    }

    static void unlinkFailingSetsNoTimes(Env env) throws Exception {
        env.root().mkdir("d", 0755);
        env.root().create("d/f");
        var watch = Watch.of(env, "d", "d/f");
        fails(EACCES, () -> env.user().unlink("d/f"));
        fails(ENOENT, () -> env.root().unlink("d/g"));
        watch.expect("d", "");
        watch.expect("d/f", "");
    }

    static void openFileOutlivesItsName(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "some text");
        int fd = root.open("f", O_RDWR);
        root.unlink("f");
        assertThat(root.pread(fd, 9, 0)).asString().isEqualTo("some text");
        assertThat(root.fstat(fd).nlink()).isZero();
        assertThat(root.fstat(fd).size()).isEqualTo(9);
        root.close(fd);
    }

    static void unlinkedFileIsReadInFull(Env env) throws Exception {
        Client root = env.root();
        byte[] data = Data.of(9000, 1);
        root.create("f", data);
        root.calls().sync();
        int fd = root.open("f", O_RDONLY);
        root.unlink("f");
        assertThat(root.readAll(fd, 9000, 0)).isEqualTo(data);
        root.close(fd);
    }

    static void unlinkedFileIsWritten(Env env) throws Exception {
        env.requires(Feature.UNNAMED_FILES);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.unlink("f");
        root.pwrite(fd, "far out", 654_321);
        root.fsync(fd);
        assertThat(root.pread(fd, 7, 654_321)).asString().isEqualTo("far out");
        assertThat(root.fstat(fd).size()).isEqualTo(654_328);
        root.close(fd);
    }

    static void unlinkedFileTakesAllCalls(Env env) throws Exception {
        env.requires(Feature.MODES);
        env.requires(Feature.UNNAMED_FILES);
        Client root = env.root();
        root.create("f", "text");
        int fd = root.open("f", O_RDWR);
        root.unlink("f");
        root.fchmod(fd, 0751);
        root.ftruncate(fd, 2);
        root.calls().futimens(fd, TimeSpec.of(new Time(1, 0)), TimeSpec.of(new Time(2, 0)));
        Attr attr = root.fstat(fd);
        assertThat(attr.mode() & 0777).isEqualTo(0751);
        assertThat(attr.size()).isEqualTo(2);
        assertThat(attr.mtime()).isEqualTo(new Time(2, 0));
        if (env.has(Feature.USERS)) {
            root.fchown(fd, 7, 8);
            assertThat(root.fstat(fd).uid()).isEqualTo(7);
        }
        root.close(fd);
    }

    static void unlinkedFileAndNewOneOfSameName(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "old");
        int fd = root.open("f", O_RDONLY);
        root.unlink("f");
        root.create("f", "new");
        assertThat(root.fstat(fd).ino()).isNotEqualTo(root.stat("f").ino());
        assertThat(root.pread(fd, 3, 0)).asString().isEqualTo("old");
        assertThat(root.text("f")).isEqualTo("new");
        root.close(fd);
    }

    static void unlinkedFileOfTwoDescriptors(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "text");
        int first = root.open("f", O_RDWR);
        int second = root.open("f", O_RDWR);
        root.unlink("f");
        root.write(first, "TE");
        root.close(first);
        assertThat(root.pread(second, 4, 0)).asString().isEqualTo("TExt");
        root.close(second);
    }

    static void spaceComesBackAfterLastClose(Env env) throws Exception {
        env.requires(Feature.STATFS, Feature.SIZE_LIMIT);
        env.newfsOfSize(16 << 20);
        Client root = env.root();
        root.create("other");
        long free = root.statfs(".").free();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.writeAll(fd, new byte[4 << 20], 0);
        root.fsync(fd);
        assertThat(root.statfs(".").free()).isLessThan(free);
        root.unlink("f");
        assertThat(root.statfs(".").free()).isLessThan(free);
        root.close(fd);
        Poll.until("space is free again", () -> root.statfs(".").free() >= free);
    }

    static void linkOfUnlinkedFile(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDWR);
        root.unlink("f");
        byte[] empty = new byte[0];
        fails(ENOENT, () -> root.calls().linkat(fd, empty, AT_FDCWD, Client.bytes("g"), AT_EMPTY_PATH));
        root.close(fd);
    }

    static void tmpfileHasNoName(Env env) throws Exception {
        env.requires(Feature.TMPFILE);
        Client root = env.root();
        root.mkdir("d");
        int fd = root.open("d", O_TMPFILE | O_RDWR, 0640);
        root.write(fd, "text");
        assertThat(root.names("d")).isEmpty();
        Attr attr = root.fstat(fd);
        assertThat(attr.nlink()).isZero();
        assertThat(attr.isRegular()).isTrue();
        assertThat(attr.mode() & 07777).isEqualTo(0640);
        assertThat(root.pread(fd, 4, 0)).asString().isEqualTo("text");
        root.close(fd);
        root.rmdir("d");
    }

    static void tmpfileGetsName(Env env) throws Exception {
        env.requires(Feature.TMPFILE, Feature.LINKS);
        Client root = env.root();
        int fd = root.open(".", O_TMPFILE | O_RDWR);
        root.write(fd, "text");
        root.calls().linkat(fd, new byte[0], AT_FDCWD, Client.bytes("f"), AT_EMPTY_PATH);
        assertThat(root.fstat(fd).nlink()).isEqualTo(1);
        root.close(fd);
        assertThat(root.text("f")).isEqualTo("text");
    }

    static void exclusiveTmpfileGetsNoName(Env env) throws Exception {
        env.requires(Feature.TMPFILE, Feature.LINKS);
        Client root = env.root();
        int fd = root.open(".", O_TMPFILE | O_RDWR | O_EXCL);
        byte[] empty = new byte[0];
        fails(ENOENT, () -> root.calls().linkat(fd, empty, AT_FDCWD, Client.bytes("f"), AT_EMPTY_PATH));
        root.close(fd);
    }

    static void tmpfileErrors(Env env) throws Exception {
        env.requires(Feature.TMPFILE);
        Client root = env.root();
        root.create("f");
        root.mkdir("d", 0755);
        fails(Errno.EINVAL, () -> root.open(".", O_TMPFILE | O_RDONLY));
        fails(Errno.ENOTDIR, () -> root.open("f", O_TMPFILE | O_RDWR));
        fails(ENOENT, () -> root.open("none", O_TMPFILE | O_RDWR));
        fails(EACCES, () -> env.user().open("d", O_TMPFILE | O_WRONLY));
    }

    static void removeWhileReading(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        for (int i = 0; i < 2000; i++) {
            root.create("d/" + i);
        }
        int fd = root.open("d", O_RDONLY);
        int removed = 0;
        for (var some = root.getdents(fd, 2000); !some.isEmpty(); some = root.getdents(fd, 2000)) {
            for (Dirent entry : some) {
                if (!entry.name().isDot() && !entry.name().isDotDot()) {
                    root.unlink("d/" + entry.name());
                    removed++;
                }
            }
        }
        root.close(fd);
        assertThat(removed).isEqualTo(2000);
        root.rmdir("d");
    }
}
