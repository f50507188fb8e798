// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.AT_SYMLINK_FOLLOW;
import static jpuffs.sys.Fcntl.O_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import jpuffs.core.Attr;
import jpuffs.core.Mode;

/// link(2), symlink(2) and readlink(2). (NetBSD: t_link, t_vnops symlink_zerolen, symlink_long, symlink_root,
/// lstat_symlink; tmpfs link, symlink.)
final class LinkCases {
    private LinkCases() {}

    static void linkIsTheSameFile(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a", "text");
        root.link("a", "b");
        assertThat(root.stat("b").ino()).isEqualTo(root.stat("a").ino());
        assertThat(root.stat("a").nlink()).isEqualTo(2);
        assertThat(root.text("b")).isEqualTo("text");
        int fd = root.open("b", O_RDWR);
        root.write(fd, "TEXT");
        root.close(fd);
        root.chmod("b", 0600);
        assertThat(root.text("a")).isEqualTo("TEXT");
        assertThat(root.mode("a")).isEqualTo(0600);
    }

    static void unlinkOfOneOfTwo(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a", "text");
        root.mkdir("d");
        root.link("a", "d/b");
        root.unlink("a");
        assertThat(root.stat("d/b").nlink()).isEqualTo(1);
        assertThat(root.text("d/b")).isEqualTo("text");
        fails(ENOENT, () -> root.stat("a"));
    }

    static void linkOverExisting(Env env) throws Exception {
        env.requires(Feature.LINKS, Feature.SYMLINKS);
        Client root = env.root();
        root.create("a");
        root.create("b");
        root.mkdir("d");
        root.symlink("none", "l");
        fails(EEXIST, () -> root.link("a", "b"));
        fails(EEXIST, () -> root.link("a", "a"));
        fails(EEXIST, () -> root.link("a", "d"));
        fails(EEXIST, () -> root.link("a", "l"));
        fails(EEXIST, () -> root.link("a", "."));
        fails(EEXIST, () -> root.link("a", "b/"));
        fails(ENOENT, () -> root.link("a", "new/"));
        assertThat(root.stat("a").nlink()).isEqualTo(1);
    }

    static void linkOfDirectory(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.mkdir("d");
        fails(EPERM, () -> root.link("d", "e"));
        fails(EPERM, () -> root.link("d/", "e"));
        fails(EPERM, () -> root.link(".", "e"));
        fails(EPERM, () -> env.user().link("d", "e"));
    }

    static void linkOfEachType(Env env) throws Exception {
        env.requires(Feature.LINKS, Feature.FIFOS, Feature.SYMLINKS);
        Client root = env.root();
        root.mkfifo("p", 0600);
        root.symlink("none", "l");
        root.link("p", "p2");
        root.link("l", "l2");
        assertThat(root.stat("p2").ino()).isEqualTo(root.stat("p").ino());
        assertThat(root.lstat("l2").ino()).isEqualTo(root.lstat("l").ino());
        assertThat(root.lstat("l2").isSymlink()).isTrue();
        assertThat(root.lstat("l").nlink()).isEqualTo(2);
    }

