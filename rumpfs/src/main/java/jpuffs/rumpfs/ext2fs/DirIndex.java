// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EFBIG;
import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Name;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// The index of a directory: a tree over the hashes of names whose leaves are blocks of entries. Block 0 is the
/// root, behind `.` and `..` (kernel: Documentation/filesystems/ext4/directory.rst, "Hash Tree Directories").
final class DirIndex {
    private static final int ROOT_AT = 32; // where the entries begin
    private static final int NODE_AT = 8;
    private static final int VERSION = 28;
    private static final int INFO_LENGTH = 29;
    private static final int LEVELS = 30;
    private static final int ENTRY = 8;
    private static final long BLOCK_MASK = 0x0fffffff;

    private final DirContent content;
    private final Ext2Fs fs;
    private final Node[] path = {new Node(), new Node(), new Node()};
    private int depth; // the last of path in use
    private @Nullable DirHash hasher;
    private int hasherVersion = -1;

    /// A node on the way to a leaf.
    private static final class Node {
        @Nullable
        Buf buf;

        MemorySegment data = MemorySegment.NULL;
        int base;
        int at;
        long end; // hashes at or behind this are not below

        void set(Buf newBuf, int newBase) {
            buf = newBuf;
            data = newBuf.data();
            base = newBase;
        }

        int limit() {
            return Le.u16(data, base);
        }

        int count() {
            return Le.u16(data, base + 2);
        }

        void setLimits(int limit, int count) {
            Le.put16(data, base, limit);
            Le.put16(data, base + 2, count);
        }

        long hash(int i) {
            return i == 0 ? 0 : Le.u32(data, base + (long) ENTRY * i);
        }

        long block(int i) {
            return Le.u32(data, base + (long) ENTRY * i + 4) & BLOCK_MASK;
        }

        void set(int i, long hash, long block) {
            if (i > 0) {
                Le.put32(data, base + (long) ENTRY * i, hash);
            }
            Le.put32(data, base + (long) ENTRY * i + 4, block);
        }

        int search(long hash) {
            int low = 1;
            int high = count() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (hash(middle) <= hash) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return low - 1;
        }

        void insert(int i, long hash, long block) {
            int count = count();
            long from = base + (long) ENTRY * i;
            Le.move(data, from, from + ENTRY, (long) ENTRY * (count - i));
            setLimits(limit(), count + 1);
            set(i, hash, block);
        }

        boolean isFull() {
            return count() >= limit();
        }
    }

    DirIndex(DirContent content) {
        this.content = content;
        this.fs = content.fs;
    }

    private int limitFor(int base) {
        int tail = fs.sb().checksums ? 8 : 0;
        return (fs.sb().blockSize - base - tail) / ENTRY;
    }

    // The way down

    /// Goes to the leaf of a hash; [#close] ends the use of the path.
    private void descend(long hash) throws IOException {
        depth = 0;
        Node node = path[0];
        node.set(content.requireBlock(0), ROOT_AT);
        node.end = 1L << 32;
        int levels = levels(node.data);
        requireGood(node);
        node.at = node.search(hash);
        while (depth < levels) {
            Node child = path[depth + 1];
            child.set(content.requireBlock(node.block(node.at)), NODE_AT);
            depth++;
            child.end = node.at + 1 < node.count() ? node.hash(node.at + 1) : node.end;
            requireGood(child);
            child.at = child.search(hash);
            node = child;
        }
    }

    private int levels(MemorySegment root) throws IOException {
        int levels = Le.u8(root, LEVELS);
        int most = fs.sb().features.incompat(Features.LARGE_DIR) ? 2 : 1;
        boolean good = DirBlock.recLen(root, 0) == 12
                && Le.i32(root, 24) == 0
                && Le.u8(root, INFO_LENGTH) == 8
                && Le.u8(root, VERSION) <= 5;
        if (!good || levels > most) {
            throw damaged();
        }
        return levels;
    }

    private void requireGood(Node node) throws IOException {
        boolean good = node.limit() == limitFor(node.base) && node.count() >= 1 && node.count() <= node.limit();
        if (node.base == NODE_AT && DirBlock.recLen(node.data, 0) != fs.sb().blockSize) {
            good = false;
        }
        if (!good) {
            throw damaged();
        }
    }

    private IOException damaged() {
        return EUCLEAN.error("inode %d: the index of the directory is damaged", content.directory.ino());
    }

    private void close() {
        for (Node node : path) {
            if (node.buf != null) {
                node.buf.close();
                node.buf = null;
            }
        }
    }

