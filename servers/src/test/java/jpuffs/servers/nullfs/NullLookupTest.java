// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jpuffs.core.Attr;
import jpuffs.core.Entry;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Looking up, and which answers are the same file.
@Timeout(value = 60, unit = SECONDS)
class NullLookupTest {
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
    void attributesAreThoseOfTheHost() throws IOException {
        mirror.hostFile("f", "hello");
        Attr attr = mirror.look("f").getattr();
        assertThat(attr.size()).isEqualTo(5);
        assertThat(attr.isRegular()).isTrue();
        assertThat(attr.ino()).isEqualTo(Files.getAttribute(dir.resolve("f"), "unix:ino"));
        assertThat(attr.mtime().toInstant())
                .isEqualTo(Files.getLastModifiedTime(dir.resolve("f")).toInstant());
        assertThat(mirror.root.getattr().isDirectory()).isTrue();
    }

    @Test
    void whatIsNotThereIsNull() throws IOException {
        mirror.hostFile("f", "");
        assertThat(mirror.tryLook(mirror.root, "nope")).isNull();
        assertThat(mirror.tryLook(mirror.root, "nope")).isNull();
        mirror.look("f");
        assertThat(mirror.tryLook(mirror.root, "nope")).isNull();
    }

    @Test
    void oneNodeWhileTheDriverKnowsIt() throws IOException {
        mirror.hostFile("f", "");
        Node first = mirror.look("f");
        assertThat(mirror.look("f")).isSameAs(first);
        assertThat(mirror.look("f")).isSameAs(first);
        assertThat(mirror.openFds()).isEqualTo(2);
        mirror.forget(first);
        assertThat(mirror.openFds()).isEqualTo(1);
        Node second = mirror.look("f");
        assertThat(second).isNotSameAs(first);
        assertThat(second.generation()).isEqualTo(first.generation());
    }

    @Test
    void oneNodeForAllHardLinks() throws IOException {
        mirror.hostFile("f", "");
        Files.createLink(dir.resolve("g"), dir.resolve("f"));
        Node f = mirror.look("f");
        assertThat(mirror.look("g")).isSameAs(f);
        assertThat(f.getattr().nlink()).isEqualTo(2);
        mirror.forget(f);
        assertThat(mirror.look("g")).isNotSameAs(f);
    }

    @Test
    void aNodeLivesUntilEveryAnswerIsReclaimed() throws IOException {
        mirror.hostFile("f", "x");
        Node node = mirror.root.lookup(name("f"));
        Node again = mirror.root.lookup(name("f")); // as another thread, while the first reclaims
        assertThat(node).isNotNull().isSameAs(again);
        node.reclaim(1);
        assertThat(node.getattr().size()).isEqualTo(1);
        node.reclaim(1);
        assertThat(mirror.openFds()).isEqualTo(1);
    }

    @Test
    void aFileOfTheSameNameIsAnother() throws IOException {
        mirror.hostFile("f", "old");
        Node old = mirror.look("f");
        Files.delete(dir.resolve("f"));
        mirror.hostFile("f", "newer");
        Node newer = mirror.look("f");
        assertThat(newer).isNotSameAs(old);
        assertThat(newer.getattr().size()).isEqualTo(5);
        assertThat(old.getattr().nlink()).isZero();
        assertThat(old.getattr().size()).isEqualTo(3);
    }

    @Test
    void aMovedFileIsTheSame() throws IOException {
        mirror.hostFile("f", "");
        Node node = mirror.look("f");
        Files.createDirectory(dir.resolve("d"));
        Files.move(dir.resolve("f"), dir.resolve("d/g"));
        assertThat(mirror.look("d/g")).isSameAs(node);
        assertThat(mirror.tryLook(mirror.root, "f")).isNull();
    }

    @Test
    void entryHasTheAttributesToo() throws IOException {
        mirror.hostFile("f", "abc");
        for (int i = 0; i < 2; i++) { // new, then known
            Entry entry = mirror.root.entry(name("f"));
            assertThat(entry).isNotNull();
            mirror.got(entry.node());
            assertThat(entry.attr()).isEqualTo(entry.node().getattr());
        }
    }

    @Test
    void namesAreBytes() throws IOException {
        var bytes = new byte[] {(byte) 0xff, (byte) 0xfe, '\n', ' ', '*'};
        Name odd = Name.of(bytes);
        mirror.got(mirror.root.mkdir(odd, 0755, Mirror.SELF));
        Node again = mirror.root.lookup(odd);
        assertThat(again).isNotNull();
        mirror.got(again);
        mirror.root.rmdir(odd);
        assertThat(mirror.root.lookup(odd)).isNull();
    }

    @Test
    void badNamesAreRefused() throws IOException {
        Files.createDirectories(dir.resolve("a/b"));
        for (String bad : new String[] {"", ".", "..", "a/b", "/", "/etc", "../x"}) {
            assertFails(EINVAL, () -> mirror.root.lookup(name(bad)));
        }
        assertFails(ENAMETOOLONG, () -> mirror.root.lookup(name("x".repeat(256))));
        assertFails(ENAMETOOLONG, () -> mirror.root.mkdir(name("x".repeat(256)), 0755, Mirror.SELF));
        assertThat(mirror.root.lookup(name("x".repeat(255)))).isNull();
    }

    @Test
    void onlyDirectoriesHaveChildren() throws IOException {
        mirror.hostFile("f", "");
        Files.createSymbolicLink(dir.resolve("s"), Path.of("/tmp"));
        assertFails(ENOTDIR, () -> mirror.look("f").lookup(name("x")));
        assertFails(ENOTDIR, () -> mirror.look("s").lookup(name("x")));
    }

    @Test
    void aSourceThatDisappearsIsEmpty() throws IOException {
        Path gone = Files.createDirectory(dir.resolve("gone"));
        try (Mirror inner = Mirror.of(gone)) {
            Files.delete(gone);
            assertThat(inner.tryLook(inner.root, "x")).isNull();
            assertThat(inner.root.getattr().nlink()).isZero();
            assertFails(ENOENT, () -> inner.root.mkdir(name("d"), 0755, Mirror.SELF));
        }
    }

    @Test
    void aSourceMayBeAFile() throws IOException {
        mirror.hostFile("f", "text");
        try (Mirror inner = Mirror.of(dir.resolve("f"))) {
            assertThat(Mirror.contentOf(inner.root)).isEqualTo("text");
        }
        assertFails(ENOENT, () -> Mirror.of(dir.resolve("nope")));
    }

    @Test
    void itKnowsWhatItContains() throws IOException {
        Files.createDirectories(dir.resolve("a/b"));
        assertThat(mirror.fs.contains(dir)).isTrue();
        assertThat(mirror.fs.contains(dir.resolve("a/b"))).isTrue();
        assertThat(mirror.fs.contains(Path.of("/"))).isFalse();
        try (Mirror inner = Mirror.of(dir.resolve("a"))) {
            assertThat(inner.fs.contains(dir)).isFalse();
        }
    }
}
