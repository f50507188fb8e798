// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.ECONNABORTED;
import static jpuffs.core.Errno.ECONNRESET;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOMEM;
import static jpuffs.core.Errno.EPIPE;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Watch;
import jpuffs.puffs.Wire.InHeader;
import jpuffs.puffs.Wire.OutHeader;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// Requests by read(2) and replies by write(2), one each: `/dev/fuse`, or a SOCK_SEQPACKET socket in its place.
///
/// Belongs to one loop: every method but [#send] is for that loop's thread and its contexts. Messages are read into
/// one large buffer; small ones are copied out of it, a large one takes it along.
final class FdTransport implements Transport {
    private static final int PAGE = 4096;

    /// Requests up to this size are copied out.
    private static final int SMALL = 4096;

    /// Where a message is read to, so that the data of a WRITE begins a page.
    private static final int INBOX_AT = PAGE - InHeader.SIZE - 40;

    /// A request's own buffer: the message, then a page for the reply's header (at its end), then its payload.
    private static final int REPLY_AT = SMALL + PAGE;

    private static final int SMALL_BUFFER = 16 << 10;
    private static final int SMALL_ROOM = SMALL_BUFFER - REPLY_AT;

    /// More requests than these are left to wait in the kernel.
    private static final int MAX_OUTSTANDING = 4096;

    private final EventLoop loop;
    private final Fd fd;
    private final Session session;
    private final BufferPool pool;
    private final String description;
    private final CompletableFuture<Void> initialised = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ArrayDeque<FdRequest> idle = new ArrayDeque<>();
    private final Map<Long, CallContext> waiting = new HashMap<>();
    private final int inboxSize;
    private MemorySegment inbox;
    private @Nullable Watch watch;
    private @Nullable Interrupts elsewhere;
    private int outstanding;
    private boolean paused;
    private boolean busy;

    /// Where requests may be that came by another way.
    interface Interrupts {
        void interrupt(long unique, Runnable missed);
    }

    FdTransport(EventLoop loop, Fd fd, Session session, BufferPool pool, String description) throws IOException {
        this.loop = loop;
        this.fd = fd;
        this.session = session;
        this.pool = pool;
        this.description = description;
        inboxSize = INBOX_AT + Math.max(Wire.MIN_READ_BUFFER, session.options.maxWrite() + PAGE);
        inbox = newInbox();
    }

    private MemorySegment newInbox() throws ErrnoException {
        MemorySegment buffer = pool.take(inboxSize);
        if (buffer == null) {
            throw ENOMEM.error("no memory for requests");
        }
        return buffer;
    }

    /// Begins to serve.
    void start() throws IOException {
        fd.setNonblock(true);
        watch = loop.watch(fd, Epoll.EPOLLIN, this::readable);
    }

    /// Completes when INIT was answered, or fails with the reason why it could not be.
    CompletableFuture<Void> initialised() {
        return initialised;
    }

    /// Completes when the kernel has ended the connection.
    CompletableFuture<Void> ended() {
        return ended;
    }

