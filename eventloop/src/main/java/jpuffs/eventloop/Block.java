// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A piece of native memory of a [FramePool].
///
/// @param own the arena of a piece too large for a slab
record Block(MemorySegment memory, @Nullable Arena own) {}
