// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.util.LinkedHashMap;
import java.util.Map;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// What look-ups have found, and that they found nothing, for as long as the server said; the names used last.
final class EntryCache {
    private static final int MAX_NAMES = 16_384;

    private record Key(long directory, Name name) {}

    /// @param child null: there is none
    /// @param until when it ends, of [System#nanoTime()]
    record Known(@Nullable RemoteNode child, long until) {
        boolean isValid() {
            return Attrs.isFuture(until);
        }
    }

    private final Map<Key, Known> names = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > MAX_NAMES;
        }
    };

    /// What is known of a name, whether it is valid still or not.
    synchronized @Nullable Known find(long directory, Name name) {
        return names.get(new Key(directory, name));
    }

    synchronized void enter(long directory, Name name, @Nullable RemoteNode child, long until) {
        names.put(new Key(directory, name), new Known(child, until));
    }

    /// Whatever the name is now.
    ///
    /// @return what it was, if that is known
    synchronized @Nullable RemoteNode forget(long directory, Name name) {
        Known known = names.remove(new Key(directory, name));
        return known == null ? null : known.child;
    }

    synchronized void clear() {
        names.clear();
    }
}
