// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// A descriptor that carries frames, attached to a loop with [EventLoop#attach].
///
/// There are three ways to send: wait for the reply ([#call(FrameBuf)]), have a handler called with it
/// ([#call(FrameBuf, ReplyHandler)]), or neither ([#send]). Frames go out in the order in which they were sent,
/// urgent ones before the others but never into the middle of one. Frames of one round of the loop leave together.
///
/// What is queued is bounded: beyond it a context that sends waits for room, and who cannot wait (the loop's
/// thread) gets EAGAIN and keeps its frame. In every other case the frame is taken, even if the method throws.
///
/// Either side may be closed alone. Without the write side, sending fails with ESHUTDOWN, and replies still come;
/// without the read side, waiting for one fails with ENOTCONN, and frames can still be sent. Whoever waits when a
/// side closes gets the error that closed it.
///
/// All methods are to be called on the loop: by its contexts, by its callbacks, or before it runs.
public final class Channel implements AutoCloseable {
    /// The two sides of a descriptor.
    public enum Side {
        READ,
        WRITE
    }

    private static final int MAX_FRAME = 1 << 30;
    private static final long MIN_QUEUE = 1 << 20;

    private final EventLoop loop;
    private final Fd fd;
    private final Framing framing;
    private final FramePool pool;
    private final Watch watch;
    private final Inbox inbox;
    private final SendQueue queue;
    private final Receiver receiver;
    private final List<CallContext> forRoom = new ArrayList<>();
    private int armed = Epoll.EPOLLIN;
    private boolean reading = true;
    private boolean writing = true; // false as soon as nothing more may be queued
    private boolean written; // the write side is closed
    private boolean dirty; // the loop will call flush
    private boolean blocked; // the descriptor takes no more for now
    private boolean disposed;

    Channel(EventLoop loop, Fd fd, Framing framing) throws ErrnoException {
        if (framing.maxSize() <= 0 || framing.maxSize() > MAX_FRAME) {
            throw new IllegalArgumentException("maximum frame size " + framing.maxSize());
        }
        this.loop = loop;
        this.fd = fd;
        this.framing = framing;
        this.pool = loop.framePool();
        fd.setNonblock(true);
        inbox = new Inbox(this, framing);
        queue = new SendQueue(framing.messages(), Math.max(MIN_QUEUE, framing.maxSize()));
        receiver = new Receiver(this, framing, pool, loop.readBuffer());
        watch = loop.watch(fd, armed, this::ready);
    }

    /// The loop it is attached to.
    public EventLoop loop() {
        return loop;
    }

    /// An empty frame for this channel's protocol: its byte order, its largest size.
    public FrameBuf frame() {
        return frame(0);
    }

    /// As [#frame()], with room for `capacity` bytes before it must grow.
    public FrameBuf frame(int capacity) {
        return FrameBuf.of(pool, framing.order(), framing.maxSize(), capacity);
    }

    /// Sends a request and waits for its reply, which is the caller's to close. Yields. Contexts only.
    ///
    /// A reply that comes after the wait has ended otherwise is dropped.
    ///
    /// @throws ErrnoException EINTR when cancelled, ETIMEDOUT at the context's deadline; ENOTCONN, ESHUTDOWN,
    ///     or what closed the read side, or the write side before all was written; EBUSY if the tag is that of a
    ///     request which has no reply yet; ENOBUFS with too many of those; EINVAL for an empty request or one
    ///     without a tag
    public FrameBuf call(FrameBuf request) throws ErrnoException {
        return call(request, null, false);
    }

    /// As [#call(FrameBuf)], but ends with ETIMEDOUT if there is no reply after `limit`.
    public FrameBuf call(FrameBuf request, Duration limit) throws ErrnoException {
        return call(request, limit, false);
    }

    /// As [#call(FrameBuf)], before frames that are not urgent.
    public FrameBuf callUrgent(FrameBuf request) throws ErrnoException {
        return call(request, null, true);
    }

