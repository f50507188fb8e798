// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Child;
import jpuffs.sys.Epoll;
import jpuffs.sys.EventFd;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.PidFd;
import jpuffs.sys.Poll;
import jpuffs.sys.Socket;
import jpuffs.sys.Spawn;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLoopTest {
    private int openBefore;

    @BeforeEach
    void count() {
        openBefore = Fd.openCount();
    }

    @AfterEach
    void nothingLeaked() {
        assertThat(Fd.openCount()).isEqualTo(openBefore);
    }

    @Test
    void aRoundHasItsOrder() throws IOException {
        var log = new ArrayList<String>();
        try (EventLoop loop = EventLoop.open();
                EventFd event = EventFd.open()) {
            event.signal();
            Watch watch = loop.watch(event.fd(), Epoll.EPOLLIN, _ -> log.add("event"));
            loop.after(Duration.ZERO, () -> {
                log.add("timer");
                loop.loopFunction(null);
                loop.stop();
            });
            loop.loopFunction(() -> log.add("loop function"));
            loop.execute(() -> log.add("task"));
            loop.spawn(() -> log.add("context"));
            loop.run();
            watch.close();
        }
        assertThat(log).containsExactly("task", "context", "loop function", "event", "timer");
    }

    @Test
    void runMayBeCalledAgainAndStopMayComeFirst() throws IOException {
        try (EventLoop loop = EventLoop.open()) {
            var runs = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                loop.stop();
                loop.run();
                loop.execute(() -> {
                    runs.incrementAndGet();
                    loop.stop();
                });
                loop.run();
            }
            assertThat(runs).hasValue(3);
        }
    }

    @Test
    void stopLetsWhatIsScheduledRun() throws IOException {
        try (EventLoop loop = EventLoop.open()) {
            var log = new ArrayList<Integer>();
            loop.execute(() -> {
                loop.stop();
                loop.execute(() -> {
                    log.add(1);
                    loop.spawn(() -> loop.execute(() -> log.add(2)));
                });
            });
            loop.run();
            assertThat(log).containsExactly(1, 2);
        }
    }

    @Test
    void stopDoesNotWaitForeverForWhoKeepsTheLoopBusy() throws IOException {
        var clock = new AtomicLong();
        try (EventLoop loop = EventLoop.open(() -> clock.addAndGet(1_000_000))) {
            var again = new Runnable[1];
            again[0] = () -> {
                if (clock.get() < 100_000_000_000L) {
                    loop.execute(again[0]);
                }
            };
            loop.execute(again[0]);
            loop.stop();
            loop.run();
            assertThat(clock.get()).isLessThan(10_000_000_000L);
            clock.set(100_000_000_000L);
        }
    }

    @Test
    void tasksFromOtherThreadsLoseNoWakeUp() throws Exception {
        try (var test = new TestLoop()) {
            for (int i = 0; i < 20_000; i++) {
                int number = i;
                assertThat(test.<Integer>onLoop(() -> number)).isEqualTo(number);
            }
        }
    }

    @Test
    void contextsFromManyThreadsAllRun() throws Exception {
        try (var test = new TestLoop()) {
            var ran = new int[1]; // contexts run one at a time
            var contexts = new ArrayList<CallContext>();
            var spawners = new ArrayList<Thread>();
            for (int t = 0; t < 4; t++) {
                spawners.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 5000; i++) {
                        CallContext context = test.loop.spawn(() -> ran[0]++);
                        synchronized (contexts) {
                            contexts.add(context);
                        }
                    }
                }));
            }
            for (Thread spawner : spawners) {
                spawner.join();
            }
            for (CallContext context : contexts) {
                context.join();
            }
            assertThat(ran[0]).isEqualTo(20_000);
        }
    }

    @Test
    void whatIsForTheLoopIsRefusedElsewhere() throws Exception {
        try (var test = new TestLoop();
                EventFd event = EventFd.open()) {
            test.onLoop(() -> null); // it runs
            EventLoop loop = test.loop;
            refusesState(() -> loop.after(Duration.ZERO, () -> {}));
            refusesState(() -> loop.every(Duration.ofSeconds(1), () -> {}));
            refusesState(() -> loop.watch(event.fd(), Epoll.EPOLLIN, _ -> {}));
            refusesState(() -> loop.attach(event.fd(), new TestFraming()));
            refusesState(() -> loop.loopFunction(() -> {}));
            refusesState(() -> loop.remove(event.fd()));
            refusesState(() -> loop.await(event.fd(), Epoll.EPOLLIN));
            refusesState(loop::run);
            refusesState(() -> test.onLoop(() -> loop.await(event.fd(), Epoll.EPOLLIN)));
            refusesState(() -> test.onLoop(() -> {
                loop.close();
                return null;
            }));
        }
    }

    @Test
    void aClosedLoopTakesNothing() throws Exception {
        EventLoop loop = EventLoop.open();
        loop.close();
        loop.close();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.spawn(() -> {})).isInstanceOf(RejectedExecutionException.class);
        loop.run(); // returns
    }

    /// The thread that was started to run the loop comes before, during or after the close.
    @Test
    void isClosedWhileItsThreadBegins() throws Exception {
        for (int i = 0; i < 2000; i++) {
            EventLoop loop = EventLoop.open();
            var thrown = new AtomicReference<Throwable>();
            Thread thread = Thread.ofPlatform()
                    .uncaughtExceptionHandler((_, e) -> thrown.set(e))
                    .start(() -> {
                        try {
                            loop.run();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            loop.close();
            thread.join();
            assertThat(thrown.get()).isNull();
        }
    }

    @Test
    void aLoopRunsOnAPlatformThread() throws Exception {
        try (EventLoop loop = EventLoop.open()) {
            var result = new CompletableFuture<Object>();
            Thread.ofVirtual()
                    .start(() -> TestLoop.complete(result, () -> {
                        loop.run();
                        return null;
                    }));
            refusesState(() -> TestLoop.get(result));
        }
    }

    @Test
    void closeEndsContextsThatWaitWithEcanceled() throws Exception {
        var ended = new CompletableFuture<Object>();
        try (var test = new TestLoop()) {
            test.loop.spawn(() -> TestLoop.complete(ended, () -> {
                CallContext.current().pause();
                return null;
            }));
            test.onLoop(() -> null);
        }
        refuses(Errno.ECANCELED, () -> TestLoop.get(ended));
    }

    @Test
    void leaksAreAsserted() throws Exception {
        EventLoop frames = EventLoop.open();
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM)) {
            frames.attach(pair.first(), new TestFraming()).frame();
            assertThatThrownBy(frames::close).isInstanceOf(AssertionError.class).hasMessageContaining("1 frames");
        }
        EventLoop timers = EventLoop.open();
        timers.after(Duration.ofHours(1), () -> {});
        assertThatThrownBy(timers::close).isInstanceOf(AssertionError.class).hasMessageContaining("1 timers");
        EventLoop watches = EventLoop.open();
        try (EventFd event = EventFd.open()) {
            watches.watch(event.fd(), Epoll.EPOLLIN, _ -> {});
            assertThatThrownBy(watches::close)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("1 watches");
        }
    }

    @Test
    void callbacksThatThrowStopNobody() throws Exception {
        try (var test = new TestLoop();
                EventFd event = EventFd.open()) {
            test.loop.execute(() -> {
                throw new IllegalStateException("thrown by a test, and logged");
            });
            var calls = new AtomicInteger();
            var seen = new CompletableFuture<Integer>();
            var watch = test.onLoop(() -> test.loop.watch(event.fd(), Epoll.EPOLLIN, _ -> {
                if (calls.incrementAndGet() == 3) {
                    seen.complete(3);
                    event.drain();
                }
                throw new IllegalStateException("thrown by a test, and logged");
            }));
            event.signal();
            assertThat(seen.get()).isEqualTo(3);
            test.onLoop(() -> {
                watch.close();
                return null;
            });
        }
    }

    @Test
    void aWatchIsLevelTriggeredAndCanChange() throws IOException {
        var log = new ArrayList<Integer>();
        try (EventLoop loop = EventLoop.open();
                Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK)) {
            var watch = new Watch[1];
            watch[0] = loop.watch(pair.first(), Epoll.EPOLLOUT, events -> {
                log.add(events);
                if (log.size() == 2) {
                    modify(watch[0], Epoll.EPOLLIN);
                    write(pair.second(), 1);
                }
                if (log.size() == 4) {
                    watch[0].close();
                    watch[0].close();
                    loop.stop();
                }
            });
            loop.run();
            assertThat(log).containsExactly(Epoll.EPOLLOUT, Epoll.EPOLLOUT, Epoll.EPOLLIN, Epoll.EPOLLIN);
            assertThat(watch[0].isActive()).isFalse();
            refuses(Errno.EBADF, () -> watch[0].modify(0));
        }
    }

    @Test
    void severalMayWatchOneDescriptor() throws IOException {
        var log = new ArrayList<String>();
        try (EventLoop loop = EventLoop.open();
                Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM)) {
            Watch in = loop.watch(pair.first(), Epoll.EPOLLIN, _ -> {
                log.add("in");
                loop.stop();
            });
            var out = new Watch[1];
            out[0] = loop.watch(pair.first(), Epoll.EPOLLOUT, _ -> {
                log.add("out");
                out[0].close();
                write(pair.second(), 1);
            });
            loop.run();
            in.close();
            assertThat(log).containsExactly("out", "in");
        }
    }

    @Test
    void hangUpsAreToldUnasked() throws IOException {
        try (EventLoop loop = EventLoop.open();
                Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM)) {
            var seen = new AtomicInteger();
            Watch watch = loop.watch(pair.first(), 0, events -> {
                seen.set(events);
                loop.stop();
            });
            pair.second().close();
            loop.run();
            watch.close();
            assertThat(seen).hasValue(Epoll.EPOLLHUP);
        }
    }

    @Test
    void someDescriptorsCannotBeWatched() throws IOException {
        try (EventLoop loop = EventLoop.open();
                Fd file = Fd.open("/proc/self/exe", Fcntl.O_RDONLY, 0)) {
            refuses(Errno.EPERM, () -> loop.watch(file, Epoll.EPOLLIN, _ -> {}));
            Fd closed = file.dup();
            closed.close();
            refuses(Errno.EBADF, () -> loop.watch(closed, Epoll.EPOLLIN, _ -> {}));
            refuses(Errno.EBADF, () -> loop.attach(closed, new TestFraming()));
        }
    }

    @Test
    void aDescriptorClosedBehindTheLoopsBackLeavesItsNumberToTheNext() throws IOException {
        try (EventLoop loop = EventLoop.open();
                EventFd keep = EventFd.open()) {
            EventFd first = EventFd.open();
            Watch stale = loop.watch(first.fd(), Epoll.EPOLLIN, _ -> {});
            int number = first.fd().number();
            first.close();
            try (Fd second = keep.fd().dup()) {
                assertThat(second.number()).isEqualTo(number);
                var seen = new AtomicInteger();
                Watch watch = loop.watch(second, Epoll.EPOLLIN, events -> {
                    seen.set(events);
                    loop.stop();
                });
                assertThat(stale.isActive()).isFalse();
                stale.close();
                keep.signal();
                loop.run();
                assertThat(seen).hasValue(Epoll.EPOLLIN);
                watch.close();
            }
        }
    }

    @Test
    void contextsAwaitDescriptors() throws Exception {
        try (var test = new TestLoop();
                Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM)) {
            EventLoop loop = test.loop;
            assertThat(test.<Integer>inContext(() -> loop.await(pair.first(), Epoll.EPOLLOUT)))
                    .isEqualTo(Epoll.EPOLLOUT);
            var events = new CompletableFuture<Integer>();
            loop.spawn(() -> TestLoop.complete(events, () -> loop.await(pair.first(), Epoll.EPOLLIN)));
            test.onLoop(() -> null);
            write(pair.second(), 1);
            assertThat(events.get()).isEqualTo(Epoll.EPOLLIN);
        }
    }

    @Test
    void removingADescriptorReleasesWhoAwaitsIt() throws Exception {
        try (var test = new TestLoop();
                EventFd event = EventFd.open()) {
            EventLoop loop = test.loop;
            var first = new CompletableFuture<Integer>();
            var second = new CompletableFuture<Integer>();
            loop.spawn(() -> TestLoop.complete(first, () -> loop.await(event.fd(), Epoll.EPOLLIN)));
            loop.spawn(() -> TestLoop.complete(second, () -> loop.await(event.fd(), Epoll.EPOLLIN)));
            test.onLoop(() -> {
                loop.remove(event.fd());
                return null;
            });
            refuses(Errno.ECANCELED, () -> TestLoop.get(first));
            refuses(Errno.ECANCELED, () -> TestLoop.get(second));
        }
    }

    @Test
    void awaitCanBeCancelled() throws Exception {
        try (var test = new TestLoop();
                EventFd event = EventFd.open()) {
            var events = new CompletableFuture<Integer>();
            CallContext context =
                    test.loop.spawn(() -> TestLoop.complete(events, () -> test.loop.await(event.fd(), Epoll.EPOLLIN)));
            test.onLoop(() -> null);
            context.cancel();
            refuses(Errno.EINTR, () -> TestLoop.get(events));
        }
    }

    @Test
    void timersRunByTheClockOfTheLoop() throws IOException {
        var clock = new AtomicLong(1000);
        var log = new ArrayList<Long>();
        List<Long> waits = new ArrayList<>();
        Waiter waiter = timeout -> { // time passes only here
            waits.add(timeout);
            clock.addAndGet(Math.max(0, timeout));
            return false;
        };
        try (EventLoop loop = EventLoop.open(clock::get)) {
            loop.waitIn(waiter);
            Timer regular = loop.every(Duration.ofNanos(30), () -> log.add(clock.get()));
            loop.after(Duration.ofNanos(100), () -> {
                log.add(clock.get());
                regular.cancel();
                loop.stop();
            });
            loop.run();
            assertThatThrownBy(() -> loop.every(Duration.ZERO, () -> {})).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(log).containsExactly(1030L, 1060L, 1090L, 1100L);
        assertThat(waits).startsWith(30L, 30L, 30L, 10L);
    }

    @Test
    void aWaiterOfOnesOwnSeesTheLoopsDescriptor() throws Exception {
        try (EventFd own = EventFd.open()) {
            var log = new ArrayList<String>();
            var loops = new EventLoop[1];
            Waiter waiter = timeout -> {
                int[] ready = new int[2];
                Poll.any(
                        new int[] {own.fd().number(), loops[0].epollFd()},
                        new int[] {Poll.POLLIN, Poll.POLLIN},
                        ready,
                        timeout);
                if (ready[0] != 0) {
                    own.drain();
                    loops[0].spawn(() -> log.add("own event"));
                    loops[0].stop();
                }
                return ready[1] != 0;
            };
            try (EventLoop loop = EventLoop.open()) {
                loop.waitIn(waiter);
                loops[0] = loop;
                Thread other = Thread.ofPlatform()
                        .start(() -> loop.execute(() -> {
                            log.add("woken");
                            own.signal();
                        }));
                loop.run();
                other.join();
            }
            assertThat(log).containsExactly("woken", "own event");
        }
    }

    @Test
    void aWaiterThatIsToldOfChangesOnlyMissesNothing() throws Exception {
        try (EventFd event = EventFd.open();
                Epoll edges = Epoll.open(1)) {
            Waiter waiter = timeout -> edges.await(timeout) > 0;
            try (EventLoop loop = EventLoop.open()) {
                loop.waitIn(waiter);
                edges.add(loop.epollFd(), Epoll.EPOLLIN | Epoll.EPOLLET, 0);
                var calls = new AtomicInteger();
                Watch watch = loop.watch(event.fd(), Epoll.EPOLLIN, _ -> {
                    if (calls.incrementAndGet() == 5) { // level-triggered, and nobody reads it
                        loop.stop();
                    }
                });
                event.signal();
                loop.run();
                watch.close();
                assertThat(calls).hasValue(5);
            }
        }
    }

    @Test
    void aWaiterThatFailsEndsTheRun() throws Exception {
        Waiter waiter = _ -> {
            throw Errno.EIO.error();
        };
        try (EventLoop loop = EventLoop.open()) {
            loop.waitIn(waiter);
            refuses(Errno.EIO, loop::run);
        }
    }

    @Test
    void signalsRunTasksOnTheLoop() throws Exception {
        try (var test = new TestLoop()) {
            var seen = new CompletableFuture<Boolean>();
            AutoCloseable handler = test.loop.onSignal("USR2", () -> seen.complete(test.loop.inLoop()));
            raise("USR2");
            assertThat(seen.get()).isTrue();
            handler.close();
            assertThatThrownBy(() -> test.loop.onSignal("NOSUCH", () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void raise(String signal) throws Exception {
        long self = ProcessHandle.current().pid();
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(self))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void theEndOfAChildIsTold() throws Exception {
        try (var test = new TestLoop();
                Child child = Spawn.of("sh", "-c", "exit 7").start()) {
            var status = new CompletableFuture<Integer>();
            test.onLoop(() -> test.loop.onExit(child.pidFd(), status::complete));
            assertThat(status.get()).isEqualTo(7);
        }
    }

    @Test
    void aContextAwaitsTheEndOfAChild() throws Exception {
        try (var test = new TestLoop();
                Child quick = Spawn.of("true").start()) {
            assertThat(test.<Integer>inContext(() -> test.loop.awaitExit(quick.pidFd())))
                    .isZero();
        }
    }

    @Test
    void aContextAwaitsAChildThatIsKilled() throws Exception {
        try (var test = new TestLoop();
                Child child = Spawn.of("sleep", "1000").start()) {
            var status = new CompletableFuture<Integer>();
            test.loop.spawn(() -> TestLoop.complete(status, () -> test.loop.awaitExit(child.pidFd())));
            child.pidFd().kill(15);
            assertThat(status.get()).isEqualTo(128 + 15);
        }
    }

    @Test
    void theStatusOfSomebodyElsesChildIsUnknown() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try (var test = new TestLoop();
                PidFd other = PidFd.open((int) process.pid())) {
            process.destroyForcibly();
            process.waitFor(); // Java has reaped it
            var status = new CompletableFuture<Integer>();
            test.onLoop(() -> test.loop.onExit(other, status::complete));
            assertThat(status.get()).isEqualTo(PidFd.RUNNING);
        }
    }

    @Test
    void blockingCallsRunElsewhereAndGiveWay() throws Exception {
        try (var test = new TestLoop()) {
            var begun = new CompletableFuture<String>();
            var release = new CompletableFuture<String>();
            var result = new CompletableFuture<String>();
            CallContext context = test.loop.spawn(() -> TestLoop.complete(
                    result,
                    () -> Blocking.call(() -> {
                        assertThat(Thread.currentThread().isVirtual()).isFalse();
                        assertThat(Thread.currentThread().isDaemon()).isTrue();
                        begun.complete("");
                        return release.get();
                    })));
            assertThat(test.<Integer>inContext(() -> 1)).isEqualTo(1);
            begun.get();
            context.cancel(); // it has begun: it is waited for
            test.onLoop(() -> null);
            assertThat(result).isNotDone();
            release.complete("done");
            assertThat(result.get()).isEqualTo("done");
            refuses(
                    Errno.ENOENT,
                    () -> test.inContext(() -> Blocking.call(() -> {
                        throw Errno.ENOENT.error();
                    })));
            refuses(
                    Errno.EIO,
                    () -> Blocking.call(() -> {
                        throw new Exception("checked");
                    }));
            refusesState(() -> test.inContext(() -> Blocking.call(() -> {
                throw new IllegalStateException("unchecked");
            })));
            assertThat(Blocking.call(() -> "no context")).isEqualTo("no context");
        }
    }

    @Test
    void aBlockingCallThatHasNotBegunIsCancelled() throws Exception {
        try (var test = new TestLoop()) {
            var release = new CompletableFuture<Object>();
            var running = new ArrayList<CompletableFuture<Object>>();
            var begun = new AtomicInteger();
            for (int i = 0; i < 200; i++) { // more than there are threads
                var done = new CompletableFuture<Object>();
                running.add(done);
                test.loop.spawn(() -> TestLoop.complete(
                        done,
                        () -> Blocking.call(() -> {
                            begun.incrementAndGet();
                            return release.get();
                        })));
            }
            var last = new CompletableFuture<Object>();
            CallContext context = test.loop.spawn(() -> TestLoop.complete(last, () -> Blocking.call(() -> "never")));
            test.onLoop(() -> null);
            context.cancel();
            refuses(Errno.EINTR, () -> TestLoop.get(last));
            release.complete("");
            for (var done : running) {
                assertThat(done.get()).isEqualTo("");
            }
            assertThat(begun).hasValue(200);
        }
    }

    private static void modify(Watch watch, int events) {
        try {
            watch.modify(events);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static void write(Fd fd, int count) {
        try (Arena arena = Arena.ofConfined()) {
            fd.writeFully(arena.allocate(count));
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static void refusesState(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class);
    }
}
