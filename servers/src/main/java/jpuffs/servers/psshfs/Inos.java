// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import jpuffs.core.Name;

/// Inode numbers. The protocol has none: a file's is a hash of its path, so it is the same after the kernel has
/// forgotten the file; a file that was renamed keeps its own while it is known.
final class Inos {
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L; // 2^64 divided by the golden ratio
    private static final long MASK = Long.MAX_VALUE;

    // FNV-1a, 64 bits
    private static final long START = 0xcbf2_9ce4_8422_2325L;
    private static final long PRIME = 0x100_0000_01b3L;

    private final LongSet taken = new LongSet();
    private final long root;

    /// @param root the path of the directory that is mounted
    Inos(Name root) {
        this.root = hash(START, root);
    }

    /// The number of the directory that is mounted.
    long takeRoot() {
        long ino = usable(root);
        taken.add(ino);
        return ino;
    }

    /// The hash of its path.
    long rootHash() {
        return root;
    }

    /// The number for a new node.
    ///
    /// @param directory the hash of the path of what it is in: [#rootHash] or [#hash]
    long take(long directory, Name name) {
        long ino = peek(directory, name);
        taken.add(ino);
        return ino;
    }

    /// What [#take] would answer.
    long peek(long directory, Name name) {
        long ino = usable(hash(directory, name));
        while (taken.contains(ino)) {
            ino = usable(ino * MIX + 1);
        }
        return ino;
    }

    void give(long ino) {
        taken.remove(ino);
    }

    /// The hash of a path that ends in `name`.
    static long hash(long directory, Name name) {
        long hash = (directory ^ '/') * PRIME;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.byteAt(i) & 0xff) * PRIME;
        }
        return hash;
    }

    /// 0 means no number, 1 is the root's to the kernel.
    private static long usable(long hash) {
        long ino = hash & MASK;
        return ino < 2 ? ino + 2 : ino;
    }
}
