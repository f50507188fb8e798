// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Mapping;
import org.jspecify.annotations.Nullable;

/// The data of one request or reply, page-aligned; owned until [#close].
///
/// @param memory at least what was asked for, with anything in it
/// @param pool whose it is; null for one that was mapped by itself
/// @param own the arena of one that was mapped by itself
record Payload(
        MemorySegment memory,
        @Nullable BufferPool pool,
        @Nullable Arena own) implements AutoCloseable {
    /// From `pool`; if that is at its limit or has none so large, from the system.
    ///
    /// @throws ErrnoException ENOMEM
    static Payload take(BufferPool pool, long size) throws ErrnoException {
        MemorySegment pooled = size <= BufferPool.MAX ? pool.take(size) : null;
        if (pooled != null) {
            return new Payload(pooled, pool, null);
        }
        Arena own = Arena.ofShared();
        try {
            return new Payload(Mapping.anonymous(size, own), null, own);
        } catch (ErrnoException e) {
            own.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.give(memory);
        } else if (own != null) {
            own.close();
        }
    }
}