    private FrameBuf call(FrameBuf request, @Nullable Duration limit, boolean urgent) throws ErrnoException {
        CallContext context = loop.context();
        Call call;
        Outgoing frame;
        try (request) {
            checkReading();
            call = inbox.begin(request, context, null);
            frame = enqueue(request, context, call, urgent);
        }
        if (limit != null) {
            call.deadline = loop.after(limit, () -> expire(call, frame));
        }
        try {
            while (!call.isDone()) {
                context.park();
            }
        } catch (ErrnoException e) {
            abandon(call, frame);
            throw e;
        }
        return call.result();
    }

    /// Sends a request; `handler` gets the reply, or the error that [#call(FrameBuf)] would end with. In a context
    /// it waits for room in the queue, and yields for that.
    ///
    /// @throws ErrnoException as [#call(FrameBuf)], then the handler is not called; EAGAIN outside of a context
    ///     if the queue is full
    public void call(FrameBuf request, ReplyHandler handler) throws ErrnoException {
        CallContext context = admit(false);
        Call call;
        Outgoing frame;
        try (request) {
            checkReading();
            call = inbox.begin(request, null, handler);
            frame = enqueue(request, context, call, false);
        }
        try {
            while (context != null && !frame.isQueued()) {
                context.park();
            }
        } catch (ErrnoException e) {
            if (!call.isDone()) { // else the handler has been told
                abandon(call, frame);
                throw e;
            }
        }
    }

    /// Sends a frame. In a context it waits for room in the queue, and yields for that; it never waits until the
    /// frame is written.
    ///
    /// @throws ErrnoException ESHUTDOWN, or what closed the write side; EINTR and ETIMEDOUT when the context is
    ///     cancelled while it waits; EAGAIN outside of a context if the queue is full; EINVAL for an empty frame
    public void send(FrameBuf frame) throws ErrnoException {
        send(frame, false);
    }

    /// As [#send], before frames that are not urgent.
    public void sendUrgent(FrameBuf frame) throws ErrnoException {
        send(frame, true);
    }

    private void send(FrameBuf bytes, boolean urgent) throws ErrnoException {
        CallContext context = admit(urgent);
        Outgoing frame;
        try (bytes) {
            frame = enqueue(bytes, context, null, urgent);
        }
        try {
            while (context != null && !frame.isQueued()) {
                context.park();
            }
        } catch (ErrnoException e) {
            withdraw(frame);
            throw e;
        }
    }

    /// Waits until a frame that is not urgent can be queued at once: one sent before the next wait is. For those
    /// who must not be cancelled between giving a frame away and its being queued. Yields. Contexts only.
    ///
    /// @throws ErrnoException EINTR when cancelled, ETIMEDOUT at the deadline
    public void awaitRoom() throws ErrnoException {
        CallContext context = loop.context();
        while (writing && !queue.lane(false).hasRoom()) {
            forRoom.add(context);
            try {
                context.park();
            } finally {
                forRoom.remove(context);
            }
        }
    }

    /// Sends a frame and waits until it is written. Yields. Contexts only.
    ///
    /// @throws ErrnoException as [#send]; after EINTR and ETIMEDOUT a frame that was half written still goes
    ///     out
    public void directSend(FrameBuf bytes) throws ErrnoException {
        CallContext context = loop.context();
        Outgoing frame;
        try (bytes) {
            frame = enqueue(bytes, context, null, false);
        }
        try {
            while (!frame.isWritten()) {
                context.park();
            }
        } catch (ErrnoException e) {
            withdraw(frame);
            throw e;
        }
    }

