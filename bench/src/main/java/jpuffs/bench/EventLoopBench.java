// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.Channel;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.Framing;
import jpuffs.sys.Socket;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a call context and a round trip over a socket pair cost. The benchmark's own thread is the loop; each
/// invocation is a run of it with [#BATCH] operations.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx256m"
        })
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open
public class EventLoopBench {
    private static final int BATCH = 1024;
    private static final int OUTSTANDING = 32;
    private static final int PAYLOAD = 16;
    private static final Caller CALLER = new Caller(Cred.of(1000, 1000), 4711);

    private EventLoop loop;
    private Channel client;
    private Channel server;
    private EventLoop farLoop;
    private Thread farThread;
    private Channel farClient;
    private final List<CallContext> contexts = new ArrayList<>();
    private int running;
    private int nextTag;

    /// length[4] tag[4] body; the server sends every frame back.
    private static final class Echo implements Framing {
        @Override
        public long length(FrameBuf head) throws ErrnoException {
            return head.size() < 4 ? MORE : head.u32(0);
        }

        @Override
        public long tag(FrameBuf frame) throws ErrnoException {
            return frame.u32(4);
        }

        @Override
        public ByteOrder order() {
            return ByteOrder.LITTLE_ENDIAN;
        }

        @Override
        public void stray(Channel channel, FrameBuf frame) {
            try {
                channel.send(frame);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Setup(Level.Trial)
    public void open() throws IOException {
        loop = EventLoop.open();
        Socket.Pair near = Socket.pair(Socket.SOCK_STREAM);
        client = loop.attach(near.first(), new Echo());
        server = loop.attach(near.second(), new Echo());
        farLoop = EventLoop.open();
        Socket.Pair far = Socket.pair(Socket.SOCK_STREAM);
        farClient = loop.attach(far.first(), new Echo());
        farLoop.attach(far.second(), new Echo());
        farThread = Thread.ofPlatform().daemon().start(() -> run(farLoop));
    }

    @TearDown(Level.Trial)
    public void close() throws InterruptedException {
        farLoop.close();
        farThread.join();
        client.close();
        server.close();
        farClient.close();
        loop.close();
    }

    /// What an invocation costs without any operation, 1/[#BATCH] of it.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void nothing() {
        run(() -> {});
    }

    /// A context for a request that is answered without a wait.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void startEnd() {
        run(() -> {
            for (int i = 0; i < BATCH; i++) {
                loop.spawn(() -> running++);
            }
        });
    }

    /// The same, on behalf of a caller.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void startEndWithCaller() {
        run(() -> {
            for (int i = 0; i < BATCH; i++) {
                loop.spawn(CALLER, () -> running++);
            }
        });
    }

    /// The same, and it asks who the caller is.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void startAskCallerEnd() {
        run(() -> {
            for (int i = 0; i < BATCH; i++) {
                loop.spawn(CALLER, () -> running += Caller.current().pid());
            }
        });
    }

    /// A context for a request that waits once.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void startYieldResumeEnd() {
        run(() -> {
            contexts.clear();
            for (int i = 0; i < BATCH; i++) {
                contexts.add(loop.spawn(EventLoopBench::pause));
            }
            contexts.forEach(CallContext::schedule);
        });
    }

    /// A call over a socket pair and its reply, one at a time; both ends are on one loop.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void roundTrip() {
        converse(client, 1);
    }

    /// Calls per second is 10^9 over this.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void roundTrip32Outstanding() {
        converse(client, OUTSTANDING);
    }

    /// The other end is a loop on another thread: each call is two wake-ups.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void roundTripToOtherThread() {
        converse(farClient, 1);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void roundTripToOtherThread32Outstanding() {
        converse(farClient, OUTSTANDING);
    }

    private void run(Runnable batch) {
        loop.execute(batch);
        loop.stop();
        run(loop);
    }

    private static void run(EventLoop loop) {
        try {
            loop.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void converse(Channel channel, int outstanding) {
        running = outstanding;
        for (int i = 0; i < outstanding; i++) {
            loop.spawn(() -> {
                call(channel, BATCH / outstanding);
                if (--running == 0) {
                    loop.stop();
                }
            });
        }
        run(loop);
    }

    private void call(Channel channel, int times) {
        try {
            for (int i = 0; i < times; i++) {
                FrameBuf request = channel.frame();
                request.put32(8 + PAYLOAD)
                        .put32(nextTag++ & 0x7fff_ffff)
                        .put64(0)
                        .put64(0);
                channel.call(request).close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Objects.requireNonNull(CallContext.current()).pause();
        } catch (ErrnoException e) {
            throw new UncheckedIOException(e);
        }
    }
}
