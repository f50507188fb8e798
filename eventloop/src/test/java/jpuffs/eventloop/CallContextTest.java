// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallContextTest {
    private TestLoop test;
    private EventLoop loop;

    @BeforeEach
    void open() throws Exception {
        test = new TestLoop();
        loop = test.loop;
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    @Test
    void aContextSpawnedOnTheLoopsThreadRunsAtOnceUntilItWaits() throws Exception {
        List<String> order = test.onLoop(() -> {
            var log = new ArrayList<String>();
            CallContext context = loop.spawn(() -> {
                log.add("begins");
                pause();
                log.add("goes on");
            });
            log.add("spawned");
            context.schedule();
            loop.execute(() -> log.add("after"));
            return log;
        });
        test.onLoop(() -> null);
        assertThat(order).containsExactly("begins", "spawned", "goes on", "after");
    }

    @Test
    void aContextSpawnedInAContextIsQueued() throws Exception {
        var log = new ArrayList<String>();
        test.inContext(() -> {
            loop.spawn(() -> log.add("second"));
            loop.spawn(() -> log.add("third"));
            log.add("first");
            return null;
        });
        test.onLoop(() -> null);
        assertThat(log).containsExactly("first", "second", "third");
    }

    @Test
    void contextsRunOnTheLoopsThreadAndKnowThemselves() throws Exception {
        assertThat(CallContext.current()).isNull();
        assertThat(loop.inLoop()).isFalse();
        test.inContext(() -> {
            CallContext context = self();
            assertThat(context.loop()).isSameAs(loop);
            assertThat(context.thread()).isSameAs(Thread.currentThread());
            assertThat(loop.inLoop()).isTrue();
            assertThat(Thread.currentThread().toString()).contains("test-loop");
            return null;
        });
        assertThat(test.onLoop(loop::inLoop)).isTrue();
        assertThat(test.onLoop(() -> CallContext.current() == null)).isTrue();
    }

    @Test
    void theCallerIsBoundInTheContextAndAcrossWaits() throws Exception {
        var caller = new Caller(Cred.of(1000, 100), 4711);
        var seen = new CompletableFuture<Caller>();
        CallContext context = loop.spawn(caller, () -> {
            pause();
            seen.complete(Caller.current());
        });
        context.schedule();
        assertThat(seen.get()).isSameAs(caller).isSameAs(context.caller());
        assertThat(test.inContext(Caller::current)).isSameAs(Caller.KERNEL);
        assertThat(test.inContext(() -> self().caller())).isSameAs(Caller.KERNEL);
    }

    @Test
    void scheduledContextsGoOnInOrder() throws Exception {
        var log = new ArrayList<Integer>();
        test.onLoop(() -> {
            var contexts = new ArrayList<CallContext>();
            for (int i = 0; i < 10; i++) {
                int number = i;
                contexts.add(loop.spawn(() -> {
                    pause();
                    log.add(number);
                }));
            }
            contexts.reversed().forEach(CallContext::schedule);
            return null;
        });
        test.onLoop(() -> null);
        assertThat(log).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    }

    @Test
    void aScheduleThatComesFirstIsNotLost() throws Exception {
        test.inContext(() -> {
            self().schedule();
            self().schedule();
            self().pause();
            return null;
        });
    }

    @Test
    void schedulingFromOtherThreadsLosesNoWakeUp() throws Exception {
        var done = new Semaphore(0);
        CallContext context = loop.spawn(() -> {
            for (int i = 0; i < 20_000; i++) {
                pause();
                done.release();
            }
        });
        for (int i = 0; i < 20_000; i++) {
            context.schedule();
            done.acquire();
        }
        context.join();
    }

    @Test
    void onlyTheContextItselfPauses() {
        CallContext context = loop.spawn(() -> pause());
        assertThatThrownBy(context::pause).isInstanceOf(IllegalStateException.class);
        context.schedule();
    }

    @Test
    void cancelEndsOneWaitWithEintr() throws Exception {
        var first = new CompletableFuture<ErrnoException>();
        var cleanedUp = new CompletableFuture<Boolean>();
        CallContext context = loop.spawn(() -> {
            try {
                self().pause();
            } catch (ErrnoException e) {
                first.complete(e);
            }
            pause(); // cleaning up may wait again
            cleanedUp.complete(self().isCancelled());
        });
        assertThat(context.isCancelled()).isFalse();
        context.cancel();
        assertThat(first.get().errno()).isEqualTo(Errno.EINTR);
        context.schedule();
        assertThat(cleanedUp.get()).isTrue();
    }

    @Test
    void cancelBeforeTheWaitEndsIt() throws Exception {
        assertThatThrownBy(() -> test.inContext(() -> {
                    self().cancel();
                    self().pause();
                    return null;
                }))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
    }

    @Test
    void cancelInterruptsWaitsOfTheJdk() throws Exception {
        var began = new CountDownLatch(1);
        var ended = new CompletableFuture<Object>();
        CallContext context = loop.spawn(() -> TestLoop.complete(ended, () -> {
            began.countDown();
            new SynchronousQueue<>().take();
            return null;
        }));
        began.await();
        context.cancel();
        assertThatThrownBy(() -> TestLoop.get(ended)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void theDeadlineEndsAWaitWithEtimedout() throws Exception {
        assertThatThrownBy(() -> test.inContext(() -> {
                    self().deadline(Duration.ofHours(1));
                    self().deadline(Duration.ofMillis(2)); // takes its place
                    self().pause();
                    return null;
                }))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    }

    @Test
    void aDeadlineThatIsNotReachedLeavesNoTimer() throws Exception {
        CallContext context = test.inContext(() -> {
            self().deadline(Duration.ofHours(1));
            return self();
        });
        context.join();
        test.onLoop(() -> {
            context.deadline(Duration.ofHours(1)); // it has ended
            return null;
        });
    }

    @Test
    void joinWaitsForTheEnd() throws Exception {
        CallContext context = loop.spawn(() -> pause());
        var joined = new CompletableFuture<Boolean>();
        loop.spawn(() -> TestLoop.complete(joined, () -> {
            context.join();
            return context.thread().isAlive();
        }));
        context.schedule();
        context.join();
        assertThat(joined.get()).isFalse();
    }

    @Test
    void joinRefusesToWaitForEver() throws Exception {
        CallContext context = loop.spawn(() -> pause());
        assertThatThrownBy(() -> test.onLoop(() -> {
                    context.join();
                    return null;
                }))
                .isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> test.inContext(() -> {
                    self().join();
                    return null;
                }))
                .isInstanceOf(ErrnoException.class);
        context.schedule();
    }

    @Test
    void joinIsCancelled() throws Exception {
        CallContext waited = loop.spawn(() -> pause());
        var ended = new CompletableFuture<Object>();
        CallContext joiner = loop.spawn(() -> TestLoop.complete(ended, () -> {
            waited.join();
            return null;
        }));
        joiner.cancel();
        assertThatThrownBy(() -> TestLoop.get(ended)).isInstanceOf(ErrnoException.class);
        waited.schedule();
    }

    @Test
    void whatABodyThrowsEndsItsContextOnly() throws Exception {
        CallContext context = loop.spawn(() -> {
            throw new IllegalStateException("thrown by a test, and logged");
        });
        context.join();
        CallContext error = loop.spawn(() -> {
            throw new AssertionError("thrown by a test, and logged");
        });
        error.join();
        assertThat(test.inContext(() -> 1)).isEqualTo(1);
    }

    @Test
    void sleepGivesWay() throws Exception {
        givesWay(() -> Thread.sleep(Long.MAX_VALUE), context -> context.cancel());
    }

    @Test
    void aLockGivesWay() throws Exception {
        var lock = new ReentrantLock();
        lock.lock();
        givesWay(
                () -> {
                    lock.lock();
                    try {
                        assertThat(lock.isHeldByCurrentThread()).isTrue();
                    } finally {
                        lock.unlock();
                    }
                },
                _ -> lock.unlock());
    }

    @Test
    void aMonitorGivesWay() throws Exception {
        var monitor = new Object();
        synchronized (monitor) {
            givesWay(
                    () -> {
                        synchronized (monitor) {
                            monitor.notifyAll();
                        }
                    },
                    _ -> {},
                    monitor);
        }
    }

    @Test
    void waitingOnAMonitorGivesWay() throws Exception {
        var monitor = new Object();
        givesWay(
                () -> {
                    synchronized (monitor) {
                        while (true) { // until interrupted
                            monitor.wait();
                        }
                    }
                },
                context -> context.cancel());
    }

    @Test
    void aQueueGivesWay() throws Exception {
        var queue = new SynchronousQueue<Integer>();
        givesWay(queue::take, _ -> put(queue));
    }

    @Test
    void aSocketGivesWay() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            givesWay(() -> accepted.getInputStream().read(), _ -> {
                try {
                    client.getOutputStream().write(1);
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void locksExcludeContextsFromEachOther() throws Exception {
        var lock = new ReentrantLock();
        var inside = new int[2]; // now, most
        var contexts = new ArrayList<CallContext>();
        for (int i = 0; i < 10; i++) {
            contexts.add(loop.spawn(() -> {
                lock.lock();
                try {
                    inside[0]++;
                    inside[1] = Math.max(inside[0], inside[1]);
                    Thread.sleep(1);
                    inside[0]--;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                } finally {
                    lock.unlock();
                }
            }));
        }
        for (CallContext context : contexts) {
            context.join();
        }
        assertThat(inside).containsExactly(0, 1);
    }

    @Test
    void aVirtualThreadStartedInAContextRunsOnTheLoopToo() throws Exception {
        String name = test.inContext(() -> {
            var seen = new CompletableFuture<String>();
            Thread.startVirtualThread(() -> seen.complete(Thread.currentThread() + " " + CallContext.current()));
            return seen.get();
        });
        assertThat(name).contains("test-loop").endsWith("null");
    }

    private interface Wait {
        void run() throws Exception;
    }

    private interface Release {
        void run(CallContext context);
    }

    private void givesWay(Wait wait, Release release) throws Exception {
        givesWay(wait, release, null);
    }

    /// One context waits, another runs meanwhile, and the first goes on when released.
    private void givesWay(Wait wait, Release release, Object held) throws Exception {
        var began = new CountDownLatch(1);
        var ended = new CompletableFuture<Object>();
        CallContext waiting = loop.spawn(() -> TestLoop.complete(ended, () -> {
            began.countDown();
            try {
                wait.run();
            } catch (InterruptedException e) {
                return "interrupted";
            }
            return "went on";
        }));
        began.await();
        for (int i = 0; i < 3; i++) {
            assertThat(test.inContext(() -> 42)).isEqualTo(42);
        }
        assertThat(ended).isNotDone();
        release.run(waiting);
        if (held != null) {
            while (!ended.isDone()) {
                held.wait(10); // lets go of the monitor
            }
        }
        assertThat(TestLoop.get(ended)).isIn("interrupted", "went on");
    }

    private static CallContext self() {
        return Objects.requireNonNull(CallContext.current());
    }

    private static void pause() {
        try {
            self().pause();
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static void put(SynchronousQueue<Integer> queue) {
        try {
            queue.put(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
