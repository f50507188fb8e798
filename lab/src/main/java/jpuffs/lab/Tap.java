// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.lab;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.ErrnoException;
import jpuffs.eventloop.Blocking;
import jpuffs.lab.Faults.Fate;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Poll;
import jpuffs.sys.Socket;
import jpuffs.syspuffs.SysPuffs;
import org.jspecify.annotations.Nullable;

/// Stands between a server and its kernel half: passes messages on, one thread each way, counts and records them,
/// and does the harm that is asked for. What happens to the n-th request depends on the seed alone.
final class Tap {
    private static final System.Logger LOG = System.getLogger("jpuffs.lab");
    private static final int LARGEST = (1 << 20) + 8192;
    private static final long SLICE_NANOS = 100_000_000;

    /// What a tap does beside passing on.
    ///
    /// @param seed of the faults
    /// @param journal where all is recorded, or null; closed by its owner
    /// @param timeout after which the kernel half gives a server up
    record Work(
            Faults faults,
            long seed,
            Counters counters,
            @Nullable Journal journal,
            Duration timeout) {}

    /// A request on its way.
    ///
    /// @param again the request if it is to be asked again when it was interrupted, else null
    @SuppressWarnings("ArrayRecordComponent")
    private record Asked(Opcode op, long start, Fate fate, byte @Nullable [] again) {}

    private final Work work;
    private final Fd kernel;
    private final Fd server;
    private final SplittableRandom random;
    private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
    private final Map<Long, Boolean> interrupts = new ConcurrentHashMap<>();
    private final AtomicInteger threads = new AtomicInteger(2);
    private volatile Runnable kill = () -> {};
    private volatile boolean broken;

    private Tap(Fd kernel, Fd server, Work work) {
        this.kernel = kernel;
        this.server = server;
        this.work = work;
        random = new SplittableRandom(work.seed);
    }

    /// Begins to pass on.
    ///
    /// @param server the end of the server's socket; taken over
    /// @param kernel one end of [SysPuffs#pair], to whose other end the kernel half attaches; taken over
    static Tap start(Fd server, Fd kernel, Work work) throws ErrnoException {
        var tap = new Tap(Fd.of(kernel.release()), Fd.of(server.release()), work);
        tap.kernel.setNonblock(true);
        tap.server.setNonblock(true);
        tap.thread("lab-requests", tap.kernel, tap::request);
        tap.thread("lab-answers", tap.server, tap::answer);
        return tap;
    }

    /// The kernel half of the server at the end of `server`, with a tap between.
    ///
    /// @param made gets the tap
    static SysPuffs between(Fd server, Work work, java.util.function.Consumer<Tap> made) throws IOException {
        try (Socket.Pair pair = SysPuffs.pair()) {
            made.accept(start(server, pair.second(), work));
            return SysPuffs.attach(pair.first(), work.timeout);
        }
    }

    /// How the server is killed for [Fate#CRASH].
    void onCrash(Runnable killer) {
        kill = killer;
    }

    /// Whether a fault has ended the connection.
    boolean isBroken() {
        return broken;
    }

    private interface Passing {
        void pass(MemorySegment message) throws IOException;
    }

