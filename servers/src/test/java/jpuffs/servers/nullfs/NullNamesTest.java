// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EXDEV;
import static jpuffs.servers.nullfs.Mirror.SELF;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.assertRefused;
import static jpuffs.servers.nullfs.Mirror.bytes;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Dev;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Making, linking, renaming and removing.
@Timeout(value = 60, unit = SECONDS)
class NullNamesTest {
    private static final Cred USER = Cred.of(1234, 5678);

    @TempDir
    Path dir;

    private Mirror mirror;

    @BeforeEach
    void open() throws IOException {
        mirror = Mirror.of(dir);
    }

    @AfterEach
    void close() throws IOException {
        mirror.close();
    }

    @Test
    void makesEveryUnprivilegedType() throws IOException {
        Node d = mirror.got(mirror.root.mkdir(name("d"), Mode.S_IFDIR | 0751, SELF));
        assertThat(d.getattr().mode()).isEqualTo(Mode.S_IFDIR | 0751);
        Node s = mirror.got(mirror.root.symlink(name("s"), bytes("some/where"), SELF));
        assertThat(s.readlink()).isEqualTo(bytes("some/where"));
        assertFails(EINVAL, d::readlink);
        for (int type : new int[] {Mode.S_IFREG, Mode.S_IFIFO, Mode.S_IFSOCK}) {
            var name = name("t" + type);
            Node node = mirror.got(d.mknod(name, type | 0622, 0, SELF));
            assertThat(node.getattr().mode()).isEqualTo(type | 0622);
            assertThat(d.lookup(name)).isSameAs(mirror.got(node));
        }
    }

    @Test
    void specialFilesAreNotOpened() throws IOException {
        Node fifo = mirror.got(mirror.root.mknod(name("fifo"), Mode.S_IFIFO | 0666, 0, SELF));
        assertFails(ENXIO, () -> fifo.open(Fcntl.O_RDONLY)); // the host's would wait
        assertFails(ENXIO, () -> fifo.open(Fcntl.O_WRONLY));
        assertFails(EEXIST, () -> mirror.root.create(name("fifo"), 0100600, Fcntl.O_WRONLY, SELF));
    }

    @Test
    @Tag("root")
    void makesDevices() throws IOException {
        Mirror.needsRoot();
        int rdev = Dev.make(0x123, 0xabcde);
        for (int type : new int[] {Mode.S_IFCHR, Mode.S_IFBLK}) {
            Node node = mirror.got(mirror.root.mknod(name("t" + type), type | 0600, rdev, SELF));
            assertThat(node.getattr().mode()).isEqualTo(type | 0600);
            assertThat(node.getattr().rdev()).isEqualTo(rdev);
            assertFails(ENXIO, () -> node.open(Fcntl.O_RDONLY));
        }
    }

    @Test
    void nothingIsMadeTwice() throws IOException {
        mirror.hostFile("f", "");
        assertFails(EEXIST, () -> mirror.root.mkdir(name("f"), 0755, SELF));
        assertFails(EEXIST, () -> mirror.root.symlink(name("f"), bytes("x"), SELF));
        assertFails(EEXIST, () -> mirror.root.mknod(name("f"), Mode.S_IFREG, 0, SELF));
        assertFails(EEXIST, () -> mirror.root.create(name("f"), 0100644, Fcntl.O_RDWR, SELF));
    }

    @Test
    void createOpensWhatItMade() throws IOException {
        Handle handle = mirror.create("f", Fcntl.O_RDWR | Fcntl.O_EXCL);
        assertThat(Mirror.write(handle, "text", 0)).isEqualTo(4);
        assertThat(Mirror.read(handle)).isEqualTo("text");
        assertThat(handle.getattr()).isEqualTo(handle.node().getattr());
        assertThat(mirror.look("f")).isSameAs(handle.node());
        assertThat(mirror.host("f")).hasContent("text");
        handle.release();
    }

