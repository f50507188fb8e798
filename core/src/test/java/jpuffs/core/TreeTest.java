// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errors.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TreeTest {
    private static Node walk(FileSystem fs, String... path) throws IOException {
        Node node = fs.root();
        for (String name : path) {
            node = Objects.requireNonNull(node.lookup(Name.of(name)));
        }
        return node;
    }

    private static List<String> list(Node directory, long cookie, int most) throws IOException {
        var names = new ArrayList<String>();
        directory.readdir(cookie, (name, ino, mode, next) -> {
            boolean room = names.size() < most;
            if (room) {
                names.add(name + " " + ino + " " + Integer.toOctalString(mode) + " " + next);
            }
            return room;
        });
        return names;
    }

    private static String read(Node file, long off, int length) throws IOException {
        var bytes = new byte[length];
        int count = file.read(MemorySegment.ofArray(bytes), off);
        return new String(bytes, 0, count, StandardCharsets.UTF_8);
    }

    @Test
    void oneFile() throws IOException {
        FileSystem fs = Tree.of("hello.txt", Tree.text("Hello, world!\n"));
        Node hello = walk(fs, "hello.txt");
        assertThat(hello.getattr().size()).isEqualTo(14);
        assertThat(hello.getattr().mode()).isEqualTo(Mode.S_IFREG | 0444);
        assertThat(read(hello, 0, 100)).isEqualTo("Hello, world!\n");
        assertThat(read(hello, 7, 5)).isEqualTo("world");
        assertThat(read(hello, 14, 5)).isEmpty();
        assertThat(read(hello, Long.MAX_VALUE, 5)).isEmpty();
        assertThat(fs.root().lookup(Name.of("other"))).isNull();
        assertThat(fs.root()).isSameAs(fs.root());
        assertThat(hello).isSameAs(walk(fs, "hello.txt"));
        assertFails(EROFS, () -> hello.write(MemorySegment.ofArray(new byte[1]), 0));
        assertFails(EISDIR, () -> fs.root().read(MemorySegment.ofArray(new byte[1]), 0));
        assertThat(hello.open(0).caching() & Handle.KEEP_CACHE).isNotZero();
        assertThat(fs.root().open(0).caching() & Handle.CACHE_DIR).isNotZero();
    }

    @Test
    void directoriesAreMadeOnTheWayAndNumberedInOrder() throws IOException {
        Node foreign = () -> Attr.file(0600, 0);
        FileSystem fs = Tree.root()
                .file("b/y", Tree.text("y"))
                .file("a", Tree.text("a"))
                .file("b/x/deep", Tree.text("deep"))
                .file("c", foreign)
                .directory("b/empty")
                .directory("b")
                .build();
        assertThat(list(fs.root(), 0, 99)).containsExactly("a 2 100000 1", "b 3 40000 2", "c 0 0 3");
        Node b = walk(fs, "b");
        assertThat(list(b, 0, 99)).containsExactly("empty 4 40000 1", "x 5 40000 2", "y 7 100000 3");
        assertThat(list(b, 1, 99)).containsExactly("x 5 40000 2", "y 7 100000 3");
        assertThat(list(b, 3, 99)).isEmpty();
        assertThat(fs.root().getattr().ino()).isEqualTo(1);
        assertThat(fs.root().getattr().nlink()).isEqualTo(3);
        assertThat(b.getattr().nlink()).isEqualTo(4);
        assertThat(walk(fs, "b", "x", "deep").getattr().ino()).isEqualTo(6);
        assertThat(walk(fs, "c")).isSameAs(foreign);
    }

    @Test
    void readdirStopsWhenTheSinkIsFull() throws IOException {
        FileSystem fs = Tree.of("a", Tree.text("a"), "b", Tree.text("b"));
        assertThat(list(fs.root(), 0, 1)).containsExactly("a 2 100000 1");
    }

    @Test
    void badPathsAreRefused() {
        for (String path : List.of("", "/a", "a/", "a//b", "./a", "a/..", "a\0", "x".repeat(256))) {
            assertThatThrownBy(() -> Tree.of(path, Tree.text("")))
                    .as(path)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bad component");
        }
        assertThatThrownBy(() -> Tree.of("a", Tree.text(""), "a", Tree.text("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("given twice: a");
        assertThatThrownBy(() -> Tree.of("a", Tree.text(""), "a/b", Tree.text("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("goes through a file: a/b");
        assertThatThrownBy(() -> Tree.of("a/b", Tree.text(""), "a", Tree.text("")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
