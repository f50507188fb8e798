// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import jpuffs.core.DirSink;
import jpuffs.core.Name;

/// The names in a directory by cookies that depend on the names alone, so that they stay good without being kept: a
/// cookie is a hash of 60 bits; of two names with one hash the second gets the next number.
final class PathEntries {
    private static final int SHIFT = 4;
    private static final long PRIME = 0x100000001b3L; // of FNV-1a, 64 bits
    private static final long BASIS = 0xcbf29ce484222325L;

    private final NavigableMap<Long, Name> byCookie = new TreeMap<>();

    static PathEntries of(Iterable<Name> names) {
        var entries = new PathEntries();
        for (Name name : names) {
            long cookie = hash(name);
            while (entries.byCookie.putIfAbsent(cookie, name) != null) {
                cookie++;
            }
        }
        return entries;
    }

    private static long hash(Name name) {
        long hash = BASIS;
        for (int at = 0; at < name.length(); at++) {
            hash = (hash ^ name.byteAt(at)) * PRIME;
        }
        return (hash >>> SHIFT) + 1;
    }

    /// Puts the entries after `cookie` into `sink` until it refuses one.
    void after(long cookie, DirSink sink) {
        for (Map.Entry<Long, Name> entry : byCookie.tailMap(cookie, false).entrySet()) {
            if (!sink.add(entry.getValue(), 0, 0, entry.getKey())) {
                return;
            }
        }
    }
}
