// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import java.util.LinkedHashMap;
import java.util.Map;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// What look-ups in the directories of one mount have found, and that they found nothing: the names used last. Only
/// for a file system whose files change by the kernel's operations alone. Guarded by the kernel lock. (NetBSD:
/// namecache(9).)
///
/// It holds no vnode: one that was reclaimed is not found any more, and a directory that was is another vnode when
/// it comes back.
final class NameCache {
    private static final int MAX_NAMES = 4096;

    private record Key(Vnode directory, Name name) {
        @Override
        public int hashCode() {
            return System.identityHashCode(directory) * 31 + name.hashCode();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.directory == directory && key.name.equals(name);
        }
    }

    /// @param child null: there is none
    record Found(@Nullable Vnode child) {
        static final Found NOTHING = new Found(null);
    }

    private final Map<Key, Found> names = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Found> eldest) {
            return size() > MAX_NAMES;
        }
    };

    /// What is known of a name; null if nothing is.
    @Nullable
    Found find(Vnode directory, Name name) {
        Found found = names.get(new Key(directory, name));
        return found != null && found.child != null && found.child.reclaimed ? null : found;
    }

    /// A look-up has found `child`, or nothing.
    void enter(Vnode directory, Name name, @Nullable Vnode child) {
        names.put(new Key(directory, name), child == null ? Found.NOTHING : new Found(child));
    }

    /// The name was made, removed or given to another file.
    void forget(Vnode directory, Name name) {
        names.remove(new Key(directory, name));
    }
}