    private void thread(String name, Fd from, Passing passing) {
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                pass(from, arena.allocate(LARGEST, 8), passing);
            } catch (IOException | UncheckedIOException e) {
                LOG.log(Level.DEBUG, name + ": " + e.getMessage());
            } finally {
                end();
            }
        });
    }

    private static void pass(Fd from, MemorySegment buffer, Passing passing) throws IOException {
        while (true) {
            long n = from.tryRead(buffer);
            if (n > 0) {
                passing.pass(buffer.asSlice(0, n));
            } else if (n == -EAGAIN.number()) {
                Poll.one(from.number(), Poll.POLLIN, SLICE_NANOS);
            } else if (n != -EINTR.number()) {
                return; // one of the two has hung up
            }
        }
    }

    /// Hangs up on both; the last thread closes.
    private void end() {
        hangUp(kernel);
        hangUp(server);
        if (threads.decrementAndGet() == 0) {
            kernel.close();
            server.close();
        }
    }

    private static void hangUp(Fd fd) {
        try {
            fd.shutdown(Fcntl.SHUT_RDWR);
        } catch (ErrnoException e) {
            LOG.log(Level.DEBUG, "shutdown: " + e.getMessage());
        }
    }

    private void request(MemorySegment message) throws IOException {
        record(Journal.REQUEST, message);
        Opcode op = Opcode.of(message.get(JAVA_INT_UNALIGNED, InHeader.OPCODE));
        long unique = message.get(JAVA_LONG_UNALIGNED, InHeader.UNIQUE);
        if (op == null) {
            write(server, message);
            return;
        }
        work.counters.asked(op, message.byteSize());
        Fate fate = isSafe(op) ? Fate.NONE : work.faults.next(random);
        if (fate == Fate.CRASH) {
            broken = true;
            kill.run();
            return;
        }
        if (op.isAnswered()) {
            byte[] again = fate == Fate.INTERRUPT ? message.toArray(JAVA_BYTE) : null;
            asked.put(unique, new Asked(op, System.nanoTime(), fate, again));
        }
        write(server, message);
        if (fate == Fate.INTERRUPT) {
            interrupt(unique);
        }
    }

    /// Begin and end are left in peace, and what has no answer.
    private static boolean isSafe(Opcode op) {
        return !op.isAnswered() || op == Opcode.INIT || op == Opcode.DESTROY || op == Opcode.INTERRUPT;
    }

    private void interrupt(long unique) throws ErrnoException {
        interrupts.put(unique | 1, true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(InHeader.SIZE + 8, 8);
            message.set(JAVA_INT_UNALIGNED, InHeader.LEN, InHeader.SIZE + 8);
            message.set(JAVA_INT_UNALIGNED, InHeader.OPCODE, Opcode.INTERRUPT.number());
            message.set(JAVA_LONG_UNALIGNED, InHeader.UNIQUE, unique | 1);
            message.set(JAVA_LONG_UNALIGNED, InHeader.SIZE, unique);
            work.counters.asked(Opcode.INTERRUPT, message.byteSize());
            write(server, message);
        }
    }

    private void answer(MemorySegment message) throws IOException {
        record(Journal.ANSWER, message);
        if (message.byteSize() < OutHeader.SIZE) {
            write(kernel, message); // the kernel half judges
            return;
        }
        long unique = message.get(JAVA_LONG_UNALIGNED, OutHeader.UNIQUE);
        if (interrupts.remove(unique) != null) {
            return; // it says whether it could be interrupted, which nobody has asked
        }
        Asked request = asked.remove(unique);
        if (request == null) {
            write(kernel, message);
            return;
        }
        int error = -message.get(JAVA_INT_UNALIGNED, OutHeader.ERROR);
        work.counters.answered(request.op, error, message.byteSize(), System.nanoTime() - request.start);
        byte[] again = request.again;
        if (again != null && error == EINTR.number()) {
            asked.put(unique, new Asked(request.op, System.nanoTime(), Fate.NONE, null));
            try (Arena arena = Arena.ofConfined()) {
                write(server, arena.allocateFrom(JAVA_BYTE, again));
            }
        } else if (request.fate == Fate.LOSE) {
            broken = true;
        } else {
            if (request.fate == Fate.DELAY) {
                Blocking.pause(Duration.ofMillis(work.faults.delayMillis()));
            }
            write(kernel, message);
        }
    }

    private void record(char direction, MemorySegment message) throws IOException {
        if (work.journal != null) {
            work.journal.add(direction, message);
        }
    }

    private static void write(Fd to, MemorySegment message) throws ErrnoException {
        long n = to.tryWrite(message);
        while (n == -EAGAIN.number() || n == -EINTR.number()) {
            Poll.one(to.number(), Poll.POLLOUT, SLICE_NANOS);
            n = to.tryWrite(message);
        }
        if (n < 0) {
            throw jpuffs.core.Errno.of((int) -n).error();
        }
    }
}
