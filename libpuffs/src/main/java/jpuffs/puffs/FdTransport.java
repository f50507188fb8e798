// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.ECONNABORTED;
import static jpuffs.core.Errno.ECONNRESET;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENODEV;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOLCK;
import static jpuffs.core.Errno.ENOMEM;
import static jpuffs.core.Errno.EPIPE;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Watch;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import org.jspecify.annotations.Nullable;

/// Requests by read(2) and replies by write(2), one each: `/dev/fuse`, or a SOCK_SEQPACKET socket in its place.
///
/// Belongs to one loop: every method but [#send] and [#hangUp] is for that loop's thread and its contexts. Messages
/// are read into one large buffer; small ones are copied out of it, a large one takes it along.
final class FdTransport {
    private static final int PAGE = 4096;

    /// Requests up to this size are copied out.
    private static final int SMALL = 4096;

    /// A request's own buffer: the message, then a page for the reply's header (at its end), then its payload.
    private static final int REPLY_AT = SMALL + PAGE;

    private static final int SMALL_BUFFER = 16 << 10;
    private static final int SMALL_ROOM = SMALL_BUFFER - REPLY_AT;

    /// How often [#send] looks whether the connection has ended while there is no room.
    private static final long ROOM_CHECK_NANOS = 1_000_000_000;

    /// More requests than these are left to wait in the kernel.
    private static final int MAX_OUTSTANDING = 4096;

    /// Of these, waits for locks: there must be room for the requests that give locks up.
    private static final int MAX_LOCK_WAITS = 2048;

    private final EventLoop loop;
    private final Fd fd;
    private final Session session;
    private final BufferPool pool;
    private final String description;
    private final CompletableFuture<Void> initialised = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final ArrayDeque<FdRequest> idle = new ArrayDeque<>();
    private final Map<Long, CallContext> waiting = new HashMap<>();
    private final Inbox inbox;
    private @Nullable Watch watch;
    private @Nullable Interrupts elsewhere;
    private int outstanding;
    private int lockWaits;
    private boolean stuck; // the message in the inbox waits for memory
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
        inbox = new Inbox(pool, session.options.maxWrite());
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

    /// Completes when the kernel has ended the connection, or we have.
    CompletableFuture<Void> ended() {
        return ended;
    }

    /// Completes when the connection has ended and the last request is through.
    CompletableFuture<Void> drained() {
        return drained;
    }

    void interruptsGoTo(Interrupts other) {
        elsewhere = other;
    }

    String description() {
        return description;
    }

    /// Sends a notification. Blocks while the kernel works on it, and with `wait` while a socket is full: not from
    /// the loop, then.
    ///
    /// @return 0 or a negative errno
    long send(MemorySegment message, boolean wait) {
        long result = fd.tryWrite(message);
        while (wait && (result == -EAGAIN.number() || result == -EINTR.number()) && !ended.isDone()) {
            result = awaitRoom();
            result = result < 0 ? result : fd.tryWrite(message);
        }
        return Math.min(result, 0);
    }

    private long awaitRoom() {
        try {
            return Poll.one(fd.number(), Poll.POLLOUT, ROOM_CHECK_NANOS);
        } catch (ErrnoException e) {
            return -e.errno().number();
        }
    }

    /// Reads until the kernel has no more, where it had more than one the last time; else a look is not worth its
    /// call.
    private void readable(int events) {
        if (paused) {
            end(0); // this can only be the end: nothing else was asked for
            return;
        }
        boolean again;
        do {
            again = receive() && busy && !paused;
        } while (again);
    }

    /// Takes a request if there is one; whether there was.
    boolean poll() {
        return watch != null && !paused && !ended.isDone() && receive();
    }

    private boolean receive() {
        long n = inbox.read(fd);
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
        if (inbox.saidLength() != n) {
            Session.LOG.log(Level.WARNING, "a message of {0} bytes says it has {1}", n, inbox.saidLength());
            if (inbox.hasHeader()) {
                refuse(EIO);
            }
            return;
        }
        Opcode op = inbox.op();
        if (op == Opcode.INTERRUPT) {
            interrupt();
        } else if (op == Opcode.SETLKW && lockWaits >= MAX_LOCK_WAITS) {
            refuse(ENOLCK);
        } else {
            take();
        }
    }

    /// Takes the message out of the inbox and begins to serve it. Where the pool is empty, what has no answer gets
    /// memory of the heap, and the others wait for what those before them give back.
    private void take() {
        try {
            FdRequest request = idle.isEmpty() ? new FdRequest(Inbox.take(pool, SMALL_BUFFER)) : idle.pop();
            takeInto(request);
            begin(request);
        } catch (ErrnoException e) {
            if (!inbox.wantsAnswer()) {
                var request = new FdRequest(MemorySegment.ofArray(new byte[(int) inbox.length()]));
                inbox.copyTo(request.own);
                request.point(request.own, 0, inbox.length());
                begin(request);
            } else if (outstanding > 0) {
                stuck = true;
                pauseIfFull();
            } else {
                refuse(e.errno());
            }
        }
    }

    private void takeInto(FdRequest request) throws ErrnoException {
        long n = inbox.length();
        if (n <= SMALL) {
            inbox.copyTo(request.own);
            request.point(request.own, 0, n);
            return;
        }
        try {
            request.message = inbox.give();
        } catch (ErrnoException e) {
            idle.push(request);
            throw e;
        }
        request.point(request.message, Inbox.AT, n);
    }

