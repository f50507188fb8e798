// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.sys.Epoll;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import jpuffs.sys.Socket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// FUSE over io_uring, with several threads.
class RingMountedTest extends MountedFixture {
    private static final Path ENABLED = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final MountOptions OPTIONS = MountOptions.defaults().withIoUring(MountOptions.IoUring.ON);

    private final FlatFs fs = new FlatFs(50, 300_000);
    private final Gate gate = new Gate("read");
    private FileServer server;

    @BeforeAll
    static void needsRings() throws IOException {
        boolean enabled = Files.exists(ENABLED) && Files.readString(ENABLED).startsWith("Y");
        assumeTrue(enabled, "needs FUSE over io_uring: " + ENABLED);
    }

    private void start(MountOptions options) throws IOException {
        server = mount(fs, options);
        assertThat(server.transport()).startsWith("io_uring, ");
    }

    private void end() throws Exception {
        server.close();
        server.await();
        fs.assertAllGivenBack();
    }

    private static void onThreads(int count, ThrowingTask task) throws InterruptedException {
        var failure = new AtomicReference<Throwable>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    task.run(number);
                } catch (Throwable e) {
                    failure.set(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    private interface ThrowingTask {
        void run(int number) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThreadsReadAtOnce(boolean direct) throws Exception {
        start(OPTIONS.withDirectIo(direct));
        onThreads(8, number -> {
            for (int i = number; i < 300; i += 8) {
                FlatFs.FlatFile file = fs.files.get(i % 50);
                byte[] bytes = Files.readAllBytes(mnt.resolve(file.name.toString()));
                assertThat(bytes).hasSize(file.size);
                for (int off = 0; off < bytes.length; off += 1_000) {
                    assertThat(bytes[off]).isEqualTo(file.byteAt(off));
                }
                assertThat(Files.exists(mnt.resolve("none" + i))).isFalse();
            }
            assertThat(mnt.toFile().list()).hasSize(50);
        });
        end();
    }

    @Test
    void namesAndValuesPassThroughTheSameMemory() throws IOException {
        start(OPTIONS);
        var view = Files.getFileAttributeView(mnt.resolve("7"), UserDefinedFileAttributeView.class);
        String name = "a".repeat(200);
        ByteBuffer value = ByteBuffer.allocate(300);
        int length = view.read(name, value);
        String text = new String(Arrays.copyOf(value.array(), length), StandardCharsets.UTF_8);
        assertThat(text).isEqualTo("user." + name);
    }

    /// Names are looked up and forgotten all the time, on several threads: in the end the accounts are even.
    @Test
    void lookupsAndForgetsAreCounted() throws Exception {
        start(OPTIONS);
        onThreads(4, number -> {
            for (int round = 0; round < 30; round++) {
                for (int i = 0; i < 50; i++) {
                    assertThat(Files.size(mnt.resolve(Integer.toString(i)))).isEqualTo(300_000);
                }
                server.notifier().prune(fs.files.subList(number * 10, number * 10 + 10));
                server.notifier().incEpoch();
            }
        });
        server.notifier().prune(fs.files);
        awaitThat("forgets", () -> fs.files.stream().allMatch(file -> file.answered.get() == 0));
        end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "KILL"})
    void asignalEndsAClientThatWaits(String signal) throws Exception {
        start(OPTIONS.withDirectIo(true));
        fs.before = gate;
        Process cat = new ProcessBuilder("cat", mnt.resolve("3").toString()).start();
        gate.awaitWaiting(1);
        assertThat(run("kill", "-" + signal, Long.toString(cat.pid())).text()).isEmpty();
        assertThat(cat.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(cat.exitValue()).isGreaterThan(128);
        fs.before = _ -> {};
        end();
    }

    @Test
    void moreMayWaitThanARingHolds() throws Exception {
        start(OPTIONS.withDirectIo(true));
        fs.before = gate;
        var done = new AtomicInteger();
        Thread clients = Thread.ofPlatform().start(() -> {
            try {
                onThreads(100, number -> {
                    try (Fd open = Fd.open(mnt.resolve(Integer.toString(number % 50)), Fcntl.O_RDONLY, 0);
                            Arena arena = Arena.ofConfined()) {
                        assertThat(open.pread(arena.allocate(100), 0)).isEqualTo(100);
                        done.incrementAndGet();
                    }
                });
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        gate.awaitWaiting(8);
        gate.open();
        clients.join();
        assertThat(done).hasValue(100);
        end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"force", "umount -f"})
    void clientsThatWaitGetAnErrorAtTheEnd(String how) throws Exception {
        start(OPTIONS.withDirectIo(true));
        fs.before = gate;
        Process cat = new ProcessBuilder("cat", mnt.resolve("3").toString()).start();
        gate.awaitWaiting(1);
        if (how.equals("force")) {
            server.unmount(true);
        } else {
            run("umount", "-f", mnt.toString());
            server.await();
        }
        assertThat(cat.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(cat.exitValue()).isEqualTo(1);
        end();
    }

    @Test
    void umountEndsTheServer() throws Exception {
        start(OPTIONS);
        assertThat(Files.size(mnt.resolve("1"))).isEqualTo(300_000);
        assertThat(run("umount", mnt.toString()).text()).isEmpty();
        server.await();
        end();
    }

    @Test
    void manyStartsAndEndsLeaveNothing() throws Exception {
        for (int i = 0; i < 15; i++) {
            start(OPTIONS);
            assertThat(mnt.toFile().list()).hasSize(50);
            if (i % 2 == 0) {
                assertThat(run("umount", mnt.toString()).text()).isEmpty();
                server.await();
            }
            end();
            assertThat(server.buffersTaken()).isZero();
        }
    }

    @Test
    void notificationsAndTheirAnswersFindTheirWay() throws Exception {
        start(OPTIONS.withKernelCache(true));
        FlatFs.FlatFile file = fs.files.get(5);
        Path path = mnt.resolve("5");
        assertThat(Files.readAllBytes(path)).hasSize(300_000);
        byte[] cached = server.notifier().retrieve(file, 8_192, 10);
        assertThat(cached).hasSize(10).containsOnly(file.byteAt(8_192));
        assertThat(server.notifier().invalInode(file, 0, 0)).isTrue();
        assertThat(server.notifier().retrieve(file, 8_192, 10)).isEmpty();
    }

    @Test
    void aWakerEndsAPoll() throws Exception {
        start(OPTIONS);
        FlatFs.FlatFile file = fs.files.get(5);
        try (Fd open = Fd.open(mnt.resolve("5"), Fcntl.O_RDONLY, 0)) {
            var ready = new AtomicInteger();
            Thread poller = Thread.ofPlatform().start(() -> {
                try {
                    ready.set(Poll.one(open.number(), Poll.POLLIN, 30_000_000_000L));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            awaitThat("a waker", () -> file.waker != null);
            file.ready = Poll.POLLIN;
            file.waker.run();
            poller.join();
            assertThat(ready).hasValue(Poll.POLLIN);
        }
    }

    /// The ring tells once that a descriptor of the loop is ready; what is not taken then must not be forgotten.
    @Test
    void descriptorsThatStayReadyAreToldAgain() throws Exception {
        start(OPTIONS.withDirectIo(true));
        var told = new CountDownLatch(5);
        var closed = new CountDownLatch(1);
        try (Socket.Pair pair = Fd.pipe(Fcntl.O_NONBLOCK);
                Arena arena = Arena.ofShared()) {
            var one = arena.allocate(1);
            fs.before = name -> {
                if (name.equals("read")) {
                    fs.before = _ -> {};
                    EventLoop loop = CallContext.current().loop();
                    loop.watch(pair.first(), Epoll.EPOLLIN, _ -> {
                        if (pair.first().tryRead(one) == 1) {
                            told.countDown();
                        } else {
                            loop.remove(pair.first()); // its other end was closed
                            closed.countDown();
                        }
                    });
                }
            };
            assertThat(Files.readAllBytes(mnt.resolve("0"))).hasSize(300_000);
            pair.second().write(arena.allocate(5));
            assertThat(told.await(20, TimeUnit.SECONDS)).as("five times").isTrue();
            pair.second().close();
            assertThat(closed.await(20, TimeUnit.SECONDS)).as("closed").isTrue();
        }
    }

    @Test
    void onlyThreadSafeFileSystemsHaveRings() throws Exception {
        var alone = new MemFs();
        assertErrno(EINVAL, () -> mount(alone, OPTIONS));
        alone.assertAllGivenBack();
        FileServer other = mount(alone, MountOptions.defaults());
        assertThat(other.transport()).isEqualTo("/dev/fuse");
        other.close();
        server = mount(fs, OPTIONS.withIoUring(MountOptions.IoUring.OFF));
        assertThat(server.transport()).isEqualTo("/dev/fuse");
        onThreads(
                4,
                number ->
                        assertThat(Files.readAllBytes(mnt.resolve("" + number))).hasSize(300_000));
        end();
    }

    @ParameterizedTest
    @ValueSource(ints = {4_096, 10_000, 131_072})
    void ringsHaveTheSizeOfWrites(int maxWrite) throws Exception {
        start(OPTIONS.withMaxWrite(maxWrite));
        for (String name : List.of("0", "49")) {
            assertThat(Files.readAllBytes(mnt.resolve(name))).hasSize(300_000);
        }
        end();
    }
}
