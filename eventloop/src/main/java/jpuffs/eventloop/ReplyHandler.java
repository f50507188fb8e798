// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// What is to happen when the reply to a [Channel#call(FrameBuf, ReplyHandler)] is there. Runs on the loop's
/// thread, in no context: it must not wait.
@FunctionalInterface
public interface ReplyHandler {
    /// Called once.
    ///
    /// @param reply the reply, which is the handler's to close; null if there is none
    /// @param failure why there is no reply; null if there is one
    void replied(@Nullable FrameBuf reply, @Nullable ErrnoException failure);
}
