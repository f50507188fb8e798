// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.Errno;
import jpuffs.core.FileSystem;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.Tree;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.puffs.MountOptions;
import jpuffs.puffs.Opcode;
import jpuffs.sys.Fd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many callers, interrupts, the end of the server, look-ups given back.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LifeTest {
    private static final int CALLERS = 8;
    private static final Name FILE = Name.of("f");

    private int descriptors;

    @BeforeEach
    void count() {
        descriptors = Fd.openCount();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(Fd.openCount()).as("descriptors").isEqualTo(descriptors);
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        var task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static void assertErrno(Errno errno, Future<?> task) {
        Errors.assertErrno(errno, () -> {
            try {
                task.get();
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        });
    }

    private static FileSystem tree() {
        var tree = Tree.root();
        for (int i = 0; i < CALLERS; i++) {
            tree = tree.file("f" + i, Tree.text(content(i)));
        }
        return tree.build();
    }

    private static String content(int index) {
        return ("file " + index + "\n").repeat(index + 1);
    }

    private static boolean reads(SysPuffs half, int index) throws IOException {
        for (int round = 0; round < 100; round++) {
            Handle handle = half.root().lookup(Name.of("f" + index)).open(0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(100);
                int count = handle.read(buffer, 0);
                byte[] bytes = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                assertThat(new String(bytes, UTF_8)).isEqualTo(content(index));
            } finally {
                handle.release();
            }
        }
        return true;
    }

    @Test
    void everybodyGetsHisOwnAnswer() throws Exception {
        try (var half = SysPuffs.serve(tree(), MountOptions.defaults())) {
            var tasks = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < CALLERS; i++) {
                int index = i;
                tasks.add(start(() -> reads(half, index)));
            }
            try (var loop = EventLoop.open()) {
                FutureTask<Boolean> running = start(() -> {
                    loop.run();
                    return true;
                });
                for (int i = 0; i < CALLERS; i++) {
                    tasks.add(inContext(loop, reader(half, i)));
                }
                for (Future<Boolean> task : tasks) {
                    assertThat(task.get()).isTrue();
                }
                loop.stop();
                running.get();
            }
            assertThat(half.misbehaviours()).isZero();
            half.unmount(false);
        }
    }

    private static Callable<Boolean> reader(SysPuffs half, int index) {
        return () -> reads(half, index);
    }

    private static <T> Future<T> inContext(EventLoop loop, Callable<T> call) {
        return inContext(loop, call, new CompletableFuture<>());
    }

    private static <T> Future<T> inContext(EventLoop loop, Callable<T> call, CompletableFuture<CallContext> context) {
        var result = new CompletableFuture<T>();
        loop.execute(() -> context.complete(loop.spawn(() -> {
            try {
                result.complete(call.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        })));
        return result;
    }

    /// Answers a getattr of the root with EINTR when it was interrupted, and counts those that have come.
    private static BadServer.Script untilInterrupted(CountDownLatch came) {
        return r -> {
            if (r.is(Opcode.GETATTR)) {
                came.countDown();
                return List.of();
            }
            return r.is(Opcode.INTERRUPT)
                    ? List.of(BadServer.message(r.u64(0), -Errno.EINTR.number(), new byte[0]))
                    : null;
        };
    }

    @Test
    void anInterruptIsTold() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            var came = new CountDownLatch(2);
            server.script = untilInterrupted(came);
            var threads = new ArrayList<Thread>();
            var tasks = new ArrayList<FutureTask<?>>();
            for (int i = 0; i < 2; i++) { // one reads, one follows
                var task = new FutureTask<>(() -> half.root().getattr());
                tasks.add(task);
                threads.add(Thread.ofPlatform().daemon().start(task));
            }
            came.await();
            threads.forEach(Thread::interrupt);
            for (FutureTask<?> task : tasks) {
                assertErrno(Errno.EINTR, task);
            }
        }
    }

    @Test
    void aCancelledContextInterrupts() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end());
                var loop = EventLoop.open()) {
            var came = new CountDownLatch(1);
            server.script = untilInterrupted(came);
            FutureTask<Boolean> running = start(() -> {
                loop.run();
                return true;
            });
            var context = new CompletableFuture<CallContext>();
            Future<?> task = inContext(loop, () -> half.root().getattr(), context);
            came.await();
            context.get().cancel();
            assertErrno(Errno.EINTR, task);
            loop.stop();
            running.get();
        }
    }

    @Test
    void aServerThatHangsUpIsGoneForAll() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            var came = new CountDownLatch(CALLERS);
            server.script = r -> {
                came.countDown();
                return List.of();
            };
            var tasks = new ArrayList<FutureTask<?>>();
            for (int i = 0; i < CALLERS; i++) {
                tasks.add(start(() -> half.root().getattr()));
            }
            came.await();
            server.hangUp();
            for (FutureTask<?> task : tasks) {
                assertErrno(Errno.ENOTCONN, task);
            }
            assertErrno(Errno.ENOTCONN, start(half::statfs));
            half.unmount(true);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end(), Duration.ofSeconds(6))) {
            server.script = _ -> List.of();
            FutureTask<?> first = start(() -> half.root().getattr());
            FutureTask<?> second = start(half::statfs);
            assertErrno(Errno.ENOTCONN, first);
            assertErrno(Errno.ENOTCONN, second);
        }
    }

    @Test
    void closingEndsThoseWhoWait() throws Exception {
        try (var server = new BadServer()) {
            var half = SysPuffs.attach(server.end());
            var came = new CountDownLatch(2);
            server.script = r -> {
                came.countDown();
                return List.of();
            };
            FutureTask<?> first = start(() -> half.root().getattr());
            FutureTask<?> second = start(half::statfs);
            came.await();
            half.close();
            assertErrno(Errno.ENOTCONN, first);
            assertErrno(Errno.ENOTCONN, second);
        }
    }

    @Test
    void unmountingSaysDestroy() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            var destroyed = new AtomicLong();
            server.script = r -> {
                if (r.is(Opcode.DESTROY)) {
                    destroyed.incrementAndGet();
                }
                return null;
            };
            half.unmount(false);
            assertThat(destroyed).hasValue(1);
            assertErrno(Errno.ENOTCONN, start(half::statfs));
        }
    }

    @Test
    void aServerMayRefuseToBeUnmounted() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            server.script = r -> r.is(Opcode.DESTROY) ? List.of(r.error(Errno.EBUSY.number())) : null;
            assertErrno(Errno.EBUSY, start(() -> unmounted(half, false)));
            assertThat(half.root().getattr().isDirectory()).as("it goes on").isTrue();
            assertThat(unmounted(half, true)).isTrue();
            assertErrno(Errno.ENOTCONN, start(half::statfs));
        }
    }

    /// One without an opinion does not keep anybody from unmounting it.
    @Test
    void aServerThatKnowsNoDestroyIsUnmounted() throws Exception {
        for (int answer : new int[] {Errno.ENOSYS.number(), 4000}) {
            try (var server = new BadServer();
                    var half = SysPuffs.attach(server.end())) {
                server.script = r -> r.is(Opcode.DESTROY) ? List.of(r.error(answer)) : null;
                assertThat(unmounted(half, false)).isTrue();
                assertErrno(Errno.ENOTCONN, start(half::statfs));
            }
        }
    }

    private static boolean unmounted(SysPuffs half, boolean force) throws IOException {
        half.unmount(force);
        return true;
    }

    /// A file system that refuses as often as it is told, and counts what it was asked.
    private static final class Reluctant implements FileSystem {
        private final FileSystem tree = tree();
        private final AtomicLong asked = new AtomicLong();
        private final AtomicLong ended = new AtomicLong();
        private volatile boolean busy = true;

        @Override
        public Node root() throws IOException {
            return tree.root();
        }

        @Override
        public void unmount(boolean force) throws IOException {
            asked.incrementAndGet();
            if (busy && !force) {
                throw Errno.EBUSY.error();
            }
            ended.incrementAndGet();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileSystemMayRefuseToBeUnmounted(boolean local) throws Exception {
        var fs = new Reluctant();
        MountOptions options = MountOptions.defaults();
        try (var half = local ? SysPuffs.local(fs, options) : SysPuffs.serve(fs, options)) {
            assertErrno(Errno.EBUSY, start(() -> unmounted(half, false)));
            assertThat(reads(half, 1)).as("it goes on").isTrue();
            fs.busy = false;
            assertThat(unmounted(half, false)).isTrue();
            assertErrno(Errno.ENOTCONN, start(half::statfs));
        }
        assertThat(fs.asked).hasValue(2);
        assertThat(fs.ended).as("told once").hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileSystemThatRefusesIsUnmountedByForce(boolean local) throws Exception {
        var fs = new Reluctant();
        MountOptions options = MountOptions.defaults();
        try (var half = local ? SysPuffs.local(fs, options) : SysPuffs.serve(fs, options)) {
            assertThat(unmounted(half, true)).isTrue();
            assertErrno(Errno.ENOTCONN, start(half::statfs));
        }
        assertThat(fs.ended).hasValue(1);
    }

    @Test
    void allLookUpsAreGivenBack() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            for (int round = 0; round < 3; round++) {
                Node file = half.root().lookup(FILE);
                assertThat(half.root().lookup(FILE)).isSameAs(file);
                half.root().link(file, Name.of("g"));
                file.reclaim(1);
                assertThat(half.root().lookup(FILE)).as("known still").isSameAs(file);
                file.reclaim(2);
            }
            half.statfs(); // what was forgotten went first
            assertThat(server.lookups).isEmpty();
        }
    }

    @Test
    void whatTheServerSaysUnaskedEndsWhatIsKnown() throws Exception {
        try (var server = new BadServer();
                var half = SysPuffs.attach(server.end())) {
            byte[] forLong = BadServer.attrOut(040755, 5);
            BadServer.buffer(forLong).putLong(0, 1000);
            byte[] inval = new byte[24];
            BadServer.buffer(inval).putLong(0, 1);
            server.script = r -> r.is(Opcode.GETATTR) ? List.of(r.ok(forLong)) : null;
            assertThat(half.root().getattr().size()).isEqualTo(5);
            BadServer.buffer(forLong).putLong(16 + 8, 6);
            assertThat(half.root().getattr().size()).as("kept").isEqualTo(5);
            server.script = r -> r.is(Opcode.GETATTR)
                    ? List.of(r.ok(forLong))
                    : List.of(BadServer.message(0, 2, inval), r.ok(new byte[80]));
            half.statfs();
            assertThat(half.root().getattr().size()).as("asked again").isEqualTo(6);
            assertThat(half.misbehaviours()).isZero();
        }
    }
}
