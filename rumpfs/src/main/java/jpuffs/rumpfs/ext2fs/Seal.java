// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;

/// What a metadata block gets before it is written, once, however often it was changed: its checksum.
@FunctionalInterface
interface Seal {
    /// Blocks without a checksum of their own.
    Seal NONE = (data, block) -> {};

    void seal(MemorySegment data, long block);
}
