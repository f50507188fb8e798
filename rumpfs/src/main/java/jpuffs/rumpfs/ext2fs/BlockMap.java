// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.io.IOException;

/// Where the blocks of one file are.
sealed interface BlockMap permits ExtentMap, IndirectMap {
    /// Tells about block `logical` and those behind it, up to `max`, that are the same: a hole, or in a row on the
    /// disk.
    ///
    /// @throws IOException EUCLEAN
    void find(long logical, long max, Run out) throws IOException;

    /// Puts allocated blocks where there is a hole.
    ///
    /// @throws IOException ENOSPC, when nothing was changed
    void insert(Run run) throws IOException;

    /// Says that unwritten blocks have been written.
    ///
    /// @throws IOException ENOSPC, when nothing was changed
    void setWritten(long logical, long count) throws IOException;

    /// Frees the blocks from `from` to before `to`, the last first, until that is done or the transaction has
    /// become large.
    ///
    /// @return whether it is done
    boolean remove(long from, long to) throws IOException;

    /// The number of blocks a file may have.
    long maxBlocks();

    /// Whether it can hold blocks that are allocated but unwritten.
    boolean hasUnwritten();

    /// The blocks of the map itself, in `sink`: for checks.
    void metadata(BlockSink sink) throws IOException;

    /// Takes runs of blocks.
    @FunctionalInterface
    interface BlockSink {
        void add(long block, long count) throws IOException;
    }
}
