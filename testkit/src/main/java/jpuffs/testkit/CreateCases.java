// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Mode.PERMISSIONS;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_EXCL;
import static jpuffs.sys.Fcntl.O_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import jpuffs.core.Attr;
import jpuffs.core.Time;

/// open(2) with O_CREAT. (NetBSD: t_vnops create_exist and others, tmpfs create.)
final class CreateCases {
    private CreateCases() {}

    static void createEmptyFile(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f", 0640);
        Attr attr = root.stat("f");
        assertThat(attr.isRegular()).isTrue();
        assertThat(attr.size()).isZero();
        assertThat(attr.blocks()).isZero();
        assertThat(attr.nlink()).isEqualTo(1);
        assertThat(attr.mode() & PERMISSIONS).isEqualTo(0640);
        assertThat(attr.uid()).isZero();
        assertThat(attr.gid()).isZero();
    }

    static void createdFileBelongsToMaker(Env env) throws Exception {
        Client user = env.user(1234, 4321);
        user.create("f");
        assertThat(env.root().stat("f").uid()).isEqualTo(1234);
        assertThat(env.root().stat("f").gid()).isEqualTo(4321);
    }

    static void umaskIsApplied(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client client = env.newProcess();
        client.umask(0);
        client.create("a", 0666);
        assertThat(client.umask(027)).isZero();
        client.create("b", 0666);
        client.umask(0777);
        client.create("c", 0666);
        assertThat(client.umask(022)).isEqualTo(0777);
        assertThat(client.mode("a")).isEqualTo(0666);
        assertThat(client.mode("b")).isEqualTo(0640);
        assertThat(client.mode("c")).isZero();
    }

    static void createWithSpecialBits(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client client = env.newProcess();
        client.umask(0);
        client.create("f", 07777);
        assertThat(client.mode("f")).isEqualTo(07777);
        client.create("g", 01644);
        assertThat(client.mode("g")).isEqualTo(01644);
    }

    static void createWithModeZeroIsOpenAllTheSame(Env env) throws Exception {
        Client user = env.user();
        int fd = user.open("f", O_CREAT | O_RDWR, 0);
        user.write(fd, "text");
        assertThat(user.pread(fd, 4, 0)).asString().isEqualTo("text");
        user.close(fd);
        fails(EACCES, () -> user.open("f", O_RDONLY));
        fails(EACCES, () -> user.open("f", O_CREAT | O_WRONLY));
    }

    static void createExclusively(Env env) throws Exception {
        Client root = env.root();
        root.close(root.open("f", O_CREAT | O_EXCL | O_RDWR));
        fails(EEXIST, () -> root.open("f", O_CREAT | O_EXCL | O_RDWR));
        root.mkdir("d");
        fails(EEXIST, () -> root.open("d", O_CREAT | O_EXCL | O_RDWR));
        root.unlink("f");
        root.close(root.open("f", O_CREAT | O_EXCL | O_RDWR));
    }

    static void exclusiveCreationFollowsNoLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("none", "dangling");
        fails(EEXIST, () -> root.open("dangling", O_CREAT | O_EXCL | O_RDWR));
        assertThat(root.exists("none")).isFalse();
    }

    static void createThroughDanglingLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.mkdir("d");
        root.symlink("d/new", "link");
        root.create("link", "text");
        assertThat(root.text("d/new")).isEqualTo("text");
        assertThat(root.lstat("link").isSymlink()).isTrue();
        root.symlink("missing/new", "bad");
        fails(ENOENT, () -> root.create("bad"));
    }

    static void createThroughLinkWithNofollow(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("none", "dangling");
        fails(ELOOP, () -> root.open("dangling", O_CREAT | O_NOFOLLOW | O_RDWR));
        assertThat(root.exists("none")).isFalse();
    }

    static void createExistingKeepsIt(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f", "text");
        root.chmod("f", 0600);
        long ino = root.stat("f").ino();
        root.close(root.open("f", O_CREAT | O_RDWR, 0777));
        assertThat(root.text("f")).isEqualTo("text");
        assertThat(root.mode("f")).isEqualTo(0600);
        assertThat(root.stat("f").ino()).isEqualTo(ino);
    }

    static void createExistingDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        fails(EISDIR, () -> root.open("d", O_CREAT | O_RDWR));
        fails(EISDIR, () -> root.open("d", O_CREAT | O_RDONLY));
        fails(EISDIR, () -> root.open(".", O_CREAT | O_RDONLY));
        fails(EISDIR, () -> root.open("d/..", O_CREAT | O_RDONLY));
        fails(EEXIST, () -> root.open("d/.", O_CREAT | O_EXCL | O_RDONLY));
    }

    static void createWithTrailingSlash(Env env) throws Exception {
        Client root = env.root();
        fails(EISDIR, () -> root.open("new/", O_CREAT | O_RDWR));
        root.create("f");
        fails(EISDIR, () -> root.open("f/", O_CREAT | O_RDWR));
        assertThat(root.names(".")).doesNotContain("new");
    }

    static void createNeedsWritePermissionOfDirectory(Env env) throws Exception {
        env.root().mkdir("d", 0755);
        Client user = env.user();
        fails(EACCES, () -> user.create("d/f"));
        env.root().chmod("d", 0777);
        user.create("d/f");
        env.root().chmod("d", 0766);
        fails(EACCES, () -> user.create("d/g"));
    }

    static void createExistingNeedsNoWritePermissionOfDirectory(Env env) throws Exception {
        env.root().mkdir("d", 0755);
        env.root().create("d/f");
        env.root().chmod("d/f", 0666);
        Client user = env.user();
        user.close(user.open("d/f", O_CREAT | O_RDWR));
        fails(EEXIST, () -> user.open("d/f", O_CREAT | O_EXCL | O_RDWR));
    }

    static void createTruncatesExisting(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "some text");
        root.close(root.open("f", O_CREAT | O_TRUNC | O_WRONLY));
        assertThat(root.stat("f").size()).isZero();
    }

    static void createSetsTimes(Env env) throws Exception {
        env.requires(Feature.ATIME);
        Client root = env.root();
        root.mkdir("d");
        var watch = Watch.of(env, "d");
        root.create("d/f");
        watch.expect("d", "mc");
        Attr attr = root.stat("d/f");
        assertThat(attr.mtime()).isEqualTo(attr.ctime());
        assertThat(attr.atime()).isEqualTo(attr.ctime());
        assertThat(attr.ctime()).isGreaterThan(Time.EPOCH);
    }

    static void createFailingSetsNoTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        var watch = Watch.of(env, "d", "d/f");
        fails(EEXIST, () -> root.open("d/f", O_CREAT | O_EXCL | O_RDWR));
        watch.expect("d", "");
        watch.expect("d/f", "");
    }

    static void inodeNumbersDiffer(Env env) throws Exception {
        Client root = env.root();
        root.create("a");
        root.create("b");
        root.mkdir("c");
        assertThat(root.stat("a").ino()).isNotEqualTo(root.stat("b").ino());
        assertThat(root.stat("b").ino()).isNotEqualTo(root.stat("c").ino());
        int fd = root.open("a", O_RDONLY);
        assertThat(root.fstat(fd).ino()).isEqualTo(root.stat("a").ino());
        root.close(fd);
    }

    static void createManyNames(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        for (int i = 0; i < 1000; i++) {
            root.create("d/file" + i);
        }
        assertThat(root.names("d")).hasSize(1000).contains("file0", "file500", "file999");
        for (int i = 0; i < 1000; i++) {
            root.unlink("d/file" + i);
        }
        root.rmdir("d");
    }

    static void birthTime(Env env) throws Exception {
        env.requires(Feature.BTIME);
        Client root = env.root();
        root.create("f");
        Attr made = root.stat("f");
        assertThat(made.btime()).isEqualTo(made.ctime());
        env.tick();
        root.create("f", "more");
        root.chmod("f", 0600);
        root.setTimes("f", 1, 0);
        assertThat(root.stat("f").btime()).isEqualTo(made.btime());
    }
}
