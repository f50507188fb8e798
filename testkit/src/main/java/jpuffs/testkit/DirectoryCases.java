// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Mode.PERMISSIONS;
import static jpuffs.sys.Fcntl.O_DIRECTORY;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TRUNC;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Attr;

/// mkdir(2) and rmdir(2). (NetBSD: t_vnops dir_simple, dir_slash, dir_notempty, dir_rmdirdotdot; tmpfs mkdir,
/// rmdir.)
final class DirectoryCases {
    private DirectoryCases() {}

    static void mkdirAndRmdir(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d", 0750);
        Attr attr = root.stat("d");
        assertThat(attr.isDirectory()).isTrue();
        if (env.has(Feature.MODES)) {
            assertThat(attr.mode() & PERMISSIONS).isEqualTo(0750);
        }
        assertThat(root.names("d")).isEmpty();
        root.rmdir("d");
        fails(ENOENT, () -> root.stat("d"));
    }

    static void mkdirWithTrailingSlashes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a/");
        root.mkdir("b//");
        root.mkdir("a/c///");
        assertThat(root.stat("a").isDirectory()).isTrue();
        assertThat(root.stat("b").isDirectory()).isTrue();
        assertThat(root.stat("a/c").isDirectory()).isTrue();
        root.rmdir("a/c///");
        root.rmdir("b//");
        root.rmdir("a/");
        fails(ENOENT, () -> root.rmdir("a/"));
    }

    static void mkdirOverExisting(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("f");
        fails(EEXIST, () -> root.mkdir("d"));
        fails(EEXIST, () -> root.mkdir("d/"));
        fails(EEXIST, () -> root.mkdir("f"));
        fails(EEXIST, () -> root.mkdir("f/"));
        fails(EEXIST, () -> root.mkdir("."));
        fails(EEXIST, () -> root.mkdir("d/."));
        fails(EEXIST, () -> root.mkdir("d/.."));
        fails(EEXIST, () -> root.mkdir("/"));
        fails(ENOENT, () -> root.mkdir("new/."));
    }

    static void mkdirOverLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("none", "dangling");
        fails(EEXIST, () -> root.mkdir("dangling"));
        fails(EEXIST, () -> root.mkdir("dangling/"));
        root.mkdir("d");
        root.symlink("d", "link");
        root.mkdir("link/below");
        assertThat(root.stat("d/below").isDirectory()).isTrue();
    }

    static void mkdirBelongsToMaker(Env env) throws Exception {
        Client user = env.user(1234, 4321);
        user.mkdir("d");
        assertThat(user.stat("d").uid()).isEqualTo(1234);
        assertThat(user.stat("d").gid()).isEqualTo(4321);
    }

    static void mkdirAppliesUmask(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client client = env.newProcess();
        client.umask(027);
        client.mkdir("a", 0777);
        client.umask(0);
        client.mkdir("b", 0777);
        client.mkdir("c", 01777);
        assertThat(client.mode("a")).isEqualTo(0750);
        assertThat(client.mode("b")).isEqualTo(0777);
        assertThat(client.mode("c")).isEqualTo(01777);
    }

    /// Linux: mkdir(2) takes the permissions and the sticky bit alone.
    static void mkdirTakesNoSetIds(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client client = env.newProcess();
        client.umask(0);
        client.mkdir("d", 07777);
        assertThat(client.mode("d")).isEqualTo(01777);
    }

    static void mkdirNeedsWritePermission(Env env) throws Exception {
        env.root().mkdir("d", 0755);
        Client user = env.user();
        fails(EACCES, () -> user.mkdir("d/e"));
        env.root().chown("d", Env.USER, -1);
        user.mkdir("d/e");
        user.chmod("d", 0500);
        fails(EACCES, () -> user.mkdir("d/g"));
    }

    static void directoryCountsLinks(Env env) throws Exception {
        env.requires(Feature.DIRECTORY_LINKS);
        Client root = env.root();
        root.mkdir("d");
        assertThat(root.stat("d").nlink()).isEqualTo(2);
        root.mkdir("d/a");
        root.mkdir("d/b");
        root.create("d/f");
        assertThat(root.stat("d").nlink()).isEqualTo(4);
        root.rmdir("d/a");
        assertThat(root.stat("d").nlink()).isEqualTo(3);
    }

    static void mkdirSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        var watch = Watch.of(env, "d");
        root.mkdir("d/e");
        watch.expect("d", "mc");
        Attr attr = root.stat("d/e");
        if (env.has(Feature.ATIME)) {
            assertThat(List.of(attr.atime(), attr.mtime())).allMatch(attr.ctime()::equals);
        }
    }

    static void rmdirSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.mkdir("d/e");
        var watch = Watch.of(env, "d", ".");
        root.rmdir("d/e");
        watch.expect("d", "mc");
        watch.expect(".", "");
    }

    static void rmdirOfNonEmpty(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        var watch = Watch.of(env, "d", ".");
        fails(ENOTEMPTY, () -> root.rmdir("d"));
        watch.expect("d", "");
        watch.expect(".", "");
        root.unlink("d/f");
        root.mkdir("d/e");
        fails(ENOTEMPTY, () -> root.rmdir("d"));
        root.rmdir("d/e");
        root.rmdir("d");
    }

    static void rmdirOfDirectoryWithLinkInIt(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        Client root = env.root();
        root.mkdir("d");
        root.symlink("none", "d/l");
        fails(ENOTEMPTY, () -> root.rmdir("d"));
        root.unlink("d/l");
        root.mkfifo("d/p", 0644);
        fails(ENOTEMPTY, () -> root.rmdir("d"));
    }

    static void rmdirOfFile(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        Client root = env.root();
        root.create("f");
        root.mkfifo("p", 0644);
        root.mkdir("d");
        root.symlink("d", "l");
        fails(ENOTDIR, () -> root.rmdir("f"));
        fails(ENOTDIR, () -> root.rmdir("p"));
        fails(ENOTDIR, () -> root.rmdir("l"));
        fails(ENOTDIR, () -> root.rmdir("l/"));
        assertThat(root.names(".")).contains("f", "p", "d", "l");
    }

    static void rmdirOfDots(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.mkdir("d/e");
        fails(EINVAL, () -> root.rmdir("d/e/."));
        fails(EINVAL, () -> root.rmdir("."));
        fails(ENOTEMPTY, () -> root.rmdir("d/e/.."));
        fails(ENOTEMPTY, () -> root.rmdir(".."));
        fails(EBUSY, () -> root.rmdir("/"));
    }

    static void rmdirOfParentFromWithin(Env env) throws Exception {
        Client client = env.newProcess();
        client.mkdir("a");
        client.mkdir("a/b");
        client.chdir("a/b");
        fails(ENOTEMPTY, () -> client.rmdir("../../a"));
        client.rmdir("../b");
        fails(ENOENT, () -> client.open("../b", O_RDONLY));
        client.chdir("..");
        client.rmdir("../a");
        fails(ENOENT, () -> client.mkdir("x"));
    }

    static void rmdirOfRootOfFileSystem(Env env) throws Exception {
        env.requires(Feature.IN_ROOT);
        env.requires(Feature.REMOUNT);
        fails(EBUSY, () -> env.root().rmdir(env.rootPath()));
    }

    static void rmdirNeedsWritePermission(Env env) throws Exception {
        env.root().mkdir("d", 0755);
        env.root().mkdir("d/e", 0777);
        Client user = env.user();
        fails(EACCES, () -> user.rmdir("d/e"));
        env.root().chmod("d", 0777);
        user.rmdir("d/e");
    }

    static void rmdirNeedsNoPermissionOfDirectory(Env env) throws Exception {
        env.root().mkdir("d", 0777);
        env.root().chmod("d", 0777);
        env.root().mkdir("d/e", 0000);
        env.user().rmdir("d/e");
    }

    static void rmdirOfOpenDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        int fd = root.open("d", O_RDONLY | O_DIRECTORY);
        root.rmdir("d");
        Attr attr = root.fstat(fd);
        assertThat(attr.isDirectory()).isTrue();
        assertThat(attr.nlink()).isLessThanOrEqualTo(1);
        root.mkdir("d");
        assertThat(root.stat("d").ino()).isNotEqualTo(attr.ino());
        root.close(fd);
    }

    static void openDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("f");
        fails(EISDIR, () -> root.open("d", O_WRONLY));
        fails(EISDIR, () -> root.open("d", O_RDWR));
        fails(EISDIR, () -> root.open("d", O_RDONLY | O_TRUNC));
        fails(ENOTDIR, () -> root.open("f", O_RDONLY | O_DIRECTORY));
        int fd = root.open("d", O_RDONLY);
        fails(EISDIR, () -> root.read(fd, 10));
        fails(EISDIR, () -> root.pread(fd, 10, 0));
        fails(jpuffs.core.Errno.EBADF, () -> root.write(fd, "x"));
        fails(EINVAL, () -> root.ftruncate(fd, 0));
        root.fsync(fd);
        root.close(fd);
        fails(EISDIR, () -> root.truncate("d", 0));
    }

    static void openDirectoryNeedsReadPermission(Env env) throws Exception {
        env.root().mkdir("d", 0711);
        env.root().create("d/f", "text");
        Client user = env.user();
        fails(EACCES, () -> user.open("d", O_RDONLY | O_DIRECTORY));
        assertThat(user.text("d/f")).isEqualTo("text");
        env.root().chmod("d", 0744);
        assertThat(user.names("d")).containsExactly("f");
        fails(EACCES, () -> user.stat("d/f"));
    }

    static void mkdirAndRmdirManyTimes(Env env) throws Exception {
        Client root = env.root();
        for (int i = 0; i < 500; i++) {
            root.mkdir("d");
            root.create("d/f");
            root.unlink("d/f");
            root.rmdir("d");
        }
        assertThat(root.exists("d")).isFalse();
    }
}