    private void changed(Node node) {
        content.changed(java.util.Objects.requireNonNull(node.buf));
    }

    private Buf leaf() throws IOException {
        return content.requireBlock(path[depth].block(path[depth].at));
    }

    /// The hash behind the leaf, with its lowest bit set if names of the same hash go on in the next one.
    private long leafEnd() {
        Node node = path[depth];
        return node.at + 1 < node.count() ? node.hash(node.at + 1) : node.end;
    }

    DirHash hasher() throws IOException {
        try (Buf root = content.requireBlock(0)) {
            int version =
                    content.isIndexed() ? Le.u8(root.data(), VERSION) : fs.sb().hashVersion();
            DirHash current = hasher;
            if (current == null || version != hasherVersion) {
                hasherVersion = version;
                current = new DirHash(version, fs.sb().isHashUnsigned(), fs.sb().hashSeed());
                hasher = current;
            }
            return current;
        }
    }

    // Finding

    /// As [DirContent#find].
    boolean find(Name name) throws IOException {
        long hash = hasher().hash(name) >>> 32;
        try {
            descend(hash);
            for (int leaves = 0; ; leaves++) {
                if (content.findIn(leaf(), name)) {
                    return true;
                }
                long next = leafEnd();
                if (next != (hash | 1) || leaves > content.blocks()) {
                    return false;
                }
                close();
                descend(next);
            }
        } finally {
            close();
        }
    }

    /// The entries of the leaf whose hashes are `from` or more, and those of the leaves that go on with its last
    /// hash.
    ///
    /// @return the hash with which the next leaf begins, or 2^32
    long collect(long from, LeafSink sink) throws IOException {
        try {
            descend(from);
            for (int leaves = 0; ; leaves++) {
                try (Buf buf = leaf()) {
                    sink.add(buf.data());
                }
                long next = leafEnd();
                if (next >= 1L << 32 || (next & 1) == 0) {
                    return next;
                }
                if (leaves > content.blocks() || next <= from) {
                    throw damaged();
                }
                close();
                descend(next);
            }
        } finally {
            close();
        }
    }

    /// Whether the index leads to all entries, which are that many, and to each by its hash.
    ///
    /// @throws IOException EUCLEAN where it does not even lead to blocks
    boolean isGood(int entries) throws IOException {
        int seen = 0;
        long from = 0;
        for (long leaves = 0; from < 1L << 32; leaves++) {
            var hashed = new ArrayList<Hashed>();
            long next = collect(from, data -> hashed.addAll(sorted(data, 0)));
            long low = from;
            boolean wrong = hashed.stream().anyMatch(entry -> entry.hash < low || entry.hash >= next);
            if (wrong || next <= from || leaves > content.blocks()) {
                return false;
            }
            seen += hashed.size();
            from = next;
        }
        return seen == entries;
    }

    /// Takes blocks of entries.
    @FunctionalInterface
    interface LeafSink {
        void add(MemorySegment data) throws IOException;
    }

    // Adding

    /// As [DirContent#add].
    void add(DirEntry entry) throws IOException {
        long hash = hasher().hash(entry.name()) >>> 32;
        for (int tries = 0; ; tries++) {
            try {
                descend(hash);
                try (Buf buf = leaf()) {
                    if (DirBlock.add(buf.data(), content.end(), entry)) {
                        content.changed(buf);
                        return;
                    }
                    if (tries > 6) {
                        throw damaged();
                    }
                    if (path[depth].isFull()) {
                        makeRoom();
                    } else {
                        splitLeaf(buf);
                    }
                }
            } finally {
                close();
            }
        }
    }

    /// Splits the deepest full node whose parent has room, or makes the tree deeper.
    private void makeRoom() throws IOException {
        int level = depth - 1;
        while (level >= 0 && path[level].isFull()) {
            level--;
        }
        if (level >= 0) {
            splitNode(path[level], path[level + 1]);
        } else if (depth < (fs.sb().features.incompat(Features.LARGE_DIR) ? 2 : 1)) {
            grow();
        } else {
            throw EFBIG.error("inode %d: the index of the directory is full", content.directory.ino());
        }
    }

    private Node newNode(Buf buf) {
        Le.zero(buf.data(), 0, buf.data().byteSize());
        DirBlock.setRoom(buf.data(), 0, fs.sb().blockSize);
        var node = new Node();
        node.set(buf, NODE_AT);
        node.setLimits(limitFor(NODE_AT), 0);
        return node;
    }

    private long lastBlock() {
        return content.blocks() - 1;
    }

