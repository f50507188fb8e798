// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.E2BIG;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENODATA;
import static jpuffs.core.Errno.ENOSPC;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.ERANGE;
import static jpuffs.sys.Fcntl.AT_SYMLINK_NOFOLLOW;
import static jpuffs.sys.Fcntl.O_RDONLY;
import static jpuffs.sys.Fcntl.XATTR_CREATE;
import static jpuffs.sys.Fcntl.XATTR_REPLACE;
import static jpuffs.testkit.Expect.fails;
import static jpuffs.testkit.Expect.failsWithOneOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jpuffs.core.Name;

/// Extended attributes, xattr(7).
final class XattrCases {
    private XattrCases() {}

    private static Client withFile(Env env) throws Exception {
        env.requires(Feature.XATTRS);
        Client root = env.root();
        root.create("f");
        root.mkdir("d");
        return root;
    }

    static void xattrsAreSetAndRemoved(Env env) throws Exception {
        Client root = withFile(env);
        for (String path : List.of("f", "d")) {
            root.setxattr(path, "user.one", "1");
            root.setxattr(path, "user.two", "22");
            assertThat(root.getxattr(path, "user.one")).isEqualTo("1");
            assertThat(root.getxattr(path, "user.two")).isEqualTo("22");
            assertThat(root.userXattrs(path)).containsExactly("user.one", "user.two");
            root.removexattr(path, "user.one");
            fails(ENODATA, () -> root.getxattr(path, "user.one"));
            assertThat(root.userXattrs(path)).containsExactly("user.two");
        }
    }

    static void xattrIsReplaced(Env env) throws Exception {
        env.requires(Feature.LARGE_XATTRS);
        Client root = withFile(env);
        root.setxattr("f", "user.a", "a longer value");
        root.setxattr("f", "user.a", "short");
        assertThat(root.getxattr("f", "user.a")).isEqualTo("short");
        root.setxattr("f", "user.a", "x".repeat(1000));
        assertThat(root.getxattr("f", "user.a")).isEqualTo("x".repeat(1000));
    }

    static void xattrOfNoLength(Env env) throws Exception {
        Client root = withFile(env);
        root.setxattr("f", "user.empty", "");
        assertThat(root.getxattr("f", "user.empty")).isEmpty();
        assertThat(root.userXattrs("f")).containsExactly("user.empty");
    }

    static void xattrCreateAndReplaceFlags(Env env) throws Exception {
        Client root = withFile(env);
        fails(ENODATA, () -> root.setxattr("f", "user.a", "1", XATTR_REPLACE));
        root.setxattr("f", "user.a", "1", XATTR_CREATE);
        fails(EEXIST, () -> root.setxattr("f", "user.a", "2", XATTR_CREATE));
        root.setxattr("f", "user.a", "3", XATTR_REPLACE);
        assertThat(root.getxattr("f", "user.a")).isEqualTo("3");
        fails(EINVAL, () -> root.setxattr("f", "user.a", "4", 8));
    }

    static void xattrThatIsNotThere(Env env) throws Exception {
        Client root = withFile(env);
        fails(ENODATA, () -> root.getxattr("f", "user.none"));
        fails(ENODATA, () -> root.removexattr("f", "user.none"));
        assertThat(root.userXattrs("f")).isEmpty();
    }

    static void xattrNamesAndSizes(Env env) throws Exception {
        Client root = withFile(env);
        String longest = "user." + "n".repeat(250);
        root.setxattr("f", longest, "1");
        assertThat(root.getxattr("f", longest)).isEqualTo("1");
        fails(ERANGE, () -> root.setxattr("f", longest + "n", "1"));
        failsWithOneOf(List.of(E2BIG, ENOSPC), () -> root.setxattr("f", "user.big", "x".repeat(65_537)));
        failsWithOneOf(List.of(EOPNOTSUPP, EINVAL), () -> root.setxattr("f", "nonamespace", "1"));
        failsWithOneOf(List.of(EINVAL, EOPNOTSUPP), () -> root.setxattr("f", "user.", "1"));
        fails(ERANGE, () -> root.setxattr("f", "", "1"));
    }

