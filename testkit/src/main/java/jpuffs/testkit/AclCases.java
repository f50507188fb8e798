// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Acl.ACCESS;
import static jpuffs.core.Acl.DEFAULT;
import static jpuffs.core.Acl.GROUP;
import static jpuffs.core.Acl.GROUP_OBJ;
import static jpuffs.core.Acl.MASK;
import static jpuffs.core.Acl.OTHER;
import static jpuffs.core.Acl.USER;
import static jpuffs.core.Acl.USER_OBJ;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.sys.Fcntl.O_CREAT;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.O_RDWR;
import static jpuffs.testkit.Expect.fails;
import static org.assertj.core.api.Assertions.assertThat;

import jpuffs.core.Acl;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.rump.TimeSpec;

/// POSIX access control lists, acl(5), as extended attributes.
final class AclCases {
    private AclCases() {}

    private static Acl.Entry entry(int tag, int permissions, int id) {
        return new Acl.Entry(tag, permissions, id);
    }

    private static Acl.Entry entry(int tag, int permissions) {
        return entry(tag, permissions, -1);
    }

    /// Owner rw, user [Env#USER] as said, group r, mask as said, others nothing.
    private static Acl forUser(int permissions, int mask) throws ErrnoException {
        return Acl.of(
                entry(USER_OBJ, 6),
                entry(USER, permissions, Env.USER),
                entry(GROUP_OBJ, 4),
                entry(MASK, mask),
                entry(OTHER, 0));
    }

    private static void set(Client client, String path, Name name, Acl acl) throws ErrnoException {
        client.calls().setxattr(Client.bytes(path), 0, name, acl.toBytes(), 0);
    }

    private static Acl get(Client client, String path, Name name) throws ErrnoException {
        return Acl.parse(client.calls().getxattr(Client.bytes(path), 0, name));
    }

    private static Client withFile(Env env) throws Exception {
        env.requires(Feature.ACLS, Feature.USERS);
        Client root = env.root();
        root.create("f", "text");
        root.chmod("f", 0600);
        return root;
    }

    static void listIsKept(Env env) throws Exception {
        Client root = withFile(env);
        set(root, "f", ACCESS, forUser(6, 6));
        assertThat(get(root, "f", ACCESS)).isEqualTo(forUser(6, 6));
        root.calls().removexattr(Client.bytes("f"), 0, ACCESS);
        fails(ENODATA, () -> get(root, "f", ACCESS));
    }

    static void listGrants(Env env) throws Exception {
        Client root = withFile(env);
        Client user = env.user();
        fails(EACCES, () -> user.text("f"));
        set(root, "f", ACCESS, forUser(6, 6));
        user.create("f", "by the user");
        assertThat(user.text("f")).isEqualTo("by the user");
        fails(EACCES, () -> env.user(Env.OTHER, Env.OTHER).text("f"));
        user.utimens("f", TimeSpec.NOW, TimeSpec.NOW);
        fails(EPERM, () -> user.chmod("f", 0666));
    }

    static void maskLimits(Env env) throws Exception {
        Client root = withFile(env);
        set(root, "f", ACCESS, forUser(6, 4));
        Client user = env.user();
        assertThat(user.text("f")).isEqualTo("text");
        fails(EACCES, () -> user.open("f", O_RDWR));
        fails(EACCES, () -> user.access("f", 2));
        user.access("f", 4);
    }

    static void listDenies(Env env) throws Exception {
        Client root = withFile(env);
        root.chmod("f", 0666);
        Acl acl = Acl.of(
                entry(USER_OBJ, 6), entry(USER, 0, Env.USER), entry(GROUP_OBJ, 6), entry(MASK, 6), entry(OTHER, 6));
        set(root, "f", ACCESS, acl);
        fails(EACCES, () -> env.user().open("f", O_RDONLY));
        env.user(Env.OTHER, Env.OTHER).text("f");
    }

    static void groupsOfList(Env env) throws Exception {
        Client root = withFile(env);
        Acl acl = Acl.of(
                entry(USER_OBJ, 6),
                entry(GROUP_OBJ, 0),
                entry(GROUP, 4, 5000),
                entry(GROUP, 2, 5001),
                entry(MASK, 6),
                entry(OTHER, 0));
        set(root, "f", ACCESS, acl);
        Client reader = env.user(Env.USER, Env.USER, 5000);
        reader.text("f");
        fails(EACCES, () -> reader.open("f", O_RDWR));
        Client both = env.user(Env.USER, Env.USER, 5000, 5001);
        fails(EACCES, () -> both.open("f", O_RDWR));
        both.close(both.open("f", jpuffs.sys.Fcntl.O_WRONLY));
        fails(EACCES, () -> env.user().open("f", O_RDONLY));
    }

