// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.rump.buf.Buf;
import jpuffs.rumpfs.ext2fs.Meta.Kind;
import jpuffs.rumpfs.io.Le;

/// An extent tree: a B+tree of at most six levels whose keys are blocks of the file. Nodes other than the root are
/// never empty, and an index entry has the key of its child's first.
final class ExtentMap implements BlockMap {
    private static final long END = 1L << 32;

    private final Ext2Fs fs;
    private final Inode inode;
    private final ExtentNode[] path; // the file system's: one operation at a time
    private int leaf; // where in path
    private final Run cached = new Run(); // what find() said last
    private final Run work = new Run();

    ExtentMap(Ext2Fs fs, Inode inode) {
        this.fs = fs;
        this.inode = inode;
        this.path = fs.extentPath();
    }

    /// Makes the root an empty leaf.
    static void initialise(Inode inode) throws IOException {
        Le.zero(inode.raw(), Inode.BLOCK, Inode.BLOCK_BYTES);
        var root = new ExtentNode();
        root.set(inode.raw(), Inode.BLOCK, null);
        root.init(0, ExtentNode.ROOT_MAX, 0);
    }

    @Override
    public long maxBlocks() {
        return END - 1;
    }

    @Override
    public boolean hasUnwritten() {
        return true;
    }

    // The way down

    private void descend(long logical) throws IOException {
        leaf = 0;
        ExtentNode node = path[0];
        node.set(inode.raw(), Inode.BLOCK, null);
        node.end = END;
        if (!node.isGood(ExtentNode.ROOT_MAX)) {
            throw EUCLEAN.error("inode %d: the root of its extent tree is damaged", inode.ino());
        }
        while (node.depth() > 0) {
            node = child(node, logical);
        }
        node.at = node.search(logical);
    }

    private ExtentNode child(ExtentNode node, long logical) throws IOException {
        int i = Math.max(node.search(logical), 0);
        if (i >= node.entries()) {
            throw EUCLEAN.error("inode %d: an index of its extent tree is empty", inode.ino());
        }
        node.at = i;
        long block = node.child(i);
        if (!fs.zone().isData(block, 1)) {
            throw EUCLEAN.error("inode %d: bad block %d in its extent tree", inode.ino(), block);
        }
        ExtentNode child = path[leaf + 1];
        Buf buf = fs.meta().read(block, Kind.EXTENTS, (data, b) -> isNodeGood(data));
        child.set(buf.data(), 0, buf);
        leaf++;
        child.end = i + 1 < node.entries() ? node.key(i + 1) : node.end;
        child.requireChild(node.depth() - 1, node.key(i));
        return child;
    }

    private boolean isNodeGood(MemorySegment data) {
        var node = new ExtentNode();
        node.set(data, 0, null);
        return node.isGood(nodeMax()) && (!fs.sb().checksums || Checksums.isExtentsGood(inode.seed(), data));
    }

    private int nodeMax() {
        return fs.sb().blockSize / ExtentNode.SIZE - 1;
    }

    private void close() {
        for (int i = 1; i < path.length; i++) {
            path[i].close();
        }
    }

    private void changed(ExtentNode node) throws IOException {
        if (node.buf == null) {
            inode.changed();
        } else {
            fs.meta().change(node.buf, inode.extentSeal());
        }
    }

    // Finding

    @Override
    public void find(long logical, long max, Run out) throws IOException {
        if (logical >= cached.logical && logical < cached.end()) {
            out.set(cached.logical, cached.physical, cached.count, cached.unwritten);
            out.cut(logical, max);
            return;
        }
        try {
            descend(logical);
            findInLeaf(logical, out);
        } finally {
            close();
        }
        if (!out.isHole()) {
            requireData(out);
            cached.set(out.logical, out.physical, out.count, out.unwritten);
        }
        out.cut(logical, max);
    }

    private void requireData(Run run) throws ErrnoException {
        if (!fs.zone().isData(run.physical, run.count)) {
            throw EUCLEAN.error("inode %d: its block %d has a bad place", inode.ino(), run.logical);
        }
    }

    private void findInLeaf(long logical, Run out) {
        ExtentNode node = path[leaf];
        int at = node.at;
        if (at >= 0 && logical < node.key(at) + node.length(at)) {
            node.getExtent(at, out);
            return;
        }
        long next = at + 1 < node.entries() ? node.key(at + 1) : node.end;
        out.hole(logical, next - logical);
    }

