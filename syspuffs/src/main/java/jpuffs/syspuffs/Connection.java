// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EMSGSIZE;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.EPROTO;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Timer;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import org.jspecify.annotations.Nullable;

/// Requests out, answers in, matched by id, for any number of callers.
///
/// There is no thread of its own: of those who wait for answers one reads (the leader), hands out what comes, and
/// when it has its own answer another of them takes over.
final class Connection {
    static final System.Logger LOG = System.getLogger("jpuffs.syspuffs");

    /// The largest message: 1 MiB of data, a header and a little.
    static final int LARGEST = (1 << 20) + 4096;

    /// A plain thread in poll(2) looks this often whether it was interrupted.
    private static final long SLICE_NANOS = 50_000_000;

    private static final long CLOSE_SECONDS = 10;

    /// Takes what the server says unasked.
    interface Notified {
        /// Called with the connection's lock.
        ///
        /// @param body of this length; borrowed until return
        void notified(int code, MemorySegment body, int length);
    }

    private final Fd fd;
    private final long timeoutNanos;
    private final Notified notified;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment inbox = arena.allocate(LARGEST + 1L, 8);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Map<Long, Pending> pending = new HashMap<>();
    private long nextUnique = 2;
    private boolean reading;
    private int users;
    private boolean dead;
    private volatile boolean interruptible = true;
    private final AtomicLong misbehaviours = new AtomicLong();

    /// @param fd non-blocking; taken over
    Connection(Fd fd, Duration timeout, Notified notified) {
        this.fd = fd;
        this.timeoutNanos = timeout.toNanos();
        this.notified = notified;
    }

    /// Sends a request and waits for its answer. May yield.
    ///
    /// @param most the longest answer there can be
    /// @param room where the answer shall be, native or not; null for memory of its own
    /// @throws ErrnoException what the server answers; EPROTO for an answer that cannot be; ENOTCONN if there
    ///     is no server any more
    Reply call(Message message, int most, @Nullable MemorySegment room) throws ErrnoException {
        Pending call = begin(message, most, room);
        boolean interrupted = false;
        try {
            send(message, call.deadline);
            interrupted = await(call);
        } finally {
            end(call);
        }
        Errno error = call.error();
        if (interrupted && error != EINTR) {
            Thread.currentThread().interrupt(); // it came too late for this one
        }
        if (error != null) {
            throw error.error();
        }
        return new Reply(this, call.op, call.body(), call.length());
    }

    private Pending begin(Message message, int most, @Nullable MemorySegment room) throws ErrnoException {
        lock.lock();
        try {
            enter();
            long unique = nextUnique;
            nextUnique += 2;
            message.seal(unique);
            boolean endless = message.op == Opcode.SETLKW;
            long deadline = System.nanoTime() + (endless ? Long.MAX_VALUE / 2 : timeoutNanos);
            var call = new Pending(message.op, unique, deadline, lock.newCondition(), most, room);
            pending.put(unique, call);
            return call;
        } finally {
            lock.unlock();
        }
    }

    private void enter() throws ErrnoException {
        if (dead) {
            throw ENOTCONN.error("the file server is gone");
        }
        users++;
    }

    private void end(Pending call) {
        lock.lock();
        try {
            pending.remove(call.unique);
            passOn();
            leave();
        } finally {
            lock.unlock();
        }
    }

