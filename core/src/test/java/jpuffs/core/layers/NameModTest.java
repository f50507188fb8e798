// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.layers.Trees.assertFails;
import static jpuffs.core.layers.Trees.get;
import static jpuffs.core.layers.Trees.list;
import static jpuffs.core.layers.Trees.name;
import static jpuffs.core.layers.Trees.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Locale;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NameModTest {
    /// Each name has an underscore in front of it below; other names are hidden.
    private static final NameMod UNDERSCORE = new NameMod() {
        @Override
        public Name below(Name name) throws IOException {
            if (name.is("bad")) {
                throw Errno.EILSEQ.error();
            }
            return name("_" + name);
        }

        @Override
        public @Nullable Name above(Name name) {
            return name.byteAt(0) == '_' ? name(name.toString().substring(1)) : null;
        }
    };

    /// Case does not matter, but is kept.
    private static final NameMod ANY_CASE = new NameMod() {
        @Override
        public Name below(Name name) {
            return name;
        }

        @Override
        public Name above(Name name) {
            return name;
        }

        @Override
        public Name find(Node directory, Name name) throws IOException {
            var found = new ArrayList<Name>();
            directory.readdir(0, (other, ino, mode, cookie) -> {
                if (other.toString()
                        .toLowerCase(Locale.ROOT)
                        .equals(name.toString().toLowerCase(Locale.ROOT))) {
                    found.add(other);
                }
                return true;
            });
            return found.isEmpty() || found.contains(name) ? name : found.getFirst();
        }
    };

    private final FileSystem below = PathView.of(new MemoryPaths());

    private static Node make(Node directory, String name) throws IOException {
        return directory.mknod(name(name), Mode.S_IFREG | 0644, 0, Cred.ROOT);
    }

    @Test
    void everyNameIsMapped() throws IOException {
        Node root = NameMod.over(below, UNDERSCORE).root();
        make(root, "f");
        root.create(name("g"), 0600, 2, Cred.ROOT);
        root.mkdir(name("d"), 0755, Cred.ROOT);
        root.symlink(name("l"), new byte[] {'f'}, Cred.ROOT);
        assertThat(list(below.root())).containsExactly("_d", "_f", "_g", "_l");
        make(below.root(), "hidden");
        assertThat(list(root)).containsExactly("d", "f", "g", "l");
        var opened = new ArrayList<Name>();
        root.open(0).readdir(0, (name, ino, mode, cookie) -> opened.add(name));
        assertThat(opened).containsExactlyInAnyOrder(name("d"), name("f"), name("g"), name("l"));
        assertThat(get(root, "l").readlink()).containsExactly('f');
        root.rename(name("f"), get(root, "d"), name("x"), 0);
        assertThat(list(get(below.root(), "_d"))).containsExactly("_x");
        get(root, "d").unlink(name("x"));
        root.rmdir(name("d"));
        root.unlink(name("l"));
        assertThat(list(below.root())).containsExactly("_g", "hidden");
        assertThat(root.lookup(name("hidden"))).isNull();
        assertFails(Errno.EILSEQ, () -> root.lookup(name("bad")));
        assertFails(Errno.EPERM, () -> root.link(get(root, "g"), name("h")));
    }

    @Test
    void dotDotStays() throws IOException {
        Node root = NameMod.over(below, UNDERSCORE).root();
        Node d = root.mkdir(name("d"), 0755, Cred.ROOT);
        assertThat(d.lookup(Name.DOT_DOT)).isEqualTo(root);
        assertThat(d.lookup(Name.DOT)).isEqualTo(d);
        assertFails(Errno.EXDEV, () -> d.rename(name("x"), below.root(), name("y"), 0));
    }

    @Test
    void caseNeedNotMatter() throws IOException {
        Node root = NameMod.over(below, ANY_CASE).root();
        make(root, "ReadMe").write(java.lang.foreign.MemorySegment.ofArray(new byte[] {'x'}), 0);
        assertThat(read(get(root, "README"))).isEqualTo("x");
        assertThat(get(root, "readme")).isEqualTo(get(root, "ReadMe"));
        assertFails(Errno.EEXIST, () -> make(root, "readme"));
        root.rename(name("README"), root, name("readme"), 0);
        assertThat(list(root)).as("one file").containsExactly("ReadMe");
        root.rename(name("Readme"), root, name("other"), 0);
        assertThat(list(root)).containsExactly("other");
        root.unlink(name("OTHER"));
        assertThat(list(root)).isEmpty();
    }
}
