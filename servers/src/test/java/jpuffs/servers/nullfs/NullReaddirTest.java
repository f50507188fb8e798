// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.servers.nullfs.Mirror.assertFails;
import static jpuffs.servers.nullfs.Mirror.name;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jpuffs.core.Attr;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.sys.Fcntl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Reading directories, also while they change.
@Timeout(value = 60, unit = SECONDS)
class NullReaddirTest {
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
        assertThat(mirror.fs.fds().count()).isZero();
    }

    private record Item(Name name, long ino, int mode, long cookie) {}

    /// At most `room` entries after `cookie`.
    private static List<Item> page(Handle handle, long cookie, int room) throws IOException {
        var items = new ArrayList<Item>();
        handle.readdir(
                cookie, (name, ino, mode, next) -> items.size() < room && items.add(new Item(name, ino, mode, next)));
        return items;
    }

    /// All names, read in pages of `room`.
    private static List<String> names(Handle handle, int room) throws IOException {
        var names = new ArrayList<String>();
        long cookie = 0;
        for (List<Item> page = page(handle, 0, room); !page.isEmpty(); page = page(handle, cookie, room)) {
            for (Item item : page) {
                names.add(item.name().toString());
                cookie = item.cookie();
            }
        }
        return names;
    }

    private Set<String> files(int count) throws IOException {
        var names = new TreeSet<String>();
        for (int i = 0; i < count; i++) {
            Files.createFile(mirror.host("file" + i));
            names.add("file" + i);
        }
        return names;
    }

    @Test
    void tellsNumbersAndTypes() throws IOException {
        mirror.hostFile("f", "");
        Files.createDirectory(mirror.host("d"));
        Files.createSymbolicLink(mirror.host("s"), Path.of("x"));
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        List<Item> items = page(handle, 0, 10);
        assertThat(items).hasSize(3);
        for (Item item : items) {
            Attr attr = mirror.look(item.name().toString()).getattr();
            assertThat(item.ino()).isEqualTo(attr.ino());
            assertThat(item.mode()).isEqualTo(Mode.type(attr.mode()));
            assertThat(item.cookie()).isBetween(1L, Long.MAX_VALUE - 2);
        }
        assertThat(page(handle, items.getLast().cookie(), 10)).isEmpty();
        handle.release();
    }

    @Test
    void pagesOfAnySizeAreTheSame() throws IOException {
        Set<String> all = files(300);
        for (int room : new int[] {1, 2, 7, 299, 300, 1000}) {
            Handle handle = mirror.root.open(Fcntl.O_RDONLY);
            assertThat(names(handle, room)).doesNotHaveDuplicates().hasSameElementsAs(all);
            assertThat(names(handle, room)).as("again, from the start").hasSameElementsAs(all);
            handle.release();
        }
    }

    @Test
    void goesBackToAnyCookie() throws IOException {
        files(50);
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        List<Item> all = page(handle, 0, 100);
        for (int i : new int[] {48, 0, 25, 24, 1, 49}) {
            assertThat(page(handle, all.get(i).cookie(), 100)).isEqualTo(all.subList(i + 1, all.size()));
        }
        Handle other = mirror.root.open(Fcntl.O_RDONLY);
        assertThat(page(other, all.get(10).cookie(), 100)).isEqualTo(all.subList(11, all.size()));
        other.release();
        handle.release();
    }

    @Test
    void startingAgainSeesWhatIsNew() throws IOException {
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        assertThat(names(handle, 10)).isEmpty();
        mirror.hostFile("new", "");
        assertThat(names(handle, 10)).containsExactly("new");
        handle.release();
    }

    @Test
    void removingWhileReading() throws IOException {
        Set<String> all = files(5000);
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        var seen = new ArrayList<String>();
        long cookie = 0;
        for (List<Item> page = page(handle, 0, 90); !page.isEmpty(); page = page(handle, cookie, 90)) {
            for (Item item : page) {
                seen.add(item.name().toString());
                mirror.root.unlink(item.name());
                cookie = item.cookie();
            }
        }
        handle.release();
        assertThat(seen).doesNotHaveDuplicates().hasSameElementsAs(all);
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void whatStaysIsToldOnceWhileOthersComeAndGo() throws IOException {
        Set<String> all = files(1000);
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        var seen = new ArrayList<String>();
        long cookie = 0;
        int made = 0;
        for (List<Item> page = page(handle, 0, 30); !page.isEmpty() && made < 1000; ) {
            for (Item item : page) {
                seen.add(item.name().toString());
                cookie = item.cookie();
            }
            mirror.hostFile("other" + made++, "");
            if (made > 1) {
                Files.delete(mirror.host("other" + (made - 2)));
            }
            page = page(handle, cookie, 30);
        }
        handle.release();
        seen.removeIf(name -> name.startsWith("other"));
        assertThat(seen).doesNotHaveDuplicates().hasSameElementsAs(all);
    }

    @Test
    void aBigDirectory() throws IOException {
        Set<String> all = files(10_000);
        Handle handle = mirror.root.open(Fcntl.O_RDONLY);
        List<String> names = names(handle, 512);
        handle.release();
        assertThat(new TreeSet<>(names)).isEqualTo(all);
        for (String name : all) {
            mirror.look(name);
        }
        assertThat(mirror.fs.knownFiles()).isEqualTo(10_000);
    }

    @Test
    void withoutAHandle() throws IOException {
        Set<String> all = files(3);
        var names = new TreeSet<String>();
        mirror.root.readdir(0, (name, _, _, _) -> names.add(name.toString()));
        assertThat(names).isEqualTo(all);
        Node file = mirror.look("file0");
        assertFails(ENOTDIR, () -> file.open(Fcntl.O_RDONLY | Fcntl.O_DIRECTORY));
    }

    @Test
    void aRemovedDirectoryHasNoEntries() throws IOException {
        Files.createDirectory(mirror.host("d"));
        Handle handle = mirror.look("d").open(Fcntl.O_RDONLY);
        mirror.root.rmdir(name("d"));
        assertFails(ENOENT, () -> page(handle, 0, 10));
        handle.fsync(false);
        handle.release();
    }
}
