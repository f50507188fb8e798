// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.ENOMEM;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.BufferPool;
import org.jspecify.annotations.Nullable;

/// A request that came to an [FdTransport], which uses it again and again. The message is copied into the request's
/// own buffer if it is small, and kept in the one it came in if it is large.
final class FdRequest extends Request implements Runnable {
    private static final int PAGE = 4096;

    /// Messages up to this size are copied.
    private static final int SMALL = 4096;

    /// The own buffer: the message, then a page for the reply's header (at its end), then its payload.
    private static final int REPLY_AT = SMALL + PAGE;

    private static final int BUFFER = 16 << 10;
    private static final int ROOM = BUFFER - REPLY_AT;

    /// Of the transport's list; -1 if it is of no list.
    final int number;

    /// What to answer in place of serving it.
    @Nullable
    Errno refusal;

    boolean finished;

    /// Whether it waits, so that an interrupt can find it.
    boolean listed;

    private final Session session;
    private final BufferPool pool;
    private final Consumer<FdRequest> done;
    private final MemorySegment own;
    private @Nullable MemorySegment message;
    private @Nullable MemorySegment large;

    private FdRequest(Session session, BufferPool pool, Consumer<FdRequest> done, MemorySegment own, int number) {
        this.session = session;
        this.pool = pool;
        this.done = done;
        this.own = own;
        this.number = number;
    }

    /// @param done what to do when it is served: send the reply
    /// @throws ErrnoException ENOMEM
    static FdRequest make(Session session, BufferPool pool, Consumer<FdRequest> done, int number)
            throws ErrnoException {
        return new FdRequest(session, pool, done, Inbox.take(pool, BUFFER), number);
    }

    /// For one message that has no answer, where the pool has no memory.
    static FdRequest onHeap(Session session, BufferPool pool, Consumer<FdRequest> done, Inbox inbox) {
        var own = MemorySegment.ofArray(new byte[(int) inbox.length()]);
        var request = new FdRequest(session, pool, done, own, -1);
        inbox.copyTo(own);
        request.point(own, 0, inbox.length());
        return request;
    }

    /// Takes the message of the inbox.
    ///
    /// @throws ErrnoException ENOMEM; then it stays there
    void take(Inbox inbox) throws ErrnoException {
        long n = inbox.length();
        if (n <= SMALL) {
            inbox.copyTo(own);
            point(own, 0, n);
        } else {
            message = inbox.give();
            point(message, Inbox.AT, n);
        }
    }

    private void point(MemorySegment from, long at, long n) {
        message(session, from, at, n);
        refusal = null;
        finished = false;
        listed = false;
        caller = Callers.of(uid, gid, pid);
    }

    @Override
    public void run() {
        if (refusal == null) {
            session.serve(this);
        } else {
            error = refusal.number();
        }
        finish();
    }

    @Override
    MemorySegment room(int size) throws ErrnoException {
        if (size <= ROOM) {
            return own.asSlice(REPLY_AT, ROOM);
        }
        if (large == null) {
            large = pool.take(size + PAGE);
        }
        if (large == null) {
            throw ENOMEM.error("no memory for a reply of %d bytes", size);
        }
        return large.asSlice(PAGE);
    }

    @Override
    void finish() {
        finished = true;
        done.accept(this);
    }

    /// Whether somebody waits for the reply.
    boolean isAnswered() {
        return op == null || op.isAnswered();
    }

    /// The reply, whole; good until [#release].
    MemorySegment reply() {
        int length = error == 0 ? replyLength : 0;
        MemorySegment buffer = large == null ? own : large;
        int at = (large == null ? REPLY_AT : PAGE) - OutHeader.SIZE;
        buffer.set(INT, at + OutHeader.LEN, OutHeader.SIZE + length);
        buffer.set(INT, at + OutHeader.ERROR, -error);
        buffer.set(LONG, at + OutHeader.UNIQUE, unique);
        return buffer.asSlice(at, OutHeader.SIZE + (long) length);
    }

    /// Ready for the next message.
    ///
    /// @return whether it can be used again
    boolean release() {
        if (large != null) {
            pool.give(large);
            large = null;
        }
        if (message != null) {
            pool.give(message);
            message = null;
        }
        caller = Caller.KERNEL;
        return number >= 0;
    }

    void close() {
        pool.give(own);
    }
}
