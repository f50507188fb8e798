// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import jpuffs.core.Caller;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;
import jpuffs.sys.EventFd;
import jpuffs.sys.Fd;
import jpuffs.sys.PidFd;
import org.jspecify.annotations.Nullable;

/// One platform thread that waits for descriptors, timers, signals and children, and runs call contexts.
///
/// A round of the loop, in this order: contexts that were scheduled and tasks of [#execute], first in first out;
/// the loop function; what is queued on channels is written; one wait; what became ready, and timers that are due;
/// removed descriptors are closed. Nothing of that runs at the same time as anything else of the same loop.
///
/// [#execute], [#spawn], [#stop], [#inLoop] and [#onSignal] may be called from any thread; everything else on the
/// loop: by its contexts and callbacks, or by the thread that sets it up, before [#run].
///
/// Callbacks (of watches, timers, signals, children, replies) run on the loop's thread in no context and must not
/// wait; what they throw is logged. Needs `--add-opens java.base/java.lang=jpuffs.eventloop`, and
/// `-Djdk.pollerMode=1` where contexts use the sockets of the JDK.
public final class EventLoop implements AutoCloseable {
    /// How long the end of [#run], and [#close], wait for output to leave and for contexts to end.
    static final Duration GRACE = Duration.ofSeconds(2);

    /// How long [#close] waits for [#run] to return.
    private static final Duration STUCK = Duration.ofSeconds(10);

    private static final int MAX_EVENTS = 256;
    private static final int READ_BUFFER = 64 << 10;

    private final Epoll epoll;
    private final EventFd wakeUp;
    private @Nullable Waiter waiter; // null: epoll itself
    private final LongSupplier clock;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment readBuffer = arena.allocate(READ_BUFFER, 64);
    private final FramePool frames = new FramePool();
    private final TaskQueue queue = new TaskQueue();
    private final Tasks tasks = new Tasks();
    private final Timers timers;
    private final Watches watches;
    final Contexts contexts = new Contexts();
    final Executor scheduler = this::schedule;
    private final Set<Channel> channels = new LinkedHashSet<>();
    private final Queue<Channel> unflushed = new ArrayDeque<>();
    private final List<Fd> closing = new ArrayList<>();
    private final SignalTasks signals = new SignalTasks();
    private @Nullable Runnable loopFunction;
    private @Nullable BusyPoll busyPoll;

    private volatile @Nullable Thread thread; // which runs the loop now
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private volatile boolean stopping;
    private boolean ending; // guarded by this: nobody becomes the loop any more, but who closes it
    private volatile boolean closed;

    private boolean unseen; // with a waiter: the last look found something, there may be more
    private boolean starting; // spawn is starting a context, which is to run at once
    private @Nullable Runnable started; // its first piece

    private EventLoop(LongSupplier clock) throws IOException {
        ContextThreads.check();
        this.clock = clock;
        timers = new Timers(clock);
        epoll = Epoll.open(MAX_EVENTS);
        watches = new Watches(epoll);
        wakeUp = EventFd.open();
        // Edge-triggered: each signal is an event, and nobody needs to read the counter.
        epoll.add(wakeUp.fd().number(), Epoll.EPOLLIN | Epoll.EPOLLET, Watches.NOBODY);
    }

    /// A loop that waits in epoll, if nothing else is said ([#waitIn]).
    ///
    /// @throws UnsupportedOperationException where the JVM lacks an option; the text names it
    public static EventLoop open() throws IOException {
        return new EventLoop(System::nanoTime);
    }

    /// For tests: a loop with a clock of nanoseconds of its own.
    static EventLoop open(LongSupplier clock) throws IOException {
        return new EventLoop(clock);
    }

    /// Waits in `waiter` from the next round on, in place of epoll.
    public void waitIn(Waiter waiter) {
        checkInLoop();
        this.waiter = waiter;
    }

