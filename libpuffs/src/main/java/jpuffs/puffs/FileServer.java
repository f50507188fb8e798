// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// A file system that is mounted and served.
///
/// ```java
/// try (var server = FileServer.mount(Path.of("/mnt"), Tree.of("hello.txt", hello))) {
///     server.await(); // until unmounted
/// }
/// ```
///
/// The server has threads of its own. A file system that is not [FileSystem#isThreadSafe()] is run by one of them,
/// one operation at a time between two yields; a thread-safe one by a thread for each CPU where the kernel offers
/// FUSE over io_uring.
public final class FileServer implements AutoCloseable {
    /// The life of a server. A veto of the file system, or a mount that is busy, takes UNMOUNTING back to RUNNING.
    public enum State {
        BEFORE_MOUNT,
        RUNNING,
        UNMOUNTING,
        UNMOUNTED
    }

    private static final long INIT_SECONDS = 30;
    private static final long STOP_SECONDS = 10;

    private final FileSystem fs;
    private final Session session;
    private final Connection connection;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile State state = State.BEFORE_MOUNT;
    private volatile @Nullable Mountpoint mountpoint;

    private FileServer(FileSystem fs, MountOptions options) throws IOException {
        this.fs = fs;
        this.session = new Session(fs, options);
        this.connection = new Connection(session);
    }

    /// Mounts with default options.
    public static FileServer mount(Path directory, FileSystem fs) throws IOException {
        return mount(directory, fs, MountOptions.defaults());
    }

    /// Mounts `fs` on `directory` and begins to serve it. Returns when the kernel has accepted it.
    ///
    /// @param directory where; or `/dev/fd/N` for a descriptor of `/dev/fuse` that somebody else has mounted,
    ///     or for one end of a SOCK_SEQPACKET pair on whose other end somebody speaks the kernel's part
    /// @throws IOException ENOENT, ENOTDIR, EACCES, EPERM, EBUSY, EPROTO, ENODEV: the text says what and where
    public static FileServer mount(Path directory, FileSystem fs, MountOptions options) throws IOException {
        var server = new FileServer(fs, options);
        try {
            server.start(directory);
            return server;
        } catch (IOException | RuntimeException e) {
            server.abandon();
            throw e;
        }
    }

    /// Serves the kernel's end of a connection that is there already: see [#mount]. Takes `fd` over.
    public static FileServer serve(Fd fd, FileSystem fs, MountOptions options) throws IOException {
        var server = new FileServer(fs, options);
        try {
            server.run(fd, "descriptor " + fd.number());
            return server;
        } catch (IOException | RuntimeException e) {
            server.abandon();
            throw e;
        }
    }

    private void start(Path directory) throws IOException {
        int given = Mountpoint.givenFd(directory);
        if (given >= 0) {
            run(Fd.of(given), directory.toString());
            return;
        }
        Mountpoint point = Mountpoint.mount(directory, session.options, session.nodes.root().type);
        mountpoint = point;
        run(point.device(), "/dev/fuse");
        point.tune();
    }

    private void run(Fd fd, String description) throws IOException {
        CompletableFuture<Void> initialised = connection.start(fd, description);
        var unused = connection.ended().thenRun(this::ended);
        try {
            initialised.get(INIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw ETIMEDOUT.error("the kernel did not begin within %d s", INIT_SECONDS);
        } catch (InterruptedException e) {
            throw Errno.EINTR.error();
        }
        session.notifier().use(connection.transport());
        state = State.RUNNING;
    }

    private void abandon() {
        Mountpoint point = mountpoint;
        if (point != null) {
            point.detach();
        }
        connection.stop(STOP_SECONDS);
        finish();
    }

    /// The kernel has ended it: it was unmounted, or aborted.
    private void ended() {
        Thread.ofPlatform().name("puffs-end").start(() -> {
            boolean wasAsked = state == State.UNMOUNTING;
            if (!wasAsked) {
                veto(true);
            }
            connection.stop(STOP_SECONDS);
            finish();
        });
    }

    private synchronized void finish() {
        if (state != State.UNMOUNTED) {
            state = State.UNMOUNTED;
            session.notifier().close();
            session.close();
            connection.close();
            Mountpoint point = mountpoint;
            if (point != null) {
                point.close();
            }
            finished.countDown();
        }
    }

    /// What it is doing.
    public State state() {
        return state;
    }

    /// How requests come: `/dev/fuse`, or `io_uring, 2 queues of 8`.
    public String transport() {
        return connection.transport().description();
    }

    /// What the server tells the kernel by itself.
    public Notifier notifier() {
        return session.notifier();
    }

    /// The version of the protocol that is spoken, such as `7.45`.
    public String protocol() {
        return Wire.MAJOR + "." + session.negotiation.minor();
    }

    /// Waits until it is unmounted, by [#unmount], umount(8) or the end of the connection.
    public void await() throws InterruptedException {
        finished.await();
    }

    /// As [#await()] for a limited time.
    ///
    /// @return whether it is unmounted
    public boolean await(long millis) throws InterruptedException {
        return finished.await(millis, TimeUnit.MILLISECONDS);
    }

    /// Unmounts and ends the server.
    ///
    /// @param force take it away from those who use it: they get errors. Else EBUSY if it is in use
    /// @throws IOException EBUSY; what the file system vetoes with; EPERM. The server goes on then
    public void unmount(boolean force) throws IOException {
        synchronized (this) {
            if (state == State.UNMOUNTED) {
                return;
            }
            if (state != State.RUNNING) {
                throw EBUSY.error("%s", state);
            }
            state = State.UNMOUNTING;
        }
        try {
            ErrnoException veto = veto(force);
            if (veto != null && !force) {
                throw veto;
            }
            takeDown(force);
        } catch (IOException | RuntimeException e) {
            state = State.RUNNING;
            throw e;
        }
    }

    private void takeDown(boolean force) throws IOException {
        Mountpoint point = mountpoint;
        if (point == null) {
            connection.hangUp();
        } else {
            point.unmount(force);
        }
        try {
            if (!finished.await(STOP_SECONDS, TimeUnit.SECONDS) && force) {
                connection.hangUp();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Asks the file system, on its loop.
    private @Nullable ErrnoException veto(boolean force) {
        try {
            connection.call(() -> {
                fs.unmount(force);
                return null;
            });
            return null;
        } catch (IOException e) {
            Session.LOG.log(Level.DEBUG, "unmount: " + e.getMessage());
            return e instanceof ErrnoException errno ? errno : Errno.of(e).error("%s", String.valueOf(e.getMessage()));
        }
    }

    /// Runs `task` on a call context of the (first) loop that serves, where state of the file system may be
    /// touched.
    public <T> T call(java.util.concurrent.Callable<T> task) throws IOException {
        return connection.call(task);
    }

    /// The loop that serves; the one for forgets and interrupts if there are several.
    public EventLoop loop() {
        return connection.loop();
    }

    /// Unmounts by force if it is still mounted.
    @Override
    public void close() {
        try {
            unmount(true);
        } catch (IOException e) {
            Session.LOG.log(Level.WARNING, "unmount: " + e.getMessage());
            abandon();
        }
    }
}