    @Test
    void aReadOnlyFileIsMadeForWriting() throws IOException {
        Handle handle = mirror.got(mirror.root.create(name("f"), 0100444, Fcntl.O_WRONLY, SELF));
        assertThat(Mirror.write(handle, "x", 0)).isEqualTo(1);
        assertThat(handle.getattr().mode()).isEqualTo(0100444);
        handle.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0777, 0666, 0000, 01777, 0755})
    void theModeIsWhatWasAskedFor(int mode) throws IOException {
        Handle handle = mirror.got(mirror.root.create(name("f"), Mode.S_IFREG | mode, Fcntl.O_RDWR, SELF));
        assertThat(handle.getattr().mode()).isEqualTo(Mode.S_IFREG | mode);
        handle.release();
        Node made = mirror.got(mirror.root.mkdir(name("d"), mode, SELF));
        assertThat(made.getattr().mode()).isEqualTo(Mode.S_IFDIR | mode);
    }

    private void assertOwner(Attr attr, int uid, int gid) {
        assertThat(attr.uid()).isEqualTo(uid);
        assertThat(attr.gid()).isEqualTo(gid);
    }

    @Test
    @Tag("root")
    void filesBelongToTheCaller() throws IOException {
        Mirror.needsRoot();
        Handle handle = mirror.got(mirror.root.create(name("f"), 0104755, Fcntl.O_RDWR, USER));
        assertOwner(handle.getattr(), 1234, 5678);
        assertThat(handle.getattr().mode()).as("set-user-id stays").isEqualTo(0104755);
        handle.release();
        assertOwner(mirror.got(mirror.root.mkdir(name("d"), 0700, USER)).getattr(), 1234, 5678);
        assertOwner(mirror.got(mirror.root.symlink(name("s"), bytes("x"), USER)).getattr(), 1234, 5678);
        assertOwner(
                mirror.got(mirror.root.mknod(name("p"), Mode.S_IFIFO, 0, USER)).getattr(), 1234, 5678);
        assertOwner(
                mirror.got(mirror.root.mknod(name("c"), Mode.S_IFCHR, 0x103, USER))
                        .getattr(),
                1234,
                5678);
        Handle tmp = mirror.got(mirror.root.tmpfile(0100600, Fcntl.O_RDWR, USER));
        assertOwner(tmp.getattr(), 1234, 5678);
        tmp.release();
        assertOwner(mirror.got(mirror.root.mkdir(name("mine"), 0700, SELF)).getattr(), 0, 0);
    }

    @Test
    @Tag("root")
    void aSetGroupIdDirectoryPassesItsGroupOn() throws IOException {
        Mirror.needsRoot();
        Node d = mirror.got(mirror.root.mkdir(name("d"), 0777, SELF));
        d.setattr(SetAttr.none().withGid(99).withMode(02777));
        Handle handle = mirror.got(d.create(name("f"), 0100644, Fcntl.O_RDWR, USER));
        assertOwner(handle.getattr(), 1234, 99);
        handle.release();
        Attr sub = mirror.got(d.mkdir(name("sub"), 0755, USER)).getattr();
        assertOwner(sub, 1234, 99);
        assertThat(sub.mode()).isEqualTo(Mode.S_IFDIR | 02755);
        d.setattr(SetAttr.none().withGid(0));
        assertOwner(mirror.got(d.mkdir(name("root"), 0755, USER)).getattr(), 1234, 0);
    }

    @Test
    @Tag("root")
    void theCallerNeedsNoPermissionOfTheHost() throws IOException {
        Mirror.needsRoot();
        Node d = mirror.got(mirror.root.mkdir(name("d"), 0700, SELF)); // its group may write, as the driver knows
        assertOwner(mirror.got(d.mkdir(name("sub"), 0755, USER)).getattr(), 1234, 5678);
        Attr self = mirror.got(d.mkdir(name("self"), 0755, SELF)).getattr();
        assertOwner(self, 0, 0);
    }

    @Test
    void temporaryFilesMayGetAName() throws IOException {
        Handle tmp = mirror.got(mirror.root.tmpfile(0100640, Fcntl.O_RDWR, SELF));
        Mirror.write(tmp, "text", 0);
        assertThat(tmp.node().getattr().nlink()).isZero();
        mirror.root.link(tmp.node(), name("named"));
        assertThat(mirror.host("named")).hasContent("text");
        assertThat(mirror.look("named")).isSameAs(tmp.node());
        tmp.release();
    }

    @Test
    void linksAreNames() throws IOException {
        mirror.hostFile("f", "x");
        Files.createSymbolicLink(mirror.host("s"), Path.of("f"));
        Node f = mirror.look("f");
        mirror.root.link(f, name("g"));
        assertThat(mirror.look("g")).isSameAs(f);
        assertFails(EEXIST, () -> {
            mirror.root.link(f, name("g"));
            return 0;
        });
        mirror.root.link(mirror.look("s"), name("s2"));
        assertThat(mirror.host("s2")).isSymbolicLink();
        Node d = mirror.got(mirror.root.mkdir(name("d"), 0755, SELF));
        assertRefused(EPERM, () -> mirror.root.link(d, name("d2")));
    }

    @Test
    void linksWithoutPrivilege() throws IOException {
        mirror.hostFile("f", "x");
        Files.createSymbolicLink(mirror.host("s"), Path.of("nowhere"));
        try (Mirror user = Mirror.unprivileged(dir)) {
            user.root.link(user.look("f"), name("g"));
            user.root.link(user.look("s"), name("s2"));
            assertThat(user.look("g")).isSameAs(user.look("f"));
            assertThat(user.look("s2").getattr().isSymlink()).isTrue();
            Handle tmp = user.got(user.root.tmpfile(0100600, Fcntl.O_RDWR, USER));
            user.root.link(tmp.node(), name("tmp"));
            tmp.release();
        }
    }

    @Test
    void removing() throws IOException {
        Node d = mirror.got(mirror.root.mkdir(name("d"), 0755, SELF));
        mirror.hostFile("d/f", "");
        assertRefused(ENOTEMPTY, () -> mirror.root.rmdir(name("d")));
        assertRefused(EISDIR, () -> mirror.root.unlink(name("d")));
        assertRefused(ENOTDIR, () -> d.rmdir(name("f")));
        assertRefused(ENOENT, () -> d.unlink(name("nope")));
        Node f = mirror.look("d/f");
        d.unlink(name("f"));
        assertThat(f.getattr().nlink()).isZero();
        mirror.root.rmdir(name("d"));
        assertThat(d.getattr().nlink()).isZero();
        assertFails(ENOENT, () -> d.mkdir(name("x"), 0755, SELF));
    }

    @Test
    void renaming() throws IOException {
        mirror.hostFile("f", "f");
        mirror.hostFile("g", "g");
        Node d = mirror.got(mirror.root.mkdir(name("d"), 0755, SELF));
        Node f = mirror.look("f");
        Node g = mirror.look("g");
        mirror.root.rename(name("f"), d, name("moved"), 0);
        assertThat(mirror.look("d/moved")).isSameAs(f);
        assertRefused(EEXIST, () -> d.rename(name("moved"), mirror.root, name("g"), Node.RENAME_NOREPLACE));
        d.rename(name("moved"), mirror.root, name("g"), Node.RENAME_EXCHANGE);
        assertThat(mirror.look("g")).isSameAs(f);
        assertThat(mirror.look("d/moved")).isSameAs(g);
        d.rename(name("moved"), mirror.root, name("g"), 0);
        assertThat(mirror.look("g")).isSameAs(g);
        assertThat(f.getattr().nlink()).isZero();
        assertRefused(EISDIR, () -> mirror.root.rename(name("g"), mirror.root, name("d"), 0));
        assertRefused(ENOTDIR, () -> mirror.root.rename(name("d"), mirror.root, name("g"), 0));
        assertRefused(ENOENT, () -> mirror.root.rename(name("nope"), mirror.root, name("x"), 0));
        assertRefused(EINVAL, () -> mirror.root.rename(name("g"), mirror.root, name("x"), 64));
    }

    @Test
    void nodesOfAnotherMirrorAreForeign() throws IOException {
        mirror.hostFile("f", "f");
        try (Mirror other = Mirror.of(dir)) {
            assertRefused(EXDEV, () -> mirror.root.link(other.look("f"), name("g")));
            assertRefused(EXDEV, () -> mirror.root.rename(name("f"), other.root, name("g"), 0));
        }
    }
}
