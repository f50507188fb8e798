// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.ECONNRESET;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EPROTO;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Blocking;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;

/// A socket through TLS, by the JDK's engine.
final class TlsStream implements Stream {
    private final Fd fd;
    private final SSLEngine engine;
    private final ByteBuffer received; // from the socket; filled up to its position
    private final ByteBuffer clear; // unwrapped and not read yet, from its position on
    private final ByteBuffer wrapped; // not written to the socket yet, from its position on

    TlsStream(Fd fd, SSLEngine engine) {
        this.fd = fd;
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        received = ByteBuffer.allocateDirect(packet);
        clear = ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize())
                .limit(0);
        wrapped = ByteBuffer.allocateDirect(packet).limit(0);
    }

    @Override
    public Fd fd() {
        return fd;
    }

    /// Agrees with the peer. Yields. Contexts only.
    ///
    /// @throws IOException ECONNRESET, EPROTO if they cannot agree; EINTR, ETIMEDOUT as the context's
    void handshake(EventLoop loop) throws IOException {
        engine.beginHandshake();
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            switch (status) {
                case NEED_TASK -> Blocking.call(this::runTasks);
                case NEED_WRAP -> {
                    wrap(List.of(ByteBuffer.allocate(0)));
                    for (long rest = flush(); rest != 0; rest = flush()) {
                        check(rest);
                        loop.await(fd, Epoll.EPOLLOUT);
                    }
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    long result = unwrap();
                    if (result == 0) {
                        throw ECONNRESET.error("TLS: the peer has closed");
                    }
                    check(result);
                    if (result == -EAGAIN.number()) {
                        loop.await(fd, Epoll.EPOLLIN);
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private static void check(long result) throws ErrnoException {
        if (result < 0 && result != -EAGAIN.number()) {
            throw Errno.of((int) -result).error();
        }
    }

    private boolean runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        return true;
    }

    @Override
    public long read(MemorySegment dst) {
        while (!clear.hasRemaining()) {
            long result = tryUnwrap();
            if (result <= 0) {
                return result;
            }
        }
        int count = (int) Math.min(clear.remaining(), dst.byteSize());
        MemorySegment.copy(MemorySegment.ofBuffer(clear), 0, dst, 0, count);
        clear.position(clear.position() + count);
        return count;
    }

    @Override
    public long read(List<MemorySegment> dst) {
        return read(dst.getFirst());
    }

    @Override
    public boolean isDirect() {
        return false;
    }

    private long tryUnwrap() {
        try {
            return unwrap();
        } catch (ErrnoException e) {
            return -e.errno().number();
        }
    }

    /// Decodes one record into [#clear], which is empty.
    ///
    /// @return 1; 0 at the end, or -EAGAIN
    private long unwrap() throws ErrnoException {
        while (true) {
            SSLEngineResult.Status status = unwrapReceived();
            if (status == SSLEngineResult.Status.OK) {
                return 1;
            }
            if (status == SSLEngineResult.Status.CLOSED) {
                return 0;
            }
            long count = fd.tryRead(MemorySegment.ofBuffer(received));
            if (count <= 0) {
                return count == -EINTR.number() ? -EAGAIN.number() : count == 0 ? -ECONNRESET.number() : count;
            }
            received.position(received.position() + (int) count);
        }
    }

    private SSLEngineResult.Status unwrapReceived() throws ErrnoException {
        received.flip();
        clear.clear();
        try {
            return engine.unwrap(received, clear).getStatus();
        } catch (SSLException e) {
            throw refuse(e);
        } finally {
            clear.flip();
            received.compact();
        }
    }

    private static ErrnoException refuse(SSLException why) {
        NbdServer.LOG.log(Level.DEBUG, "TLS", why);
        return EPROTO.error("TLS: %s", String.valueOf(why.getMessage()));
    }

    @Override
    public long write(List<MemorySegment> src) {
        long rest = flush();
        if (rest != 0) {
            return rest;
        }
        try {
            return wrap(src.stream().map(MemorySegment::asByteBuffer).toList());
        } catch (ErrnoException e) {
            return -e.errno().number();
        }
    }

    /// Encodes one record into [#wrapped], which is empty; how much of `src` is in it.
    private int wrap(List<ByteBuffer> src) throws ErrnoException {
        wrapped.clear();
        try {
            return engine.wrap(src.toArray(ByteBuffer[]::new), wrapped).bytesConsumed();
        } catch (SSLException e) {
            throw refuse(e);
        } finally {
            wrapped.flip();
        }
    }

    @Override
    public long flush() {
        while (wrapped.hasRemaining()) {
            long count = fd.tryWrite(MemorySegment.ofBuffer(wrapped));
            if (count < 0 && count != -EINTR.number()) {
                return count;
            }
            wrapped.position(wrapped.position() + (int) Math.max(0, count));
        }
        return 0;
    }
}
