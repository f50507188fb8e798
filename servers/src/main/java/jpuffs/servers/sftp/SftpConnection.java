// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import static jpuffs.core.Errno.EPROTO;
import static jpuffs.core.Errno.EPROTONOSUPPORT;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Channel;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// A conversation with one SFTP server. Belongs to its loop.
public final class SftpConnection implements AutoCloseable {
    private static final int MAX_EXTENSIONS = 64;

    private final EventLoop loop;
    private final Channel channel;
    private final SftpFraming framing;
    private final Consumer<ErrnoException> listener;
    private Map<String, String> extensions = Map.of();
    private Limits limits = Limits.DEFAULT;
    private int lastId;
    private int waiting;
    private long requests;
    private long shortest = Long.MAX_VALUE;
    private @Nullable ErrnoException loss;
    private boolean closed; // by us: nobody is told

    private SftpConnection(EventLoop loop, Fd fd, Consumer<ErrnoException> listener, boolean greeted)
            throws ErrnoException {
        this.loop = loop;
        this.listener = listener;
        framing = new SftpFraming();
        channel = loop.attach(fd, framing);
        framing.connection(this, greeted);
    }

    /// Begins the conversation on `fd`, which it takes over: version, extensions, limits. Yields. Contexts only.
    ///
    /// @param limit for each of the two round trips
    /// @param lost told once, on the loop's thread, when it ends otherwise than by [#close()]; must not wait
    /// @throws ErrnoException EPROTO, EPROTONOSUPPORT for what is no SFTP server of version 3: the text says
    ///     what it sent; ETIMEDOUT; ECONNRESET
    public static SftpConnection open(EventLoop loop, Fd fd, Duration limit, Consumer<ErrnoException> lost)
            throws ErrnoException {
        var connection = new SftpConnection(loop, fd, lost, false);
        boolean done = false;
        try {
            connection.greet(limit);
            done = true;
            return connection;
        } catch (ErrnoException e) {
            throw connection.loss == null ? e : connection.loss;
        } finally {
            if (!done) {
                connection.close();
            }
        }
    }

    private void greet(Duration limit) throws ErrnoException {
        FrameBuf init = channel.frame().put32(5).put8(Sftp.INIT).put32(Sftp.PROTOCOL);
        try (FrameBuf reply = channel.call(init, limit)) {
            long version = reply.seek(SftpFraming.ID).u32();
            if (version != Sftp.PROTOCOL) {
                throw EPROTONOSUPPORT.error("the server speaks version %d of SFTP, not 3", version);
            }
            var found = new HashMap<String, String>();
            while (reply.remaining() > 0 && found.size() < MAX_EXTENSIONS) {
                String name = reply.string32();
                found.put(name, reply.string32());
            }
            extensions = Map.copyOf(found);
        }
        if (has(Sftp.LIMITS)) {
            try (FrameBuf reply = channel.call(sealed(extended(Sftp.LIMITS)), limit)) {
                limits = Limits.read(Replies.body(this, reply, Sftp.EXTENDED_REPLY));
            }
        }
    }

    /// A conversation between two loops.
    public record Parked(Fd fd, Map<String, String> extensions, Limits limits, int lastId) {}

    /// Takes the conversation off its loop, to be [#resume]d on another; not while requests wait for replies. This
    /// is closed.
    public Parked park() {
        closed = true;
        return new Parked(channel.detach(Errno.ECANCELED), extensions, limits, lastId);
    }

    /// Goes on with a conversation on `loop`.
    ///
    /// @param lost as for [#open]
    public static SftpConnection resume(EventLoop loop, Parked parked, Consumer<ErrnoException> lost)
            throws ErrnoException {
        var connection = new SftpConnection(loop, parked.fd, lost, true);
        connection.extensions = parked.extensions;
        connection.limits = parked.limits;
        connection.lastId = parked.lastId;
        return connection;
    }

    /// Whether the server has an extension.
    public boolean has(String extension) {
        return extensions.containsKey(extension);
    }