    private void exit() {
        lock.lock();
        try {
            leave();
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        users--;
        if (users == 0) {
            idle.signalAll();
        }
    }

    /// Somebody else who waits shall read now, if nobody does.
    private void passOn() {
        if (!reading) {
            for (Pending other : pending.values()) {
                if (other.waiting) {
                    other.turn.signal();
                    return;
                }
            }
        }
    }

    /// Sends a request that is not answered, if the socket takes it at once.
    ///
    /// @return whether it did, or need not any more
    boolean trySend(Message message) {
        lock.lock();
        try {
            if (dead) {
                return true;
            }
            users++;
        } finally {
            lock.unlock();
        }
        try {
            message.seal(nextUnique());
            return write(message) != -EAGAIN.number();
        } finally {
            exit();
        }
    }

    /// Answers what the server has asked; lost if the socket is full. From [Notified] only.
    void reply(Message message, long unique) {
        message.seal(unique);
        if (write(message) == -EAGAIN.number()) {
            LOG.log(Level.DEBUG, "an answer is lost: the socket is full");
        }
    }

    private long nextUnique() {
        lock.lock();
        try {
            long unique = nextUnique;
            nextUnique += 2;
            return unique;
        } finally {
            lock.unlock();
        }
    }

    private long write(Message message) {
        MemorySegment data = message.data();
        long n;
        do {
            n = data == null ? fd.tryWrite(message.head()) : fd.tryWritev(List.of(message.head(), data));
        } while (n == -EINTR.number());
        return n;
    }

    /// Where the socket is full the server may itself wait for us to read.
    private void send(Message message, long deadline) throws ErrnoException {
        long n = write(message);
        while (n == -EAGAIN.number()) {
            lock.lock();
            try {
                step(deadline, Poll.POLLIN | Poll.POLLOUT);
            } finally {
                lock.unlock();
            }
            n = write(message);
        }
        if (n == -EMSGSIZE.number()) {
            throw EMSGSIZE.error("%s: more than the socket takes", message.op);
        }
        if (n < 0) {
            die("it has hung up: " + Errno.of((int) -n));
            throw ENOTCONN.error("the file server is gone");
        }
    }

    /// Waits until the answer is there, reading for all if nobody else does.
    ///
    /// @return whether the thread was interrupted meanwhile
    private boolean await(Pending call) throws ErrnoException {
        boolean interrupted = false;
        lock.lock();
        try {
            while (!call.isDone()) {
                if (reading ? follow(call) : step(call.deadline, Poll.POLLIN)) {
                    interrupted = true;
                    interrupt(call);
                }
            }
            return interrupted;
        } finally {
            lock.unlock();
        }
    }

    /// @return whether it was interrupted
    @SuppressWarnings("WaitNotInLoop") // the caller's
    private boolean follow(Pending call) throws ErrnoException {
        call.waiting = true;
        try {
            if (call.turn.awaitNanos(left(call.deadline)) < 0) {
                left(call.deadline);
            }
            return false;
        } catch (InterruptedException _) {
            return true;
        } finally {
            call.waiting = false;
        }
    }

    /// The time that is left.
    ///
    /// @throws ErrnoException ENOTCONN if there is none: the server is given up
    private long left(long deadline) throws ErrnoException {
        if (dead) {
            throw ENOTCONN.error("the file server is gone");
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            die("it has not answered in " + TimeUnit.NANOSECONDS.toSeconds(timeoutNanos) + " s");
            throw ENOTCONN.error("the file server does not answer");
        }
        return left;
    }

    /// Reads a message if there is one, or waits for `events`. With the lock, which it gives up meanwhile. If
    /// somebody else reads, waits only until there is room to write.
    ///
    /// @return whether it was interrupted
    private boolean step(long deadline, int events) throws ErrnoException {
        long left = left(deadline);
        boolean leads = !reading;
        reading = true;
        boolean interrupted = false;
        long n = -EAGAIN.number();
        lock.unlock();
        try {
            n = leads ? fd.tryRead(inbox) : n;
            if (n == -EAGAIN.number()) {
                interrupted = waitFor(leads ? events : Poll.POLLOUT, left);
            }
        } finally {
            lock.lock();
            reading = reading && !leads;
        }
        if (n == 0 || n < 0 && n != -EAGAIN.number() && n != -EINTR.number()) {
            die(n == 0 ? "it has hung up" : Errno.of((int) -n).text());
        } else if (n > 0) {
            deliver(n);
        }
        return interrupted;
    }

    /// @return whether it was interrupted
    private boolean waitFor(int events, long nanos) throws ErrnoException {
        CallContext context = CallContext.current();
        if (context == null) {
            Poll.one(fd.number(), events, Math.min(nanos, SLICE_NANOS));
            return Thread.interrupted();
        }
        EventLoop loop = context.loop();
        Timer timer = loop.after(Duration.ofNanos(nanos), this::hangUp);
        try {
            loop.await(fd, events);
            return false;
        } catch (ErrnoException e) {
            if (e.errno() == EINTR || e.errno() == ETIMEDOUT) {
                return true;
            }
            throw e;
        } finally {
            timer.cancel();
        }
    }

    /// Tells the server that nobody wants to wait for it; it answers the request all the same.
    private void interrupt(Pending call) {
        if (!interruptible) {
            return;
        }
        try (var message = new Message(Opcode.INTERRUPT, 0, 8, 0)) {
            message.set(0, call.unique);
            message.seal(call.unique | 1);
            if (write(message) == -EAGAIN.number()) {
                LOG.log(Level.DEBUG, "an interrupt is lost: the socket is full");
            }
        }
    }

    private void deliver(long n) {
        if (n < OutHeader.SIZE) {
            misbehaved("a message of %d bytes", n);
            return;
        }
        int length = inbox.get(JAVA_INT_UNALIGNED, OutHeader.LEN);
        int error = inbox.get(JAVA_INT_UNALIGNED, OutHeader.ERROR);
        long unique = inbox.get(JAVA_LONG_UNALIGNED, OutHeader.UNIQUE);
        Pending call = pending.get(unique);
        if (length != n) {
            ErrnoException e = misbehaved("a message of %d bytes says it has %d", n, Integer.toUnsignedLong(length));
            fail(call, e);
        } else if (unique == 0) {
            notified.notified(error, inbox.asSlice(OutHeader.SIZE), length - OutHeader.SIZE);
        } else if ((unique & 1) != 0) {
            interruptible = interruptible && error != -ENOSYS.number();
        } else if (call == null || call.isDone()) {
            misbehaved("an answer to nothing: id %d", unique);
        } else {
            answer(call, error, length - OutHeader.SIZE);
        }
    }

    private void answer(Pending call, int error, int size) {
        if (error != 0 && !Errno.isDefined(-error)) {
            fail(call, misbehaved("%s: error %d", call.op, error));
        } else if (error != 0 && size != 0) {
            fail(call, misbehaved("%s: error %d and %d bytes", call.op, error, size));
        } else if (error != 0) {
            call.fail(Errno.of(-error));
        } else if (!call.fits(size)) {
            fail(call, misbehaved("%s: %d bytes, more than there is room for", call.op, size));
        } else {
            call.complete(inbox, OutHeader.SIZE, size);
        }
    }

    private static void fail(@Nullable Pending call, ErrnoException why) {
        if (call != null && !call.isDone()) {
            call.fail(why.errno());
        }
    }

    /// Reports what a server must not do.
    ///
    /// @return EPROTO, for the caller if there is one
    ErrnoException misbehaved(String format, Object... args) {
        ErrnoException e = EPROTO.error(format, args);
        LOG.log(Level.WARNING, "the file server misbehaves: " + e.getMessage());
        misbehaviours.incrementAndGet();
        return e;
    }

    /// How often the server has misbehaved.
    long misbehaviours() {
        return misbehaviours.get();
    }

    /// Reads what the server has said unasked, if nobody reads already.
    void drain() throws ErrnoException {
        lock.lock();
        try {
            if (dead || reading) {
                return;
            }
            users++;
            try {
                long n;
                do {
                    n = fd.tryRead(inbox);
                    if (n > 0) {
                        deliver(n);
                    }
                } while (n > 0);
            } finally {
                leave();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isDead() {
        lock.lock();
        try {
            return dead;
        } finally {
            lock.unlock();
        }
    }

    /// The server is given up: all who wait fail with ENOTCONN.
    private void die(String why) {
        lock.lock();
        try {
            if (!dead) {
                LOG.log(Level.DEBUG, () -> "the file server is gone: " + why);
                dead = true;
                pending.values().stream().filter(call -> !call.isDone()).forEach(call -> call.fail(ENOTCONN));
            }
        } finally {
            lock.unlock();
        }
        hangUp();
    }

    /// Ends the conversation, whoever waits.
    void hangUp() {
        try {
            fd.shutdown(Fcntl.SHUT_RDWR);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "shutdown: " + e.getMessage());
        }
    }

    /// Hangs up, waits until nobody is inside, and gives memory and descriptor back.
    void close() {
        die("it was unmounted");
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
            while (users > 0 && left > 0) {
                left = awaitIdle(left);
            }
            if (users > 0) {
                LOG.log(Level.WARNING, "somebody still waits for the file server: its descriptor is not closed");
                return;
            }
        } finally {
            lock.unlock();
        }
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller's
    private long awaitIdle(long nanos) {
        try {
            return idle.awaitNanos(nanos);
        } catch (InterruptedException _) {
            return nanos; // it does not take long
        }
    }
}
