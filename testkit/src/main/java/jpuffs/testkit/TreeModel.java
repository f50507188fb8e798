// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Errno;
import org.jspecify.annotations.Nullable;

/// What a tree of files should look like after operations by the super-user, and with which error each should end.
/// All symbolic links lead nowhere. A null answer is success.
final class TreeModel {
    /// A file of any kind.
    static final class Item {
        final boolean directory;
        final @Nullable String target;
        final Map<String, Item> children = new TreeMap<>();
        byte[] content = {};
        int mode;
        int names = 1;

        private Item(boolean directory, @Nullable String target, int mode) {
            this.directory = directory;
            this.target = target;
            this.mode = mode;
        }
    }

    /// Where a path leads.
    ///
    /// @param parent the directory of the last component, null if there is none
    /// @param failure why there is none
    private record Place(@Nullable Item parent, String name, Errno failure) {
        @Nullable
        Item item() {
            return parent == null ? null : parent.children.get(name);
        }

        /// The error for a file that must be there.
        Errno missing() {
            return parent == null ? failure : ENOENT;
        }
    }

    final Item root = new Item(true, null, 0777);

    private Place place(List<String> path) {
        Item at = root;
        for (String name : path.subList(0, path.size() - 1)) {
            Item next = at.children.get(name);
            if (next == null || next.target != null) {
                return new Place(null, "", ENOENT);
            }
            if (!next.directory) {
                return new Place(null, "", ENOTDIR);
            }
            at = next;
        }
        return new Place(at, path.getLast(), ENOENT);
    }

    private @Nullable Errno make(List<String> path, Item item) {
        Place place = place(path);
        if (place.parent == null) {
            return place.failure;
        }
        if (place.item() != null) {
            return EEXIST;
        }
        place.parent.children.put(place.name, item);
        return null;
    }

    @Nullable
    Errno create(List<String> path, int mode) {
        return make(path, new Item(false, null, mode));
    }

    @Nullable
    Errno mkdir(List<String> path, int mode) {
        return make(path, new Item(true, null, mode));
    }

    @Nullable
    Errno symlink(String target, List<String> path) {
        return make(path, new Item(false, target, 0777));
    }

    @Nullable
    Errno link(List<String> path, List<String> newPath) {
        Place from = place(path);
        Item item = from.item();
        if (item == null) {
            return from.missing();
        }
        Place to = place(newPath);
        if (to.parent == null) {
            return to.failure;
        }
        if (to.item() != null) {
            return EEXIST;
        }
        if (item.directory) {
            return EPERM;
        }
        to.parent.children.put(to.name, item);
        item.names++;
        return null;
    }

    @Nullable
    Errno unlink(List<String> path) {
        Place place = place(path);
        Item item = place.item();
        if (place.parent == null || item == null) {
            return place.missing();
        }
        if (item.directory) {
            return EISDIR;
        }
        item.names--;
        place.parent.children.remove(place.name);
        return null;
    }

    @Nullable
    Errno rmdir(List<String> path) {
        Place place = place(path);
        Item item = place.item();
        if (place.parent == null || item == null) {
            return place.missing();
        }
        if (!item.directory) {
            return ENOTDIR;
        }
        if (!item.children.isEmpty()) {
            return ENOTEMPTY;
        }
        place.parent.children.remove(place.name);
        return null;
    }

    @Nullable
    Errno rename(List<String> path, List<String> newPath) {
        Place from = place(path);
        Place to = place(newPath);
        if (from.parent == null || to.parent == null) {
            return from.parent == null ? from.failure : to.failure;
        }
        Item item = from.item();
        if (item == null) {
            return ENOENT;
        }
        Item old = to.item();
        if (holds(item, to.parent)) {
            return EINVAL;
        }
        if (old != null && holds(old, from.parent)) {
            return ENOTEMPTY;
        }
        if (item == old) {
            return null;
        }
        Errno refused = old == null ? null : refusal(item, old);
        if (refused == null) {
            move(from.parent, from.name, to.parent, to.name, item, old);
        }
        return refused;
    }

    private static @Nullable Errno refusal(Item item, Item old) {
        if (item.directory != old.directory) {
            return item.directory ? ENOTDIR : EISDIR;
        }
        return old.children.isEmpty() ? null : ENOTEMPTY;
    }

    private static void move(Item from, String name, Item to, String newName, Item item, @Nullable Item old) {
        from.children.remove(name);
        to.children.put(newName, item);
        if (old != null) {
            old.names--;
        }
    }

    /// Whether `directory` is `item` or below it.
    private static boolean holds(Item item, Item directory) {
        return item == directory || item.children.values().stream().anyMatch(child -> holds(child, directory));
    }

    @Nullable
    Errno write(List<String> path, byte[] content) {
        Item item = place(path).item();
        if (item == null || item.target != null) {
            return item == null ? place(path).missing() : ENOENT;
        }
        if (item.directory) {
            return EISDIR;
        }
        item.content = content;
        return null;
    }

    @Nullable
    Errno chmod(List<String> path, int mode) {
        Item item = place(path).item();
        if (item == null || item.target != null) {
            return item == null ? place(path).missing() : ENOENT;
        }
        item.mode = mode;
        return null;
    }
}
