// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Calls that block their thread (file I/O that waits for a disk, native calls), made on a few platform threads
/// while the call context that makes them gives way. One pool for the process; its threads are started when needed,
/// end when idle, and do not keep the JVM alive.
public final class Blocking {
    private static final int THREADS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    private static final ThreadPoolExecutor POOL = pool();

    private Blocking() {}

    private static ThreadPoolExecutor pool() {
        var factory = Thread.ofPlatform().name("jpuffs-blocking-", 1).daemon().factory();
        var pool = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /// Makes `call` on a thread of the pool and waits for it. Yields. On a thread that is no call context, and may
    /// wait itself, it is made there.
    ///
    /// A cancellation takes effect before the call has begun. One that has begun is waited for, since it uses what
    /// its caller owns; the cancellation then ends the caller's next wait.
    ///
    /// @throws IOException what `call` throws; EINTR or ETIMEDOUT when cancelled before it began; EIO for
    ///     another checked exception, its cause
    public static <T> T call(Callable<T> call) throws IOException {
        CallContext context = CallContext.current();
        var task = new FutureTask<>(call) {
            @Override
            protected void done() {
                if (context != null) {
                    context.unpark();
                }
            }
        };
        if (context == null) {
            task.run();
        } else {
            POOL.execute(task);
            await(context, task);
        }
        return result(task);
    }

    /// Waits so long, on a call context or not. Yields.
    ///
    /// @throws ErrnoException EINTR when interrupted
    public static void pause(Duration time) throws ErrnoException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw Errno.EINTR.error();
            }
        }
    }

    private static void await(CallContext context, FutureTask<?> task) throws ErrnoException {
        boolean interrupted = false;
        while (!task.isDone()) {
            try {
                context.park();
            } catch (ErrnoException e) {
                if (POOL.remove(task)) {
                    throw e;
                }
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T result(FutureTask<T> task) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException e) {
            throw Errno.EINTR.error();
        } catch (ExecutionException e) {
            throw failure(Objects.requireNonNull(e.getCause()));
        }
    }

    private static IOException failure(Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> {
                ErrnoException e = Errno.EIO.error();
                e.initCause(cause);
                yield e;
            }
        };
    }
}
