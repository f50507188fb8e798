// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENOTCONN;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fd;
import jpuffs.sys.FuseDev;
import org.jspecify.annotations.Nullable;

/// The threads, loops and transports of one server.
final class Connection {
    /// Beyond this many bytes of requests and replies at once, requests wait.
    private static final long MAX_BUFFERS = 512L << 20;

    /// How long the requests in work have to end when the connection has.
    private static final long DRAIN_SECONDS = 5;

    private static final long JOIN_SECONDS = 10;

    private final Session session;
    private final BufferPool pool = new BufferPool(MAX_BUFFERS);
    private final EventLoop loop;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Set<CompletableFuture<?>> calls = ConcurrentHashMap.newKeySet();
    /// How long to look for another request before sleeping: about what the client's own wake-up takes. Rings need
    /// none, they are served on the client's CPU.
    private static final Duration BUSY_POLL = Duration.ofNanos(50_000);

    private volatile @Nullable FdTransport control;
    private volatile @Nullable RingTransport rings;
    private volatile @Nullable Fd fd;
    private volatile @Nullable Thread thread;
    private volatile boolean running;

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
        session.notifier().use(transport::send);
        var unused = transport.ended().thenRun(() -> ended.complete(null));
        CompletableFuture<Void> initialised = transport.initialised().thenRun(() -> initialised(isDevice));
        running = true;
        thread = Thread.ofPlatform().name("puffs").start(() -> run(transport));
        return initialised;
    }

    private void run(FdTransport transport) {
        try {
            transport.start();
            loop.run();
        } catch (IOException | RuntimeException e) {
            Session.LOG.log(Level.ERROR, "the loop ended", e);
            transport.initialised().completeExceptionally(e);
        } finally {
            running = false;
            calls.forEach(call -> call.completeExceptionally(ENOTCONN.error("the server has ended")));
            transport.end(0);
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
            rings = RingTransport.open(device, session, pool, this::hangUp);
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

    /// INIT is answered. On the loop.
    private void initialised(boolean isDevice) {
        startRings();
        if (isDevice && rings == null) {
            loop.busyPoll(BUSY_POLL, control()::poll);
        }
    }

    /// The kernel waits for the rings now, if it agreed to them.
    private void startRings() {
        RingTransport transport = rings;
        if (transport == null) {
            return;
        }
        if (session.negotiation.has(Wire.Init.OVER_IO_URING)) {
            control().interruptsGoTo(transport::interrupt);
            transport.start();
        } else {
            rings = null;
            loop.execute(transport::close); // not here, on a context: loops are closed by platform threads
        }
    }

    private FdTransport control() {
        FdTransport transport = control;
        if (transport == null) {
            throw new IllegalStateException("not started");
        }
        return transport;
    }

    /// How most requests come.
    String description() {
        RingTransport transport = rings;
        return transport == null ? control().description() : transport.description();
    }

    EventLoop loop() {
        return loop;
    }

    /// Completes when the kernel's end is gone, or we have hung up.
    CompletableFuture<Void> ended() {
        return ended;
    }

    /// Runs `task` on a context of the loop, for its result.
    ///
    /// @throws IOException what `task` throws; ENOTCONN if the loop does not run; ETIMEDOUT if `task` runs for
    ///     longer than `seconds`
    @SuppressWarnings("CollectionUndefinedEquality") // identity is what counts
    <T> T call(Callable<T> task, long seconds) throws IOException {
        var result = new CompletableFuture<T>();
        calls.add(result);
        try {
            spawn(task, result);
            return result.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            throw EINTR.error();
        } catch (TimeoutException e) {
            throw Errno.ETIMEDOUT.error("the server did not answer within %d s", seconds);
        } finally {
            calls.remove(result);
        }
    }

    private <T> void spawn(Callable<T> task, CompletableFuture<T> result) throws ErrnoException {
        try {
            loop.spawn(() -> {
                try {
                    result.complete(task.call());
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            throw ENOTCONN.error("the server has ended");
        }
        if (!running) {
            result.completeExceptionally(ENOTCONN.error("the server has ended"));
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof IOException e) {
            return e;
        }
        return cause == null ? Errno.EIO.error() : Errno.of(cause).error("%s", cause.toString());
    }

    /// Ends the connection from this side.
    void hangUp() {
        FdTransport transport = control;
        if (transport != null) {
            transport.hangUp();
        }
    }

    /// Waits until the requests in work have ended, after the connection has; not for ever.
    void drain() {
        RingTransport transport = rings;
        FdTransport device = control;
        try {
            if (transport != null) {
                transport.join(DRAIN_SECONDS);
            }
            if (device != null) {
                device.drained().get(DRAIN_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            Session.LOG.log(Level.WARNING, "requests are still in work at the end");
        }
    }

    /// Stops the loops and waits for them.
    void stop() {
        RingTransport transport = rings;
        Thread t = thread;
        if (transport != null) {
            transport.stop();
        }
        loop.stop();
        try {
            if (t != null) {
                t.join(TimeUnit.SECONDS.toMillis(JOIN_SECONDS));
            }
            if (transport != null) {
                transport.join(JOIN_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Frees everything. Contexts that are left end with the loops, and need buffers and descriptor until then.
    void close() {
        RingTransport transport = rings;
        FdTransport device = control;
        Fd f = fd;
        if (device != null) {
            device.stop();
        }
        closeQuietly(loop);
        if (transport != null) {
            transport.close();
        }
        if (device != null) {
            device.close();
        }
        if (f != null) {
            f.close();
        }
        closeQuietly(pool);
    }

    int buffersTaken() {
        return pool.outstanding();
    }

    /// Also a failed assertion that something was left must not keep the rest from being closed.
    static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Throwable e) {
            Session.LOG.log(Level.WARNING, "close", e);
        }
    }
}