    private void grow() throws IOException {
        Node root = path[0];
        try (Buf buf = content.append()) {
            Node child = newNode(buf);
            copy(root, 0, child, root.count());
            root.setLimits(root.limit(), 1);
            root.set(0, 0, lastBlock());
            Le.put8(root.data, LEVELS, Le.u8(root.data, LEVELS) + 1);
            changed(root);
        }
    }

    private void copy(Node from, int at, Node to, int count) {
        MemorySegment.copy(from.data, from.base + (long) ENTRY * at, to.data, to.base, (long) ENTRY * count);
        to.setLimits(limitFor(to.base), count);
    }

    private void splitNode(Node parent, Node node) throws IOException {
        int count = node.count();
        int keep = count / 2;
        try (Buf buf = content.append()) {
            Node sibling = newNode(buf);
            long hash = node.hash(keep);
            copy(node, keep, sibling, count - keep);
            node.setLimits(node.limit(), keep);
            parent.insert(parent.at + 1, hash, lastBlock());
            changed(node);
            changed(parent);
        }
    }

    /// An entry of a leaf that is split.
    private record Hashed(long hash, DirEntry entry) {}

    private List<Hashed> sorted(MemorySegment data, int from) throws IOException {
        var entries = new ArrayList<Hashed>();
        DirHash names = hasher();
        for (int at = from; at < content.end(); at = DirBlock.next(data, at)) {
            if (DirBlock.inode(data, at) != 0) {
                var entry = new DirEntry(DirBlock.name(data, at), DirBlock.inode(data, at), Le.u8(data, at + 7));
                entries.add(new Hashed(names.hash(entry.name()) >>> 32, entry));
            }
        }
        entries.sort((a, b) -> Long.compare(a.hash, b.hash));
        return entries;
    }

    private void splitLeaf(Buf buf) throws IOException {
        List<Hashed> entries = sorted(buf.data(), 0);
        int keep = middle(entries);
        if (keep == 0) {
            throw damaged();
        }
        long middle = entries.get(keep).hash;
        boolean goesOn = entries.get(keep - 1).hash == middle;
        try (Buf upper = content.append()) {
            fill(upper.data(), entries.subList(keep, entries.size()));
            fill(buf.data(), entries.subList(0, keep));
            Node node = path[depth];
            node.insert(node.at + 1, middle | (goesOn ? 1 : 0), lastBlock());
            changed(node);
            content.changed(buf);
        }
    }

    /// How many of the entries fill half of a block, at least one and not all.
    private int middle(List<Hashed> entries) {
        int used = 0;
        int at = entries.size();
        while (at > 1 && used + size(entries.get(at - 1)) / 2 <= fs.sb().blockSize / 2) {
            used += size(entries.get(--at));
        }
        return Math.min(at, entries.size() - 1);
    }

    private static int size(Hashed hashed) {
        return DirBlock.needed(hashed.entry.name().length());
    }

    private void fill(MemorySegment data, List<Hashed> entries) {
        Le.zero(data, 0, content.end());
        int at = 0;
        for (int i = 0; i < entries.size(); i++) {
            boolean last = i == entries.size() - 1;
            int length = last ? content.end() - at : size(entries.get(i));
            DirBlock.set(data, at, length, entries.get(i).entry);
            at += length;
        }
        if (entries.isEmpty()) {
            DirBlock.setRoom(data, 0, content.end());
        }
    }

    /// Makes a directory of one block an indexed one.
    void build() throws IOException {
        try (Buf root = content.requireBlock(0);
                Buf leaf = content.append()) {
            MemorySegment data = root.data();
            int second = DirBlock.recLen(data, 0);
            if (second != 12 || DirBlock.nameLength(data, 12) != 2) {
                throw EUCLEAN.error("inode %d: the directory does not begin with . and ..", content.directory.ino());
            }
            fill(leaf.data(), sorted(data, 12 + DirBlock.recLen(data, 12)));
            int size = fs.sb().blockSize;
            Le.zero(data, 24, size - 24);
            DirBlock.setRecLen(data, 12, size - 12);
            Le.put8(data, VERSION, fs.sb().hashVersion());
            Le.put8(data, INFO_LENGTH, 8);
            var node = new Node();
            node.set(root, ROOT_AT);
            node.setLimits(limitFor(ROOT_AT), 1);
            node.set(0, 0, 1);
            content.changed(root);
        }
        content.directory.rec.setFlags(content.directory.rec.flags() | InodeRec.INDEX);
        content.directory.changed();
    }
}
