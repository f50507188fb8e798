// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.Blocking;
import jpuffs.eventloop.EventLoop;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// One connection to the server. When it is lost it is made again, at once and then at growing intervals, while
/// those who need it wait as long as [Patience] lets them.
final class Lane {
    /// How long one waits for what.
    ///
    /// @param silence a server from which nothing comes for so long, although it is asked, is given up; null
    ///     for never
    /// @param outage how long an operation waits for a new connection; null for ever
    /// @param reconnect whether there will be a new connection
    record Patience(@Nullable Duration silence, @Nullable Duration outage, boolean reconnect) {}

    private static final Duration GREETING = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final long KEEP_ALIVE_NANOS = 10_000_000_000L;

    /// While we are stopped, or the machine is asleep, it is not the server that is silent.
    private static final long MOST_NANOS = 1_500_000_000;

    private static final Name HERE = Name.of(".");

    private final EventLoop loop;
    private final Transport transport;
    private final Patience patience;
    private final int number;
    private final Waiters waiters = new Waiters();
    private @Nullable Wire wire;
    private @Nullable SftpConnection connection;
    private @Nullable ErrnoException why; // there is no connection
    private int generation;
    private boolean connecting;
    private boolean closed;
    private long heard; // bytes
    private long looked; // at the clock
    private long silent; // nanoseconds since something came

    Lane(EventLoop loop, Transport transport, Patience patience, int number) {
        this.loop = loop;
        this.transport = transport;
        this.patience = patience;
        this.number = number;
    }

    /// Takes a connection that was made already.
    void adopt(Wire made, SftpConnection.Parked parked) throws ErrnoException {
        connected(made, SftpConnection.resume(loop, parked, this::lost));
    }

    private void connected(Wire made, SftpConnection established) {
        wire = made;
        connection = established;
        why = null;
        generation++;
        heard = -1;
        waiters.wake();
    }

    /// Counts the connections: what belonged to an earlier one is no more.
    int generation() {
        return generation;
    }

    /// The connection if there is one now.
    @Nullable
    SftpConnection connection() {
        return connection;
    }

    /// The connection, awaited if there is none now. Yields.
    ///
    /// @throws ErrnoException ENOTCONN if there will be none, EIO if there was none for too long: with the
    ///     reason; EINTR
    SftpConnection await() throws ErrnoException {
        long begin = System.nanoTime();
        while (connection == null) {
            if (closed || !patience.reconnect) {
                throw ENOTCONN.error("no connection: %s", why == null ? "unmounted" : why.getMessage());
            }
            connect();
            if (patience.outage == null) {
                waiters.await();
                continue;
            }
            Duration left = patience.outage.minusNanos(System.nanoTime() - begin);
            if (!left.isPositive()) {
                throw EIO.error("no connection: %s", why == null ? "not yet" : why.getMessage());
            }
            waiters.await(left);
        }
        return connection;
    }

    /// Begins to connect, unless that is under way.
    void connect() {
        if (!connecting && !closed && connection == null) {
            connecting = true;
            loop.spawn(this::connectAgain);
        }
    }

    private void connectAgain() {
        try {
            for (Duration pause = FIRST_PAUSE; !tryConnect(); pause = longer(pause)) {
                waiters.await(pause);
            }
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "connecting ended", e);
        } finally {
            connecting = false;
            waiters.wake();
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    /// @return whether there is nothing more to do
    private boolean tryConnect() {
        if (closed) {
            return true;
        }
        Wire made = null;
        try {
            made = Blocking.call(() -> transport.start(true));
            SftpConnection established = SftpConnection.open(loop, made.fd(), GREETING, this::lost);
            if (closed) {
                established.close();
                end(made);
                return true;
            }
            connected(made, established);
            Psshfs.LOG.log(Level.INFO, "connection " + number + " to the server is made");
            return true;
        } catch (IOException e) {
            why = e instanceof ErrnoException errno ? errno : EIO.error("%s", String.valueOf(e.getMessage()));
            Psshfs.LOG.log(Level.INFO, "connection " + number + " cannot be made: " + e.getMessage());
            if (made != null) {
                end(made);
            }
            return false;
        }
    }

    private static void end(Wire made) {
        Thread.ofPlatform().daemon().name("psshfs-end").start(made::end);
    }

    private void lost(ErrnoException reason) {
        Wire old = wire;
        connection = null;
        wire = null;
        why = reason;
        Psshfs.LOG.log(Level.WARNING, "connection " + number + " to the server is lost: " + reason.getMessage());
        if (old != null) {
            end(old);
        }
        if (patience.reconnect && transport.canRepeat()) {
            connect();
        }
        waiters.wake();
    }

    /// Looks whether the server is still there; called every second.
    void tick() {
        SftpConnection now = connection;
        if (now == null) {
            return;
        }
        long time = System.nanoTime();
        long passed = Math.min(time - looked, MOST_NANOS);
        looked = time;
        if (now.bytesReceived() != heard) {
            heard = now.bytesReceived();
            silent = 0;
            return;
        }
        silent += passed;
        if (now.waiting() == 0) {
            if (silent > KEEP_ALIVE_NANOS) {
                ping(now);
                silent = 0;
            }
        } else if (patience.silence != null && silent > patience.silence.toNanos()) {
            now.giveUp(ETIMEDOUT.error("the server has been silent for %d s", silent / 1_000_000_000));
        }
    }

    private static void ping(SftpConnection now) {
        try {
            now.start(Requests.realpath(now, HERE), (reply, failure) -> {
                if (reply != null) {
                    reply.close();
                }
            });
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "keep-alive", e);
        }
    }

    /// Ends it for good: who waits gets errors.
    void close() {
        closed = true;
        if (connection != null) {
            connection.close();
            connection = null;
        }
        if (wire != null) {
            end(wire);
            wire = null;
        }
        waiters.wake();
    }
}
