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
import static jpuffs.core.Errno.EPIPE;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Watch;
import jpuffs.sys.At;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import org.jspecify.annotations.Nullable;

/// Requests by read(2) and replies by write(2), one each: `/dev/fuse`, or a SOCK_SEQPACKET socket in its place. Both
/// by io_uring for `/dev/cuse` ([DeviceRing]).
///
/// Belongs to one loop: every method but [#send] and [#hangUp] is for that loop's thread and its contexts.
final class FdTransport {
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
    private final List<FdRequest> numbered = new ArrayList<>();
    private final List<FdRequest> sending = new ArrayList<>(); // replies that the ring has
    private final Map<Long, CallContext> waiting = new HashMap<>();
    private final Inbox inbox;
    private @Nullable Watch watch; // with a ring: only while paused
    private @Nullable DeviceRing ring;
    private @Nullable Interrupts elsewhere;
    private int outstanding;
    private int lockWaits;
    private boolean started;
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
        started = true;
        if (session.options.cuse() != null && session.options.ioUring() != MountOptions.IoUring.OFF && isDevice()) {
            ring = DeviceRing.open(loop, fd, this);
        }
        if (ring == null) {
            watch = loop.watch(fd, Epoll.EPOLLIN, this::readable);
        }
    }

    /// Not a socket, which may be full.
    private boolean isDevice() throws ErrnoException {
        return Mode.type(At.fstat(fd.number()).attr().mode()) == Mode.S_IFCHR;
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
        int taken = 0;
        do {
            again = receive() && busy && !paused;
            if (++taken % Session.PORTION == 0) {
                loop.flush();
            }
        } while (again);
    }

    /// Takes a request if there is one; whether there was.
    boolean poll() {
        return watch != null && !paused && !ended.isDone() && receive();
    }

    private boolean receive() {
        return received(fd.tryRead(inbox.room()));
    }

    /// A message of `n` bytes is in [#room], or there was none, by a negative errno.
    ///
    /// @return whether there was one
    boolean received(long n) {
        inbox.filled(n);
        int error = (int) -n;
        if (n > 0) {
            accept(n);
        } else if (error == EAGAIN.number()) {
            busy = false;
        } else if (error != EINTR.number() && error != ENOENT.number()) {
            end(error);
        }
        return n > 0;
    }

    /// Where the ring shall put the next message; null if none is wanted now.
    @Nullable
    MemorySegment room() {
        return paused || ended.isDone() ? null : inbox.room();
    }

    /// The kernel has what the ring was given.
    void sent() {
        sending.forEach(this::giveBack);
        sending.clear();
    }

    /// The kernel did not take a reply that the ring was given.
    ///
    /// @param n a negative errno
    void refused(int request, int n) {
        refused(numbered.get(request), n);
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
            FdRequest request = idleRequest();
            takeInto(request);
            begin(request);
        } catch (ErrnoException e) {
            if (!inbox.wantsAnswer()) {
                begin(FdRequest.onHeap(session, pool, this::done, inbox));
            } else if (outstanding > 0) {
                stuck = true;
                pauseIfFull();
            } else {
                refuse(e.errno());
            }
        }
    }

    private FdRequest idleRequest() throws ErrnoException {
        if (!idle.isEmpty()) {
            return idle.pop();
        }
        FdRequest request = FdRequest.make(session, pool, this::done, numbered.size());
        numbered.add(request);
        return request;
    }

    private void takeInto(FdRequest request) throws ErrnoException {
        try {
            request.take(inbox);
        } catch (ErrnoException e) {
            idle.push(request);
            throw e;
        }
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
        if (full == paused || !started) {
            return;
        }
        paused = full;
        try {
            watchFor(full ? 0 : Epoll.EPOLLIN);
        } catch (ErrnoException e) {
            Session.LOG.log(Level.ERROR, description + ": no more requests", e);
            end(e.errno().number());
        }
    }

    private void watchFor(int events) throws ErrnoException {
        if (watch == null) {
            watch = loop.watch(fd, events, this::readable);
        } else if (ring == null) {
            watch.modify(events);
        } else { // which asks itself again
            watch.close();
            watch = null;
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
            FdRequest request = idleRequest();
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
        if (ring != null) {
            ring.stop();
        }
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
        started = false;
        Watch w = watch;
        if (w != null) {
            w.close();
            watch = null;
        }
    }

    /// Gives the buffers back. After the last context has ended.
    void close() {
        if (ring != null) {
            ring.close();
        }
        idle.forEach(FdRequest::close);
        idle.clear();
        inbox.close();
    }

    /// A request is served.
    private void done(FdRequest request) {
        boolean gone = !request.isAnswered() || send(request);
        outstanding--;
        lockWaits -= request.op == Opcode.SETLKW ? 1 : 0;
        if (request.listed) {
            waiting.remove(request.unique);
        }
        if (request.op == Opcode.INIT || request.op == Opcode.CUSE_INIT) {
            initDone(request.error);
        }
        if (gone) {
            giveBack(request);
        }
    }

    /// Whether the reply is gone; else it keeps its memory until [#sent].
    private boolean send(FdRequest request) {
        MemorySegment reply = request.reply();
        DeviceRing r = ring;
        if (r != null && request.op != Opcode.CUSE_INIT && !ended.isDone() && r.send(reply, request.number)) {
            sending.add(request);
            return false;
        }
        transmit(reply, request);
        return true;
    }

    /// The kernel takes a reply at once or not at all; a socket may be full. A request that was interrupted may be
    /// gone.
    private void transmit(MemorySegment reply, FdRequest request) {
        long n = fd.tryWrite(reply);
        while ((n == -EAGAIN.number() || n == -EINTR.number()) && awaitRoomHere()) {
            n = fd.tryWrite(reply);
        }
        if (n < 0) {
            refused(request, n);
        }
    }

    private void refused(FdRequest request, long n) {
        if (n != -ENOENT.number() && n != -ENODEV.number() && n != -EPIPE.number()) {
            var errno = Errno.of((int) -n);
            Session.LOG.log(Level.WARNING, "{0}: reply to {1} failed: {2}", description, request.op, errno);
        }
    }

    /// An interrupt of the request comes too late here: the reply is ready and has to go. Yields.
    private boolean awaitRoomHere() {
        try {
            loop.await(fd, Epoll.EPOLLOUT);
            return true;
        } catch (ErrnoException e) {
            return (e.errno() == EINTR || e.errno() == ETIMEDOUT) && !ended.isDone();
        }
    }

    private void initDone(int error) {
        if (error == 0 && session.negotiation.minor() > 0) {
            initialised.complete(null);
        } else if (error != 0) {
            ErrnoException failure = session.negotiation.failure();
            initialised.completeExceptionally(failure == null ? Errno.of(error).error() : failure);
        }
    }

    private void giveBack(FdRequest request) {
        if (request.release()) {
            idle.push(request);
        }
        if (stuck) {
            loop.execute(this::retry);
        } else if (paused) {
            pauseIfFull();
        }
        drainedIfSo();
    }
}
