// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.Timer;

/// Call contexts that wait for something to change. Each looks at it again when it is woken, which may also happen
/// for no reason.
final class Waiters {
    private final List<CallContext> waiting = new ArrayList<>();

    static CallContext context() {
        CallContext context = CallContext.current();
        if (context == null) {
            throw new IllegalStateException("psshfs is driven by the call contexts of an event loop");
        }
        return context;
    }

    /// Yields until [#wake].
    ///
    /// @throws ErrnoException EINTR when cancelled
    void await() throws ErrnoException {
        CallContext context = context();
        waiting.add(context);
        try {
            context.pause();
        } finally {
            waiting.remove(context);
        }
    }

    /// As [#await()], for `limit` at most.
    void await(Duration limit) throws ErrnoException {
        CallContext context = context();
        Timer timer = context.loop().after(limit, context::schedule);
        try {
            await();
        } finally {
            timer.cancel();
        }
    }

    void wake() {
        waiting.forEach(CallContext::schedule);
    }
}
