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
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EXDEV;
import static jpuffs.core.Mode.S_IFCHR;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.RENAME_EXCHANGE;
import static jpuffs.sys.Fcntl.RENAME_NOREPLACE;
import static jpuffs.sys.Fcntl.RENAME_WHITEOUT;
import static jpuffs.testkit.Expect.fails;
import static jpuffs.testkit.Expect.failsWithOneOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Mode;

/// rename(2) and renameat2(2). (NetBSD: t_vnops rename_dir, rename_dotdot, rename_reg_nodir; tmpfs rename.)
final class RenameCases {
    private RenameCases() {}

    static void renameFile(Env env) throws Exception {
        Client root = env.root();
        root.create("a", "text");
        long ino = root.stat("a").ino();
        root.rename("a", "b");
        assertThat(root.names(".")).containsExactly("b");
        assertThat(root.stat("b").ino()).isEqualTo(ino);
        assertThat(root.text("b")).isEqualTo("text");
    }

    static void renameToOtherDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.mkdir("e");
        root.create("d/f", "text");
        root.rename("d/f", "e/g");
        assertThat(root.names("d")).isEmpty();
        assertThat(root.text("e/g")).isEqualTo("text");
    }

    static void renameOverFile(Env env) throws Exception {
        Client root = env.root();
        root.create("a", "new");
        root.create("b", "old");
        int fd = root.open("b", O_RDONLY);
        root.rename("a", "b");
        assertThat(root.names(".")).containsExactly("b");
        assertThat(root.text("b")).isEqualTo("new");
        assertThat(root.pread(fd, 3, 0)).asString().isEqualTo("old");
        assertThat(root.fstat(fd).nlink()).isZero();
        root.close(fd);
    }

    static void renameToItself(Env env) throws Exception {
        Client root = env.root();
        root.create("f", "text");
        root.mkdir("d");
        var watch = Watch.of(env, "f", "d");
        root.rename("f", "f");
        root.rename("d", "d");
        root.rename("f", "./d/../f");
        watch.expect("f", "");
        watch.expect("d", "");
        assertThat(root.text("f")).isEqualTo("text");
    }

    static void renameOverHardLinkOfItself(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a", "text");
        root.link("a", "b");
        root.rename("a", "b");
        assertThat(root.names(".")).containsExactly("a", "b");
        assertThat(root.stat("a").nlink()).isEqualTo(2);
        root.mkdir("d");
        root.link("a", "d/c");
        root.rename("a", "d/c");
        assertThat(root.stat("a").nlink()).isEqualTo(3);
    }

    static void renameOverOneOfTwoLinks(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a", "new");
        root.create("b", "old");
        root.link("b", "c");
        root.rename("a", "b");
        assertThat(root.stat("c").nlink()).isEqualTo(1);
        assertThat(root.text("c")).isEqualTo("old");
        assertThat(root.text("b")).isEqualTo("new");
    }

    static void renameDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.create("a/f", "text");
        root.mkdir("a/sub");
        root.rename("a", "b");
        assertThat(root.text("b/f")).isEqualTo("text");
        fails(ENOENT, () -> root.stat("a"));
        root.mkdir("c");
        root.rename("b", "c/d");
        assertThat(root.text("c/d/f")).isEqualTo("text");
        assertThat(root.stat("c/d/..").ino()).isEqualTo(root.stat("c").ino());
        assertThat(root.stat("c/d/sub/..").ino()).isEqualTo(root.stat("c/d").ino());
    }

    static void renameDirectoryCorrectsLinkCounts(Env env) throws Exception {
        env.requires(Feature.DIRECTORY_LINKS);
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.mkdir("a/d");
        root.rename("a/d", "b/d");
        assertThat(root.stat("a").nlink()).isEqualTo(2);
        assertThat(root.stat("b").nlink()).isEqualTo(3);
        root.mkdir("a/d");
        root.rename("a/d", "b/d");
        assertThat(root.stat("a").nlink()).isEqualTo(2);
        assertThat(root.stat("b").nlink()).isEqualTo(3);
        assertThat(root.stat("b/d").nlink()).isEqualTo(2);
    }

    static void renameDirectoryManyTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d0");
        root.create("d0/f", "text");
        for (int i = 0; i < 500; i++) {
            root.rename("d" + i, "d" + (i + 1));
        }
        assertThat(root.names(".")).containsExactly("d500");
        assertThat(root.text("d500/f")).isEqualTo("text");
    }

    static void renameOverEmptyDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.create("a/f");
        root.mkdir("b");
        long ino = root.stat("a").ino();
        root.rename("a", "b");
        assertThat(root.stat("b").ino()).isEqualTo(ino);
        assertThat(root.names("b")).containsExactly("f");
        assertThat(root.names(".")).containsExactly("b");
    }

    static void renameOverNonEmptyDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.create("b/f");
        failsWithOneOf(List.of(ENOTEMPTY, EEXIST), () -> root.rename("a", "b"));
        assertThat(root.names(".")).containsExactly("a", "b");
        assertThat(root.names("b")).containsExactly("f");
    }

    static void renameDirectoryOverFile(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.mkdir("d");
        root.create("f");
        root.symlink("d", "l");
        fails(ENOTDIR, () -> root.rename("d", "f"));
        fails(ENOTDIR, () -> root.rename("d", "l"));
        fails(ENOTDIR, () -> root.rename("d", "f/"));
    }

    static void renameFileOverDirectory(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.mkdir("d");
        root.create("f");
        root.symlink("f", "l");
        fails(EISDIR, () -> root.rename("f", "d"));
        fails(EISDIR, () -> root.rename("l", "d"));
        root.create("d/x");
        fails(EISDIR, () -> root.rename("f", "d"));
    }

    static void renameIntoItself(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        root.mkdir("a/b/c");
        fails(EINVAL, () -> root.rename("a", "a/x"));
        fails(EINVAL, () -> root.rename("a", "a/b"));
        fails(EINVAL, () -> root.rename("a", "a/b/c/x"));
        fails(EINVAL, () -> root.rename("a/b", "a/b/c"));
        assertThat(root.stat("a/b/c").isDirectory()).isTrue();
    }

    static void renameOverAncestor(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        root.mkdir("a/b/c");
        root.create("a/b/f");
        fails(ENOTEMPTY, () -> root.rename("a/b/c", "a"));
        fails(ENOTEMPTY, () -> root.rename("a/b/c", "a/b"));
        fails(ENOTEMPTY, () -> root.rename("a/b/f", "a/b"));
        fails(ENOTEMPTY, () -> root.rename("a/b/f", "a"));
    }

    static void renameOfDots(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.mkdir("d/e");
        fails(EBUSY, () -> root.rename("d/.", "x"));
        fails(EBUSY, () -> root.rename("d/e/..", "x"));
        fails(EBUSY, () -> root.rename("d/e", "d/."));
        fails(EBUSY, () -> root.rename("d/e", "d/e/.."));
        failsWithOneOf(List.of(EBUSY, EXDEV), () -> root.rename("/", "x"));
        failsWithOneOf(List.of(EBUSY, EXDEV), () -> root.rename("d", "/"));
    }

    static void renameToDotDotOfMovedDirectory(Env env) throws Exception {
        Client client = env.newProcess();
        client.mkdir("a");
        client.mkdir("b");
        client.mkdir("a/d");
        client.chdir("a/d");
        client.rename("../d", "../../b/d");
        fails(ENOENT, () -> client.stat("../../a/d"));
        assertThat(client.stat("..").ino()).isEqualTo(env.root().stat("b").ino());
        client.create("f");
        assertThat(env.root().names("b/d")).containsExactly("f");
    }

    static void renameWithTrailingSlashes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.rename("a/", "b/");
        assertThat(root.names(".")).containsExactly("b");
        root.rename("b", "c/");
        root.rename("c//", "d");
        root.create("f");
        fails(ENOTDIR, () -> root.rename("f/", "g"));
        fails(ENOTDIR, () -> root.rename("f", "g/"));
        fails(ENOTDIR, () -> root.rename("f", "d/"));
        fails(ENOENT, () -> root.rename("none/", "g"));
        assertThat(root.names(".")).containsExactly("d", "f");
    }

    static void renameFromMissingDirectory(Env env) throws Exception {
        Client root = env.root();
        root.create("f");
        fails(ENOENT, () -> root.rename("none/f", "g"));
        fails(ENOENT, () -> root.rename("f", "none/f"));
        fails(ENOTDIR, () -> root.rename("f", "f/g"));
        fails(ENOTDIR, () -> root.rename("f/g", "h"));
    }

    static void renameOfLinkMovesTheLink(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f", "text");
        root.symlink("f", "l");
        root.rename("l", "m");
        assertThat(root.readlink("m")).isEqualTo("f");
        root.create("g", "other");
        root.rename("g", "m");
        assertThat(root.lstat("m").isRegular()).isTrue();
        assertThat(root.text("f")).isEqualTo("text");
    }

    static void renameSetsTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.create("a/f");
        root.create("b/g");
        var watch = Watch.of(env, "a", "b", "a/f");
        root.rename("a/f", "b/g");
        watch.expect("a", "mc");
        watch.expect("b", "mc");
        watch.expect("a/f", "b/g", "c");
    }

    static void renameSetsTimesOfVictim(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a");
        root.create("b");
        root.link("b", "c");
        var watch = Watch.of(env, "c");
        root.rename("a", "b");
        watch.expect("c", "c");
    }

    static void renameFailingSetsNoTimes(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.create("f");
        var watch = Watch.of(env, "a", "f", ".");
        fails(EISDIR, () -> root.rename("f", "a"));
        watch.expect("a", "");
        watch.expect("f", "");
        watch.expect(".", "");
    }

    static void renameNeedsWritePermissionOfBothDirectories(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.create("a/f");
        Client user = env.user();
        fails(EACCES, () -> user.rename("a/f", "b/f"));
        root.chmod("a", 0777);
        fails(EACCES, () -> user.rename("a/f", "b/f"));
        root.chmod("a", 0755);
        root.chmod("b", 0777);
        fails(EACCES, () -> user.rename("a/f", "b/f"));
        root.chmod("a", 0777);
        user.rename("a/f", "b/f");
    }

    /// Its `..` is written: Linux and POSIX ask for the permission.
    static void renameOfDirectoryNeedsWritePermissionOfItself(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.chmod("a", 0777);
        root.chmod("b", 0777);
        root.mkdir("a/d", 0755);
        Client user = env.user();
        user.rename("a/d", "a/e");
        fails(EACCES, () -> user.rename("a/e", "b/e"));
        root.chmod("a/e", 0777);
        user.rename("a/e", "b/e");
    }

    static void noreplace(Env env) throws Exception {
        env.requires(Feature.RENAME_FLAGS);
        Client root = env.root();
        root.create("a");
        root.create("b");
        root.mkdir("d");
        fails(EEXIST, () -> root.rename("a", "b", RENAME_NOREPLACE));
        fails(EEXIST, () -> root.rename("a", "d", RENAME_NOREPLACE));
        fails(EEXIST, () -> root.rename("a", "a", RENAME_NOREPLACE));
        root.rename("a", "c", RENAME_NOREPLACE);
        root.rename("c", "d/c", RENAME_NOREPLACE);
        root.rename("d", "e", RENAME_NOREPLACE);
        assertThat(root.exists("e/c")).isTrue();
    }

    static void exchangeFiles(Env env) throws Exception {
        env.requires(Feature.RENAME_FLAGS);
        Client root = env.root();
        root.mkdir("d");
        root.create("a", "first");
        root.create("d/b", "second");
        var watch = Watch.of(env, "a", "d/b", "d");
        root.rename("a", "d/b", RENAME_EXCHANGE);
        assertThat(root.text("a")).isEqualTo("second");
        assertThat(root.text("d/b")).isEqualTo("first");
        watch.expect("a", "d/b", "c");
        watch.expect("d/b", "a", "c");
        watch.expect("d", "mc");
    }

    static void exchangeFileAndDirectory(Env env) throws Exception {
        env.requires(Feature.RENAME_FLAGS);
        Client root = env.root();
        root.mkdir("x");
        root.create("f", "text");
        root.mkdir("x/d");
        root.create("x/d/in");
        root.rename("f", "x/d", RENAME_EXCHANGE);
        assertThat(root.text("x/d")).isEqualTo("text");
        assertThat(root.names("f")).containsExactly("in");
        assertThat(root.stat("f/..").ino()).isEqualTo(root.stat(".").ino());
        if (env.has(Feature.DIRECTORY_LINKS)) {
            assertThat(root.stat("x").nlink()).isEqualTo(2);
        }
    }

    static void exchangeNonEmptyDirectories(Env env) throws Exception {
        env.requires(Feature.RENAME_FLAGS);
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/d");
        root.create("a/d/1");
        root.mkdir("b");
        root.mkdir("b/e");
        root.create("b/e/2");
        root.rename("a/d", "b/e", RENAME_EXCHANGE);
        assertThat(root.names("a/d")).containsExactly("2");
        assertThat(root.names("b/e")).containsExactly("1");
        assertThat(root.stat("a/d/..").ino()).isEqualTo(root.stat("a").ino());
        assertThat(root.stat("b/e/..").ino()).isEqualTo(root.stat("b").ino());
    }

    static void exchangeErrors(Env env) throws Exception {
        env.requires(Feature.RENAME_FLAGS);
        Client root = env.root();
        root.create("f");
        root.mkdir("a");
        root.mkdir("a/b");
        fails(ENOENT, () -> root.rename("f", "none", RENAME_EXCHANGE));
        fails(ENOENT, () -> root.rename("none", "f", RENAME_EXCHANGE));
        fails(EINVAL, () -> root.rename("a", "a/b", RENAME_EXCHANGE));
        fails(EINVAL, () -> root.rename("a/b", "a", RENAME_EXCHANGE));
        fails(EINVAL, () -> root.rename("f", "a", RENAME_EXCHANGE | RENAME_NOREPLACE));
        fails(EINVAL, () -> root.rename("f", "a", 0x100));
        root.rename("f", "f", RENAME_EXCHANGE);
    }

    static void whiteout(Env env) throws Exception {
        env.requires(Feature.WHITEOUT);
        Client root = env.root();
        root.create("a", "text");
        root.rename("a", "b", RENAME_WHITEOUT);
        assertThat(root.text("b")).isEqualTo("text");
        assertThat(Mode.type(root.stat("a").mode())).isEqualTo(S_IFCHR);
        assertThat(root.stat("a").rdev()).isZero();
    }

    static void whiteoutNeedsPrivilegeOrNone(Env env) throws Exception {
        env.requires(Feature.WHITEOUT);
        fails(EINVAL, () -> env.root().rename("a", "b", RENAME_WHITEOUT | RENAME_EXCHANGE));
    }

    static void renameInStickyDirectory(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.mkdir("s");
        root.chmod("s", 01777);
        Client owner = env.user();
        Client other = env.user(Env.OTHER, Env.OTHER);
        owner.create("s/mine");
        other.create("s/theirs");
        fails(EPERM, () -> other.rename("s/mine", "s/x"));
        fails(EPERM, () -> other.rename("s/theirs", "s/mine"));
        owner.rename("s/mine", "s/x");
        root.chown("s", Env.OTHER, -1);
        other.rename("s/x", "s/y");
    }

    static void renameAcrossManyDirectories(Env env) throws Exception {
        Client root = env.root();
        for (int i = 0; i < 20; i++) {
            root.mkdir("d" + i);
        }
        root.create("d0/f", "text");
        for (int i = 0; i < 400; i++) {
            root.rename("d" + i % 20 + "/f", "d" + (i + 1) % 20 + "/f");
        }
        assertThat(root.text("d0/f")).isEqualTo("text");
    }
}
