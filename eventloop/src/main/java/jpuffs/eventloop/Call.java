// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A request that waits for its reply: a context does, or a handler. One that was given up stays in the channel's
/// table, so that its late reply is not taken for something else.
final class Call {
    final long tag;
    private final @Nullable CallContext context;
    private final @Nullable ReplyHandler handler;
    private @Nullable FrameBuf reply;
    private @Nullable ErrnoException failure;
    private boolean done;

    @Nullable
    Timer deadline;

    Call(long tag, @Nullable CallContext context, @Nullable ReplyHandler handler) {
        this.tag = tag;
        this.context = context;
        this.handler = handler;
    }

    boolean isDone() {
        return done;
    }

    void complete(FrameBuf frame) {
        if (done) {
            frame.close();
        } else {
            reply = frame;
            finish();
        }
    }

    void fail(ErrnoException why) {
        if (!done) {
            failure = why.errno().error(); // each waiter throws its own
            finish();
        }
    }

    /// Nobody waits any more.
    void abandon() {
        done = true;
        cancelDeadline();
    }

    private void finish() {
        done = true;
        cancelDeadline();
        if (handler != null) {
            try {
                handler.replied(reply, failure);
            } catch (Throwable e) {
                Tasks.failed("reply handler", e);
            }
        } else if (context != null) {
            context.unpark();
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    /// Of a call that a context has waited for.
    FrameBuf result() throws ErrnoException {
        if (failure != null) {
            throw failure;
        }
        if (reply == null) {
            throw Errno.ECANCELED.error();
        }
        return reply;
    }
}
