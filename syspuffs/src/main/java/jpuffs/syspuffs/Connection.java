// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EPROTO;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Requests out, answers in: how a kernel half reaches its server. For any number of callers at once.
abstract class Connection {
    static final System.Logger LOG = System.getLogger("jpuffs.syspuffs");

    private final AtomicLong misbehaviours = new AtomicLong();

    /// Takes what the server says unasked.
    interface Notified {
        /// Asks nothing and waits for nothing.
        ///
        /// @param body of this length; borrowed until return
        void notified(int code, MemorySegment body, int length);
    }

    /// Sends a request and waits for its answer. May yield.
    ///
    /// @param most the longest answer there can be
    /// @param room where the answer shall be, native or not; null for memory of its own
    /// @throws ErrnoException what the server answers; EPROTO for an answer that cannot be; ENOTCONN if there
    ///     is no server any more
    abstract Reply call(Message message, int most, @Nullable MemorySegment room) throws ErrnoException;

    /// Sends a request and waits for no answer: what it says is of no interest. Where as many as [#limitPosted]
    /// says are unanswered, the answer is waited for after all. May yield.
    abstract void post(Message message) throws ErrnoException;

    /// How many posted requests may be unanswered at once.
    abstract void limitPosted(int most);

    /// Sends a request that is not answered, if it is taken at once.
    ///
    /// @return whether it was, or need not be any more
    abstract boolean trySend(Message message);

    /// Answers what the server has asked; may get lost. From [Notified] only.
    abstract void reply(Message message, long unique);

    /// Takes what the server has said unasked.
    abstract void drain() throws ErrnoException;

    abstract boolean isDead();

    /// Ends the conversation, whoever waits.
    abstract void hangUp();

    /// Hangs up, waits until nobody is inside, and gives everything back.
    abstract void close();

    /// Reports what a server must not do.
    ///
    /// @return EPROTO, for the caller if there is one
    final ErrnoException misbehaved(String format, Object... args) {
        ErrnoException e = EPROTO.error(format, args);
        LOG.log(Level.WARNING, "the file server misbehaves: " + e.getMessage());
        misbehaviours.incrementAndGet();
        return e;
    }

    /// How often the server has misbehaved.
    final long misbehaviours() {
        return misbehaviours.get();
    }
}