    private void forgetCached() {
        cached.set(0, 0, 0, false);
    }

    // Inserting

    @Override
    public void insert(Run run) throws IOException {
        forgetCached();
        int most = run.unwritten ? ExtentNode.MAX_UNWRITTEN : ExtentNode.MAX_WRITTEN;
        var part = new Run();
        for (long done = 0; done < run.count; done += part.count) {
            part.set(run.logical + done, run.physical + done, Math.min(most, run.count - done), run.unwritten);
            insertOne(part);
        }
    }

    private void insertOne(Run run) throws IOException {
        try {
            descend(run.logical);
            if (mergeLeft(run) || mergeRight(run)) {
                return;
            }
            while (path[leaf].entries() >= path[leaf].max()) {
                makeRoom(run.logical);
                close();
                descend(run.logical);
            }
            ExtentNode node = path[leaf];
            int i = node.at + 1;
            node.open(i);
            node.setExtent(i, run);
            changed(node);
            fixKeys(leaf, i);
        } finally {
            close();
        }
    }

    private boolean mergeLeft(Run run) throws IOException {
        ExtentNode node = path[leaf];
        int i = node.at;
        if (i < 0 || !isJoined(node, i, run)) {
            return false;
        }
        node.setLength(i, node.length(i) + run.count);
        changed(node);
        return true;
    }

    private static boolean isJoined(ExtentNode node, int i, Run run) {
        long length = node.length(i);
        return node.key(i) + length == run.logical
                && node.physical(i) + length == run.physical
                && node.unwritten(i) == run.unwritten
                && length + run.count <= (run.unwritten ? ExtentNode.MAX_UNWRITTEN : ExtentNode.MAX_WRITTEN);
    }

    private boolean mergeRight(Run run) throws IOException {
        ExtentNode node = path[leaf];
        int i = node.at + 1;
        if (i >= node.entries() || node.key(i) != run.end()) {
            return false;
        }
        long length = node.length(i) + run.count;
        boolean joined = node.physical(i) == run.physical + run.count && node.unwritten(i) == run.unwritten;
        if (!joined || length > (run.unwritten ? ExtentNode.MAX_UNWRITTEN : ExtentNode.MAX_WRITTEN)) {
            return false;
        }
        work.set(run.logical, run.physical, length, run.unwritten);
        node.setExtent(i, work);
        changed(node);
        fixKeys(leaf, i);
        return true;
    }

    /// The entry `i` of `path[level]` has a new key: if it is the first, the parents are told.
    private void fixKeys(int level, int i) throws IOException {
        int at = i;
        for (int l = level; l > 0 && at == 0; l--) {
            ExtentNode parent = path[l - 1];
            at = parent.at;
            if (parent.key(at) == path[l].key(0)) {
                return;
            }
            parent.setKey(at, path[l].key(0));
            changed(parent);
        }
    }

    /// Splits the deepest full node on the path whose parent has room, or makes the tree one level deeper.
    private void makeRoom(long logical) throws IOException {
        int level = leaf - 1;
        while (level >= 0 && path[level].entries() >= path[level].max()) {
            level--;
        }
        if (level < 0) {
            grow();
        } else {
            split(path[level], path[level + 1], logical);
        }
    }

    private Buf newNode() throws IOException {
        return inode.newMetadata(Kind.EXTENTS, inode.extentSeal());
    }

    private void grow() throws IOException {
        ExtentNode root = path[0];
        if (root.depth() >= ExtentNode.MAX_DEPTH) {
            throw EUCLEAN.error("inode %d: its extent tree is too deep", inode.ino());
        }
        try (Buf buf = newNode()) {
            var child = new ExtentNode();
            child.set(buf.data(), 0, null);
            MemorySegment.copy(root.data, root.base, buf.data(), 0, Inode.BLOCK_BYTES);
            child.init(root.entries(), nodeMax(), root.depth());
            root.init(1, ExtentNode.ROOT_MAX, root.depth() + 1);
            root.setIndex(0, child.key(0), buf.blkno());
            changed(root);
        }
    }

