// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// One loop of a server, its thread, and the clients it serves.
final class Worker {
    private static final Duration HANDSHAKE = Duration.ofSeconds(30);
    private static final long POOL = 128 << 20;

    /// A client that waits for each answer sends the next request within tens of microseconds (docs/notes/020-pud.md).
    private static final Duration BUSY_POLL = Duration.ofNanos(50_000);

    private final NbdServer server;
    private final EventLoop loop = EventLoop.open();
    private final BufferPool pool = new BufferPool(POOL);
    private final Set<Transmission> clients = new HashSet<>();
    private final Thread thread;
    private boolean closing;

    Worker(NbdServer server) throws IOException {
        this.server = server;
        loop.busyPoll(BUSY_POLL);
        thread = Thread.ofPlatform().name("nbd").unstarted(this::run);
    }

    EventLoop loop() {
        return loop;
    }

    Thread thread() {
        return thread;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            NbdServer.LOG.log(Level.ERROR, "event loop", e);
        }
    }

    /// Takes a new client.
    void serve(Fd fd) {
        if (closing) {
            fd.close();
            server.left();
        } else {
            loop.spawn(() -> shakeHands(fd)).deadline(HANDSHAKE);
        }
    }

    private void shakeHands(Fd fd) {
        Arena arena = Arena.ofShared();
        MemorySegment buffer = arena.allocate(Input.SIZE);
        boolean going = false;
        try {
            var handshake = new Handshake(loop, fd, server, buffer);
            if (handshake.run() && !closing) {
                transmit(handshake, arena);
                going = true;
            }
        } catch (IOException e) {
            NbdServer.LOG.log(Level.DEBUG, "handshake: " + e.getMessage());
        } finally {
            if (!going) {
                loop.remove(fd);
                fd.close();
                arena.close();
                server.left();
            }
        }
    }

    private void transmit(Handshake handshake, Arena arena) throws IOException {
        var end = new Runnable() {
            @Nullable
            Transmission client;

            @Override
            public void run() {
                clients.remove(client);
                arena.close();
                server.left();
            }
        };
        var client = new Transmission(loop, handshake, pool, end);
        end.client = client;
        clients.add(client);
    }

    /// Hangs up on its clients and gives everything back.
    ///
    /// @param listener to take out of the loop; null if it is another's
    void close(@Nullable Fd listener) {
        if (thread.isAlive()) {
            loop.execute(() -> hangUp(listener));
            loop.stop();
        } else {
            hangUp(listener);
        }
        loop.close();
        if (pool.outstanding() > 0) { // a device holds on to what it was lent
            NbdServer.LOG.log(Level.ERROR, pool.outstanding() + " requests have not ended");
        } else {
            pool.close();
        }
    }

    private void hangUp(@Nullable Fd listener) {
        closing = true;
        new ArrayList<>(clients).forEach(Transmission::close);
        if (listener != null) {
            loop.remove(listener);
        }
    }
}
