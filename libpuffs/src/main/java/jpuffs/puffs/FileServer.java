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
import java.util.concurrent.atomic.AtomicBoolean;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.eventloop.Blocking;
import jpuffs.eventloop.EventLoop;
import jpuffs.puffs.wire.Wire;
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
    private static final long FORCE_SECONDS = 10;
    private static final long UNMOUNT_SECONDS = 60;

    private final Session session;
    private final Connection connection;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile State state = State.BEFORE_MOUNT;
    private volatile @Nullable Mountpoint mountpoint;

    private FileServer(FileSystem fs, MountOptions options) throws IOException {
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
        change(State.BEFORE_MOUNT, State.RUNNING);
    }

    /// Unless something else has happened meanwhile.
    private synchronized void change(State from, State to) {
        if (state == from) {
            state = to;
        }
    }

    private void abandon() {
        detach();
        connection.hangUp();
        end();
    }

    /// The kernel has ended it: it was unmounted, or aborted; or we have hung up.
    private void ended() {
        Thread.ofPlatform().name("puffs-end").start(() -> {
            if (state == State.RUNNING) {
                veto(true); // nobody asks any more, but it is told
            }
            end();
        });
    }

    /// Gives back everything, in order: what is in work ends; what the kernel left open is closed, on the loop;
    /// loops end; memory and descriptors go. Once; others wait for it.
    private void end() {
        if (!ending.compareAndSet(false, true)) {
            awaitEnd();
            return;
        }
        try {
            detach(); // after an abort, or when we gave up, it is still there
            connection.drain();
            closeSession();
            connection.stop();
            session.notifier().close();
            connection.close();
            close(mountpoint);
        } finally {
            synchronized (this) {
                state = State.UNMOUNTED;
            }
            finished.countDown();
        }
    }

    private void closeSession() {
        try {
            callVoid(session::close, UNMOUNT_SECONDS);
        } catch (IOException e) {
            if (Errno.of(e) == Errno.ENOTCONN) {
                session.close(); // the loop has not run or has ended, nobody is in our way
            } else {
                Session.LOG.log(Level.WARNING, "files are not closed: " + e.getMessage());
            }
        }
    }

    /// A task of [#callVoid].
    private interface Task {
        void run() throws IOException;
    }

    private void callVoid(Task task, long seconds) throws IOException {
        connection.<@Nullable Void>call(
                () -> {
                    task.run();
                    return null;
                },
                seconds);
    }

    private void detach() {
        Mountpoint point = mountpoint;
        if (point != null) {
            point.detach();
        }
    }

    private static void close(@Nullable Mountpoint point) {
        if (point != null) {
            point.close();
        }
    }

    private void awaitEnd() {
        try {
            finished.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether the kernel now reads and writes an open file by itself, as [jpuffs.core.Handle#backingFd] allows.
    public boolean hasBacking() {
        return session.backing.isUsed();
    }

    /// What it is doing.
    public State state() {
        return state;
    }

    /// How requests come: `/dev/fuse`, or `io_uring, 2 queues of 8`.
    public String transport() {
        return connection.description();
    }

    /// What the server tells the kernel by itself.
    public Notifier notifier() {
        return session.notifier();
    }

    /// The version of the protocol that is spoken, such as `7.45`.
    public String protocol() {
        return Wire.MAJOR + "." + session.negotiation.minor();
    }

    /// For tests that look for leaks: the buffers that are not given back.
    int buffersTaken() {
        return connection.buffersTaken();
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

    /// Unmounts and ends the server. Waits for the end, but for a call context of its own loop, which cannot
    /// outlive that: there it yields, and returns when it is unmounted. Not from a callback of the loop.
    ///
    /// @param force take it away from those who use it: they get errors. Else EBUSY if it is in use
    /// @throws IOException EBUSY; what the file system vetoes with; EPERM. The server goes on then
    public void unmount(boolean force) throws IOException {
        if (!beginUnmount(force)) {
            return;
        }
        try {
            ErrnoException veto = veto(force);
            if (veto != null && !force) {
                throw veto;
            }
            takeDown(force);
        } catch (IOException | RuntimeException e) {
            change(State.UNMOUNTING, State.RUNNING);
            throw e;
        }
    }

    private synchronized boolean beginUnmount(boolean force) throws IOException {
        if (state == State.UNMOUNTED) {
            return false;
        }
        if (state == State.UNMOUNTING && !force) {
            throw EBUSY.error("it is being unmounted already");
        }
        state = State.UNMOUNTING;
        return true;
    }

    private void takeDown(boolean force) throws IOException {
        Mountpoint point = mountpoint;
        if (point == null || !unmount(point, force)) {
            connection.hangUp();
        }
        if (connection.loop().inLoop()) {
            return;
        }
        try {
            if (!finished.await(force ? FORCE_SECONDS : UNMOUNT_SECONDS, TimeUnit.SECONDS)) {
                stillThere(force);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The kernel may want something of the server before it lets go, so the loop must not wait for it.
    private static boolean unmount(Mountpoint point, boolean force) throws IOException {
        return Blocking.call(() -> {
            if (force) {
                return point.unmountByForce();
            }
            point.unmount();
            return true;
        });
    }

    private void stillThere(boolean force) throws ErrnoException {
        if (force || connection.ended().isDone()) {
            connection.hangUp(); // it ends, as slowly as it does
        } else {
            throw EBUSY.error("unmounted here, but in use in another mount namespace");
        }
    }

    /// Asks the file system, on its loop.
    private @Nullable ErrnoException veto(boolean force) {
        try {
            callVoid(() -> session.unmount(force), force ? FORCE_SECONDS : UNMOUNT_SECONDS);
            return null;
        } catch (IOException e) {
            Session.LOG.log(Level.DEBUG, "unmount: " + e.getMessage());
            return e instanceof ErrnoException errno ? errno : Errno.of(e).error("%s", String.valueOf(e.getMessage()));
        }
    }

    /// Runs `task` on a call context of the (first) loop that serves, where state of the file system may be
    /// touched.
    public <T> T call(java.util.concurrent.Callable<T> task) throws IOException {
        return connection.call(task, UNMOUNT_SECONDS);
    }

    /// The loop that serves; the one for forgets and interrupts if there are several.
    public EventLoop loop() {
        return connection.loop();
    }

    /// Unmounts by force if it is still mounted, and waits for the end.
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
