// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.Time;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// A tmpfs of 16 MiB whose clock goes on by a second at each look, and shorthands.
final class Fixture implements AutoCloseable {
    static final Tmpfs.Options OPTIONS =
            Tmpfs.Options.DEFAULT.with("size", "16m").with("nr_inodes", "1000");

    final Tmpfs fs;
    final Node root;
    private long seconds = 1_000_000;

    Fixture() {
        this(OPTIONS);
    }

    Fixture(Tmpfs.Options options) {
        fs = new Tmpfs(options, () -> new Time(++seconds, 0));
        root = fs.root();
    }

    static Name name(String text) {
        return Name.of(text);
    }

    Node file(Node directory, String name) throws IOException {
        return directory.mknod(name(name), Mode.S_IFREG | 0644, 0, Cred.ROOT);
    }

    Node file(String name) throws IOException {
        return file(root, name);
    }

    Node directory(Node parent, String name) throws IOException {
        return parent.mkdir(name(name), Mode.S_IFDIR | 0755, Cred.ROOT);
    }

    Node directory(String name) throws IOException {
        return directory(root, name);
    }

    static Node get(Node directory, String name) throws IOException {
        return Objects.requireNonNull(directory.lookup(name(name)), name);
    }

    static int write(Node file, long off, String text) throws IOException {
        return file.write(segment(text), off);
    }

    static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String read(Node file, long off, int length) throws IOException {
        var bytes = new byte[length];
        int count = file.read(MemorySegment.ofArray(bytes), off);
        return new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
    }

    static List<String> list(Node directory) throws IOException {
        var names = new ArrayList<String>();
        directory.readdir(0, (name, ino, mode, cookie) -> names.add(name.toString()));
        return names;
    }

    /// The blocks of 4 KiB in use.
    long usedBlocks() {
        return fs.statfs().blocks() - fs.statfs().free();
    }

    /// The inodes in use.
    long usedInodes() {
        return fs.statfs().files() - fs.statfs().filesFree();
    }

    static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    static void assertNlink(Node node, int nlink) throws IOException {
        assertThat(node.getattr().nlink()).isEqualTo(nlink);
    }

    /// Attributes with times alone, to compare them.
    static List<Time> times(Node node) throws IOException {
        Attr attr = node.getattr();
        return List.of(attr.atime(), attr.mtime(), attr.ctime());
    }

    @Override
    public void close() {
        fs.close();
    }
}
