// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.sys.Fcntl.O_TMPFILE;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

/// Sticky and set-group-id directories.
final class GroupCases {
    private GroupCases() {}

    private static Client sticky(Env env) throws Exception {
        env.requires(Feature.USERS, Feature.MODES);
        Client root = env.root();
        root.mkdir("s");
        root.chmod("s", 01777);
        return root;
    }

    static void stickyKeepsForeignFiles(Env env) throws Exception {
        sticky(env);
        Client owner = env.user();
        Client other = env.user(Env.OTHER, Env.OTHER);
        owner.create("s/f");
        owner.chmod("s/f", 0666);
        owner.mkdir("s/d");
        owner.chmod("s/d", 0777);
        fails(EPERM, () -> other.unlink("s/f"));
        fails(EPERM, () -> other.rmdir("s/d"));
        fails(EPERM, () -> other.rename("s/f", "s/g"));
        fails(EPERM, () -> other.rename("s/d", "s/e"));
        fails(EPERM, () -> other.rename("s/f", "g"));
        owner.unlink("s/f");
        owner.rmdir("s/d");
    }

    static void stickyKeepsForeignLinks(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        sticky(env);
        Client owner = env.user();
        owner.symlink("x", "s/l");
        owner.mkfifo("s/p", 0666);
        Client other = env.user(Env.OTHER, Env.OTHER);
        fails(EPERM, () -> other.unlink("s/l"));
        fails(EPERM, () -> other.unlink("s/p"));
    }

    static void stickyAllowsOwnerOfDirectory(Env env) throws Exception {
        Client root = sticky(env);
        root.chown("s", Env.OTHER, -1);
        env.user().create("s/f");
        env.user().mkdir("s/d");
        Client other = env.user(Env.OTHER, Env.OTHER);
        other.rename("s/f", "s/g");
        other.unlink("s/g");
        other.rmdir("s/d");
    }

    static void stickyAllowsRoot(Env env) throws Exception {
        Client root = sticky(env);
        env.user().create("s/f");
        env.user().create("s/g");
        root.rename("s/f", "s/g");
        root.unlink("s/g");
    }

    static void stickyProtectsVictimOfRename(Env env) throws Exception {
        sticky(env);
        Client owner = env.user();
        Client other = env.user(Env.OTHER, Env.OTHER);
        owner.create("s/f");
        other.create("mine");
        fails(EPERM, () -> other.rename("mine", "s/f"));
        other.rename("mine", "s/new");
        owner.create("g");
        owner.rename("g", "s/f");
    }

    static void stickyAllowsToMakeAndWrite(Env env) throws Exception {
        sticky(env);
        Client owner = env.user();
        owner.create("s/f");
        owner.chmod("s/f", 0666);
        Client other = env.user(Env.OTHER, Env.OTHER);
        other.create("s/f", "theirs");
        assertThat(owner.text("s/f")).isEqualTo("theirs");
        other.create("s/g");
    }

    static void stickyWithoutWritePermission(Env env) throws Exception {
        Client root = sticky(env);
        env.user().create("s/f");
        root.chmod("s", 01755);
        fails(EACCES, () -> env.user().unlink("s/f"));
    }

    private static Client setgid(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.mkdir("g");
        root.chown("g", 0, 5000);
        root.chmod("g", 02777);
        return root;
    }

    static void setgidDirectoryGivesItsGroup(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        setgid(env);
        Client user = env.user();
        user.create("g/f");
        user.mkdir("g/d");
        user.symlink("x", "g/l");
        user.mkfifo("g/p", 0600);
        for (String path : new String[] {"g/f", "g/d", "g/l", "g/p"}) {
            assertThat(user.lstat(path).gid()).as("group of %s", path).isEqualTo(5000);
            assertThat(user.lstat(path).uid()).isEqualTo(Env.USER);
        }
    }

    static void setgidIsPassedOnToDirectories(Env env) throws Exception {
        setgid(env);
        Client user = env.user();
        user.mkdir("g/d", 0755);
        assertThat(user.mode("g/d")).isEqualTo(02755);
        user.mkdir("g/d/e", 0700);
        assertThat(user.mode("g/d/e")).isEqualTo(02700);
        assertThat(user.stat("g/d/e").gid()).isEqualTo(5000);
        user.create("g/d/f", 0755);
        assertThat(user.mode("g/d/f")).isEqualTo(0755);
    }

    static void setgidIsDroppedFromNewProgramOfForeignGroup(Env env) throws Exception {
        setgid(env);
        Client user = env.user();
        user.umask(0);
        user.close(user.open("g/program", O_CREAT | O_RDWR, 02755));
        assertThat(user.mode("g/program")).isEqualTo(0755);
        user.close(user.open("g/data", O_CREAT | O_RDWR, 02744));
        assertThat(user.mode("g/data")).isEqualTo(02744);
        Client member = env.user(Env.USER, Env.USER, 5000);
        member.umask(0);
        member.close(member.open("g/mine", O_CREAT | O_RDWR, 02755));
        assertThat(member.mode("g/mine")).isEqualTo(02755);
    }

    static void setgidDirectoryAndTmpfile(Env env) throws Exception {
        env.requires(Feature.TMPFILE);
        setgid(env);
        Client user = env.user();
        int fd = user.open("g", O_TMPFILE | O_RDWR);
        assertThat(user.fstat(fd).gid()).isEqualTo(5000);
        user.close(fd);
    }

    static void otherDirectoriesGiveTheMakersGroup(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = env.root();
        root.mkdir("d");
        root.chown("d", 0, 5000);
        root.chmod("d", 0777);
        env.user().create("d/f");
        assertThat(root.stat("d/f").gid()).isEqualTo(Env.USER);
    }

    static void renameIntoSetgidDirectoryKeepsGroup(Env env) throws Exception {
        setgid(env);
        env.user().create("f");
        env.user().rename("f", "g/f");
        assertThat(env.root().stat("g/f").gid()).isEqualTo(Env.USER);
    }
}