    /// Waits for the next frame, be it a reply or not; it is the caller's to close. Contexts that do so are served
    /// in turn. Yields. Contexts only.
    ///
    /// @throws ErrnoException ENOTCONN, or what closed the read side; EINTR when cancelled, ETIMEDOUT at the
    ///     deadline
    public FrameBuf directReceive() throws ErrnoException {
        CallContext context = loop.context();
        checkReading();
        var receipt = new Receipt(context);
        inbox.add(receipt);
        try {
            FrameBuf frame;
            for (frame = receipt.frame(); frame == null; frame = receipt.frame()) {
                context.park();
            }
            return frame;
        } catch (ErrnoException e) {
            inbox.remove(receipt);
            throw e;
        }
    }

    /// Closes the write side once all that is queued is written; for a socket the peer then sees the end. Replies
    /// still come. Does not wait.
    public void shutdownWrite() {
        loop.checkInLoop();
        writing = false;
        flushLater();
    }

    /// Closes both sides and the descriptor: who waits gets ECANCELED, what is not written is dropped. Nothing
    /// happens if it is closed.
    @Override
    public void close() {
        close(Errno.ECANCELED);
    }

    /// As [#close()], with another error for those who wait.
    public void close(Errno why) {
        closeSides(why);
        dispose(true);
    }

    /// As [#close(Errno)], but gives the descriptor back open. It is non-blocking.
    public Fd detach(Errno why) {
        if (disposed) {
            throw new IllegalStateException("The channel is closed");
        }
        disposed = true; // so that closing the sides does not
        closeSides(why);
        disposed = false;
        dispose(false);
        return fd;
    }

    /// Whether a side is open. The write side is not from [#shutdownWrite()] on.
    public boolean isOpen(Side side) {
        return side == Side.READ ? reading : writing;
    }

    /// Bytes read from the descriptor so far, those of frames that are not complete too.
    public long bytesReceived() {
        return receiver.bytes();
    }

    /// Bytes written to the descriptor so far.
    public long bytesSent() {
        return queue.bytes();
    }

    /// Bytes or not, frames that were sent and are not written yet.
    boolean hasOutput() {
        return !queue.isEmpty();
    }

    boolean isReading() {
        return reading;
    }

    private void checkReading() throws ErrnoException {
        if (!reading) {
            throw Errno.ENOTCONN.error();
        }
    }

    /// The context that may wait for room; null where nobody may, and there is room.
    private @Nullable CallContext admit(boolean urgent) throws ErrnoException {
        loop.checkInLoop();
        CallContext context = CallContext.current();
        if (context == null && writing && !queue.lane(urgent).hasRoom()) {
            throw Errno.EAGAIN.error();
        }
        return context;
    }

    private Outgoing enqueue(FrameBuf bytes, @Nullable CallContext context, @Nullable Call call, boolean urgent)
            throws ErrnoException {
        if (!writing) {
            throw Errno.ESHUTDOWN.error();
        }
        if (bytes.size() == 0) {
            throw Errno.EINVAL.error("an empty frame");
        }
        if (bytes.size() > framing.maxSize()) {
            throw Errno.EMSGSIZE.error("%d bytes, the limit is %d", bytes.size(), framing.maxSize());
        }
        var frame = new Outgoing(pool, bytes, context, call);
        if (call != null) {
            inbox.add(call);
        }
        queue.lane(urgent).add(frame);
        flushLater();
        return frame;
    }

    /// Nobody waits for the reply any more. If the request has not begun to leave, it never will; otherwise the
    /// table keeps the call, for its late reply.
    private void abandon(Call call, Outgoing frame) {
        call.abandon();
        if (withdraw(frame)) {
            inbox.remove(call);
        }
    }

    private void expire(Call call, Outgoing frame) {
        call.fail(Errno.ETIMEDOUT.error());
        abandon(call, frame);
    }

    private boolean withdraw(Outgoing frame) {
        boolean found = queue.remove(frame);
        if (found) {
            frame.discard();
        }
        return found;
    }

    private void flushLater() {
        if (!dirty && !blocked) { // else the loop does when the descriptor can take more
            dirty = true;
            loop.flushLater(this);
        }
    }

