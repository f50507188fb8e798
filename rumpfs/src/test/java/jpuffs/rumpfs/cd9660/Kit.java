// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.rump.Rumpuser;
import jpuffs.rump.disk.FileDisk;
import jpuffs.rumpfs.FsOptions;
import jpuffs.rumpfs.Programs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// Images that programs make of trees of the host, and whether what is read of them is what they were made of.
final class Kit {
    private static final int BUFFER = 128 << 10;

    private Kit() {}

    /// Skips, or in CI fails, without a program.
    static void require(String program) {
        boolean here = List.of("/sbin", "/usr/sbin", "/bin", "/usr/bin").stream()
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
        if (!here && Boolean.getBoolean("jpuffs.ci")) {
            throw new AssertionError("no " + program);
        }
        Assumptions.assumeTrue(here, "no " + program);
    }

    /// Runs a program that makes an image; words of `command` are divided by blanks.
    static void make(Object... command) throws IOException, InterruptedException {
        var words = new ArrayList<String>();
        for (Object part : command) {
            if (part instanceof Path) {
                words.add(part.toString());
            } else {
                words.addAll(List.of(part.toString().split(" ", -1)));
            }
        }
        require(words.getFirst());
        Programs.succeed(words.toArray(new String[0]));
    }

    static FileSystem mount(BlockDevice device, String options) throws IOException {
        return new Cd9660Type().mount(device, FsOptions.of(options), Rumpuser.HOST);
    }

    /// Something done with a mounted image.
    @FunctionalInterface
    interface Work {
        void with(Node root) throws Exception;
    }

    static void with(Path image, String options, Work work) throws Exception {
        try (var disk = FileDisk.open(image, true)) {
            FileSystem fs = mount(disk, options);
            try {
                work.with(fs.root());
            } finally {
                fs.unmount(true);
            }
        }
    }

    /// The node of a path below `root`, which must be there.
    static Node find(Node root, String path) throws IOException {
        Node node = root;
        for (String part : path.split("/", -1)) {
            Node child = node.lookup(Name.of(part));
            assertThat(child).as(path + ": " + part).isNotNull();
            node = child;
        }
        return node;
    }

    static byte[] content(Node file) throws IOException {
        byte[] all = new byte[(int) file.getattr().size()];
        MemorySegment dst = MemorySegment.ofArray(all);
        for (int done = 0; done < all.length; ) {
            int n = file.read(dst.asSlice(done, Math.min(BUFFER, all.length - done)), done);
            assertThat(n).isPositive();
            done += n;
        }
        return all;
    }

    static Map<String, Long> list(Node directory) throws IOException {
        var names = new TreeMap<String, Long>();
        directory.readdir(0, (name, ino, mode, cookie) -> {
            assertThat(names.put(name.toString(), ino)).isNull();
            return true;
        });
        return names;
    }

    /// What an image can keep of a tree.
    enum Keeps {
        /// Names, types, sizes and contents alone.
        CONTENT,
        /// Permissions, links, special files and times as well.
        POSIX,
        /// And the owners.
        ALL
    }

    /// Fails unless all of the tree is there, and nothing else.
    static void requireSame(Path tree, Node node, Keeps keeps, String... extra) throws IOException {
        var attributes = Files.readAttributes(tree, "unix:*", LinkOption.NOFOLLOW_LINKS);
        Attr attr = node.getattr();
        int mode = (Integer) attributes.get("mode");
        assertThat(attr.mode() >> 12).as("type of " + tree).isEqualTo(mode >> 12);
        if (keeps != Keeps.CONTENT) {
            assertThat(attr.mode()).as("mode of " + tree).isEqualTo(mode);
            assertThat(attr.mtime().seconds())
                    .as("mtime of " + tree)
                    .isEqualTo(Files.getLastModifiedTime(tree, LinkOption.NOFOLLOW_LINKS)
                            .toInstant()
                            .getEpochSecond());
            assertThat(attr.rdev()).as("device of " + tree).isEqualTo(rdev(attr, (Long) attributes.get("rdev")));
        }
        if (keeps == Keeps.ALL) {
            assertThat(List.of(attr.uid(), attr.gid()))
                    .isEqualTo(List.of(attributes.get("uid"), attributes.get("gid")));
        }
        if (attr.isDirectory()) {
            requireSameNames(tree, node, keeps, extra);
        } else if (attr.isSymlink()) {
            String target = Files.readSymbolicLink(tree).toString();
            assertThat(new String(node.readlink(), UTF_8)).isEqualTo(target);
            assertThat(attr.size()).isEqualTo(target.length());
        } else if (attr.isRegular()) {
            assertThat(attr.size()).as("size of " + tree).isEqualTo(Files.size(tree));
            requireSameBytes(tree, node);
        }
    }

    private static int rdev(Attr attr, long hosts) {
        return Mode.isDevice(attr.mode()) ? (int) hosts : 0;
    }

    private static void requireSameNames(Path tree, Node node, Keeps keeps, String... extra) throws IOException {
        var expected = new TreeMap<String, Path>();
        try (Stream<Path> paths = Files.list(tree)) {
            paths.forEach(path -> expected.put(path.getFileName().toString(), path));
        }
        Map<String, Long> names = list(node);
        names.keySet().removeAll(List.of(extra));
        assertThat(names.keySet()).as("names in " + tree).isEqualTo(expected.keySet());
        for (var each : expected.entrySet()) {
            Node child = find(node, each.getKey());
            assertThat(child.getattr().ino()).isEqualTo(names.get(each.getKey()));
            assertThat(node.lookup(Name.of(each.getKey()))).isEqualTo(child);
            requireSame(each.getValue(), child, keeps);
        }
    }

    private static void requireSameBytes(Path file, Node node) throws IOException {
        var buffer = MemorySegment.ofArray(new byte[BUFFER]);
        try (var in = Files.newInputStream(file)) {
            for (long off = 0; ; ) {
                byte[] part = in.readNBytes(BUFFER);
                int n = node.read(buffer, off);
                assertThat(n).isEqualTo(part.length);
                assertThat(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE))
                        .as("bytes of %s at %d", file, off)
                        .isEqualTo(part);
                off += n;
                if (n < BUFFER) {
                    return;
                }
            }
        }
    }

    static @Nullable Node lookup(Node directory, String name) throws IOException {
        return directory.lookup(Name.of(name));
    }
}
