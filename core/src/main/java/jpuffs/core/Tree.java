// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.TreeMap;

/// Ready-made directories for file systems whose names never change.
///
/// ```java
/// FileSystem fs = Tree.of("hello.txt", Tree.text("Hello, world!\n"));
/// FileSystem two = Tree.root().file("net/tcp", tcp).file("net/udp", udp).directory("empty").build();
/// ```
///
/// Paths are names with slashes between them, without one at either end; the directories on the way are made. Any
/// node can be put in, a directory with a tree of its own too. Directories and texts get inode numbers (1 is the
/// root, the others follow in the order of their paths); other nodes number themselves, or leave it to the driver.
/// Owner is the super-user, the times are those of the making.
public final class Tree {
    private Tree() {}

    /// The tree with one file.
    ///
    /// @throws IllegalArgumentException for a path that cannot be
    public static FileSystem of(String path, Node file) {
        return root().file(path, file).build();
    }

    /// The tree with two files.
    public static FileSystem of(String path1, Node file1, String path2, Node file2) {
        return root().file(path1, file1).file(path2, file2).build();
    }

    /// An empty tree to put files into.
    public static Builder root() {
        return new Builder();
    }

    /// A regular file, readable for all, whose content is `content` in UTF-8.
    public static Node text(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return new StaticFile(bytes, Attr.file(0444, bytes.length).withTimes(Time.now()));
    }

    /// A tree being made.
    public static final class Builder {
        private final Folder top = new Folder();

        private Builder() {}

        /// Puts `file` at `path`.
        ///
        /// @throws IllegalArgumentException if `path` is taken, goes through a file, or has a component that is
        ///     empty, `.`, `..`, too long or with a NUL
        public Builder file(String path, Node file) {
            int slash = path.lastIndexOf('/');
            Folder folder = slash < 0 ? top : folder(path.substring(0, slash), path);
            if (folder.items.putIfAbsent(component(path.substring(slash + 1), path), new Leaf(file)) != null) {
                throw new IllegalArgumentException("given twice: " + path);
            }
            return this;
        }

        /// Makes a directory at `path`, unless there is one.
        ///
        /// @throws IllegalArgumentException as [#file]
        public Builder directory(String path) {
            folder(path, path);
            return this;
        }

        /// The tree with all that was put in so far.
        public FileSystem build() {
            return FileSystem.of(new Numbering(Time.now()).directory(top, 1));
        }

        private Folder folder(String path, String whole) {
            Folder folder = top;
            for (String part : path.split("/", -1)) {
                Item item = folder.items.computeIfAbsent(component(part, whole), k -> new Folder());
                if (!(item instanceof Folder next)) {
                    throw new IllegalArgumentException("goes through a file: " + whole);
                }
                folder = next;
            }
            return folder;
        }

        private static Name component(String part, String path) {
            try {
                return Name.of(part).checkComponent();
            } catch (ErrnoException e) {
                throw new IllegalArgumentException("bad component \"" + part + "\" in path \"" + path + "\"", e);
            }
        }
    }

    private sealed interface Item {}

    private record Leaf(Node node) implements Item {}

    private static final class Folder implements Item {
        final TreeMap<Name, Item> items = new TreeMap<>();
    }

    /// Makes nodes of items, giving out inode numbers.
    private static final class Numbering {
        private final Time now;
        private long last = 1;

        Numbering(Time now) {
            this.now = now;
        }

        StaticDirectory directory(Folder folder, long ino) {
            var children = new ArrayList<StaticDirectory.Child>();
            int nlink = 2;
            for (var entry : folder.items.entrySet()) {
                children.add(child(entry.getKey(), entry.getValue()));
                nlink += entry.getValue() instanceof Folder ? 1 : 0;
            }
            Attr attr = Attr.directory(0555).withIno(ino).withNlink(nlink).withTimes(now);
            return new StaticDirectory(attr, children.toArray(StaticDirectory.Child[]::new));
        }

        private StaticDirectory.Child child(Name name, Item item) {
            return switch (item) {
                case Folder folder -> {
                    long ino = ++last;
                    yield new StaticDirectory.Child(name, directory(folder, ino), ino, Mode.S_IFDIR);
                }
                case Leaf leaf -> leaf(name, leaf.node);
            };
        }

        private StaticDirectory.Child leaf(Name name, Node node) {
            if (node instanceof StaticFile file) {
                long ino = ++last;
                return new StaticDirectory.Child(name, file.numbered(ino), ino, Mode.S_IFREG);
            }
            return new StaticDirectory.Child(name, node, 0, 0);
        }
    }
}
