// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.puffs.FileServer;
import jpuffs.puffs.MountOptions;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.AttrOut;
import jpuffs.puffs.wire.Wire.GetattrIn;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.Kstatfs;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import org.jspecify.annotations.Nullable;

/// A file server at the other end of a socket, as a file system: the part the kernel plays for a server that is
/// mounted. Thread-safe; see the package.
public final class SysPuffs implements FileSystem, AutoCloseable {
    /// How long a server may take for an answer. (Linux waits for ever, or `fs.fuse.default_request_timeout`.)
    public static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final int SOCKET_BUFFER = 4 << 20;

    /// What a DESTROY ends with if the server has no opinion: it does not know it, is gone, or talks nonsense.
    private static final Set<Errno> NO_VETO = Set.of(ENOSYS, ENOTCONN, EPROTO);

    final Connection connection;
    final NodeTable nodes;
    final EntryCache names = new EntryCache();
    final PageCache cache;
    final Polls polls = new Polls(this);
    private final Forgets forgets;
    private final Set<Opcode> missing = EnumSet.noneOf(Opcode.class); // guarded by itself
    private @Nullable FileServer server;
    private @Nullable Terms terms;
    private @Nullable RemoteNode root;

    /// How the connection is made, of which notifications come.
    private interface Making {
        Connection make(Connection.Notified notified) throws IOException;
    }

    private SysPuffs(Making making, Caching caching) throws IOException {
        cache = new PageCache(caching);
        connection = making.make(new Notifications(this)::take);
        forgets = new Forgets(connection);
        nodes = new NodeTable(this, forgets);
    }

    /// Two ends of a message socket with buffers that take large requests, as far as the system lets them: one for
    /// [#attach], one for the server.
    public static Socket.Pair pair() throws ErrnoException {
        Socket.Pair pair = Socket.pair(Socket.SOCK_SEQPACKET);
        enlarge(pair.first());
        enlarge(pair.second());
        return pair;
    }

    private static void enlarge(Fd fd) throws ErrnoException {
        try {
            Socket.setOption(fd, Socket.SO_SNDBUFFORCE, SOCKET_BUFFER);
        } catch (ErrnoException _) {
            Socket.setOption(fd, Socket.SO_SNDBUF, SOCKET_BUFFER);
        }
    }

    /// Begins with the server at the other end of `end`: returns when it has answered INIT.
    ///
    /// @param end of a SOCK_SEQPACKET pair whose buffers are alike ([#pair]); taken over, also if this fails
    /// @throws IOException ENOTCONN if the server hangs up or does not answer; EPROTO if it speaks another
    ///     protocol
    public static SysPuffs attach(Fd end) throws IOException {
        return attach(end, TIMEOUT);
    }

    /// As [#attach(Fd)]; a server that takes longer than `timeout` for an answer is given up.
    public static SysPuffs attach(Fd end, Duration timeout) throws IOException {
        return attach(end, timeout, Caching.NONE);
    }

    /// As [#attach(Fd,Duration)], with pages of files kept.
    public static SysPuffs attach(Fd end, Duration timeout, Caching caching) throws IOException {
        Fd fd = Fd.of(end.release());
        var fs = new SysPuffs(notified -> new SocketConnection(fd, timeout, notified), caching);
        boolean done = false;
        try {
            fd.setNonblock(true);
            fs.begin(Socket.option(fd, Socket.SO_SNDBUF));
            done = true;
            return fs;
        } finally {
            if (!done) {
                fs.connection.close();
            }
        }
    }

    private void begin(int socketBuffer) throws IOException {
        Terms agreed = Terms.negotiate(connection, socketBuffer);
        terms = agreed;
        connection.limitPosted(agreed.maxBackground());
        if (agreed.batchesForgets()) {
            forgets.batch();
        }
        root = askRoot();
    }

    /// As [#serve(FileSystem,MountOptions)], without a socket or a thread: `fs` answers on the thread that asks,
    /// which saves two hand-overs. For file systems that wait for no event loop; see [LocalServer].
    ///
    /// @throws IOException EINVAL if `fs` keeps locks and is not thread-safe
    public static SysPuffs local(FileSystem fs, MountOptions options) throws IOException {
        var half = new SysPuffs(notified -> new LocalConnection(fs, options, notified), Caching.NONE);
        boolean done = false;
        try {
            half.begin(Integer.MAX_VALUE);
            done = true;
            return half;
        } finally {
            if (!done) {
                half.connection.close();
            }
        }
    }

    /// Serves `fs` by a [FileServer] of this process and is its kernel half: all that a mount does to requests and
    /// answers, without one. [#close] ends the server as well.
    ///
    /// @throws IOException as [#attach]
    public static SysPuffs serve(FileSystem fs, MountOptions options) throws IOException {
        return serve(fs, options, SysPuffs::attach);
    }

