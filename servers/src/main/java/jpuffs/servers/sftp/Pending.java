// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import static jpuffs.core.Errno.ECANCELED;

import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.ReplyHandler;
import org.jspecify.annotations.Nullable;

/// A request that was sent: one context waits for its reply, or nobody does. Closing it drops a reply that was not
/// taken, also one that comes later.
public final class Pending implements ReplyHandler, AutoCloseable {
    private @Nullable FrameBuf reply;
    private @Nullable ErrnoException failure;
    private @Nullable CallContext waiter;
    private boolean done;
    private boolean closed;

    Pending() {}

    @Override
    public void replied(@Nullable FrameBuf frame, @Nullable ErrnoException why) {
        done = true;
        failure = why;
        if (closed && frame != null) {
            frame.close();
        } else {
            reply = frame;
        }
        if (waiter != null) {
            waiter.schedule();
        }
    }

    /// The reply, which is the caller's to close. Yields. Contexts only.
    ///
    /// @throws ErrnoException EINTR when cancelled; what the connection was lost by
    public FrameBuf await() throws ErrnoException {
        CallContext context = CallContext.current();
        if (context == null) {
            throw new IllegalStateException("Only a call context can wait");
        }
        waiter = context;
        try {
            while (!done) {
                context.pause();
            }
        } finally {
            waiter = null;
        }
        if (failure != null) {
            throw failure.errno().error("%s", String.valueOf(failure.getMessage()));
        }
        FrameBuf taken = reply;
        reply = null;
        if (taken == null) {
            throw ECANCELED.error();
        }
        return taken;
    }

    @Override
    public void close() {
        closed = true;
        if (reply != null) {
            reply.close();
            reply = null;
        }
    }
}
