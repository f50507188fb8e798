// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.servers.nullfs.Mirror.SELF;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.bytes;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Attributes, and extended ones.
@Timeout(value = 60, unit = SECONDS)
class NullAttrTest {
    private static final Name USER_A = name("user.a");

    @TempDir
    Path dir;

    private Mirror mirror;
    private Handle file;
    private Node node;

    @BeforeEach
    void open() throws IOException {
        mirror = Mirror.of(dir);
        file = mirror.create("f", Fcntl.O_RDWR);
        node = file.node();
    }

    @AfterEach
    void close() throws IOException {
        file.release();
        mirror.close();
    }

    @Test
    void permissions() throws IOException {
        assertThat(node.setattr(SetAttr.none().withMode(0604)).mode()).isEqualTo(0100604);
        assertThat(file.setattr(SetAttr.none().withMode(0100640)).mode()).isEqualTo(0100640);
        assertThat(mirror.root.setattr(SetAttr.none().withMode(01770)).mode()).isEqualTo(0041770);
        Node link = mirror.got(mirror.root.symlink(name("s"), bytes("f"), SELF));
        assertFails(EOPNOTSUPP, () -> link.setattr(SetAttr.none().withMode(0600)));
    }

    @Test
    void nothingToDoIsNothingDone() throws IOException {
        Attr before = node.getattr();
        assertThat(node.setattr(SetAttr.none())).isEqualTo(before);
        assertThat(node.setattr(SetAttr.none().withCtime(new Time(1, 1)))).isEqualTo(before);
    }

    @Test
    void sizes() throws IOException {
        Mirror.write(file, "0123456789", 0);
        assertThat(node.setattr(SetAttr.none().withSize(4)).size()).isEqualTo(4);
        assertThat(file.setattr(SetAttr.none().withSize(6)).size()).isEqualTo(6);
        assertThat(Mirror.read(file)).isEqualTo("0123\0\0");
        Handle reader = node.open(Fcntl.O_RDONLY);
        assertThat(reader.setattr(SetAttr.none().withSize(1)).size()).isEqualTo(1);
        reader.release();
        assertFails(Errno.EISDIR, () -> mirror.root.setattr(SetAttr.none().withSize(0)));
    }

    @Test
    void truncatingAnOpenFileSetsTheTimesAlways() throws IOException {
        var past = new Time(1000, 0);
        for (int flags : new int[] {Fcntl.O_RDONLY, Fcntl.O_RDWR}) {
            node.setattr(SetAttr.none().withMtime(past));
            Handle handle = node.open(flags);
            Attr attr = handle.setattr(SetAttr.none().withSize(0)); // as it was
            assertThat(attr.mtime()).isGreaterThan(past);
            handle.release();
        }
    }

    @Test
    void timesFarAway() throws IOException {
        for (long seconds : new long[] {0, -1, -1_000_000_000, 4_000_000_000L, 10_000_000_000L}) {
            var atime = new Time(seconds, 123_456_789);
            var mtime = new Time(seconds + 1, 987_654_321);
            Attr attr = node.setattr(SetAttr.none().withAtime(atime).withMtime(mtime));
            assertThat(attr.atime()).isEqualTo(atime);
            assertThat(attr.mtime()).isEqualTo(mtime);
        }
    }

    @Test
    void timesOneByOneAndNow() throws IOException {
        var past = new Time(1000, 0);
        node.setattr(SetAttr.none().withAtime(past).withMtime(past));
        Attr attr = node.setattr(SetAttr.none().withAtime(new Time(2000, 0)));
        assertThat(attr.mtime()).isEqualTo(past);
        attr = node.setattr(SetAttr.none().withMtime(past).with(SetAttr.MTIME_NOW));
        assertThat(attr.atime()).isEqualTo(new Time(2000, 0));
        assertThat(attr.mtime()).isGreaterThan(new Time(1_500_000_000, 0));
        Node link = mirror.got(mirror.root.symlink(name("s"), bytes("f"), SELF));
        assertThat(link.setattr(SetAttr.none().withMtime(past)).mtime()).isEqualTo(past);
    }

    @Test
    void sizeAndTimeTogether() throws IOException {
        var past = new Time(1000, 0);
        Attr attr = file.setattr(SetAttr.none().withSize(100).withMtime(past));
        assertThat(attr.size()).isEqualTo(100);
        assertThat(attr.mtime()).isEqualTo(past);
    }

    @Test
    @Tag("root")
    void owners() throws IOException {
        Mirror.needsRoot();
        node.setattr(SetAttr.none().withMode(06755));
        Attr attr = node.setattr(SetAttr.none().withUid(1234));
        assertThat(attr.uid()).isEqualTo(1234);
        assertThat(attr.gid()).isEqualTo(SELF.gid());
        assertThat(attr.mode()).as("chown clears the set-id bits").isEqualTo(0100755);
        attr = file.setattr(SetAttr.none().withGid(99).withMode(04711));
        assertThat(attr.gid()).isEqualTo(99);
        assertThat(attr.mode()).as("unless the mode is set too").isEqualTo(0104711);
        Node link = mirror.got(mirror.root.symlink(name("s"), bytes("f"), SELF));
        assertThat(link.setattr(SetAttr.none().withUid(77)).uid()).isEqualTo(77);
        assertThat(node.getattr().uid()).isEqualTo(1234);
    }