    static void modeShowsTheMask(Env env) throws Exception {
        Client root = withFile(env);
        set(root, "f", ACCESS, forUser(7, 5));
        assertThat(root.mode("f")).isEqualTo(0650);
        root.chmod("f", 0620);
        assertThat(get(root, "f", ACCESS)).isEqualTo(forUser(7, 2));
        fails(EACCES, () -> env.user().open("f", O_RDONLY));
    }

    static void listThatIsAMode(Env env) throws Exception {
        Client root = withFile(env);
        set(root, "f", ACCESS, Acl.of(entry(USER_OBJ, 6), entry(GROUP_OBJ, 4), entry(OTHER, 4)));
        assertThat(root.mode("f")).isEqualTo(0644);
        fails(ENODATA, () -> get(root, "f", ACCESS));
    }

    static void defaultListIsPassedOn(Env env) throws Exception {
        env.requires(Feature.ACLS, Feature.USERS);
        Client root = env.root();
        root.mkdir("d", 0777);
        set(root, "d", DEFAULT, forUser(7, 7));
        root.umask(077);
        root.close(root.open("d/f", O_CREAT | O_RDWR, 0664));
        root.mkdir("d/e", 0777);
        assertThat(root.mode("d/f")).isEqualTo(0660);
        assertThat(get(root, "d/f", ACCESS)).isEqualTo(forUser(7, 6));
        assertThat(get(root, "d/e", DEFAULT)).isEqualTo(forUser(7, 7));
        fails(ENODATA, () -> get(root, "d/f", DEFAULT));
        root.chmod("d", 0777);
        env.user().close(env.user().open("d/f", O_RDWR));
    }

    static void defaultListIsForDirectories(Env env) throws Exception {
        Client root = withFile(env);
        fails(EACCES, () -> set(root, "f", DEFAULT, forUser(7, 7)));
        fails(ENODATA, () -> get(root, "f", DEFAULT));
        root.mkdir("d");
        set(root, "d", DEFAULT, forUser(7, 7));
        root.calls().removexattr(Client.bytes("d"), 0, DEFAULT);
        root.close(root.open("d/f", O_CREAT | O_RDWR, 0666));
        assertThat(root.mode("d/f")).isEqualTo(0644);
    }

    static void listsAreSetByOwner(Env env) throws Exception {
        Client root = withFile(env);
        root.chmod("f", 0666);
        fails(EPERM, () -> set(env.user(), "f", ACCESS, forUser(7, 7)));
        root.chown("f", Env.USER, -1);
        set(env.user(), "f", ACCESS, forUser(7, 7));
        fails(EPERM, () -> env.user(Env.OTHER, Env.OTHER).calls().removexattr(Client.bytes("f"), 0, ACCESS));
    }

    static void badLists(Env env) throws Exception {
        Client root = withFile(env);
        byte[] path = Client.bytes("f");
        fails(EINVAL, () -> root.calls().setxattr(path, 0, ACCESS, new byte[] {2, 0, 0, 0, 1, 0}, 0));
        byte[] noOwner =
                Acl.of(entry(USER_OBJ, 6), entry(GROUP_OBJ, 4), entry(OTHER, 4)).toBytes();
        noOwner[4] = 0x20;
        fails(EINVAL, () -> root.calls().setxattr(path, 0, ACCESS, noOwner, 0));
    }

    static void searchByList(Env env) throws Exception {
        env.requires(Feature.ACLS, Feature.USERS);
        Client root = env.root();
        root.mkdir("d", 0700);
        root.create("d/f", "text");
        Client user = env.user();
        fails(EACCES, () -> user.text("d/f"));
        set(root, "d", ACCESS, forUser(1, 7));
        assertThat(user.text("d/f")).isEqualTo("text");
        fails(EACCES, () -> user.create("d/g"));
        set(root, "d", ACCESS, forUser(3, 7));
        user.create("d/g");
        user.unlink("d/g");
    }
}
