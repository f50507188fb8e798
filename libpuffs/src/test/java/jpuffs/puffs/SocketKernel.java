// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.puffs.DirectKernel.body;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.puffs.DirectKernel.Body;
import jpuffs.puffs.DirectKernel.Reply;
import jpuffs.puffs.wire.Wire;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import org.jspecify.annotations.Nullable;

/// The kernel's end of a SOCK_SEQPACKET pair: sends requests, and a thread reads what comes back.
final class SocketKernel implements AutoCloseable {
    private static final int LARGEST = (1 << 20) + 4096;
    private static final long SECONDS = 30;

    private final Socket.Pair pair;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment in = arena.allocate(LARGEST);
    private final MemorySegment out = arena.allocate(LARGEST);
    private final AtomicLong unique = new AtomicLong(2);
    private final ConcurrentHashMap<Long, CompletableFuture<byte[]>> replies = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<byte[]> notifications = new LinkedBlockingQueue<>();
    private @Nullable Thread reader;

    SocketKernel() throws ErrnoException {
        this(4 << 20);
    }

    SocketKernel(int bufferSize) throws ErrnoException {
        pair = Socket.pair(Socket.SOCK_SEQPACKET);
        for (Fd end : new Fd[] {pair.first(), pair.second()}) {
            Socket.setOption(end, Socket.SO_SNDBUF, bufferSize);
            Socket.setOption(end, Socket.SO_RCVBUF, bufferSize);
        }
    }

    /// The end for the server.
    Fd serverEnd() {
        return pair.second();
    }

    /// Starts to serve on the other end. INIT of Linux 6.18 waits there already.
    FileServer serve(FileSystem fs, MountOptions options) throws IOException {
        read();
        long init = postInit(7, Wire.MINOR);
        FileServer server = FileServer.serve(Fd.of(pair.second().release()), fs, options);
        await(init).ok();
        return server;
    }

    long postInit(int major, int minor) {
        long offered = DirectKernel.OFFERED;
        Body init = body().u32(major).u32(minor).u32(131_072).u32((int) offered).u32((int) (offered >>> 32));
        return post(Opcode.INIT, 0, init.zeros(44));
    }

    /// Begins to read replies.
    void read() {
        reader = Thread.ofPlatform().daemon().name("test-kernel").start(this::readAll);
    }

    private void readAll() {
        long n = pair.first().tryRead(in);
        while (n > 0) {
            byte[] message = in.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
            long id = new Reply(0, message).u64(Wire.OutHeader.UNIQUE);
            if (id == 0) {
                notifications.add(message);
            } else {
                reply(id).complete(message);
            }
            n = pair.first().tryRead(in);
        }
        replies.values().forEach(reply -> reply.completeExceptionally(new IOException("the server has hung up")));
    }

    private CompletableFuture<byte[]> reply(long id) {
        return replies.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }

    /// Sends a request; its unique number.
    long post(Opcode op, long nodeid, Body body) {
        long id = unique.getAndAdd(2);
        send(DirectKernel.message(op.number(), id, nodeid, body.toBytes(), 1000, 100));
        return id;
    }

    /// Sends these bytes as they are.
    void send(byte[] message) {
        synchronized (out) {
            MemorySegment.copy(message, 0, out, ValueLayout.JAVA_BYTE, 0, message.length);
            try {
                pair.first().write(out.asSlice(0, message.length));
            } catch (ErrnoException e) {
                throw new AssertionError("send", e);
            }
        }
    }

    void interrupt(long id) {
        send(DirectKernel.message(
                Opcode.INTERRUPT.number(), id | 1, 0, body().u64(id).toBytes(), 0, 0));
    }

    /// The whole message that answers a request.
    byte[] message(long id) {
        try {
            return reply(id).get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            throw new AssertionError("no reply to " + id, e);
        } finally {
            replies.remove(id);
        }
    }

    Reply await(long id) {
        byte[] message = message(id);
        var header = new Reply(0, message);
        return new Reply(
                -header.u32(Wire.OutHeader.ERROR), Arrays.copyOfRange(message, Wire.OutHeader.SIZE, message.length));
    }

    boolean isAnswered(long id) {
        return reply(id).isDone();
    }

    Reply call(Opcode op, long nodeid, Body body) {
        return await(post(op, nodeid, body));
    }

    Reply lookup(long parent, String name) {
        return call(Opcode.LOOKUP, parent, body().name(name));
    }

    long open(long nodeid) {
        return call(Opcode.OPEN, nodeid, body().u32(2).u32(0)).ok().u64(0);
    }

    long postRead(long nodeid, long fh, int size) {
        return post(Opcode.READ, nodeid, body().u64(fh).u64(0).u32(size).zeros(20));
    }

    long postWrite(long nodeid, long fh, byte[] data) {
        return post(
                Opcode.WRITE,
                nodeid,
                body().u64(fh).u64(0).u32(data.length).zeros(20).bytes(data));
    }

    /// The next notification, a whole message.
    byte[] notification() {
        try {
            byte[] message = notifications.poll(SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no notification");
            }
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void hangUp() {
        try {
            pair.first().shutdown(Fcntl.SHUT_RDWR);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /// Hangs up.
    @Override
    public void close() {
        hangUp();
        try {
            if (reader != null) {
                reader.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        pair.close();
        arena.close();
    }
}
