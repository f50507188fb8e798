// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.InitOut;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import jpuffs.sys.Socket;
import jpuffs.syspuffs.SysPuffs;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// NetBSD's t_fuzz, mountfuzz0 to mountfuzz8: servers that begin with random terms, of which the first fields are
/// right, and then say "success" to everything. What comes of it does not matter, as long as it comes and the kernel
/// half lives.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountFuzzTest {
    private static final int ROUNDS = 100;
    private static final int FIELDS = 8;

    /// Answers until it is hung up on.
    private static void answer(Fd server, long seed, int repaired) {
        var random = new Random(seed);
        try (server;
                Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(1 << 16, 8);
            MemorySegment out = arena.allocate(1 << 12, 8);
            server.setNonblock(true);
            boolean first = true;
            for (long n = next(server, in); n > 0; n = next(server, in)) {
                int length = OutHeader.SIZE + (first ? InitOut.SIZE : 0);
                byte[] bytes = new byte[InitOut.SIZE];
                random.nextBytes(bytes);
                MemorySegment.copy(bytes, 0, out, JAVA_BYTE, OutHeader.SIZE, InitOut.SIZE);
                if (first) {
                    repair(out, repaired);
                }
                out.set(JAVA_INT_UNALIGNED, OutHeader.LEN, length);
                out.set(JAVA_INT_UNALIGNED, OutHeader.ERROR, 0);
                out.set(JAVA_LONG_UNALIGNED, OutHeader.UNIQUE, in.get(JAVA_LONG_UNALIGNED, InHeader.UNIQUE));
                server.tryWrite(out.asSlice(0, length));
                first = false;
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long next(Fd server, MemorySegment in) throws IOException {
        long n = server.tryRead(in);
        while (n == -jpuffs.core.Errno.EAGAIN.number()) {
            Poll.one(server.number(), Poll.POLLIN, 100_000_000);
            n = server.tryRead(in);
        }
        return n;
    }

    /// The first `count` fields are what they should be.
    private static void repair(MemorySegment out, int count) {
        int[] fields = {
            InitOut.MAJOR, 7, InitOut.MINOR, 31, InitOut.MAX_READAHEAD, 4096, InitOut.FLAGS, 0,
            InitOut.MAX_BACKGROUND, 0, InitOut.MAX_WRITE, 4096, InitOut.MAX_PAGES, 1, InitOut.FLAGS2, 0
        };
        for (int i = 0; i < count; i++) {
            out.set(JAVA_INT_UNALIGNED, OutHeader.SIZE + fields[2 * i], fields[2 * i + 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("repairs")
    void whateverAServerBeginsWith(int repaired) throws Exception {
        long seed = Long.getLong("jpuffs.seed", System.nanoTime() % 1_000_000_007);
        int descriptors = Fd.openCount();
        int begun = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long own = seed + round;
            Socket.Pair pair = SysPuffs.pair();
            Fd end = Fd.of(pair.second().release());
            Thread server = Thread.ofPlatform().daemon().start(() -> answer(end, own, repaired));
            begun += use(pair.first()) ? 1 : 0;
            server.join();
        }
        assertThat(Fd.openCount()).as("seed %d", seed).isEqualTo(descriptors);
        assertThat(begun).as("no root is a success without attributes").isZero();
    }

    private static IntStream repairs() {
        return IntStream.rangeClosed(0, FIELDS);
    }

    private static boolean use(Fd end) {
        try (var half = SysPuffs.attach(end, Duration.ofSeconds(20))) {
            Node root = half.root();
            root.lookup(Name.of("x"));
            half.statfs();
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
