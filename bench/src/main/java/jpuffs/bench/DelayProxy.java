// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A TCP proxy that keeps each byte back for a time, and counts them: a long line between two programs of this
/// machine. What is on its way is bounded, by far more than such a line holds.
final class DelayProxy implements AutoCloseable {
    private static final int PIECE = 64 << 10;
    private static final int PIECES = 512; // 32 MiB each way

    private final ServerSocket listener;
    private final int target;
    private final long delayNanos;
    private final AtomicLong bytes = new AtomicLong();

    /// What was read at once; nothing at the end.
    private record Piece(ByteBuffer data, long due) {}

    private DelayProxy(ServerSocket listener, int target, long delayNanos) {
        this.listener = listener;
        this.target = target;
        this.delayNanos = delayNanos;
    }

    /// @param target the port it leads to
    /// @param roundTripMillis how long a byte and its answer take
    static DelayProxy start(int target, int roundTripMillis) throws IOException {
        var listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        var proxy = new DelayProxy(listener, target, roundTripMillis * 1_000_000L / 2);
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
                var far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                join(near, far);
                join(far, near);
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    Main.say("proxy: " + e.getMessage());
                }
            }
        }
    }

    private void join(Socket from, Socket to) {
        var line = new ArrayBlockingQueue<Piece>(PIECES);
        thread("proxy in", () -> read(from, line));
        thread("proxy out", () -> write(line, to));
    }

    private void read(Socket from, BlockingQueue<Piece> line) {
        try {
            InputStream in = from.getInputStream();
            int count;
            do {
                var data = new byte[PIECE];
                count = in.read(data);
                line.put(new Piece(ByteBuffer.wrap(data, 0, Math.max(0, count)), System.nanoTime() + delayNanos));
            } while (count >= 0);
        } catch (IOException | InterruptedException e) {
            var unused = line.offer(new Piece(ByteBuffer.allocate(0), System.nanoTime()));
        }
    }

    private void write(BlockingQueue<Piece> line, Socket to) {
        try (to) {
            WritableByteChannel out = Channels.newChannel(to.getOutputStream());
            for (Piece piece = line.take(); piece.data.hasRemaining(); piece = line.take()) {
                for (long left = piece.due - System.nanoTime(); left > 0; left = piece.due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                bytes.addAndGet(piece.data.remaining());
                out.write(piece.data);
            }
        } catch (IOException | InterruptedException e) {
            // The other side has ended, and this one with it.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
