// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.syspuffs.Errors.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.InitOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What INIT settles is kept to: sizes of requests, and how many there are that nobody waits for.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TermsTest {
    private static final Name FILE = Name.of("f");
    private static final int BACKGROUND = 3;
    private static final int PAGE = 4096;

    /// A server that begins with these terms.
    private static BadServer server(int maxWrite, int pages) throws Exception {
        byte[] init = BadServer.initOut(7, 31, Init.MAX_PAGES);
        BadServer.buffer(init)
                .putInt(InitOut.MAX_WRITE, maxWrite)
                .putShort(InitOut.MAX_PAGES, (short) pages)
                .putShort(InitOut.MAX_BACKGROUND, (short) BACKGROUND);
        var server = new BadServer();
        server.script = r -> r.is(Opcode.INIT) ? List.of(r.ok(init)) : null;
        return server;
    }

    private static void assertSizes(int maxWrite, int pages, int read, int written) throws Exception {
        BlockingQueue<Integer> reads = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> writes = new LinkedBlockingQueue<>();
        try (var server = server(maxWrite, pages);
                var half = SysPuffs.attach(server.end());
                Arena arena = Arena.ofConfined()) {
            server.script = r -> {
                if (r.is(Opcode.READ) || r.is(Opcode.WRITE)) {
                    (r.is(Opcode.READ) ? reads : writes).add(r.u32(16));
                }
                return null;
            };
            Handle file = half.root().lookup(FILE).open(2);
            MemorySegment data = arena.allocate(10 * PAGE + 1);
            assertThat(file.write(data, 0)).isEqualTo(10 * PAGE + 1);
            assertThat(file.read(data, 0)).isEqualTo(10 * PAGE + 1);
            file.release();
            assertThat(half.misbehaviours()).isZero();
        }
        assertThat(writes).hasSize((10 * PAGE + written) / written).allMatch(size -> size <= written);
        assertThat(reads).hasSize((10 * PAGE + read) / read).allMatch(size -> size <= read);
    }

    @Test
    void readsAndWritesAreOfThePagesAgreedOn() throws Exception {
        assertSizes(1 << 20, 2, 2 * PAGE, 2 * PAGE);
    }

    @Test
    void writesAreOfTheSizeAgreedOn() throws Exception {
        assertSizes(PAGE, 3, 3 * PAGE, PAGE);
    }

    @Test
    void noWritesAtAllAreRefused() throws Exception {
        try (var server = server(0, 1)) {
            assertErrno(Errno.EPROTO, () -> SysPuffs.attach(server.end()));
        }
    }

    /// A server that answers no RELEASE is not sent more and more of them.
    @Test
    void requestsNobodyWaitsForAreLimited() throws Exception {
        try (var server = server(PAGE, 1);
                var half = SysPuffs.attach(server.end())) {
            Node file = half.root().lookup(FILE);
            var handles = new ArrayList<Handle>();
            for (int i = 0; i < 3 * BACKGROUND; i++) {
                handles.add(file.open(0));
            }
            var held = new ArrayList<byte[]>(); // of the server's thread
            var come = new CountDownLatch(BACKGROUND + 1);
            server.script = r -> {
                if (r.is(Opcode.RELEASE)) {
                    held.add(r.ok(new byte[0]));
                    come.countDown();
                    return List.of();
                }
                return null;
            };
            var released = new AtomicInteger();
            var task = new FutureTask<>(() -> {
                for (Handle handle : handles) {
                    handle.release();
                    released.incrementAndGet();
                }
                return true;
            });
            Thread.ofPlatform().daemon().start(task);
            come.await();
            for (int i = 0; i < 100; i++) {
                half.statfs(); // others are served meanwhile
            }
            assertThat(released).hasValue(BACKGROUND);
            server.script = r -> {
                held.add(r.is(Opcode.RELEASE) ? r.ok(new byte[0]) : r.ok(new byte[80]));
                List<byte[]> answers = List.copyOf(held);
                held.clear();
                return answers;
            };
            half.statfs();
            assertThat(task.get()).isTrue();
            assertThat(half.misbehaviours()).isZero();
        }
    }
}
