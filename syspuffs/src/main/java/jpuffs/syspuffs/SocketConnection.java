// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;
import static jpuffs.core.Errno.EMSGSIZE;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ETIMEDOUT;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.CallContext;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.Timer;
import jpuffs.puffs.Opcode;
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

    private static final long CLOSE_SECONDS = 10;

    private final Fd fd;
    private final long timeoutNanos;
    private final BusyReader reader;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment inbox = arena.allocate(LARGEST + 1L, 8);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Outstanding outstanding;
    private boolean reading;
    private int users;
    private boolean dead;

    /// @param fd non-blocking; taken over
    SocketConnection(Fd fd, Duration timeout, Notified notified) {
        this.fd = fd;
        reader = new BusyReader(fd);
        this.timeoutNanos = timeout.toNanos();
        outstanding = new Outstanding(this, notified);
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
            long unique = outstanding.nextUnique();
            message.seal(unique);
            boolean endless = message.op == Opcode.SETLKW;
            long deadline = System.nanoTime() + (endless ? Long.MAX_VALUE / 2 : timeoutNanos);
            var call = new Pending(message.op, unique, deadline, lock.newCondition(), most, room);
            outstanding.add(call);
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
            outstanding.remove(call);
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
        Pending other = reading ? null : outstanding.waiting();
        if (other != null) {
            other.turn.signal();
        }
    }

    /// Where the socket is full, one waits as for any other.
    @Override
    void post(Message message) throws ErrnoException {
        long unique = enterPosted(message.op);
        if (unique == 0) {
            callForNothing(message);
            return;
        }
        try {
            message.seal(unique);
            send(message, System.nanoTime() + timeoutNanos);
        } finally {
            exit();
        }
    }

    /// @return its id; 0 if too many are unanswered
    private long enterPosted(Opcode op) throws ErrnoException {
        lock.lock();
        try {
            if (outstanding.isFullOfPosted()) {
                return 0;
            }
            enter();
            long unique = outstanding.nextUnique();
            outstanding.addPosted(unique, op);
            return unique;
        } finally {
            lock.unlock();
        }
    }

    private void callForNothing(Message message) throws ErrnoException {
        try {
            call(message, 0, null);
        } catch (ErrnoException e) {
            if (isDead()) {
                throw e;
            }
            LOG.log(Level.DEBUG, () -> message.op + ": " + e.getMessage());
        }
    }

    @Override
    void limitPosted(int most) {
        lock.lock();
        try {
            outstanding.limitPosted(most);
        } finally {
            lock.unlock();
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
            return outstanding.nextUnique();
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
            n = leads ? read() : n;
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
            outstanding.deliver(inbox, n);
        }
        return interrupted;
    }

    /// Reads a message that is there. One that comes at once too, but not on a loop, which others need meanwhile.
    private long read() {
        return CallContext.current() == null ? reader.read(inbox) : fd.tryRead(inbox);
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
        if (!outstanding.isInterruptible()) {
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
                        outstanding.deliver(inbox, n);
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
                outstanding.failAll(ENOTCONN);
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