    /// Writes what can be written. The loop calls this once a round after something was sent.
    void flush() {
        dirty = false;
        if (written) {
            return;
        }
        long result = queue.flush(fd);
        blocked = result == -Errno.EAGAIN.number();
        if (result < 0 && !blocked) {
            closeWrite(Errno.of((int) -result).error());
            disposeIfClosed();
        } else if (result == 0 && !writing) {
            shutdown(Fcntl.SHUT_WR);
            closeWrite(Errno.ESHUTDOWN.error());
            disposeIfClosed();
        } else {
            arm();
        }
        if (queue.lane(false).hasRoom()) {
            forRoom.forEach(CallContext::unpark);
        }
    }

    /// Lets the peer of a socket know that a side is closed.
    private void shutdown(int how) {
        try {
            fd.shutdown(how);
        } catch (ErrnoException e) {
            // not a socket, or its peer is gone: there is nobody to tell
            Tasks.LOG.log(System.Logger.Level.DEBUG, () -> "shutdown of " + fd, e);
        }
    }

    private void arm() {
        int wanted = (reading ? Epoll.EPOLLIN : 0) | (blocked ? Epoll.EPOLLOUT : 0);
        if (wanted == armed || disposed) {
            return;
        }
        try {
            watch.modify(wanted);
            armed = wanted;
        } catch (ErrnoException e) {
            close(e.errno());
        }
    }

    /// The descriptor is ready, or hung up.
    private void ready(int events) {
        boolean gone = (events & (Epoll.EPOLLHUP | Epoll.EPOLLERR)) != 0;
        if (reading && (gone || (events & Epoll.EPOLLIN) != 0)) {
            read();
        }
        if (!written && (events & Epoll.EPOLLOUT) != 0) {
            flush();
        }
        if (gone && !reading && !written) {
            closeWrite(Errno.EPIPE.error()); // nobody will ever read it
            disposeIfClosed();
        }
    }

    private void read() {
        try {
            receiver.read(fd);
        } catch (ErrnoException e) {
            closeRead(e);
            disposeIfClosed();
        } catch (RuntimeException e) {
            Tasks.failed("framing", e);
            closeRead(Errno.EPROTO.error());
            disposeIfClosed();
        }
        arm();
    }

    /// Takes a whole frame from the receiver.
    void received(FrameBuf frame) throws ErrnoException {
        inbox.deliver(frame);
    }

    private void closeSides(Errno why) {
        loop.checkInLoop();
        boolean wasReading = reading;
        boolean wasWriting = !written;
        reading = false;
        writing = false;
        written = true;
        if (wasReading) {
            releaseReaders(why.error());
        }
        if (wasWriting) {
            releaseWriters(why.error());
        }
    }

    private void closeRead(ErrnoException why) {
        if (reading) {
            reading = false;
            shutdown(Fcntl.SHUT_RD);
            releaseReaders(why);
        }
    }

    private void closeWrite(ErrnoException why) {
        if (!written) {
            writing = false;
            written = true;
            releaseWriters(why);
        }
    }

    private void releaseReaders(ErrnoException why) {
        receiver.close();
        inbox.failAll(why);
        tell(Side.READ, why);
    }

    private void releaseWriters(ErrnoException why) {
        queue.failAll(why);
        forRoom.forEach(CallContext::unpark);
        tell(Side.WRITE, why);
    }

    private void tell(Side side, ErrnoException why) {
        try {
            framing.closed(this, side, why);
        } catch (Throwable e) {
            Tasks.failed("framing", e);
        }
    }

    private void disposeIfClosed() {
        if (!reading && written) {
            dispose(true);
        }
    }

    private void dispose(boolean closeFd) {
        if (!disposed) {
            disposed = true;
            loop.removed(this);
            if (closeFd) {
                loop.remove(fd);
                loop.closeLater(fd);
            } else {
                watch.close();
            }
        }
    }
}
