// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EIO;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Timer;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// All connections to the server: the main one, and others that carry data of large reads when one connection does
/// not fill the line (an ssh channel has a window of 2 MiB).
final class Link {
    static final int MAX_LANES = 8;

    /// What fills a line of 20 ms and 200 MB/s.
    static final int LANES = 4;

    /// A channel of ssh has a window of 2 MiB: beyond a round trip of this, it is what limits, and waiting for
    /// answers costs more than asking too much.
    static final long FAR_NANOS = 3_000_000;

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int TRIES = 5;

    /// Something that is said to the server and answered.
    @FunctionalInterface
    interface Exchange<T> {
        T run(SftpConnection connection) throws IOException;
    }

    private final EventLoop loop;
    private final Transport transport;
    private final Lane.Patience patience;
    private final int maxLanes;
    private final List<Lane> lanes = new ArrayList<>();
    private final Pace pace = new Pace();
    private final Timer timer;

    Link(EventLoop loop, Transport transport, Lane.Patience patience, int maxLanes) {
        this.loop = loop;
        this.transport = transport;
        this.patience = patience;
        this.maxLanes = transport.canRepeat() ? maxLanes : 1;
        addLane();
        timer = loop.every(TICK, () -> lanes.forEach(Lane::tick));
    }

    private Lane addLane() {
        var lane = new Lane(loop, transport, patience, lanes.size());
        lanes.add(lane);
        return lane;
    }

    Lane main() {
        return lanes.getFirst();
    }

    /// The lanes there are.
    int size() {
        return lanes.size();
    }

    Lane lane(int number) {
        return lanes.get(number);
    }

    /// How fast the lanes together have carried what was read.
    Pace pace() {
        return pace;
    }

    /// The bytes that the line holds, both ways, when it is full; 0 as long as nobody knows.
    long underWay() {
        SftpConnection c = now();
        return c == null || c.shortestNanos() == Long.MAX_VALUE ? 0 : pace.underWay(c.shortestNanos());
    }

    /// Begins a further connection, if there may be one and all others are there.
    void widen() {
        if (lanes.size() < maxLanes && lanes.getLast().connection() != null) {
            addLane().connect();
        }
    }

    /// Does `exchange`, again on a new connection if one is lost meanwhile: for what may be done twice. Yields.
    ///
    /// @throws IOException what the exchange throws; as [Lane#await]; EIO if connections are lost again and
    ///     again
    <T> T safely(Exchange<T> exchange) throws IOException {
        for (int i = 0; ; i++) {
            SftpConnection now = main().await();
            try {
                return exchange.run(now);
            } catch (ErrnoException e) {
                if (now.isOpen()) {
                    throw e;
                }
                if (i == TRIES) {
                    throw EIO.error("the connection was lost %d times: %s", TRIES, e.getMessage());
                }
            }
        }
    }

    /// Does `exchange`, which must not be done twice. Yields.
    ///
    /// @throws IOException as [#safely]; EIO if the connection is lost meanwhile: nobody knows then what the
    ///     server has done
    <T> T once(Exchange<T> exchange) throws IOException {
        SftpConnection now = main().await();
        try {
            return exchange.run(now);
        } catch (ErrnoException e) {
            throw lost(now, e);
        }
    }

    /// What a failure is to the caller: EIO if the connection was lost.
    static ErrnoException lost(SftpConnection c, ErrnoException e) {
        return c.isOpen() ? e : EIO.error("the connection was lost meanwhile: %s", e.getMessage());
    }

    /// The main connection if it is there now.
    @Nullable
    SftpConnection now() {
        return main().connection();
    }

    EventLoop loop() {
        return loop;
    }

    void close() {
        timer.cancel();
        lanes.forEach(Lane::close);
    }
}
