// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A frame on its way out: waiting for room in the queue, queued, or half written.
final class Outgoing {
    private final FramePool pool;
    private final Block block;
    final int size;
    private final @Nullable CallContext sender; // parked until queued, or written, as it likes
    private final @Nullable Call call; // fails with this
    private boolean queued;
    private boolean written;
    private @Nullable ErrnoException failure;

    /// Takes the memory of `frame`.
    Outgoing(FramePool pool, FrameBuf frame, @Nullable CallContext sender, @Nullable Call call) {
        this.pool = pool;
        this.size = frame.size();
        this.block = frame.giveAway();
        this.sender = sender;
        this.call = call;
    }

    /// What is still to be written after the first `offset` bytes.
    MemorySegment bytes(int offset) {
        return block.memory().asSlice(offset, (long) size - offset);
    }

    void setQueued() {
        queued = true;
        wake();
    }

    void setWritten() {
        pool.give(block);
        written = true;
        wake();
    }

    /// It was not written, or not to the end, and never will be.
    void fail(ErrnoException why) {
        pool.give(block);
        failure = why.errno().error(); // each sender throws its own
        if (call != null) {
            call.fail(why);
        }
        wake();
    }

    /// Taken out of the queue by its sender.
    void discard() {
        pool.give(block);
    }

    private void wake() {
        if (sender != null) {
            sender.unpark();
        }
    }

    boolean isQueued() throws ErrnoException {
        check();
        return queued;
    }

    boolean isWritten() throws ErrnoException {
        check();
        return written;
    }

    private void check() throws ErrnoException {
        if (failure != null) {
            throw failure;
        }
    }
}