    static void linkFollowsIfAsked(Env env) throws Exception {
        env.requires(Feature.LINKS, Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.symlink("f", "l");
        byte[] from = Client.bytes("l");
        root.calls().linkat(AT_FDCWD, from, AT_FDCWD, Client.bytes("g"), AT_SYMLINK_FOLLOW);
        assertThat(root.lstat("g").ino()).isEqualTo(root.stat("f").ino());
        fails(EINVAL, () -> root.calls().linkat(AT_FDCWD, from, AT_FDCWD, Client.bytes("h"), 0x40));
    }

    static void linkNeedsWritePermissionOfDirectory(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client user = env.user();
        user.create("f");
        env.root().mkdir("d", 0755);
        fails(EACCES, () -> user.link("f", "d/f"));
        env.root().chmod("d", 0777);
        user.link("f", "d/f");
        assertThat(user.stat("f").nlink()).isEqualTo(2);
    }

    static void linkSetsTimes(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("b");
        root.create("a/f");
        var watch = Watch.of(env, "a", "b", "a/f");
        root.link("a/f", "b/f");
        watch.expect("a/f", "c");
        watch.expect("b", "mc");
        watch.expect("a", "");
    }

    static void linkFailingSetsNoTimes(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("f");
        root.create("g");
        var watch = Watch.of(env, "f", "g", ".");
        fails(EEXIST, () -> root.link("f", "g"));
        watch.expect("f", "");
        watch.expect("g", "");
    }

    static void manyLinks(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        for (int i = 0; i < 1000; i++) {
            root.link("f", "d/" + i);
        }
        assertThat(root.stat("f").nlink()).isEqualTo(1001);
        assertThat(root.stat("d/999").ino()).isEqualTo(root.stat("f").ino());
        for (int i = 0; i < 1000; i++) {
            root.unlink("d/" + i);
        }
        assertThat(root.stat("f").nlink()).isEqualTo(1);
    }

    static void linkAndUnlinkManyTimes(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        root.create("a", "text");
        for (int i = 0; i < 300; i++) {
            root.link("a", "b");
            root.unlink("a");
            root.rename("b", "a");
        }
        assertThat(root.text("a")).isEqualTo("text");
        assertThat(root.stat("a").nlink()).isEqualTo(1);
    }

    static void symlinkTellsTarget(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("some/where", "l");
        Attr attr = root.lstat("l");
        assertThat(attr.isSymlink()).isTrue();
        assertThat(attr.size()).isEqualTo(10);
        assertThat(attr.nlink()).isEqualTo(1);
        assertThat(attr.mode() & Mode.PERMISSIONS).isEqualTo(0777);
        assertThat(root.readlink("l")).isEqualTo("some/where");
        fails(ENOENT, () -> root.stat("l"));
    }

    static void symlinkBelongsToMaker(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client user = env.user(1234, 4321);
        user.symlink("x", "l");
        assertThat(user.lstat("l").uid()).isEqualTo(1234);
        assertThat(user.lstat("l").gid()).isEqualTo(4321);
    }

    static void symlinkIsFollowed(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.mkdir("a");
        root.create("a/f", "text");
        root.symlink("a", "toa");
        root.symlink("../a/f", "a/tof");
        root.symlink(env.absolute("a/f"), "absolute");
        root.symlink("toa/tof", "chain");
        assertThat(root.text("toa/f")).isEqualTo("text");
        assertThat(root.text("a/tof")).isEqualTo("text");
        assertThat(root.text("absolute")).isEqualTo("text");
        assertThat(root.text("chain")).isEqualTo("text");
        assertThat(root.stat("chain").ino()).isEqualTo(root.stat("a/f").ino());
    }

    static void symlinkToRoot(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f", "text");
        root.symlink(env.rootPath(), "l");
        root.symlink("/", "slash");
        assertThat(root.text("l/f")).isEqualTo("text");
        assertThat(root.text("l/l/l/f")).isEqualTo("text");
        assertThat(root.stat("slash").ino()).isEqualTo(root.stat("/").ino());
    }

    static void symlinkToNothing(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        fails(ENOENT, () -> env.root().symlink("", "l"));
        assertThat(env.root().exists("l")).isFalse();
    }

    static void symlinkOfGreatestLength(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.LONG_SYMLINKS, Feature.LINK_TEXT);
        Client root = env.root();
        root.create("f", "text");
        for (int length : new int[] {1, 15, 59, 60, 61, 100, 255, 256, 1000, 1023, 1024}) {
            String target = "/".repeat(length - 1) + "x";
            root.symlink(target, "l");
            assertThat(root.readlink("l")).isEqualTo(target);
            assertThat(root.lstat("l").size()).isEqualTo(length);
            root.unlink("l");
        }
        String longest = "./".repeat(1500) + "f";
        root.symlink(longest, "l");
        assertThat(root.readlink("l")).isEqualTo(longest);
        assertThat(root.text("l")).isEqualTo("text");
        fails(ENAMETOOLONG, () -> root.symlink("x".repeat(4096), "m"));
    }

