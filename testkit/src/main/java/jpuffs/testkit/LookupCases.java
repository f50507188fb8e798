// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.sys.Fcntl.O_DIRECTORY;
import static jpuffs.sys.Fcntl.O_PATH;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import jpuffs.core.Errno;

/// Walking paths: `.`, `..`, slashes, working directories. (NetBSD: t_vnops lookup_simple, lookup_complex; tmpfs
/// dots, trail_slash, vnode_leak.)
final class LookupCases {
    private LookupCases() {}

    static void dotOfRoot(Env env) throws Exception {
        Client root = env.root();
        assertThat(root.stat("./.").ino()).isEqualTo(root.stat(".").ino());
        assertThat(root.stat(".").isDirectory()).isTrue();
    }

    static void lookupOfOtherNames(Env env) throws Exception {
        env.requires(Feature.CASE);
        Client root = env.root();
        root.mkdir("dir");
        root.create("dir/abc");
        fails(ENOENT, () -> root.stat("dir/ab"));
        fails(ENOENT, () -> root.stat("dir/abcd"));
        fails(ENOENT, () -> root.stat("dir/ABC"));
        assertThat(root.stat("dir/abc").isRegular()).isTrue();
    }

    static void dotsOfDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        root.mkdir("a/b/c");
        assertThat(root.stat("a/b/c/..").ino()).isEqualTo(root.stat("a/b").ino());
        assertThat(root.stat("a/b/c/../..").ino()).isEqualTo(root.stat("a").ino());
        assertThat(root.stat("a/b/./c/./../.").ino()).isEqualTo(root.stat("a/b").ino());
        assertThat(root.stat("a/../a/b/../b/c/.").ino())
                .isEqualTo(root.stat("a/b/c").ino());
    }

    static void dotsOfEachDirectoryAreTold(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        var told = root.allEntries("a/b").stream()
                .map(entry -> entry.name().toString())
                .sorted();
        assertThat(told).containsExactly(".", "..");
    }

    static void inodeNumbersOfDotsAreTold(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        for (Dirent entry : root.allEntries("a/b")) {
            String path = entry.name().isDot() ? "a/b" : "a";
            assertThat(entry.ino())
                    .as("inode number of %s", entry.name())
                    .isEqualTo(root.stat(path).ino());
        }
    }

    static void slashesAreOne(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.create("a/f");
        assertThat(root.stat("a///f").ino()).isEqualTo(root.stat("a/f").ino());
        assertThat(root.stat(".//a////.//f").ino()).isEqualTo(root.stat("a/f").ino());
        assertThat(root.stat("a//").ino()).isEqualTo(root.stat("a").ino());
    }

    static void trailingSlashOfDirectory(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.mkdir("a");
        assertThat(root.stat("a/").ino()).isEqualTo(root.stat("a").ino());
        assertThat(root.lstat("a/").isDirectory()).isTrue();
        root.chmod("a/", 0700);
        root.close(root.open("a/", O_RDONLY));
        assertThat(root.mode("a")).isEqualTo(0700);
    }

    static void trailingSlashOfFile(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        fails(ENOTDIR, () -> root.stat("f/"));
        fails(ENOTDIR, () -> root.lstat("f/"));
        fails(ENOTDIR, () -> root.open("f/", O_RDONLY));
        fails(ENOTDIR, () -> root.chmod("f/", 0600));
        fails(ENOTDIR, () -> root.truncate("f/", 0));
        fails(ENOTDIR, () -> root.access("f/", 0));
        fails(ENOTDIR, () -> root.unlink("f/"));
        fails(ENOTDIR, () -> root.link("f/", "g"));
        fails(ENOTDIR, () -> root.rename("f/", "g"));
        fails(ENOTDIR, () -> root.rename("f", "g/"));
        assertThat(root.exists("f")).isTrue();
    }

    static void dotOfFile(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        fails(ENOTDIR, () -> root.stat("f/."));
        fails(ENOTDIR, () -> root.stat("f/.."));
        fails(ENOTDIR, () -> root.unlink("f/."));
    }

    static void trailingSlashFollowsLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.mkdir("d");
        root.symlink("d", "l");
        assertThat(root.lstat("l").isSymlink()).isTrue();
        assertThat(root.lstat("l/").isDirectory()).isTrue();
        root.create("f");
        root.symlink("f", "tofile");
        fails(ENOTDIR, () -> root.lstat("tofile/"));
        root.symlink("none", "dangling");
        fails(ENOENT, () -> root.lstat("dangling/"));
    }

    static void trailingSlashInLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.LINK_TEXT);
        Client root = env.root();
        root.mkdir("d");
        root.create("f");
        root.symlink("d/", "todir");
        root.symlink("f/", "tofile");
        assertThat(root.stat("todir").isDirectory()).isTrue();
        fails(ENOTDIR, () -> root.stat("tofile"));
    }

    static void workingDirectory(Env env) throws Exception {
        Client client = env.newProcess();
        client.mkdir("a");
        client.mkdir("a/b");
        client.chdir("a/b");
        client.create("f");
        assertThat(env.root().exists("a/b/f")).isTrue();
        client.chdir("..");
        assertThat(client.exists("b/f")).isTrue();
        client.chdir(env.rootPath());
        assertThat(client.exists("a/b/f")).isTrue();
        fails(ENOTDIR, () -> client.chdir("a/b/f"));
    }

    static void workingDirectoryIsRenamed(Env env) throws Exception {
        Client client = env.newProcess();
        client.mkdir("a");
        client.mkdir("b");
        client.mkdir("a/c");
        client.chdir("a/c");
        env.root().rename("a/c", "b/d");
        client.create("f");
        assertThat(client.stat("..").ino()).isEqualTo(env.root().stat("b").ino());
        assertThat(env.root().exists("b/d/f")).isTrue();
    }

    static void workingDirectoryIsRemoved(Env env) throws Exception {
        Client client = env.newProcess();
        client.mkdir("a");
        client.mkdir("a/b");
        client.chdir("a/b");
        env.root().rmdir("a/b");
        fails(ENOENT, () -> client.open("f", jpuffs.sys.Fcntl.O_CREAT | jpuffs.sys.Fcntl.O_WRONLY));
        fails(ENOENT, () -> client.mkdir("d"));
        fails(ENOENT, () -> client.stat("f"));
        assertThat(client.stat(".").isDirectory()).isTrue();
        client.chdir("..");
        assertThat(client.stat(".").ino()).isEqualTo(env.root().stat("a").ino());
    }

    static void removedDirectoryIsEmpty(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        int fd = root.open("d", O_RDONLY | O_DIRECTORY);
        root.rmdir("d");
        fails(ENOENT, () -> root.openat(fd, "f", jpuffs.sys.Fcntl.O_CREAT | jpuffs.sys.Fcntl.O_RDWR));
        fails(ENOENT, () -> root.getdents(fd, 4096));
        assertThat(root.fstat(fd).isDirectory()).isTrue();
        root.close(fd);
    }

    static void absolutePath(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "text");
        assertThat(root.text(env.absolute("f"))).isEqualTo("text");
        assertThat(root.stat(env.rootPath()).ino()).isEqualTo(root.stat(".").ino());
    }

    static void directoryDescriptor(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f", "in d");
        root.create("f", "in root");
        int dir = root.open("d", O_RDONLY | O_DIRECTORY);
        int fd = root.openat(dir, "f", O_RDONLY);
        assertThat(root.read(fd, 10)).asString().isEqualTo("in d");
        root.close(fd);
        fd = root.openat(dir, "../f", O_RDONLY);
        assertThat(root.read(fd, 10)).asString().isEqualTo("in root");
        root.close(fd);
        fd = root.openat(dir, env.absolute("f"), O_RDONLY);
        assertThat(root.read(fd, 10)).asString().isEqualTo("in root");
        root.close(fd);
        root.close(dir);
    }

    static void directoryDescriptorOfFile(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        int fd = root.open("f", O_RDONLY);
        fails(ENOTDIR, () -> root.openat(fd, "x", O_RDONLY));
        fails(ENOTDIR, () -> root.calls().fchdir(fd));
        fails(ENOTDIR, () -> root.calls().mkdirat(fd, Client.bytes("x"), 0755));
        fails(Errno.EBADF, () -> root.openat(Client.NO_FD, "x", O_RDONLY));
        assertThat(root.openat(Client.NO_FD, env.absolute("f"), O_RDONLY)).isPositive();
        root.close(fd);
    }

    static void pathDescriptor(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f", "text");
        int dir = root.open("d", O_PATH);
        root.close(root.openat(dir, "f", O_RDONLY));
        int file = root.open("d/f", O_PATH);
        assertThat(root.fstat(file).size()).isEqualTo(4);
        fails(Errno.EBADF, () -> root.read(file, 1));
        fails(Errno.EBADF, () -> root.write(file, "x"));
        fails(Errno.EBADF, () -> root.fchmod(file, 0600));
        fails(Errno.EBADF, () -> root.fsync(file));
        root.calls().fchdir(dir);
        assertThat(root.exists("f")).isTrue();
        root.close(file);
        root.close(dir);
    }

    static void pathDescriptorNeedsNoPermission(Env env) throws Exception {
        env.root().create("f", 0000);
        Client user = env.user();
        fails(EACCES, () -> user.open("f", O_RDONLY));
        int fd = user.open("f", O_PATH);
        assertThat(user.fstat(fd).isRegular()).isTrue();
        user.close(fd);
    }

    static void deepDirectories(Env env) throws Exception {
        Client client = env.newProcess();
        for (int depth = 0; depth < 100; depth++) {
            client.mkdir("level");
            client.chdir("level");
        }
        client.create("leaf", "deep");
        assertThat(env.root().text("level/".repeat(100) + "leaf")).isEqualTo("deep");
        for (int depth = 0; depth < 100; depth++) {
            client.chdir("..");
        }
        assertThat(client.stat(".").ino()).isEqualTo(env.root().stat(".").ino());
    }

    static void deeperThanAnyPath(Env env) throws Exception {
        env.requires(Feature.LONG_PATHS);
        Client client = env.newProcess();
        String name = "n".repeat(200);
        for (int depth = 0; depth < 50; depth++) {
            client.mkdir(name);
            client.chdir(name);
        }
        client.create("leaf");
        client.unlink("leaf");
        for (int depth = 0; depth < 50; depth++) {
            client.chdir("..");
            client.rmdir(name);
        }
        assertThat(client.stat(".").ino()).isEqualTo(env.root().stat(".").ino());
    }
}
