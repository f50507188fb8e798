// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import jpuffs.core.Errno;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.Notify;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.puffs.wire.Wire.RetrieveIn;
import org.jspecify.annotations.Nullable;

/// What a server tells the kernel on its own account: that caches are stale, or what belongs into them.
///
/// The kernel takes locks to do these, which a process may hold that waits for an answer of this very server. They
/// are sent by a thread of their own therefore, and the caller parks until the kernel is done: an operation that
/// waits for its own notification about the file or directory it works on waits for ever, so start those on another
/// call context.
///
/// A node the kernel does not know needs no notification: the methods answer false then.
public final class Notifier {
    private static final int MAX_QUEUED = 4096;
    private static final int MAX_RETRIEVE = 1 << 20;
    private static final long TIMEOUT_SECONDS = 60;
    private static final long CLOSE_SECONDS = 10;

    /// Their numbers come back as those of requests, and must not be those of others (which count from 2).
    private static final long FIRST_RETRIEVE = 1L << 62;

    private final Session session;
    private final ExecutorService sender =
            new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_QUEUED), Notifier::thread);
    private final AtomicLong nextRetrieve = new AtomicLong(FIRST_RETRIEVE);
    private final ConcurrentHashMap<Long, CompletableFuture<byte[]>> retrieves = new ConcurrentHashMap<>();
    private final Object wakes = new Object();
    private volatile @Nullable Sender transport;

    /// Sends a whole message.
    interface Sender {
        /// Sends it; answers 0 or a negative errno.
        ///
        /// @param wait if the message cannot be taken at once
        long send(MemorySegment message, boolean wait);
    }

    Notifier(Session session) {
        this.session = session;
        ((ThreadPoolExecutor) sender).allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable task) {
        return Thread.ofPlatform().daemon().name("puffs-notify").unstarted(task);
    }

    /// Before requests are served, since a notification may follow a reply at once.
    void use(Sender transport) {
        this.transport = transport;
    }

    /// Drops cached attributes, and cached data from `off` for `length` bytes; 0 for all that follows, a negative
    /// `off` for no data.
    public boolean invalInode(Node node, long off, long length) throws IOException {
        Inode inode = session.nodes.find(node);
        return inode != null
                && send(Notify.INVAL_INODE, 24, out -> {
                    out.set(Request.LONG, 0, inode.nodeid);
                    out.set(Request.LONG, 8, off);
                    out.set(Request.LONG, 16, length);
                });
    }

    /// Drops a cached name, also one that is cached as not being there.
    public boolean invalEntry(Node parent, Name name) throws IOException {
        return entry(parent, name, 0);
    }

    /// Lets the kernel ask for a cached name again at its next use, without dropping what hangs on it.
    public boolean expireEntry(Node parent, Name name) throws IOException {
        boolean known = session.negotiation.has(Wire.Init.HAS_EXPIRE_ONLY);
        return entry(parent, name, known ? Notify.EXPIRE_ONLY : 0);
    }

    private boolean entry(Node parent, Name name, int flags) throws IOException {
        Inode inode = session.nodes.find(parent);
        return inode != null
                && send(Notify.INVAL_ENTRY, 16 + name.length() + 1, out -> {
                    out.set(Request.LONG, 0, inode.nodeid);
                    out.set(Request.INT, 8, name.length());
                    out.set(Request.INT, 12, flags);
                    name.copyTo(out, 16);
                });
    }

    /// As [#invalEntry] for a name that was removed: watchers are told so, and only if it is still the name of
    /// `child`.
    public boolean delete(Node parent, Node child, Name name) throws IOException {
        Inode directory = session.nodes.find(parent);
        Inode file = session.nodes.find(child);
        return directory != null
                && file != null
                && send(Notify.DELETE, 24 + name.length() + 1, out -> {
                    out.set(Request.LONG, 0, directory.nodeid);
                    out.set(Request.LONG, 8, file.nodeid);
                    out.set(Request.INT, 16, name.length());
                    name.copyTo(out, 24);
                });
    }

    /// Puts data into the page cache, growing the file if it ends beyond.
    ///
    /// @param data at most 1 MiB, copied
    public boolean store(Node node, long off, MemorySegment data) throws IOException {
        if (data.byteSize() > MAX_RETRIEVE || off < 0) {
            throw EINVAL.error("store of %d bytes at %d", data.byteSize(), off);
        }
        Inode inode = session.nodes.find(node);
        return inode != null
                && send(Notify.STORE, 24 + (int) data.byteSize(), out -> {
                    out.set(Request.LONG, 0, inode.nodeid);
                    out.set(Request.LONG, 8, off);
                    out.set(Request.INT, 16, (int) data.byteSize());
                    MemorySegment.copy(data, 0, out, 24, data.byteSize());
                });
    }

    /// What the page cache has from `off`: up to `length` bytes, fewer if not all is cached. Parks until the kernel
    /// answers.
    public byte[] retrieve(Node node, long off, int length) throws IOException {
        if (length < 0 || length > MAX_RETRIEVE || off < 0) {
            throw EINVAL.error("retrieve of %d bytes at %d", length, off);
        }
        Inode inode = session.nodes.find(node);
        if (inode == null) {
            return new byte[0];
        }
        long unique = nextRetrieve.getAndIncrement();
        var answer = new CompletableFuture<byte[]>();
        retrieves.put(unique, answer);
        try {
            boolean sent = send(Notify.RETRIEVE, 32, out -> {
                out.set(Request.LONG, 0, unique);
                out.set(Request.LONG, 8, inode.nodeid);
                out.set(Request.LONG, 16, off);
                out.set(Request.INT, 24, length);
            });
            return sent ? await(answer) : new byte[0];
        } finally {
            retrieves.remove(unique);
        }
    }

    /// A NOTIFY_REPLY: its id is the request's.
    void retrieved(Request r) throws IOException {
        CompletableFuture<byte[]> answer = retrieves.remove(r.unique);
        if (answer != null) {
            int size = r.argInt(RetrieveIn.LENGTH);
            answer.complete(r.bytes(size).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /// Lets every cached name be asked for again at its next use. Linux 6.17; before, EINVAL.
    public void incEpoch() throws IOException {
        send(Notify.INC_EPOCH, 0, _ -> {});
    }

    /// Asks the kernel to forget these nodes if they are not in use. Linux 6.18; before, EINVAL.
    public void prune(List<? extends Node> nodes) throws IOException {
        long[] ids = nodes.stream()
                .map(session.nodes::find)
                .filter(inode -> inode != null)
                .mapToLong(inode -> inode == null ? 0 : inode.nodeid)
                .toArray();
        if (ids.length > 0) {
            send(Notify.PRUNE, 16 + 8 * ids.length, out -> {
                out.set(Request.INT, 0, ids.length);
                MemorySegment.copy(ids, 0, out, Request.LONG, 16, ids.length);
            });
        }
    }

    /// Asks the kernel to send every request again that was read but not answered, as after a take-over of its
    /// descriptor.
    public void resend() throws IOException {
        send(Notify.RESEND, 0, _ -> {});
    }

    /// A file that was polled may be ready. From any thread; does not wait: the kernel takes no lock for this one,
    /// and others that wait for locks must not hold it up.
    void pollWake(long kh) {
        long result;
        synchronized (wakes) {
            result = transmit(Notify.POLL, 8, out -> out.set(Request.LONG, 0, kh), false);
        }
        if (result == -EAGAIN.number()) {
            wakeLater(kh);
        }
    }

    /// Where a socket is full.
    private void wakeLater(long kh) {
        try {
            sender.execute(() -> transmit(Notify.POLL, 8, out -> out.set(Request.LONG, 0, kh), true));
        } catch (RejectedExecutionException e) {
            Session.LOG.log(System.Logger.Level.WARNING, "a file that was polled: no notification", e);
        }
    }

    private boolean send(int code, int size, Consumer<MemorySegment> body) throws IOException {
        var result = new CompletableFuture<Long>();
        try {
            sender.execute(() -> complete(result, () -> transmit(code, size, body, true)));
        } catch (RejectedExecutionException e) {
            throw sender.isShutdown() ? ENOTCONN.error() : EAGAIN.error("%d notifications are waiting", MAX_QUEUED);
        }
        long error = await(result);
        if (error == -ENOENT.number()) {
            return false;
        }
        if (error < 0) {
            throw Errno.of((int) -error).error("notification %d", code);
        }
        return true;
    }

    private static void complete(CompletableFuture<Long> result, LongSupplier task) {
        try {
            result.complete(task.getAsLong());
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private long transmit(int code, int size, Consumer<MemorySegment> body, boolean wait) {
        Sender to = transport;
        if (to == null) {
            return -ENOTCONN.number();
        }
        try (Arena arena = Arena.ofConfined()) {
            int total = OutHeader.SIZE + size;
            MemorySegment message = arena.allocate(total, 8);
            message.set(Request.INT, OutHeader.LEN, total);
            message.set(Request.INT, OutHeader.ERROR, code);
            body.accept(message.asSlice(OutHeader.SIZE));
            return to.send(message, wait);
        }
    }

    private static <T> T await(CompletableFuture<T> result) throws IOException {
        try {
            return result.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw Errno.EINTR.error();
        } catch (TimeoutException e) {
            throw ETIMEDOUT.error("the kernel did not take a notification in %d s", TIMEOUT_SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    /// Takes no more, and waits for those under way: they use the descriptor. After the connection has ended, so
    /// that none waits for long.
    void close() {
        synchronized (wakes) {
            transport = null;
        }
        sender.shutdown();
        retrieves.values().forEach(answer -> answer.completeExceptionally(ENOTCONN.error()));
        try {
            if (!sender.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                Session.LOG.log(System.Logger.Level.WARNING, "the kernel still holds a notification");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
