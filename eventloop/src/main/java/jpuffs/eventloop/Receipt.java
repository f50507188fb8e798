// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A context that waits for the next frame, whatever it is.
final class Receipt {
    private final CallContext context;
    private @Nullable FrameBuf frame;
    private @Nullable Errno failure;

    Receipt(CallContext context) {
        this.context = context;
    }

    void complete(FrameBuf received) {
        frame = received;
        context.unpark();
    }

    void fail(ErrnoException why) {
        failure = why.errno();
        context.unpark();
    }

    /// The frame; null as long as there is none.
    @Nullable
    FrameBuf frame() throws ErrnoException {
        if (failure != null) {
            throw failure.error();
        }
        return frame;
    }
}
