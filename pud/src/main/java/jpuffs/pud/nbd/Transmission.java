// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EPROTO;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Objects;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Watch;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Epoll;
import org.jspecify.annotations.Nullable;

/// A client in the transmission phase. Requests are read in a callback of the loop, run on call contexts of their
/// own, many at a time, and answered as they are done.
///
/// A request that need not wait is done when `spawn` returns, so what came in one read mostly goes out in one
/// write. How much a client may have under way is bounded; beyond that its socket is not read.
///
/// All of it belongs to the loop.
final class Transmission {
    private static final int MAX_REQUESTS = 128;
    private static final long MAX_BYTES = 16 << 20;

    /// Replies of this size are written before more requests are read: their data are still in the CPU's cache.
    private static final long FLUSH = 256 << 10;

    /// Requests in a row, before it is the turn of others.
    private static final int BUDGET = 256;

    private static final int READING = Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    private final EventLoop loop;
    private final Stream stream;
    private final Session session;
    private final BufferPool pool;
    private final Commands commands;
    private final Replies replies;
    private final Input input;
    private final Output output;
    private final Runnable ended;
    private final Watch watch;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment headers = arena.allocate((long) MAX_REQUESTS * Request.HEADER);
    private final ArrayDeque<Request> idle = new ArrayDeque<>();
    private int made; // requests that there are, idle or not
    private @Nullable Request incoming; // a WRITE whose data is on its way
    private long bytes; // of data under way
    private boolean running; // run is on the stack
    private boolean queued; // run is in the loop's queue
    private boolean full; // the socket takes no more, until it tells of room
    private boolean armed; // it will tell
    private boolean closing; // DISC: no more requests
    private boolean closed;

    /// @param handshake which has chosen an export
    /// @param ended told once, when nothing of it is left
    Transmission(EventLoop loop, Handshake handshake, BufferPool pool, Runnable ended) throws ErrnoException {
        this.loop = loop;
        this.pool = pool;
        this.ended = ended;
        stream = handshake.stream();
        session = handshake.session();
        input = handshake.input();
        replies = new Replies(session);
        commands = new Commands(Objects.requireNonNull(session.export), session, pool, replies);
        output = new Output(stream, this::sent);
        watch = loop.watch(stream.fd(), READING, this::ready);
        runLater();
    }

    private void ready(int events) {
        input.ready(events);
        if ((events & (Epoll.EPOLLOUT | Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0) {
            full = false;
        }
        run();
    }

    private void runLater() {
        if (!queued && !closed) {
            queued = true;
            loop.execute(() -> {
                queued = false;
                run();
            });
        }
    }

    /// Reads requests and writes replies until there is nothing to do.
    private void run() {
        if (closed) {
            return;
        }
        running = true;
        try {
            boolean more;
            do {
                more = receive();
                flush();
            } while (more && admits() && !queued);
            if (closing && made == idle.size()) {
                close();
            }
        } catch (ErrnoException e) {
            NbdServer.LOG.log(Level.DEBUG, "client: " + e.getMessage());
            close();
        } finally {
            running = false;
        }
    }

    /// Whether another request may be read now.
    private boolean admits() {
        boolean ahead = full && output.bytes() >= FLUSH;
        return !closing && !ahead && bytes < MAX_BYTES && (!idle.isEmpty() || made < MAX_REQUESTS);
    }

    /// @return whether it was stopped by a bound, and there may be more
    private boolean receive() throws ErrnoException {
        for (int turn = 0; turn < BUDGET; turn++) {
            if (incoming == null && !admits()) {
                return true;
            }
            if (!step()) {
                return false;
            }
            if (output.bytes() >= FLUSH) {
                flush();
            }
        }
        runLater();
        return true;
    }

    /// @return false if more has to come first
    private boolean step() throws ErrnoException {
        Request writing = incoming;
        if (writing != null) {
            return receiveData(writing);
        }
        if (input.available() < session.requestSize()) {
            return input.fill();
        }
        Request request = decode();
        if (request.type == Nbd.CMD_DISC) {
            closing = true;
            sent(request);
        } else if (request.type == Nbd.CMD_WRITE && request.length > 0) {
            begin(request);
        } else {
            start(request);
        }
        return true;
    }

    private Request decode() throws ErrnoException {
        int magic = input.i32(0);
        if (magic != (session.extended ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC)) {
            throw EPROTO.error("a request with magic %x", magic);
        }
        Request request = idle.poll();
        if (request == null) {
            request = new Request(headers.asSlice((long) made++ * Request.HEADER, Request.HEADER));
        }
        request.flags = input.u16(4);
        request.type = input.u16(6);
        request.cookie = input.u64(8);
        request.offset = input.u64(16);
        request.length = session.extended ? input.u64(24) : input.u32(24);
        input.skip(session.requestSize());
        bytes += cost(request);
        if (request.has(Nbd.FLAG_PAYLOAD_LEN) && request.type != Nbd.CMD_WRITE) {
            sent(request);
            throw EPROTO.error("a payload with command %d", request.type);
        }
        return request;
    }

    /// What a request weighs while it is under way.
    private static long cost(Request request) {
        boolean hasData = request.type == Nbd.CMD_READ || request.type == Nbd.CMD_WRITE;
        return hasData ? Math.clamp(request.length, 0, Nbd.MAX_PAYLOAD) : 0;
    }

    private void begin(Request request) throws ErrnoException {
        incoming = request;
        if (request.length < 0 || request.length > Nbd.MAX_PAYLOAD) {
            throw EPROTO.error("a write of %d bytes", request.length);
        }
        request.target = commands.place(request);
        if (request.target == null) {
            request.payload = Payload.take(pool, request.length);
        }
    }

    private boolean receiveData(Request request) throws ErrnoException {
        int count = input.read(request.data().asSlice(request.received));
        request.received += count;
        if (request.received == request.length) {
            incoming = null;
            start(request);
        }
        return count > 0;
    }

    private void start(Request request) {
        loop.spawn(() -> {
            commands.run(request);
            replies.encode(request);
            done(request);
        });
    }

    private void done(Request request) {
        if (closed) {
            sent(request);
            return;
        }
        output.add(request);
        if (!running) {
            runLater();
        }
    }

    /// The reply is out, or nobody wants it any more.
    private void sent(Request request) {
        bytes -= cost(request);
        request.clear();
        idle.push(request);
        if (closed) {
            releaseIfIdle();
        }
    }

    private void flush() throws ErrnoException {
        if (full) {
            return;
        }
        full = !output.flush();
        if (full != armed) {
            armed = full;
            watch.modify(full ? READING | Epoll.EPOLLOUT : READING);
        }
    }

    /// Hangs up; requests that are running end by themselves.
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        watch.close();
        stream.fd().close();
        Request writing = incoming;
        incoming = null;
        if (writing != null) {
            sent(writing);
        }
        output.drop();
        releaseIfIdle();
    }

    private void releaseIfIdle() {
        if (made == idle.size() && incoming == null && arena.scope().isAlive()) {
            arena.close();
            ended.run();
        }
    }
}
