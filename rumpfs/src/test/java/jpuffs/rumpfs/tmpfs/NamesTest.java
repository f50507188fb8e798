// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Node.RENAME_EXCHANGE;
import static jpuffs.core.Node.RENAME_NOREPLACE;
import static jpuffs.core.Node.RENAME_WHITEOUT;
import static jpuffs.rumpfs.tmpfs.Fixture.assertFails;
import static jpuffs.rumpfs.tmpfs.Fixture.assertNlink;
import static jpuffs.rumpfs.tmpfs.Fixture.get;
import static jpuffs.rumpfs.tmpfs.Fixture.list;
import static jpuffs.rumpfs.tmpfs.Fixture.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Objects;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Dev;
import jpuffs.core.Entry;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NamesTest {
    private final Fixture t = new Fixture();

    @AfterEach
    void close() {
        t.close();
    }

    @Test
    void makesFilesOfEveryType() throws IOException {
        Cred cred = Cred.of(7, 70);
        for (int type : new int[] {Mode.S_IFREG, Mode.S_IFIFO, Mode.S_IFSOCK, Mode.S_IFCHR, Mode.S_IFBLK}) {
            Node node = t.root.mknod(name("n" + type), type | 0640, Dev.make(4, 5), cred);
            Attr attr = node.getattr();
            assertThat(attr.mode()).isEqualTo(type | 0640);
            assertThat(attr.rdev()).isEqualTo(Mode.isDevice(type) ? Dev.make(4, 5) : 0);
            assertThat(attr.nlink()).isEqualTo(1);
            assertThat(attr.uid()).isEqualTo(7);
            assertThat(attr.gid()).isEqualTo(70);
            assertThat(get(t.root, "n" + type)).isSameAs(node);
        }
        Node plain = t.root.mknod(name("plain"), 0600, 0, cred);
        assertThat(plain.getattr().isRegular()).isTrue();
        assertFails(Errno.EINVAL, () -> t.root.mknod(name("x"), Mode.S_IFLNK | 0777, 0, cred));
        assertFails(Errno.EINVAL, () -> t.root.mknod(name("x"), 0170000, 0, cred));
        assertFails(Errno.EEXIST, () -> t.root.mknod(name("plain"), Mode.S_IFREG, 0, cred));
    }

    @Test
    void createMakesAndOpens() throws IOException {
        Handle handle = t.root.create(name("f"), 06777, 2, Cred.of(7, 70));
        assertThat(handle.node()).isSameAs(get(t.root, "f"));
        assertThat(handle.node().getattr().mode()).isEqualTo(Mode.S_IFREG | 06777);
        assertThat(handle.flags()).isEqualTo(2);
        assertFails(Errno.EEXIST, () -> t.root.create(name("f"), 0600, 2, Cred.ROOT));
    }

    @Test
    void symbolicLinksKeepTheirBytes() throws IOException {
        byte[] target = "../größe".getBytes(StandardCharsets.UTF_8);
        Node link = t.root.symlink(name("l"), target, Cred.ROOT);
        assertThat(link.readlink()).isEqualTo(target);
        assertThat(link.getattr().mode()).isEqualTo(Mode.S_IFLNK | 0777);
        assertThat(link.getattr().size()).isEqualTo(target.length);
        assertFails(Errno.EEXIST, () -> t.root.symlink(name("l"), target, Cred.ROOT));
        assertFails(Errno.EINVAL, () -> t.file("f").readlink());
    }

    @Test
    void directoriesCountTheirSubdirectories() throws IOException {
        Node a = t.directory("a");
        Node b = t.directory(a, "b");
        assertNlink(t.root, 3);
        assertNlink(a, 3);
        assertNlink(b, 2);
        assertFails(Errno.ENOTEMPTY, () -> t.root.rmdir(name("a")));
        a.rmdir(name("b"));
        assertNlink(a, 2);
        assertNlink(b, 0);
        assertFails(Errno.EEXIST, () -> t.directory("a"));
        assertFails(Errno.EISDIR, () -> t.root.unlink(name("a")));
        assertFails(Errno.ENOENT, () -> t.root.rmdir(name("nothing")));
        t.file("f");
        assertFails(Errno.ENOTDIR, () -> t.root.rmdir(name("f")));
        assertFails(Errno.ENOENT, () -> t.root.unlink(name("nothing")));
    }

    @Test
    void lookupKnowsDotAndDotDot() throws IOException {
        Node a = t.directory("a");
        Node b = t.directory(a, "b");
        assertThat(b.lookup(Name.DOT_DOT)).isSameAs(a);
        assertThat(b.lookup(Name.DOT)).isSameAs(b);
        assertThat(t.root.lookup(Name.DOT_DOT)).isSameAs(t.root);
        a.rename(name("b"), t.root, name("b"), 0);
        assertThat(b.lookup(Name.DOT_DOT)).isSameAs(t.root);
        Entry entry = Objects.requireNonNull(t.root.entry(name("b")));
        assertThat(entry).isEqualTo(new Entry(b, b.getattr()));
        assertThat(a.lookup(name("b"))).isNull();
        assertThat(a.entry(name("b"))).isNull();
    }

    @Test
    void aRemovedDirectoryTakesNothing() throws IOException {
        Node gone = t.directory("gone");
        Node file = t.file("f");
        t.root.rmdir(name("gone"));
        assertFails(Errno.ENOENT, () -> t.file(gone, "x"));
        assertFails(Errno.ENOENT, () -> gone.create(name("x"), 0600, 2, Cred.ROOT));
        assertFails(Errno.ENOENT, () -> gone.tmpfile(0600, 2, Cred.ROOT));
        assertFails(Errno.ENOENT, () -> t.directory(gone, "x"));
        assertFails(Errno.ENOENT, () -> gone.symlink(name("x"), new byte[1], Cred.ROOT));
        assertFails(Errno.ENOENT, () -> gone.link(file, name("x")));
        assertFails(Errno.ENOENT, () -> t.root.rename(name("f"), gone, name("x"), 0));
        assertThat(gone.lookup(name("x"))).isNull();
        assertThat(list(gone)).isEmpty();
    }

    @Test
    void linksAreFurtherNames() throws IOException {
        Node file = t.file("f");
        t.root.link(file, name("g"));
        assertThat(get(t.root, "g")).isSameAs(file);
        assertNlink(file, 2);
        t.root.unlink(name("f"));
        assertNlink(file, 1);
        assertFails(Errno.EEXIST, () -> t.root.link(file, name("g")));
        assertFails(Errno.EPERM, () -> t.root.link(t.directory("d"), name("x")));
        t.root.unlink(name("g"));
        assertFails(Errno.ENOENT, () -> t.root.link(file, name("x")));
        try (var other = new Fixture()) {
            assertFails(Errno.EXDEV, () -> t.root.link(other.file("f"), name("x")));
        }
    }

    @Test
    void aTemporaryFileMayGetAName() throws IOException {
        Node file = t.root.tmpfile(0600, 2, Cred.of(7, 70)).node();
        assertNlink(file, 0);
        assertThat(file.getattr().mode()).isEqualTo(Mode.S_IFREG | 0600);
        assertThat(list(t.root)).isEmpty();
        t.root.link(file, name("f"));
        assertNlink(file, 1);
        assertThat(get(t.root, "f")).isSameAs(file);
    }

    @Test
    void renameMovesAndReplaces() throws IOException {
        Node a = t.file("a");
        Node b = t.file("b");
        t.root.rename(name("a"), t.root, name("c"), 0);
        assertThat(get(t.root, "c")).isSameAs(a);
        assertThat(t.root.lookup(name("a"))).isNull();
        t.root.rename(name("c"), t.root, name("b"), 0);
        assertThat(get(t.root, "b")).isSameAs(a);
        assertNlink(b, 0);
        assertThat(list(t.root)).containsExactly("b");
        assertFails(Errno.ENOENT, () -> t.root.rename(name("c"), t.root, name("d"), 0));
    }

    @Test
    void renameOfOneFileToItselfDoesNothing() throws IOException {
        Node file = t.file("f");
        t.root.link(file, name("g"));
        t.root.rename(name("f"), t.root, name("g"), 0);
        t.root.rename(name("f"), t.root, name("f"), 0);
        t.root.rename(name("f"), t.root, name("g"), RENAME_WHITEOUT);
        assertThat(list(t.root)).containsExactly("f", "g");
        assertFails(Errno.EEXIST, () -> t.root.rename(name("f"), t.root, name("g"), RENAME_NOREPLACE));
    }

    @Test
    void renameKeepsTypesApart() throws IOException {
        Node d = t.directory("d");
        Node e = t.directory("e");
        t.file("f");
        assertFails(Errno.ENOTDIR, () -> t.root.rename(name("d"), t.root, name("f"), 0));
        assertFails(Errno.EISDIR, () -> t.root.rename(name("f"), t.root, name("d"), 0));
        t.file(e, "x");
        assertFails(Errno.ENOTEMPTY, () -> t.root.rename(name("d"), t.root, name("e"), 0));
        t.root.rename(name("e"), t.root, name("d"), 0);
        assertThat(get(t.root, "d")).isSameAs(e);
        assertNlink(d, 0);
        assertNlink(t.root, 3);
        assertFails(Errno.ENOTDIR, () -> t.root.rename(name("d"), get(t.root, "f"), name("d"), 0));
        assertFails(Errno.EINVAL, () -> t.root.rename(name("d"), t.root, name("x"), 8));
        assertFails(
                Errno.EINVAL, () -> t.root.rename(name("d"), t.root, name("f"), RENAME_EXCHANGE | RENAME_NOREPLACE));
    }

    @Test
    void aDirectoryMovesWithItsTreeButNotIntoIt() throws IOException {
        Node a = t.directory("a");
        Node b = t.directory(a, "b");
        Node c = t.directory("c");
        assertFails(Errno.EINVAL, () -> t.root.rename(name("a"), b, name("x"), 0));
        assertFails(Errno.EINVAL, () -> t.root.rename(name("a"), a, name("x"), 0));
        assertFails(Errno.EINVAL, () -> a.rename(name("b"), t.root, name("a"), RENAME_EXCHANGE));
        assertFails(Errno.ENOTEMPTY, () -> a.rename(name("b"), t.root, name("a"), 0));
        t.root.rename(name("a"), c, name("a"), 0);
        assertNlink(t.root, 3);
        assertNlink(c, 3);
        assertThat(get(get(c, "a"), "b")).isSameAs(b);
    }

    @Test
    void exchangeSwapsNames() throws IOException {
        Node d = t.directory("d");
        Node sub = t.directory(d, "x");
        Node f = t.file("f");
        d.rename(name("x"), t.root, name("f"), RENAME_EXCHANGE);
        assertThat(get(d, "x")).isSameAs(f);
        assertThat(get(t.root, "f")).isSameAs(sub);
        assertThat(sub.lookup(Name.DOT_DOT)).isSameAs(t.root);
        assertNlink(d, 2);
        assertNlink(t.root, 4);
        assertFails(Errno.ENOENT, () -> t.root.rename(name("f"), t.root, name("none"), RENAME_EXCHANGE));
        t.root.rename(name("d"), t.root, name("f"), RENAME_EXCHANGE);
        assertThat(get(t.root, "f")).isSameAs(d);
        assertNlink(t.root, 4);
    }

    @Test
    void whiteoutStaysBehind() throws IOException {
        Node file = t.file("f");
        var caller = new Caller(Cred.of(7, 70), 1);
        caller.call(() -> {
            t.root.rename(name("f"), t.root, name("g"), RENAME_WHITEOUT | RENAME_NOREPLACE);
            return "";
        });
        assertThat(get(t.root, "g")).isSameAs(file);
        Attr whiteout = get(t.root, "f").getattr();
        assertThat(whiteout.mode()).isEqualTo(Mode.S_IFCHR);
        assertThat(whiteout.rdev()).isZero();
        assertThat(whiteout.uid()).isEqualTo(7);
    }

    @Test
    void aSetGroupIdDirectoryGivesItsGroup() throws IOException {
        Node d = t.root.mkdir(name("d"), 0777, Cred.of(1, 100));
        d.setattr(jpuffs.core.SetAttr.none().withMode(02777));
        Node sub = d.mkdir(name("sub"), 0755, Cred.of(7, 70));
        assertThat(sub.getattr().gid()).isEqualTo(100);
        assertThat(sub.getattr().mode()).isEqualTo(Mode.S_IFDIR | 02755);
        Attr program =
                d.mknod(name("p"), Mode.S_IFREG | 02755, 0, Cred.of(7, 70)).getattr();
        assertThat(program.gid()).isEqualTo(100);
        assertThat(program.mode()).isEqualTo(Mode.S_IFREG | 0755);
        Attr temporary = d.tmpfile(0600, 2, Cred.of(7, 70)).node().getattr();
        assertThat(temporary.gid()).isEqualTo(100);
    }

    @Test
    void inodeNumbersAreNotUsedAgain() throws IOException {
        var seen = new ArrayList<Long>();
        for (int i = 0; i < 50; i++) {
            Node file = t.file("f");
            seen.add(file.getattr().ino());
            t.root.unlink(name("f"));
            file.reclaim(1);
        }
        assertThat(seen).doesNotHaveDuplicates().doesNotContain(t.root.getattr().ino());
        assertThat(t.usedInodes()).isEqualTo(1);
    }
}
