// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ESTALE;
import static jpuffs.servers.nullfs.Mirror.SELF;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.bytes;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import jpuffs.core.Handle;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files beyond the limit of descriptors: here all but the root.
@Timeout(value = 60, unit = SECONDS)
class NullPlacedTest {
    @TempDir
    Path dir;

    private Mirror mirror;

    @BeforeEach
    void open() throws IOException {
        mirror = Mirror.withFds(dir, 0);
        Files.createDirectories(mirror.host("a/b/c"));
        mirror.hostFile("a/b/c/f", "text");
    }

    @AfterEach
    void close() throws IOException {
        mirror.close();
    }

    @Test
    void holdNoDescriptors() throws IOException {
        Node f = mirror.look("a/b/c/f");
        assertThat(mirror.openFds()).isOne();
        assertThat(f.getattr().size()).isEqualTo(4);
        assertThat(Mirror.contentOf(f)).isEqualTo("text");
        assertThat(mirror.look("a/b/c/f")).isSameAs(f);
        assertThat(f.setattr(SetAttr.none().withMode(0600).withSize(2)).size()).isEqualTo(2);
        f.setxattr(name("user.a"), bytes("x"), 0);
        assertThat(f.listxattr()).contains(name("user.a"));
        assertThat(mirror.openFds()).isOne();
    }

    @Test
    void directoriesStayWhileWhatIsInThemIsKnown() throws IOException {
        Node f = mirror.look("a/b/c/f");
        List<Node> above = List.of(mirror.look("a"), mirror.look("a/b"), mirror.look("a/b/c"));
        for (Node node : above) {
            mirror.forget(node);
        }
        assertThat(f.getattr().size()).isEqualTo(4);
        assertThat(mirror.fs.knownFiles()).isEqualTo(4);
        mirror.forget(f);
        assertThat(mirror.fs.knownFiles()).isZero();
    }

    @Test
    void everythingCanBeMade() throws IOException {
        Node b = mirror.look("a/b");
        Node made = mirror.got(b.mkdir(name("d"), 0755, SELF));
        Handle handle = mirror.got(made.create(name("f"), 0100644, Fcntl.O_RDWR, SELF));
        Mirror.write(handle, "new", 0);
        assertThat(Mirror.contentOf(handle.node())).isEqualTo("new");
        handle.release();
        assertThat(mirror.got(made.symlink(name("s"), bytes("x"), SELF)).readlink())
                .isEqualTo(bytes("x"));
        made.link(mirror.look("a/b/c/f"), name("g"));
        assertThat(mirror.look("a/b/d/g")).isSameAs(mirror.look("a/b/c/f"));
        Handle tmp = mirror.got(b.tmpfile(0100600, Fcntl.O_RDWR, SELF));
        b.link(tmp.node(), name("tmp"));
        tmp.release();
        Handle directory = b.open(Fcntl.O_RDONLY);
        var names = new TreeSet<String>();
        directory.readdir(0, (name, _, _, _) -> names.add(name.toString()));
        assertThat(names).containsExactly("c", "d", "tmp");
        directory.release();
    }

    @Test
    void renamingThroughTheMirror() throws IOException {
        Node f = mirror.look("a/b/c/f");
        Node b = mirror.look("a/b");
        mirror.root.rename(name("a"), mirror.root, name("z"), 0);
        assertThat(f.getattr().size()).isEqualTo(4);
        b.rename(name("c"), mirror.root, name("c"), 0);
        assertThat(f.getattr().size()).isEqualTo(4);
        assertThat(mirror.look("c/f")).isSameAs(f);
        mirror.hostFile("g", "other text");
        Node g = mirror.look("g");
        mirror.look("c").rename(name("f"), mirror.root, name("g"), Node.RENAME_EXCHANGE);
        assertThat(f.getattr().size()).isEqualTo(4);
        assertThat(g.getattr().size()).isEqualTo(10);
        mirror.look("c").rename(name("f"), mirror.root, name("g"), 0);
        assertThat(f.getattr().nlink()).isZero();
    }

    @Test
    void removingThroughTheMirror() throws IOException {
        Node f = mirror.look("a/b/c/f");
        Node c = mirror.look("a/b/c");
        c.unlink(name("f"));
        assertThat(f.getattr().nlink()).isZero();
        assertThat(Mirror.contentOf(f)).isEqualTo("text");
        mirror.look("a/b").rmdir(name("c"));
        assertThat(c.getattr().nlink()).isZero();
        assertFails(ENOENT, () -> c.mkdir(name("x"), 0755, SELF));
    }

    @Test
    void whatTheHostChangesIsStaleUntilFoundAgain() throws IOException {
        Node f = mirror.look("a/b/c/f");
        Handle handle = f.open(Fcntl.O_RDWR);
        Files.move(mirror.host("a/b/c/f"), mirror.host("f"));
        assertFails(ESTALE, f::getattr);
        assertThat(handle.getattr().size()).as("an open file is held").isEqualTo(4);
        handle.release();
        mirror.hostFile("a/b/c/f", "another");
        assertFails(ESTALE, f::getattr);
        assertThat(mirror.look("f")).isSameAs(f);
        assertThat(f.getattr().size()).isEqualTo(4);
        assertThat(mirror.look("a/b/c/f")).isNotSameAs(f);
    }

    @Test
    void aFileMayGetADescriptorLater() throws IOException {
        try (Mirror few = Mirror.withFds(dir, 3)) { // the root and two
            Node a = few.look("a");
            Node b = few.look("a/b");
            Node c = few.look("a/b/c");
            assertThat(few.openFds()).isEqualTo(3);
            assertThat(((NullNode) c).isPlaced()).isTrue();
            few.forget(b);
            assertThat(few.openFds()).as("its child is in it").isEqualTo(3);
            few.forget(c);
            assertThat(few.openFds()).isEqualTo(2);
            assertThat(((NullNode) few.look("a/b/c")).isPlaced()).isTrue();
            assertThat(a.getattr().isDirectory()).isTrue();
        }
    }
}
