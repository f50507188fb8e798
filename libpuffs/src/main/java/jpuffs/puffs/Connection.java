// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENOTCONN;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.FuseDev;
import org.jspecify.annotations.Nullable;

/// The threads, loops and transports of one server.
final class Connection {
    /// Beyond this many bytes of requests and replies at once, requests are refused with ENOMEM.
    private static final long MAX_BUFFERS = 512L << 20;

    private static final long CALL_SECONDS = 60;

    private final Session session;
    private final BufferPool pool = new BufferPool(MAX_BUFFERS);
    private final EventLoop loop;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private @Nullable FdTransport control;
    private @Nullable RingTransport rings;
    private @Nullable Fd fd;
    private @Nullable Thread thread;

    Connection(Session session) throws IOException {
        this.session = session;
        loop = EventLoop.open();
    }

    /// Begins to serve; completes when INIT is answered, and rings serve if they are to.
    CompletableFuture<Void> start(Fd device, String description) throws IOException {
        fd = device;
        boolean isDevice = description.equals("/dev/fuse");
        if (isDevice) {
            prepareRings(device);
            preparePassthrough(device);
        }
        var transport = new FdTransport(loop, device, session, pool, description);
        control = transport;
        var unused = transport.ended().thenRun(() -> ended.complete(null));
        thread = Thread.ofPlatform().name("puffs").start(() -> run(transport));
        return transport.initialised().thenRun(this::startRings);
    }

    private void run(FdTransport transport) {
        try {
            transport.start();
            loop.run();
        } catch (IOException | RuntimeException e) {
            Session.LOG.log(Level.ERROR, "the loop ended", e);
            transport.initialised().completeExceptionally(e);
            ended.complete(null);
        }
    }

    private void prepareRings(Fd device) throws IOException {
        MountOptions.IoUring wanted = session.options.ioUring();
        boolean suitable = session.fs.isThreadSafe() && !session.fs.keepsLocks();
        if (wanted == MountOptions.IoUring.ON && !suitable) {
            throw Errno.EINVAL.error("io_uring needs a thread-safe file system; leave the option out");
        }
        if (wanted == MountOptions.IoUring.OFF || !suitable) {
            return;
        }
        try {
            rings = RingTransport.open(device, session, pool);
            session.negotiation.wantRing();
        } catch (IOException e) {
            if (wanted == MountOptions.IoUring.ON) {
                throw e;
            }
            Session.LOG.log(Level.INFO, "no io_uring: " + e.getMessage());
        }
    }

    private void preparePassthrough(Fd device) {
        session.negotiation.wantPassthrough();
        session.backing.use(new Backing.Registry() {
            @Override
            public int open(int file) {
                return session.negotiation.has(Wire.Init.PASSTHROUGH)
                        ? FuseDev.tryBackingOpen(device, file)
                        : -Errno.EPERM.number();
            }

            @Override
            public void close(int id) {
                try {
                    FuseDev.backingClose(device, id);
                } catch (ErrnoException e) {
                    Session.LOG.log(Level.DEBUG, "backing file " + id, e);
                }
            }
        });
    }

    /// INIT is answered: the kernel waits for the rings now, if it agreed to them.
    private void startRings() {
        RingTransport transport = rings;
        if (transport == null) {
            return;
        }
        if (session.negotiation.has(Wire.Init.OVER_IO_URING)) {
            transport.start();
            control().interruptsGoTo(transport::interrupt);
        } else {
            transport.close();
            rings = null;
        }
    }

    private FdTransport control() {
        FdTransport transport = control;
        if (transport == null) {
            throw new IllegalStateException("not started");
        }
        return transport;
    }

    /// The transport that carries most requests.
    Transport transport() {
        RingTransport transport = rings;
        return transport == null ? control() : transport;
    }

    EventLoop loop() {
        return loop;
    }

    /// Completes when the kernel's end is gone.
    CompletableFuture<Void> ended() {
        return ended;
    }

    /// Runs `task` on a context of the loop, for its result.
    <T> T call(Callable<T> task) throws IOException {
        var result = new CompletableFuture<T>();
        loop.spawn(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(CALL_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            throw EINTR.error();
        } catch (TimeoutException e) {
            throw ENOTCONN.error("the server did not answer within %d s", CALL_SECONDS);
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof IOException e) {
            return e;
        }
        return cause == null ? Errno.EIO.error() : Errno.of(cause).error("%s", cause.toString());
    }

    /// Ends the connection from this side: of a socket, which its peer notices.
    void hangUp() {
        Fd f = fd;
        if (f != null) {
            try {
                f.shutdown(Fcntl.SHUT_RDWR);
            } catch (ErrnoException e) {
                Session.LOG.log(Level.DEBUG, "hang up", e);
            }
        }
        ended.complete(null);
    }

    /// Stops the loops and waits for them.
    void stop(long seconds) {
        if (rings != null) {
            rings.stop();
        }
        loop.stop();
        try {
            Thread t = thread;
            if (t != null && !t.equals(Thread.currentThread())) {
                t.join(TimeUnit.SECONDS.toMillis(seconds));
            }
            if (rings != null) {
                rings.join(seconds);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        if (rings != null) {
            rings.close();
        }
        if (control != null) {
            control.close();
        }
        Fd f = fd;
        if (f != null) {
            f.close();
        }
        closeQuietly(loop);
        closeQuietly(pool);
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            Session.LOG.log(Level.WARNING, "close", e);
        }
    }
}
