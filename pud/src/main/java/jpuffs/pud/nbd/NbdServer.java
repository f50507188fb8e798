// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EADDRINUSE;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.ECONNREFUSED;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Watch;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import jpuffs.sys.StreamSocket;
import org.jspecify.annotations.Nullable;

/// Serves block devices over the network block device protocol, to nbd-client, qemu, nbdcopy and all others that
/// speak it.
///
/// ```java
/// var address = UnixDomainSocketAddress.of("/run/disk.sock");
/// try (var server = NbdServer.open(address, List.of(NbdExport.of(disk)))) {
///     server.await(); // until closed
/// }
/// ```
///
/// Connections are dealt out to a few loops, each a thread; the requests of a connection run on call contexts of
/// its loop. So a device is called from several threads at once, as [jpuffs.core.BlockDevice] allows.
public final class NbdServer implements AutoCloseable {
    static final Logger LOG = System.getLogger("jpuffs.pud.nbd");

    private static final int BACKLOG = 64;
    private static final int MAX_CLIENTS = 1024;
    private static final int MAX_LOOPS = 4;
    private static final int SEND_BUFFER = 1 << 20;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final SocketAddress address;
    private final List<NbdExport> exports;
    private final @Nullable NbdTls tls;
    private final Fd listener;
    private final List<Worker> workers = new ArrayList<>();
    private final AtomicInteger clients = new AtomicInteger();
    private @Nullable Watch watch;
    private int next; // of the workers; the first one's loop only

    private NbdServer(SocketAddress address, List<NbdExport> exports, @Nullable NbdTls tls) throws IOException {
        this.address = address;
        this.exports = List.copyOf(exports);
        this.tls = tls;
        listener = listen(address);
        try {
            for (int i = Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors()); i > 0; i--) {
                workers.add(new Worker(this));
            }
            watch = workers.getFirst().loop().watch(listener, Epoll.EPOLLIN, _ -> accept());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        workers.forEach(Worker::start);
    }

    /// Begins to serve.
    ///
    /// @param address a [UnixDomainSocketAddress], whose socket file is made, or an [InetSocketAddress]
    /// @param exports the first is also what clients get that name none
    /// @throws IOException EADDRINUSE if somebody listens there already, EACCES, ENOENT
    public static NbdServer open(SocketAddress address, List<NbdExport> exports) throws IOException {
        return new NbdServer(address, exports, null);
    }

    /// As [#open], for clients that use TLS only.
    public static NbdServer openSecure(SocketAddress address, List<NbdExport> exports, NbdTls tls) throws IOException {
        return new NbdServer(address, exports, tls);
    }

    List<NbdExport> exports() {
        return exports;
    }

    @Nullable
    NbdTls tls() {
        return tls;
    }

    /// A socket file that nobody listens at was left by a server that died.
    private static Fd listen(SocketAddress address) throws IOException {
        try {
            return StreamSocket.listen(address, BACKLOG);
        } catch (ErrnoException e) {
            if (e.errno() != EADDRINUSE || !(address instanceof UnixDomainSocketAddress unix) || !isStale(unix)) {
                throw e;
            }
            Files.delete(unix.getPath());
            return StreamSocket.listen(address, BACKLOG);
        }
    }

    private static boolean isStale(UnixDomainSocketAddress address) {
        try (Fd _ = StreamSocket.connect(address)) {
            return false;
        } catch (ErrnoException e) {
            return e.errno() == ECONNREFUSED
                    && Files.exists(address.getPath())
                    && !Files.isRegularFile(address.getPath());
        }
    }

    /// The port it listens at; -1 for a Unix-domain socket.
    public int port() throws ErrnoException {
        return address instanceof InetSocketAddress ? StreamSocket.localPort(listener) : -1;
    }

    private void accept() {
        long result = StreamSocket.tryAccept(listener);
        while (result >= 0) {
            Fd fd = Fd.of((int) result);
            if (clients.incrementAndGet() > MAX_CLIENTS) {
                LOG.log(Level.WARNING, "more than " + MAX_CLIENTS + " clients: one is sent away");
                fd.close();
                left();
            } else {
                if (address instanceof UnixDomainSocketAddress) { // TCP sizes its own
                    enlarge(fd);
                }
                Worker worker = workers.get(next++ % workers.size());
                worker.loop().execute(() -> worker.serve(fd));
            }
            result = StreamSocket.tryAccept(listener);
        }
        if (result != -EAGAIN.number()) { // no descriptors left, most likely: they come back when clients go
            LOG.log(Level.WARNING, "accept: " + Errno.of((int) -result).text());
            listen(0);
            workers.getFirst().loop().after(RETRY, () -> listen(Epoll.EPOLLIN));
        }
    }

    /// Room in the socket for a whole reply of nbdcopy, 256 KiB; the kernel doubles what it is asked for, within
    /// limits.
    private static void enlarge(Fd fd) {
        try {
            Socket.setOption(fd, Socket.SO_SNDBUF, SEND_BUFFER);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "SO_SNDBUF", e);
        }
    }

    private void listen(int events) {
        try {
            if (watch != null && watch.isActive()) {
                watch.modify(events);
            }
        } catch (ErrnoException e) {
            LOG.log(Level.ERROR, "no more clients are accepted", e);
        }
    }

    void left() {
        clients.decrementAndGet();
    }

    /// How many clients are connected.
    public int clients() {
        return clients.get();
    }

    /// Waits until it is closed.
    public void await() throws InterruptedException {
        for (Worker worker : workers) {
            worker.thread().join();
        }
    }

    /// Hangs up on everybody and gives everything back, but the devices.
    @Override
    public void close() {
        if (!listener.isOpen()) {
            return;
        }
        for (Worker worker : workers) {
            worker.close(workers.getFirst() == worker ? listener : null);
        }
        listener.close();
        if (address instanceof UnixDomainSocketAddress unix) {
            try {
                Files.deleteIfExists(unix.getPath());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot remove " + unix, e);
            }
        }
    }
}
