// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Mode.S_IFDIR;
import static jpuffs.core.Mode.S_IFREG;
import static jpuffs.sys.Fcntl.AT_FDCWD;
import static jpuffs.sys.Fcntl.AT_SYMLINK_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_WRONLY;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Attr;

/// chmod(2), chown(2), access(2), set-id bits. (NetBSD: t_vnops attrs, access_simple, t_unpriv owner, dirperms,
/// flags; tmpfs setattr.)
final class AttrCases {
    private AttrCases() {}

    static void chmodSetsAllBits(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        for (int mode : List.of(0, 0644, 0777, 01000, 02000, 04000, 07777, 0123)) {
            root.chmod("f", mode);
            root.chmod("d", mode);
            assertThat(root.stat("f").mode()).isEqualTo(S_IFREG | mode);
            assertThat(root.stat("d").mode()).isEqualTo(S_IFDIR | mode);
        }
    }

    static void chmodIgnoresTypeBits(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f");
        root.chmod("f", S_IFDIR | 0600);
        assertThat(root.stat("f").mode()).isEqualTo(S_IFREG | 0600);
    }

    static void fchmod(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        int fd = root.open("f", O_CREAT | O_RDONLY);
        root.fchmod(fd, 0123);
        assertThat(root.mode("f")).isEqualTo(0123);
        assertThat(root.fstat(fd).mode() & 07777).isEqualTo(0123);
        root.close(fd);
        root.mkdir("d");
        int dir = root.open("d", O_RDONLY);
        root.fchmod(dir, 0700);
        assertThat(root.mode("d")).isEqualTo(0700);
        root.close(dir);
    }