    /// Moves the upper half of a node, or only its last entry where blocks are added at the end, to a new one.
    private void split(ExtentNode parent, ExtentNode node, long logical) throws IOException {
        int count = node.entries();
        int keep = node.key(count - 1) < logical ? count - 1 : count / 2;
        try (Buf buf = newNode()) {
            var sibling = new ExtentNode();
            sibling.set(buf.data(), 0, null);
            sibling.init(count - keep, nodeMax(), node.depth());
            MemorySegment.copy(
                    node.data, node.entry(keep), buf.data(), sibling.entry(0), (long) ExtentNode.SIZE * (count - keep));
            node.setEntries(keep);
            parent.open(parent.at + 1);
            parent.setIndex(parent.at + 1, sibling.key(0), buf.blkno());
            changed(node);
            changed(parent);
        }
    }

    // Changing

    @Override
    public void setWritten(long logical, long count) throws IOException {
        var run = new Run();
        for (long done = 0; done < count; done += run.count) {
            find(logical + done, count - done, run);
            if (run.isHole()) {
                throw EUCLEAN.error("inode %d: block %d is a hole", inode.ino(), run.logical);
            }
            if (run.unwritten) {
                fs.blocks().requireFree(2L * ExtentNode.MAX_DEPTH);
                cutOut(run.logical, run.end());
                run.unwritten = false;
                insert(run);
            }
        }
    }

    /// Takes a range that lies in one extent out of the tree, freeing nothing.
    private void cutOut(long from, long to) throws IOException {
        forgetCached();
        var rest = new Run();
        try {
            descend(from);
            ExtentNode node = path[leaf];
            int i = node.at;
            node.getExtent(i, rest);
            long end = rest.end();
            if (rest.logical == from) {
                if (end == to) {
                    delete();
                } else {
                    rest.cut(to, end - to);
                    node.setExtent(i, rest);
                    changed(node);
                    fixKeys(leaf, i);
                }
                return;
            }
            node.setLength(i, from - rest.logical);
            changed(node);
            if (end == to) {
                return;
            }
            rest.cut(to, end - to);
        } finally {
            close();
        }
        insertRest(rest, from);
    }

    /// Puts the upper part of an extent back that was cut in the middle, or all of it if there is no room.
    private void insertRest(Run rest, long from) throws IOException {
        boolean done = false;
        try {
            insertOne(rest);
            done = true;
        } finally {
            if (!done) {
                descend(from);
                ExtentNode node = path[leaf];
                node.setLength(node.at, rest.end() - node.key(node.at));
                changed(node);
                close();
            }
        }
    }

    // Removing

    @Override
    public boolean remove(long from, long to) throws IOException {
        var run = new Run();
        for (long end = to; end > from; end = run.logical) {
            if (fs.meta().isLarge()) {
                return false;
            }
            if (!lastBefore(end, run) || run.end() <= from) {
                return true;
            }
            long cut = Math.max(run.logical, from);
            run.cut(cut, Math.min(run.end(), end) - cut);
            cutOut(run.logical, run.end());
            inode.freeContent(run.physical, run.count);
        }
        return true;
    }

    /// The last extent that begins before `end`.
    private boolean lastBefore(long end, Run out) throws IOException {
        try {
            descend(end - 1);
            ExtentNode node = path[leaf];
            if (node.at < 0) {
                return false;
            }
            node.getExtent(node.at, out);
            return true;
        } finally {
            close();
        }
    }

    /// Deletes the entry the path leads to, and nodes that become empty.
    private void delete() throws IOException {
        int level = leaf;
        path[level].delete(path[level].at);
        while (level > 0 && path[level].entries() == 0) {
            ExtentNode empty = path[level];
            long block = java.util.Objects.requireNonNull(empty.buf).blkno();
            empty.close();
            inode.freeMetadata(block);
            level--;
            path[level].delete(path[level].at);
        }
        ExtentNode node = path[level];
        if (node.entries() == 0) {
            node.init(0, ExtentNode.ROOT_MAX, 0);
        } else if (node.at == 0) {
            fixKeys(level, 0);
        }
        changed(node);
    }

    // Checks

    @Override
    public void metadata(BlockSink sink) throws IOException {
        long at = 0;
        var seen = new java.util.HashSet<Long>();
        while (at < END) {
            try {
                descend(at);
                for (int level = 1; level <= leaf; level++) {
                    long block =
                            java.util.Objects.requireNonNull(path[level].buf).blkno();
                    if (seen.add(block)) {
                        sink.add(block, 1);
                    }
                }
                at = path[leaf].end;
            } finally {
                close();
            }
        }
    }
}