    static void xattrsOfArbitraryBytes(Env env) throws Exception {
        Client root = withFile(env);
        byte[] value = new byte[256];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) i;
        }
        Name name = Name.of("user.bytes");
        root.calls().setxattr(Client.bytes("f"), 0, name, value, 0);
        assertThat(root.calls().getxattr(Client.bytes("f"), 0, name)).isEqualTo(value);
    }

    static void xattrsByDescriptor(Env env) throws Exception {
        Client root = withFile(env);
        int fd = root.open("f", O_RDONLY);
        Name name = Name.of("user.fd");
        root.calls().fsetxattr(fd, name, Client.bytes("v"), 0);
        assertThat(root.calls().fgetxattr(fd, name)).asString().isEqualTo("v");
        assertThat(root.getxattr("f", "user.fd")).isEqualTo("v");
        root.close(fd);
    }

    static void manyXattrs(Env env) throws Exception {
        env.requires(Feature.LARGE_XATTRS);
        Client root = withFile(env);
        for (int i = 0; i < 50; i++) {
            root.setxattr("f", "user.a" + i, "value " + i);
        }
        assertThat(root.userXattrs("f")).hasSize(50);
        for (int i = 0; i < 50; i++) {
            assertThat(root.getxattr("f", "user.a" + i)).isEqualTo("value " + i);
        }
    }

    static void xattrsFollowTheFile(Env env) throws Exception {
        env.requires(Feature.LINKS);
        Client root = withFile(env);
        root.setxattr("f", "user.a", "1");
        root.link("f", "g");
        root.rename("f", "h");
        assertThat(root.getxattr("g", "user.a")).isEqualTo("1");
        assertThat(root.getxattr("h", "user.a")).isEqualTo("1");
        root.unlink("g");
        root.unlink("h");
        root.create("g");
        assertThat(root.userXattrs("g")).isEmpty();
    }

    static void xattrsSetCtime(Env env) throws Exception {
        Client root = withFile(env);
        var watch = Watch.of(env, "f", "d");
        root.setxattr("f", "user.a", "1");
        root.setxattr("d", "user.a", "1");
        watch.expect("f", "c");
        watch.expect("d", "c");
        watch = Watch.of(env, "f");
        root.getxattr("f", "user.a");
        root.userXattrs("f");
        watch.expect("f", "");
        watch = Watch.of(env, "f");
        root.removexattr("f", "user.a");
        watch.expect("f", "c");
    }

    static void userXattrsNeedPermissions(Env env) throws Exception {
        Client root = withFile(env);
        root.setxattr("f", "user.a", "1");
        Client user = env.user();
        assertThat(user.getxattr("f", "user.a")).isEqualTo("1");
        fails(EACCES, () -> user.setxattr("f", "user.a", "2"));
        fails(EACCES, () -> user.removexattr("f", "user.a"));
        root.chmod("f", 0602);
        fails(EACCES, () -> user.getxattr("f", "user.a"));
        user.setxattr("f", "user.a", "3");
        assertThat(root.getxattr("f", "user.a")).isEqualTo("3");
    }

    static void userXattrsOfLinksAndFifos(Env env) throws Exception {
        env.requires(Feature.SYMLINKS, Feature.FIFOS);
        Client root = withFile(env);
        root.symlink("f", "l");
        root.mkfifo("p", 0666);
        root.setxattr("l", "user.a", "1");
        assertThat(root.getxattr("f", "user.a")).isEqualTo("1");
        Name name = Name.of("user.a");
        byte[] link = Client.bytes("l");
        fails(EPERM, () -> root.calls().setxattr(link, AT_SYMLINK_NOFOLLOW, name, link, 0));
        failsWithOneOf(List.of(ENODATA, EPERM), () -> root.calls().getxattr(link, AT_SYMLINK_NOFOLLOW, name));
        fails(EPERM, () -> root.setxattr("p", "user.a", "1"));
    }

    static void userXattrsOfStickyDirectory(Env env) throws Exception {
        env.requires(Feature.USERS);
        Client root = withFile(env);
        root.chmod("d", 01777);
        fails(EPERM, () -> env.user().setxattr("d", "user.a", "1"));
        root.chown("d", Env.USER, -1);
        env.user().setxattr("d", "user.a", "1");
        root.chmod("d", 0777);
        env.user(Env.OTHER, Env.OTHER).setxattr("d", "user.a", "2");
    }

    static void trustedXattrsAreForRoot(Env env) throws Exception {
        env.requires(Feature.TRUSTED_XATTRS, Feature.USERS);
        Client root = withFile(env);
        root.chmod("f", 0666);
        root.setxattr("f", "trusted.a", "1");
        assertThat(root.getxattr("f", "trusted.a")).isEqualTo("1");
        Client user = env.user();
        fails(ENODATA, () -> user.getxattr("f", "trusted.a"));
        fails(EPERM, () -> user.setxattr("f", "trusted.a", "2"));
        fails(EPERM, () -> user.removexattr("f", "trusted.a"));
        var names = user.calls().listxattr(Client.bytes("f"), 0);
        assertThat(names).doesNotContain(Name.of("trusted.a"));
        assertThat(root.calls().listxattr(Client.bytes("f"), 0)).contains(Name.of("trusted.a"));
    }

    static void securityXattrsAreWrittenByRoot(Env env) throws Exception {
        env.requires(Feature.TRUSTED_XATTRS, Feature.USERS);
        Client root = withFile(env);
        root.chmod("f", 0666);
        fails(EPERM, () -> env.user().setxattr("f", "security.a", "1"));
    }
}
