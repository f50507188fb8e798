// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A request being served, or a worker: straight-line code that may wait, on a virtual thread that one [EventLoop]
/// runs. Made by [EventLoop#spawn].
///
/// Contexts of one loop run one at a time, and each runs until it waits: between two waits the state they share
/// needs no lock. What was read before a wait is stale after it. Every wait gives way to the other contexts, those
/// of the JDK (locks, queues, sleep, sockets) too. A native call that blocks does not: see [Blocking].
///
/// Cancelling, and a deadline, end one wait: the one going on, or else the next. A wait of this library ends with
/// an [ErrnoException], EINTR when cancelled and ETIMEDOUT at the deadline; a wait of the JDK with an
/// `InterruptedException`. The context may then wait again, to clean up.
public final class CallContext {
    final EventLoop loop;
    private final Caller caller;
    private final Thread thread;

    private volatile boolean scheduled;
    private volatile @Nullable Errno cancelled;
    private @Nullable Timer deadline;
    private boolean ended;

    @Nullable
    CallContext previous; // the loop's list of contexts that run or wait

    @Nullable
    CallContext next;

    CallContext(EventLoop loop, Caller caller, Runnable body) {
        this.loop = loop;
        this.caller = caller;
        var task = new Body(this, body);
        thread = ContextThreads.newThread(loop.scheduler, task);
        thread.setUncaughtExceptionHandler(task);
    }

    /// What the virtual thread runs. Being its thread's exception handler too, it is found from the thread without
    /// a thread-local variable or a scoped value; a context must therefore not set a handler of its own.
    private record Body(CallContext context, Runnable body) implements Runnable, Thread.UncaughtExceptionHandler {
        @Override
        @SuppressWarnings("ReferenceEquality") // a caller that only equals the kernel is bound, which is right too
        public void run() {
            context.loop.contexts.add(context);
            try {
                if (context.caller == Caller.KERNEL) {
                    body.run();
                } else {
                    context.caller.run(body);
                }
            } catch (Throwable e) {
                Tasks.failed("call context", e);
            } finally {
                context.ended();
            }
        }

        @Override
        public void uncaughtException(Thread thread, Throwable failure) {
            Tasks.failed("call context", failure);
        }
    }

    /// The context that runs here; null on any other thread, the loop's own too.
    public static @Nullable CallContext current() {
        return Thread.currentThread().getUncaughtExceptionHandler() instanceof Body body ? body.context : null;
    }

    private void ended() {
        ended = true;
        if (deadline != null) {
            deadline.cancel();
        }
        loop.contexts.remove(this);
    }

    /// The loop that runs this.
    public EventLoop loop() {
        return loop;
    }

    /// The process on whose behalf this runs; [Caller#KERNEL] for a worker that belongs to no request.
    public Caller caller() {
        return caller;
    }

    /// The virtual thread, for logs and for JDK calls that want one.
    public Thread thread() {
        return thread;
    }

    /// Waits for [#schedule()]; returns at once if that came since the last pause. This is puffs' `cc_yield`. Only
    /// a context itself pauses. Yields.
    ///
    /// @throws ErrnoException EINTR when cancelled, ETIMEDOUT at the deadline
    public void pause() throws ErrnoException {
        if (current() != this) {
            throw new IllegalStateException("A call context pauses itself only");
        }
        while (!scheduled) {
            park();
        }
        scheduled = false;
    }

    /// Lets [#pause()] return. Contexts go on in the order in which they were scheduled. From any thread; never
    /// yields.
    public void schedule() {
        scheduled = true;
        LockSupport.unpark(thread);
    }

    /// Ends one wait with EINTR and interrupts the thread. From any thread; no effect on a context that has ended.
    public void cancel() {
        cancel(Errno.EINTR);
    }

    void cancel(Errno why) {
        cancelled = why;
        thread.interrupt();
    }

    /// Whether this was cancelled, by [#cancel()], by its deadline or by the end of its loop, ever since it began.
    public boolean isCancelled() {
        return cancelled != null;
    }

    /// Ends one wait with ETIMEDOUT if the context has not ended after `delay` from now. A later call replaces an
    /// earlier one. On the loop only.
    public void deadline(Duration delay) {
        loop.checkInLoop();
        if (deadline != null) {
            deadline.cancel();
        }
        if (!ended) {
            deadline = loop.after(delay, () -> cancel(Errno.ETIMEDOUT));
        }
    }

    /// Waits until this has ended. From other contexts and from other threads, not from the loop's own. Yields.
    ///
    /// @throws ErrnoException EINTR when cancelled or interrupted, ETIMEDOUT at the deadline of the caller;
    ///     EDEADLK from the context itself and from the loop's thread, which would wait for ever
    public void join() throws ErrnoException {
        CallContext joiner = current();
        if (joiner == this || (joiner == null && loop.inLoop())) {
            throw Errno.EDEADLK.error();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw joiner == null ? Errno.EINTR.error() : joiner.interruption();
        }
    }

    /// Gives way until unparked, interrupted, or for no reason. Callers loop until what they wait for is there, and
    /// look for it first: what is there counts, and a cancellation that came with it ends the next wait.
    void park() throws ErrnoException {
        if (Thread.interrupted()) {
            throw interruption();
        }
        LockSupport.park(this);
    }

    void unpark() {
        LockSupport.unpark(thread);
    }

    private ErrnoException interruption() {
        Errno why = cancelled;
        return (why == null ? Errno.EINTR : why).error();
    }

    @Override
    public String toString() {
        return "call context " + thread.threadId() + " of pid " + caller.pid();
    }
}