    /// Tries again to take a message that waits for memory.
    private void retry() {
        if (stuck && !ended.isDone()) {
            stuck = false;
            take();
            pauseIfFull();
        }
    }

    private void begin(FdRequest request) {
        outstanding++;
        lockWaits += request.op == Opcode.SETLKW ? 1 : 0;
        CallContext context = loop.spawn(request.caller, request);
        if (!request.finished) {
            waiting.put(request.unique, context);
            request.listed = true;
            busy = true;
            pauseIfFull();
        }
    }

    private void pauseIfFull() {
        boolean full = outstanding >= MAX_OUTSTANDING || stuck;
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
        long unique = inbox.unique();
        long target = inbox.target();
        CallContext context = waiting.get(target);
        if (target == 0) {
            refuse(EINVAL);
        } else if (context != null) {
            context.cancel();
        } else if (elsewhere != null) {
            elsewhere.interrupt(target, () -> loop.execute(() -> refuse(unique, EAGAIN)));
        } else {
            refuse(EAGAIN);
        }
    }

    /// Answers the message in the inbox, if it is of an operation that has answers.
    private void refuse(Errno errno) {
        if (inbox.wantsAnswer() && refuse(inbox.unique(), errno) == -EAGAIN.number()) {
            refuseLater(errno);
        }
    }

    private long refuse(long unique, Errno errno) {
        return fd.tryWrite(inbox.refusal(unique, errno));
    }

    /// Where a socket is full. The message may be incomplete; its header is enough.
    private void refuseLater(Errno errno) {
        try {
            FdRequest request = idle.isEmpty() ? new FdRequest(Inbox.take(pool, SMALL_BUFFER)) : idle.pop();
            takeInto(request);
            request.refusal = errno;
            begin(request);
        } catch (ErrnoException e) {
            Session.LOG.log(Level.ERROR, description + ": no memory even to refuse a request", e);
        }
    }

    /// Ends the connection from this side. From any thread.
    void hangUp() {
        try {
            fd.shutdown(Fcntl.SHUT_RDWR); // of a socket, which its peer notices
        } catch (ErrnoException e) {
            Session.LOG.log(Level.DEBUG, "no socket: " + e.getMessage());
        }
        try {
            loop.execute(() -> end(0));
        } catch (RejectedExecutionException e) {
            Session.LOG.log(Level.DEBUG, "the loop has ended already");
        }
    }

    /// The connection is over, for this reason; 0 for our own. On the loop's thread; once.
    void end(int error) {
        if (ended.isDone()) {
            return;
        }
        boolean normal = error == ENODEV.number()
                || error == ECONNABORTED.number()
                || error == ECONNRESET.number()
                || error == EPIPE.number()
                || error == 0;
        if (!normal) {
            Session.LOG.log(Level.ERROR, "{0}: read: {1}", description, Errno.of(error));
        }
        stop();
        initialised.completeExceptionally(
                Errno.of(error == 0 ? EPIPE.number() : error).error());
        ended.complete(null);
        waiting.values().forEach(CallContext::cancel);
        drainedIfSo();
    }

    private void drainedIfSo() {
        if (outstanding == 0 && ended.isDone()) {
            drained.complete(null);
        }
    }

    /// Takes no more requests. After the loop has ended, and before it is closed.
    void stop() {
        Watch w = watch;
        if (w != null) {
            w.close();
            watch = null;
        }
    }

    /// Gives the buffers back. After the last context has ended.
    void close() {
        idle.forEach(request -> pool.give(request.own));
        idle.clear();
        inbox.close();
    }

    /// A request in a pool: it is used again and again.
    private final class FdRequest extends Request implements Runnable {
        private final MemorySegment own;
        private @Nullable MemorySegment message;
        private @Nullable MemorySegment large;
        private @Nullable Errno refusal;
        private boolean finished;
        private boolean listed;

        FdRequest(MemorySegment own) {
            this.own = own;
        }

        void point(MemorySegment from, long at, long n) {
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
            lockWaits -= op == Opcode.SETLKW ? 1 : 0;
            if (listed) {
                waiting.remove(unique);
            }
            if (op == Opcode.INIT || op == Opcode.CUSE_INIT) {
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
            while ((n == -EAGAIN.number() || n == -EINTR.number()) && awaitRoom()) {
                n = fd.tryWrite(reply);
            }
            if (n < 0 && n != -ENOENT.number() && n != -ENODEV.number() && n != -EPIPE.number()) {
                Session.LOG.log(Level.WARNING, "{0}: reply to {1} failed: {2}", description, op, Errno.of((int) -n));
            }
        }

        /// An interrupt of the request comes too late here: the reply is ready and has to go.
        private boolean awaitRoom() {
            try {
                loop.await(fd, Epoll.EPOLLOUT);
                return true;
            } catch (ErrnoException e) {
                return (e.errno() == EINTR || e.errno() == ETIMEDOUT) && !ended.isDone();
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
            if (own.isNative()) {
                idle.push(this);
            }
            if (stuck) {
                loop.execute(FdTransport.this::retry);
            } else if (paused) {
                pauseIfFull();
            }
            drainedIfSo();
        }
    }
}
