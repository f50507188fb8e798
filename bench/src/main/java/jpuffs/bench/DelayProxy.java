// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
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

    private final ServerSocket listener;
    private final int target;
    private final long delayNanos;
    private final boolean narrow;
    private final Bucket up;
    private final Bucket down;
    private final AtomicLong bytes = new AtomicLong();

    /// What was read at once; nothing at the end.
    private record Piece(ByteBuffer data, long due) {}

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

    private DelayProxy(ServerSocket listener, int target, long delayNanos, long bits) {
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
        var listener = new ServerSocket();
        if (bits > 0) {
            listener.setReceiveBufferSize(NARROW_BUFFER);
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
        return listener.getLocalPort();
    }

    /// Bytes that went through so far, both ways.
    long bytes() {
        return bytes.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Socket far = connect();
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                join(near, far, up);
                join(far, near, down);
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    Main.say("proxy: " + e.getMessage());
                }
            }
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket();
        if (narrow) {
            socket.setReceiveBufferSize(NARROW_BUFFER);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        return socket;
    }

    private void join(Socket from, Socket to, Bucket bucket) {
        var line = new ArrayBlockingQueue<Piece>(PIECES);
        thread("proxy in", () -> read(from, bucket, line));
        thread("proxy out", () -> write(line, to));
    }

    private void read(Socket from, Bucket bucket, BlockingQueue<Piece> line) {
        try {
            InputStream in = from.getInputStream();
            int count;
            do {
                var data = new byte[narrow ? NARROW_PIECE : PIECE];
                count = in.read(data);
                long sent = bucket.sent(Math.max(0, count));
                sleepUntil(sent);
                line.put(new Piece(ByteBuffer.wrap(data, 0, Math.max(0, count)), sent + delayNanos));
            } while (count >= 0);
        } catch (IOException | InterruptedException e) {
            var unused = line.offer(new Piece(ByteBuffer.allocate(0), System.nanoTime()));
        }
    }

    private void write(BlockingQueue<Piece> line, Socket to) {
        try (to) {
            WritableByteChannel out = Channels.newChannel(to.getOutputStream());
            for (Piece piece = line.take(); piece.data.hasRemaining(); piece = line.take()) {
                sleepUntil(piece.due);
                bytes.addAndGet(piece.data.remaining());
                out.write(piece.data);
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
