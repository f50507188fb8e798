// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How bytes become frames, whatever pieces they come in.
@Timeout(120)
class FramingTest {
    private TestLoop test;

    @BeforeEach
    void open() throws Exception {
        test = new TestLoop();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    /// Collects what arrives.
    private static class Collector extends TestFraming {
        final List<byte[]> frames = new ArrayList<>();
        final CompletableFuture<Errno> end = new CompletableFuture<>();

        @Override
        public long tag(FrameBuf frame) {
            return NO_TAG;
        }

        @Override
        public void stray(Channel channel, FrameBuf frame) {
            try (frame) {
                frames.add(frame.bytes(frame.size()));
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void closed(Channel channel, Channel.Side side, ErrnoException why) {
            if (side == Channel.Side.READ) {
                end.complete(why.errno());
            }
        }
    }

    /// length[1] when below 128, else length[4] big-endian with the highest bit set; then the body.
    private static final class VariableHeader extends Collector {
        @Override
        public long length(FrameBuf head) throws ErrnoException {
            int first = head.u8(0);
            if (first < 128) {
                return first;
            }
            return head.size() < 4 ? MORE : head.u32be(0) & 0x7fff_ffff;
        }
    }

    private enum Pieces {
        BYTES {
            @Override
            int next(Random random) {
                return 1;
            }
        },
        SMALL {
            @Override
            int next(Random random) {
                return 1 + random.nextInt(50);
            }
        },
        MIXED {
            @Override
            int next(Random random) {
                return 1 + random.nextInt(1 << random.nextInt(17));
            }
        },
        WHOLE {
            @Override
            int next(Random random) {
                return Integer.MAX_VALUE;
            }
        };

        abstract int next(Random random);
    }

    private void transfer(Collector framing, List<byte[]> frames, Pieces pieces, Random random) throws Exception {
        var stream = new ByteArrayOutputStream();
        frames.forEach(stream::writeBytes);
        byte[] bytes = stream.toByteArray();
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        Channel channel = test.onLoop(() -> test.loop.attach(pair.first(), framing));
        try (var peer = new Peer(pair.second())) {
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(pieces.next(random), bytes.length - at);
                peer.write(Arrays.copyOfRange(bytes, at, at + count));
                at += count;
            }
        }
        assertThat(framing.end.get()).isEqualTo(Errno.ECONNRESET);
        List<byte[]> received = test.onLoop(() -> List.copyOf(framing.frames));
        assertThat(received.size()).isEqualTo(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            assertThat(Arrays.equals(received.get(i), frames.get(i))).isTrue();
        }
        assertThat(channel.isOpen(Channel.Side.WRITE)).isIn(true, false);
    }

    private static List<byte[]> randomFrames(Random random, int total) {
        var frames = new ArrayList<byte[]>();
        for (int left = total; left > 0; ) {
            int size = Math.min(8 + random.nextInt(1 << 1 + random.nextInt(18)), 300_000);
            frames.add(Peer.frame(random.nextInt(), size, random.nextInt()));
            left -= size;
        }
        return frames;
    }

    @Test
    void framesComeOutWhole() throws Exception {
        Random random = Seed.random();
        for (Pieces pieces : Pieces.values()) {
            for (int round = 0; round < 5; round++) {
                int total = pieces == Pieces.BYTES ? 5_000 : pieces == Pieces.SMALL ? 100_000 : 3_000_000;
                transfer(new Collector(), randomFrames(random, total), pieces, random);
            }
        }
    }

    @Test
    void headersOfVariableLengthComeOutWhole() throws Exception {
        Random random = Seed.random();
        for (Pieces pieces : Pieces.values()) {
            var frames = new ArrayList<byte[]>();
            for (int i = 0; i < 300; i++) {
                boolean isShort = random.nextBoolean();
                int size = isShort ? 1 + random.nextInt(127) : 4 + random.nextInt(pieces == Pieces.BYTES ? 200 : 5000);
                var frame = new byte[size];
                random.nextBytes(frame);
                if (isShort) {
                    frame[0] = (byte) size;
                } else {
                    frame[0] = (byte) 0x80;
                    frame[1] = 0;
                    frame[2] = (byte) (size >> 8);
                    frame[3] = (byte) size;
                }
                frames.add(frame);
            }
            transfer(new VariableHeader(), frames, pieces, random);
        }
    }

    /// Never says how long a frame is.
    private static final class Endless extends Collector {
        @Override
        public long length(FrameBuf head) {
            return MORE;
        }

        @Override
        public int maxSize() {
            return 1000;
        }
    }

    @Test
    void aFrameOfUnknownLengthIsBounded() throws Exception {
        for (int piece : new int[] {1, 999, 1000, 100_000}) {
            assertThat(endOf(new Endless(), 5000, piece)).isEqualTo(Errno.EPROTO);
        }
    }

    /// Changes its mind: needs more than ten bytes to say three.
    private static final class Shrinking extends Collector {
        @Override
        public long length(FrameBuf head) {
            return head.size() < 10 ? MORE : 3;
        }
    }

    @Test
    void aFramingThatContradictsItselfIsRefused() throws Exception {
        assertThat(endOf(new Shrinking(), 20, 4)).isEqualTo(Errno.EPROTO);
    }

    private static final class Throwing extends Collector {
        @Override
        public long length(FrameBuf head) {
            throw new IllegalStateException("thrown by a test, and logged");
        }
    }

    @Test
    void aFramingThatThrowsClosesTheReadSide() throws Exception {
        assertThat(endOf(new Throwing(), 20, 20)).isEqualTo(Errno.EPROTO);
    }

    private Errno endOf(Collector framing, int total, int piece) throws Exception {
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        test.onLoop(() -> test.loop.attach(pair.first(), framing));
        try (var peer = new Peer(pair.second())) {
            for (int at = 0; at < total; at += piece) {
                peer.write(new byte[Math.min(piece, total - at)]);
                if (at < 5 * piece) {
                    test.settle(); // the first pieces come one by one
                }
            }
            return framing.end.get();
        } catch (ErrnoException e) {
            assertThat(e.errno()).isEqualTo(Errno.EPIPE); // the peer learns that nobody reads
            return framing.end.get();
        }
    }

    /// A read is a frame.
    private static final class Messages extends Collector {
        private final int maxSize;

        Messages(int maxSize) {
            this.maxSize = maxSize;
        }

        @Override
        public boolean messages() {
            return true;
        }

        @Override
        public int maxSize() {
            return maxSize;
        }
    }

    @Test
    void messagesKeepTheirBounds() throws Exception {
        for (int maxSize : new int[] {1000, 120_000}) { // through the read buffer, and past it
            var framing = new Messages(maxSize);
            Socket.Pair pair = Socket.pair(Socket.SOCK_SEQPACKET);
            Channel channel = test.onLoop(() -> test.loop.attach(pair.first(), framing));
            try (var peer = new Peer(pair.second());
                    Arena arena = Arena.ofConfined()) {
                for (int size : new int[] {1, maxSize, 7}) {
                    peer.fd.write(arena.allocate(size));
                }
                test.onLoop(() -> {
                    for (int size : new int[] {2, maxSize, 3}) {
                        channel.send(channel.frame().size(size));
                    }
                    return null;
                });
                for (int size : new int[] {2, maxSize, 3}) {
                    assertThat(peer.fd.read(arena.allocate(200_000))).isEqualTo(size);
                }
                peer.fd.write(arena.allocate(maxSize + 1));
                assertThat(framing.end.get()).isEqualTo(Errno.EPROTO);
            }
            List<Integer> sizes =
                    test.onLoop(() -> framing.frames.stream().map(f -> f.length).toList());
            assertThat(sizes).containsExactly(1, maxSize, 7);
        }
    }

    @Test
    void aMessageTheSocketCannotTakeFailsAlone() throws Exception {
        var framing = new Messages(1 << 20);
        Socket.Pair pair = Socket.pair(Socket.SOCK_SEQPACKET);
        Socket.setOption(pair.first(), Socket.SO_SNDBUF, 10_000);
        Channel channel = test.onLoop(() -> test.loop.attach(pair.first(), framing));
        try (var peer = new Peer(pair.second());
                Arena arena = Arena.ofConfined()) {
            var large = new CompletableFuture<Object>();
            test.loop.spawn(() -> TestLoop.complete(large, () -> {
                channel.directSend(channel.frame().size(500_000));
                return null;
            }));
            assertThat(large).failsWithin(Duration.ofSeconds(30));
            test.inContext(() -> {
                channel.directSend(channel.frame().size(5));
                return null;
            });
            assertThat(peer.fd.read(arena.allocate(10))).isEqualTo(5);
        }
    }

    /// Answers every request, over frames of all sizes: 100,000 calls, 32 at a time, replies out of order.
    @Test
    void manyCallsAtATime() throws Exception {
        Random random = Seed.random();
        int contexts = 32;
        int calls = 100_000 / contexts;
        Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
        try (var server = new TestLoop()) {
            var client = test.onLoop(() -> test.loop.attach(pair.first(), new TestFraming()));
            Channel answering = server.onLoop(() -> server.loop.attach(pair.second(), new Echo()));
            var done = new ArrayList<CompletableFuture<Integer>>();
            for (int c = 0; c < contexts; c++) {
                int context = c;
                long seed = random.nextLong();
                var result = new CompletableFuture<Integer>();
                done.add(result);
                test.loop.spawn(
                        () -> TestLoop.complete(result, () -> converse(client, context, calls, new Random(seed))));
            }
            for (var result : done) {
                assertThat(result.get()).isEqualTo(calls);
            }
            server.onLoop(() -> {
                answering.close();
                return null;
            });
        }
    }

    private static int converse(Channel channel, int context, int calls, Random random) throws ErrnoException {
        int right = 0;
        for (int i = 0; i < calls; i++) {
            int size = random.nextInt(200) == 0 ? 20 + random.nextInt(200_000) : 20 + random.nextInt(100);
            FrameBuf request = channel.frame(size);
            int tag = context << 16 | i & 0xffff;
            request.put32(size).put32(tag).put64(i).put32(size - 4, context).size(size);
            try (FrameBuf reply = channel.call(request)) {
                if (reply.size() == size
                        && reply.u64(8) == i
                        && reply.u32(size - 4) == context
                        && reply.u32(4) == tag) {
                    right++;
                }
            }
        }
        return right;
    }

    /// Sends requests back, now and then later than others.
    private static final class Echo extends TestFraming {
        private final List<FrameBuf> held = new ArrayList<>();

        @Override
        public long tag(FrameBuf frame) {
            return NO_TAG;
        }

        @Override
        public void stray(Channel channel, FrameBuf frame) {
            held.add(frame);
            if (held.size() == 1) {
                Context.spawnOn(channel, held);
            }
        }
    }

    /// Sends what is held, newest first, waiting for room.
    private static final class Context {
        static void spawnOn(Channel channel, List<FrameBuf> held) {
            channel.loop().spawn(() -> {
                try {
                    Thread.sleep(0, 1000);
                    while (!held.isEmpty()) {
                        channel.send(held.removeLast());
                    }
                } catch (ErrnoException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }
}
