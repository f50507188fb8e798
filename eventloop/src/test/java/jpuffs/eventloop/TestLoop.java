// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A loop that runs on a thread of its own, for tests that look at it from outside.
final class TestLoop implements AutoCloseable {
    final EventLoop loop;
    private final Thread thread;
    private volatile @Nullable IOException failure;

    TestLoop() throws IOException {
        loop = EventLoop.open();
        thread = Thread.ofPlatform().name("test-loop").start(this::run);
        var running = new CompletableFuture<Object>();
        loop.execute(() -> running.complete(""));
        running.join();
    }

    private void run() {
        try {
            loop.run();
        } catch (IOException e) {
            failure = e;
        }
    }

    Thread thread() {
        return thread;
    }

    /// Runs `body` in a context; its result, or what it throws.
    <T> T inContext(Callable<T> body) throws Exception {
        var result = new CompletableFuture<T>();
        loop.spawn(() -> complete(result, body));
        return get(result);
    }

    /// Returns when the loop has told of everything that was ready before.
    void settle() throws Exception {
        onLoop(() -> null); // it has been woken: the next wait sees what is ready
        onLoop(() -> null);
    }

    /// Runs `body` on the loop's thread, in no context.
    <T> T onLoop(Callable<T> body) throws Exception {
        var result = new CompletableFuture<T>();
        loop.execute(() -> complete(result, body));
        return get(result);
    }

    static <T> void complete(CompletableFuture<T> result, Callable<T> body) {
        try {
            result.complete(body.call());
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    static <T> T get(CompletableFuture<T> result) throws Exception {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw (Error) Objects.requireNonNull(e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        loop.close(); // waits for the end of run
        if (failure != null) {
            throw failure;
        }
    }
}
