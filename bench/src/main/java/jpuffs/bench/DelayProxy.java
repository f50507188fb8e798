// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A TCP proxy that keeps each byte back for a time, lets only so many through in a second, and counts them: a long
/// line between two programs of this machine. What is on its way is bounded, by far more than such a line holds.
final class DelayProxy implements AutoCloseable {
    private static final int PIECE = 64 << 10;
    private static final int NARROW_PIECE = 16 << 10;
    private static final int NARROW_BUFFER = 128 << 10; // what a narrow line's sender may be ahead of it
    private static final int PIECES = 512; // 32 MiB each way

    private final ServerSocketChannel listener;
    private final int target;
    private final long delayNanos;
    private final boolean narrow;
    private final Bucket up;
    private final Bucket down;
    private final AtomicLong bytes = new AtomicLong();

    /// What was read at once; nothing at the end.
    private record Piece(ByteBuffer data, long due) {}

    /// One direction of one connection: what is on its way, and buffers to be filled again.
    private record Line(BlockingQueue<Piece> full, Queue<ByteBuffer> free) {}

    /// One direction, which all connections share.
    private static final class Bucket {
        private final double nanosPerByte;
        private long free; // from when the line is free, by the nano clock; guarded by this

        Bucket(long bits) {
            nanosPerByte = bits == 0 ? 0 : 8e9 / bits;
            free = System.nanoTime();
        }

        /// Takes a place on the line for some bytes, and gives the time when the last one is sent.
        synchronized long sent(int count) {
            free = Math.max(free, System.nanoTime()) + (long) (count * nanosPerByte);
            return free;
        }
    }

    private DelayProxy(ServerSocketChannel listener, int target, long delayNanos, long bits) {
        this.listener = listener;
        this.target = target;
        this.delayNanos = delayNanos;
        narrow = bits > 0;
        up = new Bucket(bits);
        down = new Bucket(bits);
    }

    /// @param target the port it leads to
    /// @param roundTripMillis how long a byte and its answer take
    /// @param bits how many go through in a second, each way; 0 for as many as there are
    static DelayProxy start(int target, int roundTripMillis, long bits) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        if (bits > 0) {
            listener.setOption(StandardSocketOptions.SO_RCVBUF, NARROW_BUFFER);
        }
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        var proxy = new DelayProxy(listener, target, roundTripMillis * 1_000_000L / 2, bits);
        thread("proxy", proxy::accept);
        return proxy;
    }

    private static void thread(String name, Runnable body) {
        Thread.ofPlatform().daemon().name(name).start(body);
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    /// Bytes that went through so far, both ways.
    long bytes() {
        return bytes.get();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel near = listener.accept();
                SocketChannel far = connect();
                near.setOption(StandardSocketOptions.TCP_NODELAY, true);
                far.setOption(StandardSocketOptions.TCP_NODELAY, true);
                join(near, far, up);
                join(far, near, down);
            } catch (IOException e) {
                if (listener.isOpen()) {
                    Main.say("proxy: " + e.getMessage());
                }
            }
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel socket = SocketChannel.open();
        if (narrow) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, NARROW_BUFFER);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        return socket;
    }

    private void join(SocketChannel from, SocketChannel to, Bucket bucket) {
        var line = new Line(new ArrayBlockingQueue<>(PIECES), new ArrayBlockingQueue<>(PIECES));
        thread("proxy in", () -> read(from, bucket, line));
        thread("proxy out", () -> write(line, to));
    }

    private void read(SocketChannel from, Bucket bucket, Line line) {
        try {
            while (true) {
                ByteBuffer free = line.free.poll();
                ByteBuffer data = free == null ? ByteBuffer.allocateDirect(narrow ? NARROW_PIECE : PIECE) : free;
                from.read(data);
                data.flip();
                long sent = bucket.sent(data.remaining());
                sleepUntil(sent);
                line.full.put(new Piece(data, sent + delayNanos));
                if (!data.hasRemaining()) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            var unused = line.full.offer(new Piece(ByteBuffer.allocate(0), System.nanoTime()));
        }
    }

    private void write(Line line, SocketChannel to) {
        try (to) {
            for (Piece piece = line.full.take(); piece.data.hasRemaining(); piece = line.full.take()) {
                sleepUntil(piece.due);
                bytes.addAndGet(piece.data.remaining());
                while (piece.data.hasRemaining()) {
                    to.write(piece.data);
                }
                var unused = line.free.offer(piece.data.clear());
            }
        } catch (IOException | InterruptedException e) {
            // The other side has ended, and this one with it.
        }
    }

    private static void sleepUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
