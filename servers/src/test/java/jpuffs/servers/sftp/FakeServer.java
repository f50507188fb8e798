// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Channel;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.Framing;
import jpuffs.sys.Socket;

/// A server that says what a test wants, and the loop that both sides run on.
final class FakeServer implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(10);

    /// What is answered to a request: bytes, whole packets or not.
    interface Answer {
        byte[] to(FrameBuf request) throws IOException;
    }

    /// Something to do on the loop, with a connection to the server.
    interface Task<T> {
        T run(SftpConnection connection) throws IOException;
    }

    private final EventLoop loop;
    private final Socket.Pair pair;
    private final Answer answer;

    FakeServer(Answer answer) throws IOException {
        this.loop = EventLoop.open();
        this.pair = Socket.pair(Socket.SOCK_STREAM);
        this.answer = answer;
    }

    /// Packets as they come, and bytes as they go.
    private final class Side implements Framing {
        @Override
        public long length(FrameBuf head) throws ErrnoException {
            return head.size() < 4 ? MORE : head.u32(0) + 4;
        }

        @Override
        public long tag(FrameBuf frame) {
            return NO_TAG;
        }

        @Override
        public void stray(Channel channel, FrameBuf frame) {
            try (frame) {
                byte[] bytes = answer.to(frame);
                if (bytes.length > 0) {
                    channel.send(channel.frame(bytes.length).put(bytes));
                }
            } catch (IOException e) {
                channel.close();
            }
        }
    }

    /// Connects, and does `task`; what it throws is thrown here.
    <T> T call(Task<T> task) throws Exception {
        var result = new CompletableFuture<T>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> run(task, result));
        try {
            return result.get(LIMIT.multipliedBy(2).toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("it hangs", e);
        } finally {
            loop.stop();
            thread.join(LIMIT);
        }
    }

    private <T> void run(Task<T> task, CompletableFuture<T> result) {
        try {
            Channel server = loop.attach(pair.second(), new Side());
            loop.spawn(() -> {
                try (SftpConnection c = SftpConnection.open(loop, pair.first(), LIMIT, why -> {})) {
                    result.complete(task.run(c));
                } catch (IOException | RuntimeException e) {
                    result.completeExceptionally(e);
                }
                server.close();
                loop.stop();
            });
            loop.run();
        } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    /// Closes the loop, which fails if frames are left.
    @Override
    public void close() {
        loop.close();
        pair.close();
    }

    /// Makes packets.
    static final class Packet {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        Packet u8(int value) throws IOException {
            out.writeByte(value);
            return this;
        }

        Packet u32(long value) throws IOException {
            out.writeInt((int) value);
            return this;
        }

        Packet string(String text) throws IOException {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(utf8.length);
            out.write(utf8);
            return this;
        }

        /// With its length before it.
        byte[] done() throws IOException {
            var whole = new ByteArrayOutputStream();
            new DataOutputStream(whole).writeInt(bytes.size());
            bytes.writeTo(whole);
            return whole.toByteArray();
        }
    }

    /// A reply to `request` of a type, to be filled.
    static Packet reply(FrameBuf request, int type) throws IOException {
        return new Packet().u8(type).u32(request.u32(SftpFraming.ID));
    }

    static byte[] version(String... extensions) throws IOException {
        Packet packet = new Packet().u8(Sftp.VERSION).u32(Sftp.PROTOCOL);
        for (String each : extensions) {
            packet.string(each);
        }
        return packet.done();
    }

    static int type(FrameBuf request) throws IOException {
        return request.u8(SftpFraming.TYPE);
    }
}
