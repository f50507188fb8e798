// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLEngine;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;

/// A client's connection through TLS as a socket in clear: one thread encrypts what is written to [#inner], and
/// decrypts what comes for it. When one side ends, so does the other.
final class TlsTunnel implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final long GRACE_MILLIS = 2000;

    private final EventLoop loop = EventLoop.open();
    private final Arena arena = Arena.ofShared();
    private final TlsStream outer;
    private final Fd near; // our end of the pair
    private final Fd inner;
    private final CompletableFuture<Boolean> agreed = new CompletableFuture<>();
    private final Thread thread;

    private TlsTunnel(Fd fd, SSLEngine engine) throws IOException {
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        near = pair.first();
        inner = pair.second();
        outer = new TlsStream(fd, engine);
        thread = Thread.ofPlatform().daemon().name("nbd-tls").unstarted(this::run);
    }

    /// Agrees with the server, holding the thread.
    ///
    /// @param fd a socket to it, the tunnel's from now on, also when this fails
    /// @throws IOException EPROTO if client and server do not agree, ECONNRESET
    static TlsTunnel open(Fd fd, SSLEngine engine) throws IOException {
        TlsTunnel tunnel;
        try {
            tunnel = new TlsTunnel(fd, engine);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
        try {
            fd.setNonblock(true);
            tunnel.near.setNonblock(true);
            tunnel.loop.spawn(tunnel::converse);
            tunnel.thread.start();
            tunnel.agreed.join();
            return tunnel;
        } catch (CompletionException e) {
            tunnel.inner.close();
            tunnel.close();
            throw e.getCause() instanceof IOException cause
                    ? cause
                    : EIO.error("TLS: %s", String.valueOf(e.getCause()));
        } catch (IOException e) {
            tunnel.inner.close();
            tunnel.close();
            throw e;
        }
    }

    /// The end in clear, blocking; whoever takes it closes it.
    Fd inner() {
        return inner;
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            NbdServer.LOG.log(Level.ERROR, "event loop", e);
        }
    }

    private void converse() {
        try {
            outer.handshake(loop);
        } catch (IOException | RuntimeException e) {
            agreed.completeExceptionally(e);
            end();
            return;
        }
        agreed.complete(true);
        loop.spawn(() -> pump(this::decrypt));
        pump(this::encrypt);
    }

    /// Moves some bytes; false at the end. Yields.
    private interface Step {
        boolean run(MemorySegment buffer) throws IOException;
    }

    private void pump(Step step) {
        MemorySegment buffer = arena.allocate(BUFFER);
        try {
            boolean more = true;
            while (more) {
                more = step.run(buffer);
            }
        } catch (IOException e) {
            NbdServer.LOG.log(Level.DEBUG, "TLS: " + e.getMessage());
        }
        end();
    }

    private boolean decrypt(MemorySegment buffer) throws ErrnoException {
        long count = outer.read(buffer);
        if (!happened(count, outer.fd(), Epoll.EPOLLIN)) {
            return true;
        }
        for (MemorySegment rest = buffer.asSlice(0, count); rest.byteSize() > 0; ) {
            long written = near.tryWrite(rest);
            if (happened(written, near, Epoll.EPOLLOUT)) {
                rest = rest.asSlice(written);
            }
        }
        return count > 0;
    }

    private boolean encrypt(MemorySegment buffer) throws ErrnoException {
        long count = near.tryRead(buffer);
        if (!happened(count, near, Epoll.EPOLLIN)) {
            return true;
        }
        for (MemorySegment rest = buffer.asSlice(0, count); rest.byteSize() > 0; ) {
            long written = outer.write(List.of(rest));
            if (happened(written, outer.fd(), Epoll.EPOLLOUT)) {
                rest = rest.asSlice(written);
            }
        }
        while (!happened(outer.flush(), outer.fd(), Epoll.EPOLLOUT)) {}
        return count > 0;
    }

    /// Whether a call did something; after one that could not, when it can. Yields.
    private boolean happened(long result, Fd fd, int event) throws ErrnoException {
        if (result == -EAGAIN.number()) {
            loop.await(fd, event);
            return false;
        }
        if (result < 0 && result != -EINTR.number()) {
            throw Errno.of((int) -result).error();
        }
        return result >= 0;
    }

    private void end() {
        for (Fd fd : List.of(outer.fd(), near)) {
            if (fd.isOpen()) {
                loop.remove(fd);
                fd.close();
            }
        }
        loop.stop();
    }

    /// Lets what was written to [#inner], which is closed, leave, and hangs up.
    @Override
    public void close() {
        boolean interrupted = false;
        try {
            thread.join(GRACE_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        loop.close();
        outer.fd().close();
        near.close();
        arena.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
