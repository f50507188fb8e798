// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.SetAttr.none;
import static jpuffs.rumpfs.tmpfs.Fixture.assertFails;
import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static jpuffs.rumpfs.tmpfs.Fixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class XattrTest {
    private static final Name USER_X = name("user.x");
    private static final Name CAPABILITY = name("security.capability");

    private final Fixture t = new Fixture();

    @AfterEach
    void close() {
        t.close();
    }

    private static Acl.Entry entry(int tag, int permissions) {
        return new Acl.Entry(tag, permissions, -1);
    }

    private static Acl acl(int owner, int user, int group, int mask, int other) throws ErrnoException {
        return Acl.of(
                entry(Acl.USER_OBJ, owner),
                new Acl.Entry(Acl.USER, user, 5),
                entry(Acl.GROUP_OBJ, group),
                entry(Acl.MASK, mask),
                entry(Acl.OTHER, other));
    }

    private static Acl get(Node node, Name name) throws IOException {
        return Acl.parse(Objects.requireNonNull(node.getxattr(name)));
    }

    @Test
    void setsGetsListsAndRemoves() throws IOException {
        Node file = t.file("f");
        assertThat(file.getxattr(USER_X)).isNull();
        assertThat(file.listxattr()).isEmpty();
        file.setxattr(USER_X, new byte[] {1, 2}, Node.XATTR_CREATE);
        file.setxattr(name("trusted.t"), new byte[0], 0);
        file.setxattr(name("security.s"), new byte[] {3}, 0);
        assertThat(file.getxattr(USER_X)).containsExactly(1, 2);
        assertThat(file.getxattr(name("trusted.t"))).isEmpty();
        assertThat(file.listxattr()).containsExactlyInAnyOrder(USER_X, name("trusted.t"), name("security.s"));
        assertFails(Errno.EEXIST, () -> file.setxattr(USER_X, new byte[0], Node.XATTR_CREATE));
        file.setxattr(USER_X, new byte[] {9}, Node.XATTR_REPLACE);
        assertThat(file.getxattr(USER_X)).containsExactly(9);
        file.removexattr(USER_X);
        assertFails(Errno.ENODATA, () -> file.removexattr(USER_X));
        assertFails(Errno.ENODATA, () -> file.setxattr(USER_X, new byte[0], Node.XATTR_REPLACE));
    }

    @Test
    void otherNamespacesAreNotSupported() throws IOException {
        Node file = t.file("f");
        for (String name : new String[] {"x", "user.", "system.x", "userx.y", "os2.x", "system.posix_acl"}) {
            assertFails(Errno.EOPNOTSUPP, () -> file.setxattr(name(name), new byte[1], 0));
            assertFails(Errno.EOPNOTSUPP, () -> file.getxattr(name(name)));
            assertFails(Errno.EOPNOTSUPP, () -> file.removexattr(name(name)));
        }
    }

    @Test
    void sizesAreBounded() throws IOException {
        Node file = t.file("f");
        file.setxattr(USER_X, new byte[64 << 10], 0);
        assertFails(Errno.E2BIG, () -> file.setxattr(USER_X, new byte[(64 << 10) + 1], 0));
        for (int i = 0; i < 2; i++) {
            file.setxattr(name("user." + i), new byte[64 << 10], 0);
        }
        assertFails(Errno.ENOSPC, () -> file.setxattr(name("user.more"), new byte[64 << 10], 0));
        assertThat(file.listxattr()).hasSize(3);
        Node other = t.file("g");
        String name = "user." + "n".repeat(240);
        assertFails(Errno.ENOSPC, () -> {
            for (int i = 0; i < 1000; i++) {
                other.setxattr(name(name + i), new byte[0], 0);
            }
        });
        int listed = other.listxattr().stream().mapToInt(n -> n.length() + 1).sum();
        assertThat(listed).isBetween(60 << 10, 64 << 10);
    }

    @Test
    void capabilitiesGoWithContentAndOwner() throws IOException {
        Node file = t.file("f");
        file.setxattr(CAPABILITY, new byte[4], 0);
        write(file, 0, "x");
        assertThat(file.getxattr(CAPABILITY)).isNull();
        for (SetAttr change : new SetAttr[] {none().withSize(0), none().withUid(1), none().withGid(1)}) {
            file.setxattr(CAPABILITY, new byte[4], 0);
            file.setattr(change);
            assertThat(file.getxattr(CAPABILITY)).isNull();
        }
        file.setxattr(CAPABILITY, new byte[4], 0);
        file.setattr(none().withMode(0700));
        assertThat(file.getxattr(CAPABILITY)).isNotNull();
        file.fallocate(0, 0, 1);
        assertThat(file.getxattr(CAPABILITY)).isNull();
    }

    @Test
    void anAccessListSetsTheMode() throws IOException {
        Node file = t.file("f");
        file.setattr(none().withMode(02755));
        file.setxattr(Acl.ACCESS, acl(6, 7, 4, 6, 1).toBytes(), 0);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 02661);
        assertThat(get(file, Acl.ACCESS)).isEqualTo(acl(6, 7, 4, 6, 1));
        assertThat(file.listxattr()).containsExactly(Acl.ACCESS);
        file.setattr(none().withMode(0710));
        assertThat(get(file, Acl.ACCESS)).isEqualTo(acl(7, 7, 4, 1, 0));
        file.removexattr(Acl.ACCESS);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0710);
        assertThat(file.getxattr(Acl.ACCESS)).isNull();
        file.removexattr(Acl.ACCESS);
    }

    @Test
    void aListThatIsAModeIsKeptAsThat() throws IOException {
        Node file = t.file("f");
        file.setxattr(Acl.ACCESS, acl(6, 7, 4, 6, 1).toBytes(), 0);
        Acl minimal = Acl.of(entry(Acl.USER_OBJ, 7), entry(Acl.GROUP_OBJ, 5), entry(Acl.OTHER, 0));
        file.setxattr(Acl.ACCESS, minimal.toBytes(), 0);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0750);
        assertThat(file.listxattr()).isEmpty();
        file.setxattr(Acl.ACCESS, acl(6, 7, 4, 6, 1).toBytes(), 0);
        file.setxattr(Acl.ACCESS, new byte[] {2, 0, 0, 0}, 0);
        assertThat(file.listxattr()).isEmpty();
    }

    @Test
    void aListSetFromOutsideTheGroupEndsSetGroupId() throws IOException {
        Node file = t.root.mknod(name("f"), Mode.S_IFREG | 02755, 0, Cred.of(7, 70));
        byte[] list = acl(7, 7, 5, 7, 5).toBytes();
        new Caller(Cred.of(7, 1, 70), 1).call(() -> {
            file.setxattr(Acl.ACCESS, list, 0);
            return "";
        });
        assertThat(file.getattr().mode() & Mode.S_ISGID).isNotZero();
        new Caller(Cred.of(7, 1), 1).call(() -> {
            file.setxattr(Acl.ACCESS, list, 0);
            return "";
        });
        assertThat(file.getattr().mode() & Mode.S_ISGID).isZero();
    }

    @Test
    void badListsAreRefused() throws IOException {
        Node file = t.file("f");
        byte[] list = acl(7, 7, 7, 7, 7).toBytes();
        assertFails(Errno.EINVAL, () -> file.setxattr(Acl.ACCESS, new byte[9], 0));
        assertFails(Errno.EACCES, () -> file.setxattr(Acl.DEFAULT, list, 0));
        Node link = t.root.symlink(name("l"), new byte[1], Cred.ROOT);
        assertFails(Errno.EOPNOTSUPP, () -> link.setxattr(Acl.ACCESS, list, 0));
        assertFails(Errno.EOPNOTSUPP, () -> link.getxattr(Acl.ACCESS));
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0644);
    }

    @Test
    void newFilesInheritTheDefaultList() throws IOException {
        Node d = t.directory("d");
        Acl defaults = acl(7, 7, 5, 7, 1);
        d.setxattr(Acl.DEFAULT, defaults.toBytes(), 0);
        assertThat(d.getattr().mode()).isEqualTo(Mode.S_IFDIR | 0755);
        Node file = d.mknod(name("f"), Mode.S_IFREG | 0666, 0, Cred.ROOT);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0660);
        assertThat(get(file, Acl.ACCESS)).isEqualTo(acl(6, 7, 5, 6, 0));
        assertThat(get(file, Acl.ACCESS).allows(file.getattr(), Access.WRITE, Cred.of(5, 5)))
                .isTrue();
        assertThat(file.getxattr(Acl.DEFAULT)).isNull();
        Node sub = d.mkdir(name("sub"), 0777, Cred.ROOT);
        assertThat(sub.getattr().mode()).isEqualTo(Mode.S_IFDIR | 0771);
        assertThat(get(sub, Acl.DEFAULT)).isEqualTo(defaults);
        assertThat(get(sub, Acl.ACCESS)).isEqualTo(acl(7, 7, 5, 7, 1));
        Node link = d.symlink(name("l"), new byte[1], Cred.ROOT);
        assertThat(link.listxattr()).isEmpty();
        assertThat(link.getattr().mode()).isEqualTo(Mode.S_IFLNK | 0777);
        assertThat(d.tmpfile(0600, 2, Cred.ROOT).node().listxattr()).containsExactly(Acl.ACCESS);
        d.removexattr(Acl.DEFAULT);
        assertThat(t.file(d, "g").listxattr()).isEmpty();
    }

    @Test
    void aDefaultListThatIsAModeSetsTheModeOnly() throws IOException {
        Node d = t.directory("d");
        Acl minimal = Acl.of(entry(Acl.USER_OBJ, 7), entry(Acl.GROUP_OBJ, 0), entry(Acl.OTHER, 0));
        d.setxattr(Acl.DEFAULT, minimal.toBytes(), 0);
        Node file = d.mknod(name("f"), Mode.S_IFREG | 0666, 0, Cred.ROOT);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0600);
        assertThat(file.listxattr()).isEmpty();
    }
}