    /// The extensions the server has, with their versions.
    public Map<String, String> extensions() {
        return extensions;
    }

    /// What the server takes at once.
    public Limits limits() {
        return limits;
    }

    public EventLoop loop() {
        return loop;
    }

    /// Whether requests can be sent, and answered. Not any more when those under way are told that it is lost.
    public boolean isOpen() {
        return loss == null && channel.isOpen(Channel.Side.READ) && channel.isOpen(Channel.Side.WRITE);
    }

    /// The number of requests without a reply.
    public int waiting() {
        return waiting;
    }

    /// The number of requests sent so far.
    public long requests() {
        return requests;
    }

    /// Bytes read from the server so far.
    public long bytesReceived() {
        return channel.bytesReceived();
    }

    /// Bytes written to the server so far.
    public long bytesSent() {
        return channel.bytesSent();
    }

    /// A request of one type: to be filled and sent, or closed.
    FrameBuf request(int type) throws ErrnoException {
        return request(type, 0);
    }

    /// As [#request(int)], with room for `capacity` bytes before it must grow.
    FrameBuf request(int type, int capacity) throws ErrnoException {
        return channel.frame(capacity).put32(0).put8(type).put32(++lastId & 0xffff_ffffL);
    }

    FrameBuf extended(String name) throws ErrnoException {
        return request(Sftp.EXTENDED).putString32(name);
    }

    private static FrameBuf sealed(FrameBuf request) throws ErrnoException {
        return request.put32(0, request.size() - 4L);
    }

    /// Sends a request and waits for its reply, which is the caller's to close. Yields. Contexts only.
    ///
    /// @throws ErrnoException EINTR when cancelled; what the connection was lost by
    public FrameBuf call(FrameBuf request) throws ErrnoException {
        try (Pending pending = start(request)) {
            return pending.await();
        }
    }

    /// Sends a request; its reply comes later. In a context it waits for room in the queue, and yields for that.
    ///
    /// @throws ErrnoException as [Channel#call(FrameBuf, jpuffs.eventloop.ReplyHandler)]
    public Pending start(FrameBuf request) throws ErrnoException {
        var pending = new Pending();
        start(request, pending);
        return pending;
    }

    /// As [#start(FrameBuf)], with a callback that must not wait.
    public void start(FrameBuf request, jpuffs.eventloop.ReplyHandler handler) throws ErrnoException {
        requests++;
        waiting++;
        boolean sent = false;
        long begin = System.nanoTime();
        try {
            channel.call(sealed(request), (reply, failure) -> {
                waiting--;
                shortest = Math.min(shortest, System.nanoTime() - begin);
                handler.replied(reply, failure == null ? null : framing.reason(failure));
            });
            sent = true;
        } finally {
            if (!sent) {
                waiting--;
            }
        }
    }

    /// Waits until a request can be queued at once. Yields. Contexts only.
    ///
    /// @throws ErrnoException as [Channel#awaitRoom]
    public void awaitRoom() throws ErrnoException {
        channel.awaitRoom();
    }

    /// The shortest time a reply has taken, in nanoseconds; [Long#MAX_VALUE] before the first.
    public long shortestNanos() {
        return shortest;
    }

    /// Ends the conversation since the server breaks the protocol.
    ///
    /// @return what to throw
    public ErrnoException violated(String format, Object... args) {
        ErrnoException why = framing.fail(EPROTO.error(format, args));
        channel.close(EPROTO);
        return why;
    }

    /// Ends the conversation since the server is gone, with `why` for everybody who waits.
    public void giveUp(ErrnoException why) {
        framing.fail(why);
        channel.close(why.errno());
    }

    void lost(ErrnoException why) {
        if (loss == null && !closed) {
            loss = why;
            channel.close(why.errno());
            listener.accept(why);
        }
    }

    /// Ends the conversation: who waits gets ECANCELED.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            loss = loss == null ? Errno.ECANCELED.error() : loss;
            channel.close();
        }
    }
}