    @Test
    void setIdBitsAreKilledOnDemand() throws IOException {
        node.setattr(SetAttr.none().withMode(06755));
        assertThat(node.setattr(SetAttr.none().with(SetAttr.KILL_SUID)).mode()).isEqualTo(0100755);
        node.setattr(SetAttr.none().withMode(06745));
        Attr attr = file.setattr(SetAttr.none().withSize(3).with(SetAttr.KILL_SUID));
        assertThat(attr.mode()).as("not a program of its group").isEqualTo(0102745);
        attr = file.setattr(SetAttr.none().withMode(06777).with(SetAttr.KILL_SUID));
        assertThat(attr.mode()).isEqualTo(0100777);
    }

    @Test
    void anUnlinkedFileHasAttributes() throws IOException {
        mirror.root.unlink(name("f"));
        assertThat(node.getattr().nlink()).isZero();
        assertThat(node.setattr(SetAttr.none().withMode(0600)).mode()).isEqualTo(0100600);
        assertThat(file.setattr(SetAttr.none().withSize(10)).size()).isEqualTo(10);
        node.setxattr(USER_A, bytes("x"), 0);
        assertThat(node.getxattr(USER_A)).isEqualTo(bytes("x"));
    }

    // Extended attributes

    @Test
    void extendedAttributes() throws IOException {
        assertThat(node.getxattr(USER_A)).isNull();
        node.setxattr(USER_A, bytes("value"), Node.XATTR_CREATE);
        assertThat(node.getxattr(USER_A)).isEqualTo(bytes("value"));
        assertThat(node.listxattr()).contains(USER_A);
        assertFails(Errno.EEXIST, () -> {
            node.setxattr(USER_A, bytes("x"), Node.XATTR_CREATE);
            return 0;
        });
        node.setxattr(USER_A, new byte[0], Node.XATTR_REPLACE);
        assertThat(node.getxattr(USER_A)).isEmpty();
        node.removexattr(USER_A);
        Mirror.assertRefused(Errno.ENODATA, () -> node.removexattr(USER_A));
        Mirror.assertRefused(Errno.ENODATA, () -> node.setxattr(USER_A, bytes("x"), Node.XATTR_REPLACE));
        Mirror.assertRefused(EOPNOTSUPP, () -> node.setxattr(name("nope.a"), bytes("x"), 0));
        mirror.root.setxattr(USER_A, bytes("of a directory"), 0);
        assertThat(mirror.root.getxattr(USER_A)).isEqualTo(bytes("of a directory"));
    }

    @Test
    void extendedAttributesOfLinks() throws IOException {
        Node link = mirror.got(mirror.root.symlink(name("s"), bytes("f"), SELF));
        assertThat(link.getxattr(USER_A)).isNull();
        Mirror.assertRefused(Errno.EPERM, () -> link.setxattr(USER_A, bytes("x"), 0));
        assertThat(link.listxattr()).isEmpty();
        assertThat(node.listxattr()).isEmpty();
        if (Mirror.isRoot()) {
            link.setxattr(name("trusted.a"), bytes("x"), 0);
            assertThat(link.getxattr(name("trusted.a"))).isEqualTo(bytes("x"));
            assertThat(node.getxattr(name("trusted.a"))).isNull();
        }
    }

    @Test
    @Tag("root")
    void trustedAttributesAreHiddenFromUsers() throws IOException {
        Mirror.needsRoot();
        node.setxattr(name("trusted.a"), bytes("x"), 0);
        node.setxattr(USER_A, bytes("x"), 0);
        assertThat(node.listxattr()).contains(name("trusted.a"), USER_A);
        List<Name> seen = new Caller(Cred.of(1000, 1000), 1).call(node::listxattr);
        assertThat(seen).contains(USER_A).doesNotContain(name("trusted.a"));
    }

    @Test
    void accessControlLists() throws IOException {
        assumeThat(mirror.fs.keepsAcls()).as("the host has ACLs").isTrue();
        // version 2; user::rw-, user:1234:r--, group::---, mask::r--, other::---
        byte[] acl = {
            2,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            -1,
            -1,
            -1,
            -1,
            2,
            0,
            4,
            0,
            (byte) 0xd2,
            4,
            0,
            0,
            4,
            0,
            0,
            0,
            -1,
            -1,
            -1,
            -1,
            16,
            0,
            4,
            0,
            -1,
            -1,
            -1,
            -1,
            32,
            0,
            0,
            0,
            -1,
            -1,
            -1,
            -1
        };
        node.setxattr(name("system.posix_acl_access"), acl, 0);
        assertThat(node.getattr().mode()).isEqualTo(Mode.S_IFREG | 0640);
        assertThat(node.getxattr(name("system.posix_acl_access"))).isEqualTo(acl);
        mirror.root.setxattr(name("system.posix_acl_default"), acl, 0);
        Handle made = mirror.got(mirror.root.create(name("g"), 0100666, Fcntl.O_RDWR, SELF));
        assertThat(made.getattr().mode()).as("as the default list says").isEqualTo(Mode.S_IFREG | 0640);
        assertThat(made.node().getxattr(name("system.posix_acl_access"))).isNotNull();
        made.release();
    }

    @Test
    void theLinkCountFollowsTheHost() throws IOException {
        Files.createLink(mirror.host("g"), mirror.host("f"));
        assertThat(node.getattr().nlink()).isEqualTo(2);
        Files.delete(mirror.host("f"));
        assertThat(file.getattr().nlink()).isEqualTo(1);
    }
}
