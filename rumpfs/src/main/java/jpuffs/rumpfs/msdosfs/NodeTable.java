// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The nodes in use, by where their entry lies on the disk, and the indexes of directories.
///
/// FAT has no inode numbers. A file's is the number of the place of its entry; one that keeps its number after it
/// was moved or removed may be in the way of another, which then gets a number that is no place.
final class NodeTable {
    private static final int MAX_WEIGHT = 1 << 17;
    private static final long NO_PLACE = 1L << 48;

    private final MsdosFs fs;
    private final Map<Long, FatNode> byOffset = new HashMap<>();
    private final Map<Long, FatNode> byIno = new HashMap<>();
    private final LinkedHashMap<Directory, DirIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
    private int weight;
    private long nextIno = NO_PLACE;

    NodeTable(MsdosFs fs) {
        this.fs = fs;
    }

    /// The file whose entry lies in that place of `parent`.
    ///
    /// @throws IOException EUCLEAN if it can be none
    FatNode get(Directory parent, DirIndex.Place place) throws IOException {
        long offset = parent.slots().offset(place.slot());
        FatNode known = byOffset.get(offset);
        if (known != null) {
            return known;
        }
        EntryRec rec = parent.slots().read(place.slot());
        FatNode node = rec.has(EntryRec.ATTR_DIRECTORY)
                ? Directory.of(fs, parent, offset, rec)
                : new RegularFile(fs, parent, offset, rec);
        add(node);
        return node;
    }

    private void add(FatNode node) {
        byOffset.put(node.offset(), node);
        long ino = node.offset() / EntryRec.SIZE;
        while (byIno.containsKey(ino)) {
            ino = nextIno++;
        }
        node.setIno(ino);
        byIno.put(ino, node);
    }

    /// The number of the file whose entry lies there.
    long inoAt(long offset) {
        FatNode node = byOffset.get(offset);
        return node == null ? offset / EntryRec.SIZE : node.ino();
    }

    /// The entry of a file lies elsewhere now, or nowhere: -1.
    void move(FatNode node, long offset) {
        byOffset.remove(node.offset(), node);
        node.setOffset(offset);
        if (offset >= 0) {
            byOffset.put(offset, node);
        }
    }

    void remove(FatNode node) {
        byOffset.remove(node.offset(), node);
        byIno.remove(node.ino(), node);
        if (node instanceof Directory directory) {
            forgetIndex(directory);
        }
    }

    // Indexes

    /// What is in a directory. Those used longest ago are forgotten when there are many names.
    DirIndex index(Directory directory) throws IOException {
        DirIndex index = indexes.get(directory);
        if (index == null) {
            index = DirIndex.read(directory.slots());
            indexes.put(directory, index);
            weight += index.weight();
            shrink(directory);
        }
        return index;
    }

    private void shrink(Directory keep) {
        while (weight > MAX_WEIGHT && indexes.size() > 1) {
            @Nullable Directory eldest = indexes.firstEntry().getKey();
            if (eldest.equals(keep)) {
                return;
            }
            forgetIndex(eldest);
        }
    }

    /// The index has changed its weight since `before`.
    void weighed(int before, DirIndex index) {
        weight += index.weight() - before;
    }

    void forgetIndex(Directory directory) {
        DirIndex index = indexes.remove(directory);
        weight -= index == null ? 0 : index.weight();
    }

    void clearIndexes() {
        indexes.clear();
        weight = 0;
    }
}