    /// As [#serve(FileSystem,MountOptions)], where something stands between the server and its kernel half.
    public static SysPuffs serve(FileSystem fs, MountOptions options, Beginning beginning) throws IOException {
        Socket.Pair pair = pair();
        var half = new CompletableFuture<SysPuffs>();
        Thread.ofPlatform().name("syspuffs-begin").start(() -> {
            try {
                half.complete(beginning.attach(pair.first()));
            } catch (IOException | RuntimeException e) {
                half.completeExceptionally(e);
            }
        });
        FileServer server = null;
        try {
            server = FileServer.serve(Fd.of(pair.second().release()), fs, options);
            SysPuffs result = half.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.server = server;
            server = null;
            return result;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw ETIMEDOUT.error("the file server does not begin");
        } catch (InterruptedException e) {
            throw EINTR.error();
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    /// The root may be a file of any type: the server tells.
    private RemoteNode askRoot() throws IOException {
        try (var message = new Message(Opcode.GETATTR, Wire.ROOT_ID, 16, 0)) {
            Reply reply = connection.call(message.set(GetattrIn.FLAGS, 0), AttrOut.SIZE, null);
            Attr attr = Attrs.read(reply.exactly(AttrOut.SIZE), AttrOut.ATTR);
            return nodes.root(Mode.type(attr.mode()));
        }
    }

    /// What was agreed on with the server.
    Terms terms() {
        if (terms == null) {
            throw new IllegalStateException("before INIT");
        }
        return terms;
    }

    /// Sends a request and waits for its answer, which is at most `most` bytes long. May yield.
    Reply call(Message message, int most) throws ErrnoException {
        return call(message, most, null);
    }

    Reply call(Message message, int most, @Nullable MemorySegment room) throws ErrnoException {
        forgets.flush();
        return connection.call(message, most, room);
    }

    /// As [#call(Message,int)] for what a server need not have: it is asked once.
    ///
    /// @throws ErrnoException `instead` if it has not
    Reply callIfThere(Message message, int most, Errno instead) throws ErrnoException {
        synchronized (missing) {
            if (missing.contains(message.op)) {
                throw instead.error();
            }
        }
        try {
            return call(message, most);
        } catch (ErrnoException e) {
            if (e.errno() != ENOSYS) {
                throw e;
            }
            synchronized (missing) {
                missing.add(message.op);
            }
            throw instead.error();
        }
    }

    @Override
    public Node root() throws IOException {
        if (root == null) {
            throw ENOTCONN.error();
        }
        return root;
    }

    @Override
    public StatFs statfs() throws IOException {
        try (var message = new Message(Opcode.STATFS, Wire.ROOT_ID, 0, 0)) {
            Reply reply = call(message, Kstatfs.SIZE).exactly(Kstatfs.SIZE);
            int unit = reply.u32(Kstatfs.FRSIZE) == 0 ? reply.u32(Kstatfs.BSIZE) : reply.u32(Kstatfs.FRSIZE);
            return new StatFs(
                    unit <= 0 ? StatFs.UNKNOWN.blockSize() : unit,
                    reply.u64(Kstatfs.BLOCKS),
                    reply.u64(Kstatfs.BFREE),
                    reply.u64(Kstatfs.BAVAIL),
                    reply.u64(Kstatfs.FILES),
                    reply.u64(Kstatfs.FFREE),
                    reply.u32(Kstatfs.NAMELEN));
        }
    }

    @Override
    public void sync() throws IOException {
        nodes.settle();
        try (var message = new Message(Opcode.SYNCFS, Wire.ROOT_ID, 8, 0)) {
            callIfThere(message, 0, ENOSYS);
        } catch (ErrnoException e) {
            if (e.errno() != ENOSYS) { // else it has nothing to make durable
                throw e;
            }
        }
    }

    /// Ends the server: it is told, and hung up on. It may answer DESTROY with an error, which is a veto: then it
    /// goes on, unless `force`. (Linux does not ask; servers of libfuse agree.)
    @Override
    public void unmount(boolean force) throws IOException {
        if (connection.isDead()) {
            return;
        }
        nodes.settle();
        try (var message = new Message(Opcode.DESTROY, 0, 0, 0)) {
            call(message, 0);
        } catch (ErrnoException e) {
            if (!force && !NO_VETO.contains(e.errno())) {
                throw e;
            }
            Connection.LOG.log(Level.DEBUG, "DESTROY: " + e.getMessage());
        }
        connection.hangUp();
    }

    @Override
    public boolean isThreadSafe() {
        return true;
    }

    @Override
    public boolean keepsLocks() {
        return terms().has(Init.POSIX_LOCKS | Init.FLOCK_LOCKS);
    }

    @Override
    public boolean keepsAcls() {
        return terms().has(Init.POSIX_ACL);
    }

    /// How often the server has answered what cannot be, since it began. Each is a line in the log.
    public long misbehaviours() {
        return connection.misbehaviours();
    }

    /// Hangs up, and gives everything back. Those who wait get ENOTCONN.
    @Override
    public void close() {
        connection.close();
        if (server != null) {
            server.close();
        }
    }

    /// The server has answered a node, and so does an operation.
    RemoteNode answered(RemoteNode node) throws ErrnoException {
        if (!nodes.answer(node)) {
            throw EPROTO.error("node %d was given to another file meanwhile", node.id);
        }
        return node;
    }
}