    void interruptsGoTo(Interrupts other) {
        elsewhere = other;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public long send(MemorySegment message) {
        long result = fd.tryWrite(message);
        return Math.min(result, 0);
    }

    /// Reads until the kernel has no more, where it had more than one the last time; else a look is not worth its
    /// call.
    private void readable(int events) {
        boolean again;
        do {
            again = receive() && busy && !paused;
        } while (again);
    }

    private boolean receive() {
        long n = fd.tryRead(inbox.asSlice(INBOX_AT));
        if (n > 0) {
            accept(n);
            return true;
        }
        int error = (int) -n;
        if (error == EAGAIN.number()) {
            busy = false;
        } else if (error != EINTR.number() && error != ENOENT.number()) {
            end(error);
        }
        return false;
    }

    private void accept(long n) {
        long length = n < InHeader.SIZE ? 0 : inbox.get(Request.INT, INBOX_AT + InHeader.LEN) & 0xffff_ffffL;
        if (length != n) {
            Session.LOG.log(Level.WARNING, "dropped a message of {0} bytes that says it has {1}", n, length);
            return;
        }
        int opcode = inbox.get(Request.INT, INBOX_AT + InHeader.OPCODE);
        if (opcode == Opcode.INTERRUPT.number()) {
            interrupt();
            return;
        }
        try {
            begin(n);
        } catch (ErrnoException e) {
            refuse(inbox.get(Request.LONG, INBOX_AT + InHeader.UNIQUE), e.errno());
        }
    }

    private void begin(long n) throws ErrnoException {
        FdRequest request = idle.isEmpty() ? new FdRequest(smallBuffer()) : idle.pop();
        if (n <= SMALL) {
            MemorySegment.copy(inbox, INBOX_AT, request.own, 0, n);
            request.point(request.own, 0, n);
        } else {
            request.message = inbox;
            inbox = newInboxOr(request);
            request.point(request.message, INBOX_AT, n);
        }
        outstanding++;
        CallContext context = loop.spawn(request.caller, request);
        if (!request.finished) {
            waiting.put(request.unique, context);
            request.listed = true;
            busy = true;
            pauseIfFull();
        }
    }

    private MemorySegment newInboxOr(FdRequest request) throws ErrnoException {
        try {
            return newInbox();
        } catch (ErrnoException e) {
            request.message = null;
            idle.push(request);
            throw e;
        }
    }

    private MemorySegment smallBuffer() throws ErrnoException {
        MemorySegment buffer = pool.take(SMALL_BUFFER);
        if (buffer == null) {
            throw ENOMEM.error("no memory for requests");
        }
        return buffer;
    }

    private void pauseIfFull() {
        boolean full = outstanding >= MAX_OUTSTANDING;
        if (full == paused || watch == null) {
            return;
        }
        paused = full;
        try {
            watch.modify(full ? 0 : Epoll.EPOLLIN);
        } catch (ErrnoException e) {
            Session.LOG.log(Level.ERROR, description + ": no more requests", e);
            end(e.errno().number());
        }
    }

    /// The process that waits for a request was interrupted. One we do not have is either answered or on its way in
    /// another loop: the kernel repeats an interrupt that is answered EAGAIN if it still matters.
    private void interrupt() {
        long unique = inbox.get(Request.LONG, INBOX_AT + InHeader.UNIQUE);
        long target = inbox.get(Request.LONG, INBOX_AT + InHeader.SIZE);
        CallContext context = waiting.get(target);
        if (context != null) {
            context.cancel();
        } else if (elsewhere != null) {
            elsewhere.interrupt(target, () -> loop.execute(() -> refuse(unique, EAGAIN)));
        } else {
            refuse(unique, EAGAIN);
        }
    }

    private void refuse(long unique, Errno errno) {
        MemorySegment header = inbox.asSlice(0, OutHeader.SIZE);
        header.set(Request.INT, OutHeader.LEN, OutHeader.SIZE);
        header.set(Request.INT, OutHeader.ERROR, -errno.number());
        header.set(Request.LONG, OutHeader.UNIQUE, unique);
        fd.tryWrite(header);
    }

    private void end(int error) {
        boolean normal = error == ENODEV.number()
                || error == ECONNABORTED.number()
                || error == ECONNRESET.number()
                || error == EPIPE.number()
                || error == 0;
        if (!normal) {
            Session.LOG.log(Level.ERROR, "{0}: read: {1}", description, Errno.of(error));
        }
        Watch w = watch;
        if (w != null) {
            w.close();
            watch = null;
        }
        initialised.completeExceptionally(
                Errno.of(error == 0 ? EPIPE.number() : error).error());
        ended.complete(null);
        waiting.values().forEach(CallContext::cancel);
    }

    /// Gives the buffers back. After the last context has ended.
    void close() {
        idle.forEach(request -> pool.give(request.own));
        idle.clear();
        pool.give(inbox);
    }

    /// A request in a pool: it is used again and again.
    private final class FdRequest extends Request implements Runnable {
        private final MemorySegment own;
        private @Nullable MemorySegment message;
        private @Nullable MemorySegment large;
        private boolean finished;
        private boolean listed;

        FdRequest(MemorySegment own) {
            this.own = own;
        }

        void point(MemorySegment from, long at, long n) {
            message(session, from, at, n);
            finished = false;
            listed = false;
            caller = Callers.of(uid, gid, pid);
        }

        @Override
        public void run() {
            session.serve(this);
            finish();
        }

        @Override
        MemorySegment room(int size) throws ErrnoException {
            if (size <= SMALL_ROOM) {
                return own.asSlice(REPLY_AT, SMALL_ROOM);
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
            if (op == null || op.isAnswered()) {
                reply();
            }
            finished = true;
            outstanding--;
            if (listed) {
                waiting.remove(unique);
            }
            if (op == Opcode.INIT) {
                initDone();
            }
            giveBack();
        }

        private void reply() {
            int length = error == 0 ? replyLength : 0;
            MemorySegment buffer = large == null ? own : large;
            int at = (large == null ? REPLY_AT : PAGE) - OutHeader.SIZE;
            buffer.set(INT, at + OutHeader.LEN, OutHeader.SIZE + length);
            buffer.set(INT, at + OutHeader.ERROR, -error);
            buffer.set(LONG, at + OutHeader.UNIQUE, unique);
            transmit(buffer.asSlice(at, OutHeader.SIZE + (long) length));
        }

        /// The kernel takes a reply at once or not at all; a socket may be full. A request that was interrupted may
        /// be gone.
        private void transmit(MemorySegment reply) {
            long n = fd.tryWrite(reply);
            while (n == -EAGAIN.number() || n == -EINTR.number()) {
                try {
                    loop.await(fd, Epoll.EPOLLOUT);
                } catch (IOException e) {
                    return;
                }
                n = fd.tryWrite(reply);
            }
            if (n < 0 && n != -ENOENT.number() && n != -ENODEV.number() && n != -EPIPE.number()) {
                Session.LOG.log(Level.WARNING, "{0}: reply to {1} failed: {2}", description, op, Errno.of((int) -n));
            }
        }

        private void initDone() {
            if (error == 0 && session.negotiation.minor() > 0) {
                initialised.complete(null);
            } else if (error != 0) {
                ErrnoException failure = session.negotiation.failure();
                initialised.completeExceptionally(
                        failure == null ? Errno.of(error).error() : failure);
            }
        }

        private void giveBack() {
            if (large != null) {
                pool.give(large);
                large = null;
            }
            if (message != null) {
                pool.give(message);
                message = null;
            }
            caller = Caller.KERNEL;
            idle.push(this);
            if (paused) {
                pauseIfFull();
            }
        }
    }
}