    static void symlinkWithArbitraryBytes(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.ANY_BYTES);
        Client root = env.root();
        byte[] target = new byte[255];
        for (int i = 0; i < target.length; i++) {
            target[i] = (byte) (i + 1);
        }
        root.calls().symlinkat(target, AT_FDCWD, Client.bytes("l"));
        assertThat(root.calls().readlinkat(AT_FDCWD, Client.bytes("l"))).isEqualTo(target);
    }

    static void symlinkOverExisting(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        root.symlink("x", "l");
        fails(EEXIST, () -> root.symlink("t", "f"));
        fails(EEXIST, () -> root.symlink("t", "d"));
        fails(EEXIST, () -> root.symlink("t", "l"));
        fails(EEXIST, () -> root.symlink("t", "."));
        fails(EEXIST, () -> root.symlink("t", "d/"));
        fails(ENOENT, () -> root.symlink("t", "new/"));
    }

    static void symlinkSetsTimes(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        env.root().mkdir("d");
        var watch = Watch.of(env, "d");
        env.root().symlink("target", "d/l");
        watch.expect("d", "mc");
    }

    static void symlinkNeedsWritePermission(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        env.root().mkdir("d", 0755);
        fails(EACCES, () -> env.user().symlink("x", "d/l"));
    }

    static void readlinkOfOthers(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        root.mkfifo("p", 0600);
        fails(EINVAL, () -> root.readlink("f"));
        fails(EINVAL, () -> root.readlink("d"));
        fails(EINVAL, () -> root.readlink("p"));
        fails(EINVAL, () -> root.readlink("."));
    }

    static void readlinkDoesNotFollow(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("b", "a");
        root.symlink("c", "b");
        assertThat(root.readlink("a")).isEqualTo("b");
        root.symlink("self", "self");
        assertThat(root.readlink("self")).isEqualTo("self");
    }

    static void fortyLinksAreFollowed(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("l0", "text");
        for (int i = 1; i <= 41; i++) {
            root.symlink("l" + (i - 1), "l" + i);
        }
        assertThat(root.text("l40")).isEqualTo("text");
        fails(ELOOP, () -> root.stat("l41"));
        fails(ELOOP, () -> root.open("l41", O_RDONLY));
        assertThat(root.lstat("l41").isSymlink()).isTrue();
    }

    static void loops(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.symlink("b", "a");
        root.symlink("a", "b");
        fails(ELOOP, () -> root.stat("a"));
        fails(ELOOP, () -> root.open("a", O_RDONLY));
        fails(ELOOP, () -> root.create("a"));
        fails(ELOOP, () -> root.truncate("a", 0));
        fails(ELOOP, () -> root.chmod("a", 0600));
        fails(ELOOP, () -> root.chdir("a"));
        fails(ELOOP, () -> root.mkdir("a/d"));
        root.unlink("a");
    }

    static void openWithNofollow(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.symlink("f", "l");
        root.mkdir("d");
        root.symlink("d", "tod");
        root.create("d/f");
        fails(ELOOP, () -> root.open("l", O_RDONLY | O_NOFOLLOW));
        root.close(root.open("tod/f", O_RDONLY | O_NOFOLLOW));
        root.close(root.open("f", O_RDONLY | O_NOFOLLOW));
    }

    static void removalOfLinkKeepsTarget(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f", "text");
        root.symlink("f", "l");
        root.unlink("l");
        assertThat(root.text("f")).isEqualTo("text");
        root.symlink("f", "l");
        root.unlink("f");
        fails(ENOENT, () -> root.stat("l"));
        root.create("f", "new");
        assertThat(root.text("l")).isEqualTo("new");
    }

    static void linksInDirectoriesNobodyMaySearch(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        env.root().mkdir("d", 0700);
        env.root().create("d/f");
        env.root().symlink("d/f", "l");
        Client user = env.user();
        assertThat(user.readlink("l")).isEqualTo("d/f");
        fails(EACCES, () -> user.stat("l"));
        fails(EACCES, () -> user.open("l", O_RDONLY));
    }

    static void linkCountsAreKeptApart(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = env.root();
        for (String name : Arrays.asList("a", "b", "c")) {
            root.create(name);
        }
        root.link("a", "a2");
        root.link("b", "b2");
        root.link("b", "b3");
        assertThat(root.stat("a").nlink()).isEqualTo(2);
        assertThat(root.stat("b").nlink()).isEqualTo(3);
        assertThat(root.stat("c").nlink()).isEqualTo(1);
    }
}
