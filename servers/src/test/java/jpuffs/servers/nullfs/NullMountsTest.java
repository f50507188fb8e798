// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EROFS;
import static jpuffs.core.Errno.EXDEV;
import static jpuffs.servers.nullfs.Mirror.SELF;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.assertRefused;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Mounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A source that other file systems are mounted in.
@Tag("root")
@Timeout(value = 60, unit = SECONDS)
class NullMountsTest {
    @TempDir
    Path dir;

    private final Deque<Path> mounted = new ArrayDeque<>();
    private Mirror mirror;

    @BeforeEach
    void open() throws IOException {
        Mirror.needsRoot();
        mirror = Mirror.of(dir);
    }

    @AfterEach
    void close() throws IOException {
        if (mirror != null) {
            mirror.close();
        }
        while (!mounted.isEmpty()) {
            Mounts.umount(Name.of(mounted.pop().toString()), Mounts.MNT_DETACH);
        }
    }

    private Path mount(String name, Path source, String type, long flags) throws IOException {
        Path target = Files.createDirectories(mirror.host(name));
        Mounts.mount(Name.of(source.toString()), Name.of(target.toString()), type, flags, "");
        mounted.push(target);
        return target;
    }

    @Test
    void inodeNumbersOfSeveralFileSystemsAreApart() throws IOException {
        Set<Long> numbers = new HashSet<>();
        for (String name : new String[] {"one", "two", "three"}) {
            Path target = mount(name, Path.of("tmpfs"), "tmpfs", 0);
            Files.writeString(target.resolve("f"), name);
        }
        for (String name : new String[] {"one", "two", "three"}) { // fresh file systems: the same numbers
            numbers.add(mirror.look(name).getattr().ino());
            numbers.add(mirror.look(name + "/f").getattr().ino());
            assertThat(Mirror.contentOf(mirror.look(name + "/f"))).isEqualTo(name);
        }
        assertThat(numbers).hasSize(6);
        Attr attr = mirror.look("two/f").getattr();
        Handle directory = mirror.look("two").open(Fcntl.O_RDONLY);
        directory.readdir(0, (_, ino, _, _) -> {
            assertThat(ino).isEqualTo(attr.ino());
            return true;
        });
        directory.release();
        mirror.fs.sync();
    }

    @Test
    void mountsAreBordersAsOnTheHost() throws IOException {
        Path target = mount("m", Path.of("tmpfs"), "tmpfs", 0);
        Files.writeString(target.resolve("f"), "x");
        Node m = mirror.look("m");
        assertRefused(EXDEV, () -> m.rename(name("f"), mirror.root, name("f"), 0));
        assertRefused(EXDEV, () -> mirror.root.link(mirror.look("m/f"), name("f")));
        assertRefused(EBUSY, () -> mirror.root.rmdir(name("m")));
        Mounts.mount(name("tmpfs"), Name.of(target.toString()), "tmpfs", Mounts.MS_REMOUNT | Mounts.MS_RDONLY, "");
        assertFails(EROFS, () -> m.mkdir(name("d"), 0755, SELF));
        assertFails(EROFS, () -> mirror.look("m/f").open(Fcntl.O_RDWR));
    }

    @Test
    void aDirectorySeenThroughTwoMountsIsTwo() throws IOException {
        Files.createDirectories(mirror.host("a/sub"));
        mount("b", mirror.host("a"), "", Mounts.MS_BIND);
        mount("self", dir, "", Mounts.MS_BIND);
        Node a = mirror.look("a");
        Node b = mirror.look("b");
        assertThat(b).isNotSameAs(a);
        assertThat(b.getattr().ino()).isEqualTo(a.getattr().ino());
        assertThat(mirror.look("b/sub")).isNotSameAs(mirror.look("a/sub"));
        assertThat(mirror.look("b/sub")).isSameAs(mirror.look("b/sub"));
        assertThat(mirror.look("self")).isNotSameAs(mirror.root);
        assertThat(mirror.look("self/a")).isNotSameAs(a);
    }
}