    static void chmodFollowsLinks(Env env) throws Exception {
        env.requires(Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.symlink("f", "l");
        root.chmod("l", 0600);
        assertThat(root.mode("f")).isEqualTo(0600);
        fails(EOPNOTSUPP, () -> root.calls().fchmodat(AT_FDCWD, Client.bytes("l"), 0600, AT_SYMLINK_NOFOLLOW));
        root.calls().fchmodat(AT_FDCWD, Client.bytes("f"), 0640, AT_SYMLINK_NOFOLLOW);
        assertThat(root.mode("f")).isEqualTo(0640);
    }

    static void chmodIsForTheOwner(Env env) throws Exception {
        env.root().create("f");
        env.root().mkdir("d");
        Client user = env.user();
        fails(EPERM, () -> user.chmod("f", 0666));
        fails(EPERM, () -> user.chmod("d", 0777));
        env.root().chmod("f", 0666);
        fails(EPERM, () -> user.chmod("f", 0777));
        int fd = user.open("f", O_RDWR);
        fails(EPERM, () -> user.fchmod(fd, 0600));
        user.close(fd);
        env.root().chown("f", Env.USER, -1);
        user.chmod("f", 0600);
        assertThat(env.root().mode("f")).isEqualTo(0600);
    }

    static void chmodSetsCtime(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        var watch = Watch.of(env, "d", "d/f");
        root.chmod("d/f", 0600);
        watch.expect("d/f", "c");
        watch.expect("d", "");
        watch = Watch.of(env, "d/f");
        root.chmod("d/f", 0600);
        watch.expect("d/f", "c");
    }

    static void chmodFailingSetsNoTimes(Env env) throws Exception {
        env.root().create("f");
        var watch = Watch.of(env, "f");
        fails(EPERM, () -> env.user().chmod("f", 0600));
        watch.expect("f", "");
    }

    static void chmodDropsSetgidOfForeignGroup(Env env) throws Exception {
        Client user = env.user();
        user.create("f");
        env.root().chown("f", Env.USER, 7777);
        user.chmod("f", 02755);
        assertThat(user.mode("f")).isEqualTo(0755);
        env.root().chown("f", Env.USER, Env.USER);
        user.chmod("f", 02755);
        assertThat(user.mode("f")).isEqualTo(02755);
        Client member = env.user(Env.USER, Env.USER, 7777);
        env.root().chown("f", Env.USER, 7777);
        member.chmod("f", 02711);
        assertThat(user.mode("f")).isEqualTo(02711);
    }

    /// Linux lets an ordinary user have a sticky file.
    static void chmodKeepsStickyBitOfFile(Env env) throws Exception {
        Client user = env.user();
        user.create("f");
        user.chmod("f", 01644);
        assertThat(user.mode("f")).isEqualTo(01644);
    }

    static void chownByRoot(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.create("f");
        root.chown("f", 123, 456);
        assertOwner(root.stat("f"), 123, 456);
        root.chown("f", -1, 789);
        assertOwner(root.stat("f"), 123, 789);
        root.chown("f", 321, -1);
        assertOwner(root.stat("f"), 321, 789);
        int fd = root.open("f", O_RDONLY);
        root.fchown(fd, 1, 2);
        assertOwner(root.fstat(fd), 1, 2);
        root.close(fd);
    }

    static void chownToLargeIds(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.create("f");
        for (int id : List.of(0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe)) {
            root.chown("f", id, id);
            assertOwner(root.stat("f"), id, id);
        }
    }

    private static void assertOwner(Attr attr, int uid, int gid) {
        assertThat(List.of(attr.uid(), attr.gid())).containsExactly(uid, gid);
    }

    static void lchownChangesTheLink(Env env) throws Exception {
        env.requires(Feature.USERS, Feature.SYMLINKS);
        Client root = env.root();
        root.create("f");
        root.symlink("f", "l");
        root.lchown("l", 11, 12);
        assertOwner(root.lstat("l"), 11, 12);
        assertOwner(root.stat("f"), 0, 0);
        root.chown("l", 21, 22);
        assertOwner(root.stat("f"), 21, 22);
        assertOwner(root.lstat("l"), 11, 12);
    }

    static void chownByOwner(Env env) throws Exception {
        Client user = env.user(Env.USER, Env.USER, 2000, 2001);
        user.create("f");
        user.chown("f", -1, 2000);
        assertOwner(user.stat("f"), Env.USER, 2000);
        user.chown("f", Env.USER, 2001);
        assertOwner(user.stat("f"), Env.USER, 2001);
        user.chown("f", Env.USER, -1);
        fails(EPERM, () -> user.chown("f", -1, 3000));
        fails(EPERM, () -> user.chown("f", 0, -1));
        fails(EPERM, () -> user.chown("f", Env.OTHER, 2000));
        assertOwner(user.stat("f"), Env.USER, 2001);
    }

    static void chownByOthers(Env env) throws Exception {
        env.root().create("f", 0666);
        env.root().chmod("f", 0666);
        Client user = env.user();
        fails(EPERM, () -> user.chown("f", Env.USER, -1));
        fails(EPERM, () -> user.chown("f", -1, Env.USER));
        fails(EPERM, () -> user.chown("f", 0, 0));
        int fd = user.open("f", O_RDWR);
        fails(EPERM, () -> user.fchown(fd, Env.USER, Env.USER));
        user.close(fd);
    }

    static void chownSetsCtime(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.mkdir("d");
        root.create("d/f");
        var watch = Watch.of(env, "d", "d/f");
        root.chown("d/f", 5, 6);
        watch.expect("d/f", "c");
        watch.expect("d", "");
    }

    static void chownOfNothingSetsCtime(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.create("f");
        root.chown("f", 5, 6);
        var watch = Watch.of(env, "f");
        root.chown("f", -1, -1);
        assertOwner(root.stat("f"), 5, 6);
        root.chown("f", 5, 6);
        watch.expect("f", "c");
    }

    /// Linux lets anybody ask for no change.
    static void chownOfNothingByOthers(Env env) throws Exception {
        env.root().create("f");
        env.root().chmod("f", 0755);
        env.user().chown("f", -1, -1);
        assertOwner(env.root().stat("f"), 0, 0);
        assertThat(env.root().mode("f")).isEqualTo(0755);
    }

    static void chownClearsSetIds(Env env) throws Exception {
        Client user = env.user(Env.USER, Env.USER, 2000);
        user.create("f");
        user.chmod("f", 06777);
        user.chown("f", -1, 2000);
        assertThat(user.mode("f")).isEqualTo(0777);
        env.root().chmod("f", 06755);
        env.root().chown("f", 5, 6);
        assertThat(user.mode("f")).isEqualTo(0755);
    }

    static void chownKeepsSetIdsOfDirectory(Env env) throws Exception {
        env.requires(Feature.USERS, Feature.MODES);
        Client root = env.root();
        root.mkdir("d");
        root.chmod("d", 07777);
        root.chown("d", 5, 6);
        assertThat(root.mode("d")).isEqualTo(07777);
    }

    static void chownKeepsSetgidWithoutGroupExecute(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.create("f");
        root.chmod("f", 02744);
        root.chown("f", 5, 6);
        assertThat(root.mode("f")).isEqualTo(02744);
    }

    static void writeClearsSetIds(Env env) throws Exception {
        env.root().create("f");
        env.root().chmod("f", 06777);
        Client user = env.user();
        int fd = user.open("f", O_WRONLY);
        assertThat(user.mode("f")).isEqualTo(06777);
        user.write(fd, "x");
        assertThat(user.mode("f")).isEqualTo(0777);
        user.close(fd);
    }

    static void writeByRootKeepsSetIds(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f");
        root.chmod("f", 06777);
        int fd = root.open("f", O_WRONLY);
        root.write(fd, "x");
        root.close(fd);
        assertThat(root.mode("f")).isEqualTo(06777);
    }

    static void truncateClearsSetIds(Env env) throws Exception {
        env.root().create("f", "abc");
        env.root().chmod("f", 06777);
        env.user().truncate("f", 1);
        assertThat(env.root().mode("f")).isEqualTo(0777);
        env.root().chmod("f", 06777);
        env.user().close(env.user().open("f", O_WRONLY | jpuffs.sys.Fcntl.O_TRUNC));
        assertThat(env.root().mode("f")).isEqualTo(0777);
    }

    static void fallocateClearsSetIds(Env env) throws Exception {
        env.requires(Feature.FALLOCATE);
        env.root().create("f", "abc");
        env.root().chmod("f", 06777);
        Client user = env.user();
        int fd = user.open("f", O_WRONLY);
        user.fallocate(fd, 0, 0, 10);
        user.close(fd);
        assertThat(env.root().mode("f")).isEqualTo(0777);
    }

    static void copyClearsSetIds(Env env) throws Exception {
        env.requires(Feature.COPY_RANGE);
        env.root().create("f", "abc");
        env.root().create("g", "def");
        env.root().chmod("f", 06777);
        Client user = env.user();
        int in = user.open("g", O_RDONLY);
        int out = user.open("f", O_WRONLY);
        assertThat(user.calls().copyFileRange(in, 0, out, 0, 3)).isEqualTo(3);
        user.close(in);
        user.close(out);
        assertThat(env.root().mode("f")).isEqualTo(0777);
    }

    static void accessOfOwnerGroupAndOthers(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.create("f");
        root.chown("f", 100, 200);
        Client owner = env.user(100, 999);
        Client group = env.user(101, 200);
        Client member = env.user(102, 999, 1, 200, 3);
        Client other = env.user(103, 999);
        root.chmod("f", 0421);
        assertAccess(owner, 4);
        assertAccess(group, 2);
        assertAccess(member, 2);
        assertAccess(other, 1);
        root.chmod("f", 0077);
        assertAccess(owner, 0);
        assertAccess(group, 7);
        root.chmod("f", 0707);
        assertAccess(group, 0);
        assertAccess(member, 0);
        assertAccess(other, 7);
    }

    /// Expects access(2) to allow `f` for exactly the sets within `allowed`.
    private static void assertAccess(Client client, int allowed) throws Exception {
        for (int mode = 0; mode <= 7; mode++) {
            int asked = mode;
            if ((mode & ~allowed) == 0) {
                client.access("f", asked);
            } else {
                fails(EACCES, () -> client.access("f", asked));
            }
        }
    }

    static void accessOfRoot(Env env) throws Exception {
        env.requires(Feature.MODES);
        Client root = env.root();
        root.create("f", 0000);
        root.access("f", 6);
        fails(EACCES, () -> root.access("f", 1));
        root.chmod("f", 0010);
        root.access("f", 7);
        root.mkdir("d", 0000);
        root.access("d", 7);
        root.create("d/f");
    }

    static void accessWithBadMode(Env env) throws Exception {
        env.root().create("f");
        fails(EINVAL, () -> env.root().access("f", 8));
        fails(EINVAL, () -> env.root().access("f", -1));
    }

    static void supplementaryGroupsCount(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.mkdir("d");
        root.chown("d", 0, 5000);
        root.chmod("d", 0770);
        Client member = env.user(Env.USER, Env.USER, 4999, 5000, 5001);
        member.create("d/f");
        assertThat(member.names("d")).containsExactly("f");
        fails(EACCES, () -> env.user().stat("d/f"));
    }

    static void ownerIsNotHelpedByGroup(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client user = env.user();
        user.create("f");
        user.chmod("f", 0077);
        fails(EACCES, () -> user.open("f", O_RDONLY));
    }

    static void statNeedsNoPermissionOfFile(Env env) throws Exception {
        env.root().create("f", 0000);
        assertThat(env.user().stat("f").size()).isZero();
    }

    static void searchPermissionOfEachDirectory(Env env) throws Exception {
        Client root = env.root();
        root.mkdir("a");
        root.mkdir("a/b");
        root.mkdir("a/b/c");
        root.create("a/b/c/f");
        Client user = env.user();
        user.stat("a/b/c/f");
        for (String path : List.of("a", "a/b", "a/b/c")) {
            root.chmod(path, 0766);
            fails(EACCES, () -> user.stat("a/b/c/f"));
            root.chmod(path, 0711);
            user.stat("a/b/c/f");
        }
    }

    static void chdirNeedsSearchPermission(Env env) throws Exception {
        env.root().mkdir("d", 0766);
        env.root().chmod("d", 0766);
        fails(EACCES, () -> env.user().chdir("d"));
        env.root().chmod("d", 0711);
        env.user().chdir("d");
        fails(EACCES, () -> env.user().names("."));
    }
}
