// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.ENOTDIR;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.DirSink;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import org.jspecify.annotations.Nullable;

/// A small file system that counts what a driver does to it. Its directories are writable, its files hold nothing.
final class CountingFs implements FileSystem {
    final Item root = new Item(Mode.S_IFDIR | 0777);
    final Map<Item, Long> known = new HashMap<>(); // answers not yet reclaimed
    int open;
    int inactives;
    int reclaims;
    boolean vetoes;
    volatile int syncs;
    int lookups;
    boolean isPrivate;

    @Override
    public Node root() {
        return root;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the kernel's lock
    public void sync() {
        syncs++;
    }

    @Override
    public boolean isPrivate() {
        return isPrivate;
    }

    @Override
    public void unmount(boolean force) throws IOException {
        if (vetoes) {
            throw EBUSY.error();
        }
    }

    /// A file or directory.
    final class Item implements Node {
        private final int mode;
        private int nlink = 1;
        final Map<Name, Item> children = new LinkedHashMap<>();

        Item(int mode) {
            this.mode = mode;
        }

        private Item answered() {
            known.merge(this, 1L, Long::sum);
            return this;
        }

        @Override
        public Attr getattr() {
            return Attr.of(mode).withNlink(nlink);
        }

        @Override
        public Attr setattr(SetAttr change) {
            return getattr();
        }

        @Override
        public @Nullable Node lookup(Name name) throws IOException {
            if (!Mode.isDirectory(mode)) {
                throw ENOTDIR.error();
            }
            lookups++;
            if (name.is("bug")) {
                throw new IllegalStateException("a bug in the file system");
            }
            Item child = children.get(name);
            return child == null ? null : child.answered();
        }

        @Override
        public void readdir(long cookie, DirSink sink) {
            long at = 0;
            for (var child : children.entrySet()) {
                at++;
                if (at > cookie && !sink.add(child.getKey(), 0, child.getValue().mode, at)) {
                    return;
                }
            }
        }

        private Item add(Name name, int newMode) throws IOException {
            var item = new Item(newMode);
            if (children.putIfAbsent(name, item) != null) {
                throw EEXIST.error();
            }
            return item.answered();
        }

        @Override
        public Node mknod(Name name, int newMode, int rdev, Cred cred) throws IOException {
            return add(name, newMode);
        }

        @Override
        public Node mkdir(Name name, int newMode, Cred cred) throws IOException {
            return add(name, newMode);
        }

        @Override
        public void unlink(Name name) {
            children.remove(name).nlink--;
        }

        @Override
        public void rmdir(Name name) {
            children.remove(name).nlink = 0;
        }

        @Override
        public void rename(Name name, Node newDirectory, Name newName, int flags) {
            Item old = ((Item) newDirectory).children.put(newName, children.remove(name));
            if (old != null) {
                old.nlink--;
            }
        }

        @Override
        public Handle open(int flags) {
            open++;
            return new Handle(this, flags) {
                @Override
                public void release() {
                    open--;
                }
            };
        }

        @Override
        public int read(MemorySegment dst, long off) {
            return 0;
        }

        @Override
        public int write(MemorySegment src, long off) {
            return (int) src.byteSize();
        }

        @Override
        public void inactive() {
            inactives++;
        }

        @Override
        public void reclaim(long answers) {
            reclaims++;
            known.compute(
                    this,
                    (item, before) -> before == null || before != answers
                            ? Long.valueOf(Long.MIN_VALUE) // wrong: stays, and is seen
                            : null);
        }
    }
}
