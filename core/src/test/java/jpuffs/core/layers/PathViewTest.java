// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.layers.Trees.assertFails;
import static jpuffs.core.layers.Trees.get;
import static jpuffs.core.layers.Trees.list;
import static jpuffs.core.layers.Trees.name;
import static jpuffs.core.layers.Trees.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PathViewTest {
    private final MemoryPaths paths = new MemoryPaths();
    private final FileSystem fs = PathView.of(paths);
    private final Node root = root(fs);

    private static Node root(FileSystem fs) {
        try {
            return fs.root();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Node make(String path, String content) throws IOException {
        paths.put(path, content);
        return get(root, path);
    }

    private Node directory(String path) throws IOException {
        paths.mkdir(NamePath.of(path), 0755, Cred.ROOT);
        return get(root, path);
    }

    @Test
    void showsWhatIsThere() throws IOException {
        Node file = make("f", "text");
        assertThat(read(file)).isEqualTo("text");
        assertThat(file.getattr().size()).isEqualTo(4);
        assertThat(root.lookup(name("none"))).isNull();
        assertThat(get(root, "f")).isSameAs(file);
        assertThat(fs.statfs()).isEqualTo(MemoryPaths.STATFS);
        assertFails(Errno.ENOTDIR, () -> file.lookup(name("x")));
        assertFails(Errno.ENOTDIR, () -> list(file));
        assertFails(Errno.EISDIR, () -> read(root));
        assertFails(Errno.EINVAL, file::readlink);
    }

    @Test
    void makesChangesAndRemoves() throws IOException {
        Node file = root.mknod(name("f"), Mode.S_IFREG | 0600, 0, Cred.ROOT);
        assertThat(file.write(MemorySegment.ofArray(new byte[] {'h', 'i'}), 0)).isEqualTo(2);
        assertThat(read(file)).isEqualTo("hi");
        assertThat(file.setattr(SetAttr.none().withMode(0400)).mode()).isEqualTo(Mode.S_IFREG | 0400);
        file.fsync(false);
        file.setxattr(name("user.x"), new byte[] {1}, 0);
        assertThat(file.getxattr(name("user.x"))).containsExactly(1);
        assertThat(file.listxattr()).containsExactly(name("user.x"));
        file.removexattr(name("user.x"));
        assertThat(file.getxattr(name("user.x"))).isNull();
        Node link = root.symlink(name("l"), new byte[] {'f'}, Cred.ROOT);
        assertThat(link.readlink()).containsExactly('f');
        Node d = root.mkdir(name("d"), 0755, Cred.ROOT);
        d.mknod(name("x"), Mode.S_IFREG, 0, Cred.ROOT);
        assertFails(Errno.ENOTEMPTY, () -> root.rmdir(name("d")));
        assertFails(Errno.EISDIR, () -> root.unlink(name("d")));
        assertFails(Errno.ENOTDIR, () -> root.rmdir(name("f")));
        assertFails(Errno.ENOENT, () -> root.unlink(name("none")));
        assertFails(Errno.ENOENT, () -> root.rmdir(name("none")));
        assertFails(Errno.EEXIST, () -> root.mkdir(name("f"), 0755, Cred.ROOT));
        assertFails(Errno.EPERM, () -> root.link(file, name("g")));
        d.unlink(name("x"));
        root.rmdir(name("d"));
        root.unlink(name("f"));
        root.unlink(name("l"));
        assertThat(list(root)).isEmpty();
    }

    @Test
    void nodesFollowTheirFilesThroughRenames() throws IOException {
        Node a = directory("a");
        Node b = directory("a/b");
        Node file = make("a/b/f", "text");
        directory("c");
        root.rename(name("a"), get(root, "c"), name("x"), 0);
        assertThat(read(file)).isEqualTo("text");
        assertThat(get(root, "c/x/b/f")).isSameAs(file);
        assertThat(b.lookup(Name.DOT_DOT)).isSameAs(a);
        b.rename(name("f"), root, name("g"), 0);
        assertThat(get(root, "g")).isSameAs(file);
        assertThat(read(file)).isEqualTo("text");
        assertThat(list(b)).isEmpty();
    }

    @Test
    void renameReplacesAndExchanges() throws IOException {
        Node f = make("f", "f");
        Node g = make("g", "g");
        root.rename(name("f"), root, name("g"), Node.RENAME_EXCHANGE);
        assertThat(read(f)).isEqualTo("f");
        assertThat(get(root, "g")).isSameAs(f);
        assertThat(get(root, "f")).isSameAs(g);
        root.rename(name("g"), root, name("g"), 0);
        assertFails(Errno.EEXIST, () -> root.rename(name("f"), root, name("g"), Node.RENAME_NOREPLACE));
        root.rename(name("f"), root, name("g"), 0);
        assertThat(get(root, "g")).isSameAs(g);
        assertThat(f.getattr().nlink()).isZero();
        assertFails(Errno.ESTALE, () -> read(f));
        directory("d");
        assertFails(Errno.EISDIR, () -> root.rename(name("g"), root, name("d"), 0));
        assertFails(Errno.ENOTDIR, () -> root.rename(name("d"), root, name("g"), 0));
        assertFails(Errno.ENOENT, () -> root.rename(name("none"), root, name("g"), 0));
        assertFails(Errno.ENOENT, () -> root.rename(name("g"), root, name("none"), Node.RENAME_EXCHANGE));
        assertFails(Errno.EINVAL, () -> root.rename(name("g"), root, name("h"), Node.RENAME_WHITEOUT));
        assertFails(Errno.EXDEV, () -> root.rename(name("g"), () -> Attr.of(0), name("h"), 0));
    }

    @Test
    void aRemovedFileKeepsItsAttributes() throws IOException {
        Node file = make("f", "text");
        root.unlink(name("f"));
        assertThat(file.getattr().nlink()).isZero();
        assertThat(file.getattr().size()).isEqualTo(4);
        Node again = make("f", "new");
        assertThat(again).isNotSameAs(file);
        assertThat(read(again)).isEqualTo("new");
        file.reclaim(1);
        assertThat(get(root, "f")).isSameAs(again);
        Node d = directory("d");
        root.rmdir(name("d"));
        assertThat(list(d)).isEmpty();
        assertThat(d.lookup(name("x"))).isNull();
    }

    @Test
    void filesMayVanishAndChange() throws IOException {
        Node file = make("f", "text");
        paths.vanish("f");
        assertFails(Errno.ESTALE, file::getattr);
        assertThat(root.lookup(name("f"))).isNull();
        assertThat(file.getattr().nlink()).isZero();
        Node second = make("g", "one");
        paths.put("g", "another file");
        assertThat(get(root, "g")).isNotSameAs(second);
    }

    @Test
    void onlyWhatTheDriverKnowsIsKept() throws IOException {
        Node d = directory("d");
        Node file = make("d/f", "text");
        d.reclaim(1);
        assertThat(get(root, "d")).as("it has a child that is known").isSameAs(d);
        d.reclaim(1);
        file.reclaim(1);
        assertThat(get(root, "d")).isNotSameAs(d);
        root.reclaim(1);
        assertThat(get(root, "d/f")).isSameAs(get(root, "d/f"));
    }

    @Test
    void readdirGoesOnWhereItStopped() throws IOException {
        Node d = directory("d");
        for (int i = 0; i < 1000; i++) {
            paths.put("d/f" + i, "");
        }
        for (Handle handle : List.of(d.open(0), new Handle(d, 0))) {
            var names = new ArrayList<Name>();
            var cookie = new long[1];
            for (int before = -1; before != names.size(); ) {
                before = names.size();
                int end = before + 100;
                handle.readdir(cookie[0], (name, ino, mode, next) -> {
                    if (names.size() == end) {
                        return false;
                    }
                    assertThat(next).isBetween(1L, Long.MAX_VALUE - 2);
                    cookie[0] = next;
                    return names.add(name);
                });
                if (before == 0) {
                    paths.put("d/new", "");
                    paths.vanish("d/new");
                }
            }
            assertThat(names).hasSize(1000).doesNotHaveDuplicates();
        }
    }

    @Test
    void aServerThatOnlyReadsNeedsThreeOperations() throws IOException {
        Node small = root(PathView.of(new PathFileSystem() {
            @Override
            public Attr getattr(NamePath path) {
                return path.isRoot() ? Attr.directory(0555) : Attr.file(0444, 3);
            }

            @Override
            public Collection<Name> list(NamePath path) {
                return List.of(name("f"));
            }

            @Override
            public int read(NamePath path, MemorySegment dst, long off) {
                return 0;
            }
        }));
        Node f = get(small, "f");
        Name x = name("user.x");
        assertThat(f.listxattr()).isEmpty();
        assertFails(Errno.EOPNOTSUPP, () -> f.getxattr(x));
        assertFails(Errno.EOPNOTSUPP, () -> f.setxattr(x, new byte[0], 0));
        assertFails(Errno.EOPNOTSUPP, () -> f.removexattr(x));
        assertFails(Errno.EROFS, () -> f.write(MemorySegment.NULL, 0));
        assertFails(Errno.EROFS, () -> f.setattr(SetAttr.none()));
        assertFails(Errno.EROFS, () -> small.unlink(name("f")));
        assertFails(Errno.EROFS, () -> small.rename(name("f"), small, name("g"), 0));
        assertFails(Errno.EEXIST, () -> small.mkdir(name("f"), 0, Cred.ROOT));
        f.fsync(true);
    }

    @Test
    void statfsIsUnknownUnlessTold() throws IOException {
        assertThat(fs.statfs()).isNotEqualTo(StatFs.UNKNOWN);
        fs.sync();
    }

    @Test
    void pathsAreNamesFromTheRoot() {
        NamePath path = NamePath.of("/usr//lib/");
        assertThat(path).hasToString("/usr/lib").isEqualTo(NamePath.of("usr/lib"));
        assertThat(path).hasSameHashCodeAs(NamePath.ROOT.child(name("usr")).child(name("lib")));
        assertThat(path.names()).containsExactly(name("usr"), name("lib"));
        assertThat(path.parent()).hasToString("/usr").isNotEqualTo(path);
        assertThat(path.name()).isEqualTo(name("lib"));
        assertThat(NamePath.ROOT).hasToString("/").isEqualTo(NamePath.of(""));
        assertThat(NamePath.ROOT.parent()).isSameAs(NamePath.ROOT);
        assertThat(NamePath.ROOT.name()).isEqualTo(Name.DOT);
    }
}
