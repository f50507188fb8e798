// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import jpuffs.core.Attr;
import jpuffs.core.BlockDevice;
import jpuffs.core.CharDevice;
import jpuffs.core.DirSink;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// Things of the host as nodes, for [Kernel#registerEtfs]: files, directories, devices. Names on the host are never
/// made, removed or changed through them, and attributes but the size are not either.
public final class HostNodes {
    private HostNodes() {}

    /// A regular file of the host (REG): reading, writing, truncating. Opened for each operation, so that nothing
    /// of it is kept.
    public static Node file(Path path) {
        return new HostFile(path);
    }

    /// A directory of the host with the regular files and directories in it (DIR_SUBDIRS); symbolic links and
    /// special files are left out.
    public static Node directory(Path path) {
        return new HostDirectory(path);
    }

    /// A block device (BLK): reads and writes in whole blocks.
    public static Node block(BlockDevice device) {
        return new Block(device);
    }

    /// A character device (CHR). Each open opens it.
    public static Node character(CharDevice device) {
        return new Chr(device);
    }

    private static Attr attr(Path path, int type) throws IOException {
        BasicFileAttributes host = Files.readAttributes(path, BasicFileAttributes.class);
        Time mtime = Time.of(host.lastModifiedTime().toInstant());
        return Attr.of(type | (Mode.isDirectory(type) ? 0755 : 0644))
                .withSize(host.size())
                .withTimes(Time.of(host.lastAccessTime().toInstant()), mtime, mtime);
    }

    private record HostFile(Path path) implements Node {
        @Override
        public Attr getattr() throws IOException {
            return attr(path, Mode.S_IFREG);
        }

        @Override
        public Attr setattr(SetAttr change) throws IOException {
            if (change.has(SetAttr.SIZE)) {
                try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                    file.setLength(change.size());
                }
            }
            return getattr();
        }

        @Override
        public int read(MemorySegment dst, long off) throws IOException {
            try (var file = new RandomAccessFile(path.toFile(), "r")) {
                byte[] bytes = new byte[(int) Math.clamp(file.length() - off, 0, dst.byteSize())];
                file.seek(off);
                file.readFully(bytes);
                MemorySegment.copy(bytes, 0, dst, ValueLayout.JAVA_BYTE, 0, bytes.length);
                return bytes.length;
            }
        }

        @Override
        public int write(MemorySegment src, long off) throws IOException {
            try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                file.seek(off);
                file.write(src.toArray(ValueLayout.JAVA_BYTE));
                return (int) src.byteSize();
            }
        }

        @Override
        public void fsync(boolean dataOnly) throws IOException {
            try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                file.getFD().sync();
            }
        }
    }

    private record HostDirectory(Path path) implements Node {
        @Override
        public Attr getattr() throws IOException {
            return attr(path, Mode.S_IFDIR);
        }

        private static @Nullable Node node(Path path) throws IOException {
            var type = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return type.isRegularFile() ? new HostFile(path) : type.isDirectory() ? new HostDirectory(path) : null;
        }

        @Override
        public @Nullable Node lookup(Name name) throws IOException {
            Path child = path.resolve(name.toString());
            return Files.exists(child, NOFOLLOW_LINKS) ? node(child) : null;
        }

        @Override
        public void readdir(long cookie, DirSink sink) throws IOException {
            try (var all = Files.list(path)) {
                var children = all.sorted().toList();
                for (long i = cookie; i < children.size(); i++) {
                    Path child = children.get((int) i);
                    Node node = node(child);
                    Name name =
                            Name.of(Objects.requireNonNull(child.getFileName()).toString());
                    if (node != null && !sink.add(name, 0, node.getattr().mode(), i + 1)) {
                        return;
                    }
                }
            }
        }
    }

    private record Block(BlockDevice device) implements Node {
        @Override
        public Attr getattr() {
            return Attr.of(Mode.S_IFBLK | 0600).withBlksize(device.blockSize());
        }

        @Override
        public int read(MemorySegment dst, long off) throws IOException {
            long n = Math.clamp(device.size() - off, 0, dst.byteSize());
            device.check(off, n);
            device.read(dst.asSlice(0, n), off);
            return (int) n;
        }

        @Override
        public int write(MemorySegment src, long off) throws IOException {
            device.check(off, src.byteSize());
            device.write(src, off);
            return (int) src.byteSize();
        }

        @Override
        public void fsync(boolean dataOnly) throws IOException {
            device.flush();
        }
    }

    private record Chr(CharDevice device) implements Node {
        @Override
        public Attr getattr() {
            return Attr.of(Mode.S_IFCHR | 0600);
        }

        @Override
        public Handle open(int flags) throws IOException {
            return new OpenCharacter(this, flags, device.open(flags));
        }
    }

    private static final class OpenCharacter extends Handle {
        private final CharDevice opened;

        OpenCharacter(Node node, int flags, CharDevice opened) {
            super(node, flags);
            this.opened = opened;
        }

        @Override
        public int read(MemorySegment dst, long off) throws IOException {
            return opened.read(dst, off, flags());
        }

        @Override
        public int write(MemorySegment src, long off) throws IOException {
            return opened.write(src, off, flags());
        }

        @Override
        public void release() throws IOException {
            opened.close();
        }
    }
}
