// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EMSGSIZE;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

/// Over a socket: answers are matched by id.
///
/// There is no thread of its own: of those who wait for answers one reads (the leader), hands out what comes, and
/// when it has its own answer another of them takes over.
final class SocketConnection extends Connection {
    /// The largest message: 1 MiB of data, a header and a little.
    static final int LARGEST = (1 << 20) + 4096;

    /// A plain thread in poll(2) looks this often whether it was interrupted.
    private static final long SLICE_NANOS = 50_000_000;

    /// Many an answer comes sooner than a thread that sleeps wakes up: so long one looks before.
    private static final long LOOK_NANOS = 20_000;

    private static final long CLOSE_SECONDS = 10;

    private final Fd fd;
    private final long timeoutNanos;
    private final Notified notified;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment inbox = arena.allocate(LARGEST + 1L, 8);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Map<Long, Pending> pending = new HashMap<>();
    private final Map<Long, Opcode> posted = new HashMap<>(); // whose answers nobody waits for
    private long nextUnique = 2;
    private boolean reading;
    private int users;
    private boolean dead;
    private volatile boolean interruptible = true;

    /// @param fd non-blocking; taken over
    SocketConnection(Fd fd, Duration timeout, Notified notified) {
        this.fd = fd;
        this.timeoutNanos = timeout.toNanos();
        this.notified = notified;
    }

    @Override
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

    /// Where the socket is full, one waits as for any other.
    @Override
    void post(Message message) throws ErrnoException {
        long unique;
        lock.lock();
        try {
            enter();
            unique = nextUnique;
            nextUnique += 2;
            posted.put(unique, message.op);
        } finally {
            lock.unlock();
        }
        try {
            message.seal(unique);
            send(message, System.nanoTime() + timeoutNanos);
        } finally {
            exit();
        }
    }

    @Override
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

    @Override
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
            n = leads ? readSoon() : n;
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

    /// Reads a message that is there or comes at once. Not on a loop, which others need meanwhile.
    private long readSoon() {
        long n = fd.tryRead(inbox);
        if (n == -EAGAIN.number() && CallContext.current() == null) {
            long end = System.nanoTime() + LOOK_NANOS;
            while (n == -EAGAIN.number() && System.nanoTime() < end) {
                n = fd.tryRead(inbox);
            }
        }
        return n;
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
        } else if (posted.containsKey(unique)) {
            answerOfNoInterest(unique, error);
        } else if (call == null || call.isDone()) {
            misbehaved("an answer to nothing: id %d", unique);
        } else {
            answer(call, error, length - OutHeader.SIZE);
        }
    }

    private void answerOfNoInterest(long unique, int error) {
        Opcode op = posted.remove(unique);
        if (error != 0 && !Errno.isDefined(-error)) {
            misbehaved("%s: error %d", String.valueOf(op), error);
        } else if (error != 0) {
            LOG.log(Level.DEBUG, () -> op + ": " + Errno.of(-error));
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

    /// Reads what the server has said unasked, if nobody reads already.
    @Override
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

    @Override
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

    @Override
    void hangUp() {
        try {
            fd.shutdown(Fcntl.SHUT_RDWR);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "shutdown: " + e.getMessage());
        }
    }

    /// Hangs up, waits until nobody is inside, and gives memory and descriptor back.
    @Override
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