    /// Makes the calling platform thread the loop, until [#stop]. May be called again.
    ///
    /// After stop it goes on until what is queued has been written and nothing is scheduled, for two seconds at
    /// most. Returns at once when the loop is closed, or is being closed: whoever started this thread may have
    /// been quicker.
    ///
    /// @throws IOException what the waiter throws
    /// @throws IllegalStateException if the loop runs already
    public void run() throws IOException {
        if (!begin()) {
            return;
        }
        try {
            while (!stopping) {
                round(-1);
            }
            long end = clock.getAsLong() + GRACE.toNanos();
            while (isBusy() && end - clock.getAsLong() > 0) {
                round(end - clock.getAsLong());
            }
            closeRemoved();
        } finally {
            stopping = false;
            end();
        }
    }

    private synchronized boolean begin() {
        checkPlatformThread();
        if (ending) {
            return false;
        }
        if (thread != null) {
            throw new IllegalStateException("The event loop runs already");
        }
        thread = Thread.currentThread();
        return true;
    }

    private static void checkPlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("An event loop runs on a platform thread");
        }
    }

    private synchronized void end() {
        thread = null;
        notifyAll();
    }

    /// Ends [#run], soon. A stop before run ends the next run.
    public void stop() {
        stopping = true;
        wake();
    }

    /// Whether the calling code runs on the loop: on its thread, or in a context of it.
    public boolean inLoop() {
        if (onThread()) {
            return true;
        }
        CallContext context = CallContext.current();
        return context != null && context.loop() == this;
    }

    /// Whether the calling code runs on the loop's thread, in no context.
    private boolean onThread() {
        return Thread.currentThread().equals(thread);
    }

    void checkInLoop() {
        if (thread != null && !inLoop()) {
            throw new IllegalStateException("Not on the event loop: use execute() or spawn()");
        }
    }

    /// The context of this loop that calls.
    CallContext context() {
        CallContext context = CallContext.current();
        if (context == null || context.loop != this) {
            throw new IllegalStateException("Only a call context of this event loop can wait here");
        }
        return context;
    }

    /// Runs `task` on the loop's thread, in no context, in the next round.
    ///
    /// @throws RejectedExecutionException if the loop is closed
    public void execute(Runnable task) {
        enqueue(task);
    }

    private void enqueue(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("The event loop is closed");
        }
        queue.add(task);
        wake();
    }

    private void wake() {
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            wakeUp.signal();
        }
    }

    /// The executor of the virtual threads: takes the next piece of one of them, from any thread.
    private void schedule(Runnable piece) {
        if (starting && onThread()) {
            started = piece;
        } else {
            enqueue(piece);
        }
    }

    /// Runs `body` in a context of its own on behalf of `caller` ([Caller#current()] in it).
    ///
    /// From the loop's thread outside of any context it runs at once, until it first waits, before this returns.
    /// From elsewhere it is queued like a scheduled context. What it throws is logged.
    public CallContext spawn(Caller caller, Runnable body) {
        var context = new CallContext(this, caller, body);
        if (onThread()) {
            startHere(context.thread());
        } else {
            context.thread().start();
        }
        return context;
    }

    private void startHere(Thread virtual) {
        starting = true;
        try {
            virtual.start();
        } finally {
            starting = false;
        }
        Runnable piece = started;
        started = null;
        if (piece != null) {
            piece.run();
        }
    }

    /// As [#spawn(Caller, Runnable)], for a worker that belongs to no request.
    public CallContext spawn(Runnable body) {
        return spawn(Caller.KERNEL, body);
    }

    /// Calls `ready` with what is ready, each round while it is (level-triggered). Several may watch one
    /// descriptor. Close the watch before the descriptor, or [#remove] that.
    ///
    /// @param epollEvents a set of EPOLLIN and so on; EPOLLERR and EPOLLHUP are always told
    /// @throws ErrnoException EBADF; EPERM for a regular file or a directory, which is always ready
    public Watch watch(Fd fd, int epollEvents, IntConsumer ready) throws ErrnoException {
        checkInLoop();
        return watches.add(fd, epollEvents, ready, null);
    }

    /// Waits until `fd` is ready for one of `epollEvents`, or has failed or hung up. Yields. Contexts only.
    ///
    /// @return what is ready
    /// @throws ErrnoException as [#watch]; ECANCELED if the descriptor was removed from the loop; EINTR when
    ///     cancelled, ETIMEDOUT at the deadline
    public int await(Fd fd, int epollEvents) throws ErrnoException {
        CallContext context = context();
        try (Watch watch = watches.add(fd, epollEvents, null, context)) {
            while (watch.ready() == 0) {
                if (!watch.isActive()) {
                    throw Errno.ECANCELED.error();
                }
                context.park();
            }
            return watch.ready();
        }
    }

    /// Forgets a descriptor, to be called before it is closed: its watches are closed, contexts that [#await] it
    /// end with ECANCELED. (A [Channel] does this for its own.)
    public void remove(Fd fd) {
        checkInLoop();
        watches.removeAll(fd);
    }

    /// Makes `fd` a channel for frames, with a framing of its own. The channel owns it from now on and makes it
    /// non-blocking.
    ///
    /// @throws ErrnoException EBADF, EPERM as [#watch]; the descriptor then stays the caller's
    public Channel attach(Fd fd, Framing framing) throws ErrnoException {
        checkInLoop();
        var channel = new Channel(this, fd, framing);
        channels.add(channel);
        return channel;
    }

    void flushLater(Channel channel) {
        unflushed.add(channel);
    }

    void removed(Channel channel) {
        channels.remove(channel);
    }

    /// Closes a descriptor at the end of the round: until then its number is not another's.
    void closeLater(Fd fd) {
        closing.add(fd);
    }

    FramePool framePool() {
        return frames;
    }

    MemorySegment readBuffer() {
        return readBuffer;
    }

    /// Runs `task` once, `delay` from now.
    public Timer after(Duration delay, Runnable task) {
        checkInLoop();
        return timers.add(delay, Duration.ZERO, task);
    }

    /// Runs `task` every `period`, first after one. Turns that a busy loop misses are left out.
    ///
    /// @throws IllegalArgumentException if the period is not positive
    public Timer every(Duration period, Runnable task) {
        checkInLoop();
        if (!period.isPositive()) {
            throw new IllegalArgumentException("period " + period);
        }
        return timers.add(period, period, task);
    }

    /// Runs `task` for each signal called `name` (HUP, INT, TERM, USR2, ...) that this process gets, in place of
    /// what happened before; closing what this returns restores that.
    ///
    /// @throws IllegalArgumentException for a signal that does not exist or that the JVM needs itself
    public AutoCloseable onSignal(String name, Runnable task) {
        return signals.add(name, () -> execute(task));
    }

    /// Calls `ended` once, with the status of `child` ([PidFd#status()]) when it has ended; with [PidFd#RUNNING] if
    /// it is no child of this process or was reaped elsewhere, so that the status is unknown. Closing the watch
    /// that this returns ends the wait.
    public Watch onExit(PidFd child, IntConsumer ended) throws ErrnoException {
        return new ExitWatch(child, ended).start(this);
    }

    /// Waits until `child` has ended; its status as [PidFd#status()] tells it. Yields. Contexts only.
    ///
    /// @throws ErrnoException ECHILD if it is no child of this process or was reaped elsewhere; EINTR when
    ///     cancelled, ETIMEDOUT at the deadline
    public int awaitExit(PidFd child) throws ErrnoException {
        int status = child.status();
        while (status == PidFd.RUNNING) {
            await(child.fd(), Epoll.EPOLLIN);
            status = child.status();
        }
        return status;
    }

    /// Runs `function` once a round, before the wait; null for none.
    public void loopFunction(@Nullable Runnable function) {
        checkInLoop();
        loopFunction = function;
    }

    /// Lets the loop ask `poller` again and again, for up to `limit`, before it sleeps, as long as that is often
    /// enough not in vain; zero for no more. The poller handles one event that is there, or says that there is
    /// none; it runs on the loop, in no context. An exchange with a partner on another CPU becomes several times
    /// faster, and costs CPU time: 20 to 100 microseconds are sensible. Does nothing where there is one CPU, or
    /// with a [Waiter].
    public void busyPoll(Duration limit, BooleanSupplier poller) {
        pollBusily(limit, poller);
    }

    /// As [#busyPoll(Duration, BooleanSupplier)], with a look at all descriptors of the loop in place of a poller.
    public void busyPoll(Duration limit) {
        pollBusily(limit, null);
    }

    private void pollBusily(Duration limit, @Nullable BooleanSupplier poller) {
        checkInLoop();
        boolean use = limit.isPositive() && Runtime.getRuntime().availableProcessors() > 1;
        busyPoll = use ? new BusyPoll(epoll, poller, watches::isAwaited, limit.toNanos()) : null;
    }

    /// The epoll descriptor, for a [Waiter]: readable when the loop has something to do.
    public int epollFd() {
        return epoll.fd().number();
    }

    /// @param limit nanoseconds that the round may wait; for ever if negative
    private void round(long limit) throws IOException {
        queue.runAll(tasks);
        Runnable function = loopFunction;
        if (function != null) {
            tasks.run(function);
        }
        flush();
        int events = await(limit);
        for (int i = 0; i < events; i++) {
            watches.dispatch(epoll.token(i), epoll.events(i), tasks);
        }
        timers.runDue(tasks);
        closeRemoved();
    }

    /// Writes now what was sent on channels, which else goes out together at the end of the round: for one who has
    /// many requests to work through, so that whoever answers begins meanwhile. Outside of contexts.
    public void flush() {
        for (int left = unflushed.size(); left > 0; left--) {
            unflushed.remove().flush();
        }
    }

    private int await(long limit) throws IOException {
        sleeping.set(true);
        try {
            long timeout = timeout(limit); // after the flag: who adds work from now on sees it, and wakes the loop
            if (waiter == null) {
                return busyPoll == null ? epoll.await(timeout) : busyPoll.await(timeout);
            }
            // A waiter may be told of changes only: what is still ready after the last look shows in another.
            boolean ready = waiter.await(unseen ? 0 : timeout) || unseen;
            int events = ready ? epoll.await(0) : 0;
            unseen = events > 0;
            return events;
        } finally {
            sleeping.set(false);
        }
    }

    private long timeout(long limit) {
        if (!queue.isEmpty() || !unflushed.isEmpty() || (stopping && (limit < 0 || !isBusy()))) {
            return 0;
        }
        long next = timers.untilNext();
        return limit < 0 || (next >= 0 && next < limit) ? next : limit;
    }

    /// Whether there is something to do before the loop may end.
    private boolean isBusy() {
        return !queue.isEmpty() || !unflushed.isEmpty() || channels.stream().anyMatch(Channel::hasOutput);
    }

    private void closeRemoved() {
        for (Fd fd : closing) {
            fd.close();
        }
        closing.clear();
    }

    /// Stops the loop if it runs on another thread, waits until it has stopped, cancels what contexts there are
    /// with ECANCELED and lets them end, closes the channels and frees everything.
    ///
    /// @throws AssertionError with assertions enabled: if contexts, frames, watches or timers are left
    /// @throws IllegalStateException from the loop itself; if it has not stopped after ten seconds, since some
    ///     callback or context holds it: then nothing is freed
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (inLoop()) {
            throw new IllegalStateException("The event loop cannot be closed from within");
        }
        checkPlatformThread();
        takeOver();
        stopping = false;
        waiter = null; // what it waits for may be gone
        try {
            endContexts();
            List.copyOf(channels).forEach(Channel::close);
            endContexts(); // those that waited for channels in spite of it
        } finally {
            free();
            end();
        }
    }

    /// Makes the calling thread the loop, for its end, once it has stopped.
    private synchronized void takeOver() {
        ending = true;
        boolean interrupted = false;
        long end = System.nanoTime() + STUCK.toNanos();
        while (thread != null) {
            if (end - System.nanoTime() < 0) {
                throw new IllegalStateException("The event loop is stuck in " + thread);
            }
            stop();
            try {
                wait(100);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        thread = Thread.currentThread();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void endContexts() {
        long end = clock.getAsLong() + GRACE.toNanos();
        try {
            round(0);
            contexts.cancelAll(Errno.ECANCELED);
            while (contexts.size() > 0 && end - clock.getAsLong() > 0) {
                round(end - clock.getAsLong());
            }
            round(0);
        } catch (IOException e) {
            Tasks.failed("wait", e);
        }
    }

    private void free() {
        signals.closeAll();
        closed = true;
        var leaks = new Leaks()
                .count(contexts.size(), "contexts")
                .count(frames.taken(), "frames")
                .count(watches.size(), "watches")
                .count(timers.size(), "timers");
        closeRemoved();
        epoll.close();
        wakeUp.close();
        frames.close();
        arena.close();
        leaks.report();
    }
}
