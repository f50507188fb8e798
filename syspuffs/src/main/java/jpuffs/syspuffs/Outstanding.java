// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static jpuffs.core.Errno.ENOSYS;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.OutHeader;
import org.jspecify.annotations.Nullable;

/// The requests that are not answered yet, by id, and what becomes of the messages that come. Guarded by the lock of
/// its [SocketConnection].
final class Outstanding {
    private final Connection connection;
    private final Connection.Notified notified;
    private final Map<Long, Pending> pending = new HashMap<>();
    private final Map<Long, Opcode> posted = new HashMap<>(); // whose answers nobody waits for
    private int mostPosted = 1;
    private long nextUnique = 2;
    private boolean interruptible = true;

    /// @param connection to which misbehaviour is reported
    Outstanding(Connection connection, Connection.Notified notified) {
        this.connection = connection;
        this.notified = notified;
    }

    /// An id for a request; the next number is that of its INTERRUPT.
    long nextUnique() {
        long unique = nextUnique;
        nextUnique += 2;
        return unique;
    }

    void add(Pending call) {
        pending.put(call.unique, call);
    }

    void remove(Pending call) {
        pending.remove(call.unique);
    }

    /// See [Connection#limitPosted].
    void limitPosted(int most) {
        mostPosted = most;
    }

    boolean isFullOfPosted() {
        return posted.size() >= mostPosted;
    }

    void addPosted(long unique, Opcode op) {
        posted.put(unique, op);
    }

    /// Whether the server has not said that it knows no INTERRUPT.
    boolean isInterruptible() {
        return interruptible;
    }

    /// A call that waits for its turn to read, if there is one.
    @Nullable
    Pending waiting() {
        for (Pending call : pending.values()) {
            if (call.waiting) {
                return call;
            }
        }
        return null;
    }

    void failAll(Errno why) {
        pending.values().stream().filter(call -> !call.isDone()).forEach(call -> call.fail(why));
    }

    /// Takes a message of `n` bytes: judges it and gives it to whom it is for.
    void deliver(MemorySegment inbox, long n) {
        if (n < OutHeader.SIZE) {
            connection.misbehaved("a message of %d bytes", n);
            return;
        }
        int length = inbox.get(JAVA_INT_UNALIGNED, OutHeader.LEN);
        int error = inbox.get(JAVA_INT_UNALIGNED, OutHeader.ERROR);
        long unique = inbox.get(JAVA_LONG_UNALIGNED, OutHeader.UNIQUE);
        Pending call = pending.get(unique);
        if (length != n) {
            long said = Integer.toUnsignedLong(length);
            fail(call, connection.misbehaved("a message of %d bytes says it has %d", n, said));
        } else if (unique == 0) {
            notified.notified(error, inbox.asSlice(OutHeader.SIZE), length - OutHeader.SIZE);
        } else if ((unique & 1) != 0) {
            interruptible = interruptible && error != -ENOSYS.number();
        } else if (posted.containsKey(unique)) {
            answerOfNoInterest(unique, error);
        } else if (call == null || call.isDone()) {
            connection.misbehaved("an answer to nothing: id %d", unique);
        } else {
            answer(call, inbox, error, length - OutHeader.SIZE);
        }
    }

    private void answerOfNoInterest(long unique, int error) {
        Opcode op = posted.remove(unique);
        if (error != 0 && !Errno.isDefined(-error)) {
            connection.misbehaved("%s: error %d", String.valueOf(op), error);
        } else if (error != 0) {
            Connection.LOG.log(Level.DEBUG, () -> op + ": " + Errno.of(-error));
        }
    }

    private void answer(Pending call, MemorySegment inbox, int error, int size) {
        if (error != 0 && !Errno.isDefined(-error)) {
            fail(call, connection.misbehaved("%s: error %d", call.op, error));
        } else if (error != 0 && size != 0) {
            fail(call, connection.misbehaved("%s: error %d and %d bytes", call.op, error, size));
        } else if (error != 0) {
            call.fail(Errno.of(-error));
        } else if (!call.fits(size)) {
            fail(call, connection.misbehaved("%s: %d bytes, more than there is room for", call.op, size));
        } else {
            call.complete(inbox, OutHeader.SIZE, size);
        }
    }

    private static void fail(@Nullable Pending call, ErrnoException why) {
        if (call != null && !call.isDone()) {
            call.fail(why.errno());
        }
    }
}
