// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Name;

/// Inode numbers. The protocol has none: a file's is a hash of its path, so it is the same after the kernel has
/// forgotten the file; a file that was renamed keeps its own while it is known.
final class Inos {
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L; // 2^64 divided by the golden ratio
    private static final long MASK = Long.MAX_VALUE;

    private final Set<Long> taken = new HashSet<>();

    /// The number for a new node at `path`.
    long take(Name path) {
        long ino = hash(path);
        while (!taken.add(ino)) {
            ino = next(ino);
        }
        return ino;
    }

    /// What [#take] would answer.
    long peek(Name path) {
        long ino = hash(path);
        while (taken.contains(ino)) {
            ino = next(ino);
        }
        return ino;
    }

    void give(long ino) {
        taken.remove(ino);
    }

    private static long next(long ino) {
        return usable(ino * MIX + 1);
    }

    private static long hash(Name path) {
        long hash = 0xcbf2_9ce4_8422_2325L; // FNV-1a, 64 bits
        for (int i = 0; i < path.length(); i++) {
            hash = (hash ^ path.byteAt(i) & 0xff) * 0x100_0000_01b3L;
        }
        return usable(hash);
    }

    /// 0 means no number, 1 is the root's to the kernel.
    private static long usable(long hash) {
        long ino = hash & MASK;
        return ino < 2 ? ino + 2 : ino;
    }
}
