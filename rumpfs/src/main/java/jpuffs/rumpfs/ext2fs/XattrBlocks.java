// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which blocks have which extended attributes, by the hash in their heads: those that were in use lately. So files
/// with the same attributes, as the access control lists of one folder, have one block.
final class XattrBlocks {
    /// The most files that have one block, as in Linux.
    static final int MAX_SHARERS = 1024;

    private static final int MAX_KNOWN = 1024;

    private final Map<Integer, Long> blocks = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Long> eldest) {
            return size() > MAX_KNOWN;
        }
    };

    /// A block that may have attributes of that hash, or null.
    @Nullable
    Long find(int hash) {
        return blocks.get(hash);
    }

    /// A block has attributes.
    void add(int hash, long block) {
        if (hash != 0) { // they are not to be shared
            blocks.put(hash, block);
        }
    }

    /// It is free, or has others.
    void remove(int hash, long block) {
        blocks.remove(hash, block);
    }
}
