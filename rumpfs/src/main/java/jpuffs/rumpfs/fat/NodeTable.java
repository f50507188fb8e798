// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.fat;

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
    private static final long NO_PLACE = 1L << 59;

    private final Map<Long, FatNode> byOffset = new HashMap<>();
    private final Map<Long, FatNode> byIno = new HashMap<>();
    private final LinkedHashMap<Directory, DirIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
    private int weight;
    private long nextIno = NO_PLACE;

    /// The file whose entry lies in that place of `parent`.
    ///
    /// @throws IOException EUCLEAN if it can be none
    FatNode get(Directory parent, Place place) throws IOException {
        long offset = parent.slots().offset(place.main());
        FatNode known = byOffset.get(offset);
        if (known != null) {
            return known;
        }
        FatNode node = parent.node(parent.read(place));
        node.setPlace(place, offset);
        add(node);
        return node;
    }

    private void add(FatNode node) {
        byOffset.put(node.offset(), node);
        long ino = node.offset() / Slots.SIZE;
        while (byIno.containsKey(ino)) {
            ino = nextIno++;
        }
        node.setIno(ino);
        byIno.put(ino, node);
    }

    /// The number of the file whose entry lies there.
    long inoAt(long offset) {
        FatNode node = byOffset.get(offset);
        return node == null ? offset / Slots.SIZE : node.ino();
    }

    /// The entry of a file lies elsewhere now, or nowhere: null.
    void move(FatNode node, @Nullable Place place, long offset) {
        byOffset.remove(node.offset(), node);
        node.setPlace(place, offset);
        if (place != null) {
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
            index = directory.readIndex();
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

    private void forgetIndex(Directory directory) {
        DirIndex index = indexes.remove(directory);
        weight -= index == null ? 0 : index.weight();
    }

    void clearIndexes() {
        indexes.clear();
        weight = 0;
    }
}
