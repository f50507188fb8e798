// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import jpuffs.core.Errno;
import jpuffs.puffs.Opcode;
import org.jspecify.annotations.Nullable;

/// A request that was sent and not answered yet. Guarded by the lock of its [Connection].
final class Pending {
    final Opcode op;
    final long unique;

    /// When the server is given up for it, of [System#nanoTime()].
    final long deadline;

    /// The caller waits for this, or to be the one who reads.
    final Condition turn;

    private final int most;
    private final @Nullable MemorySegment room;

    boolean waiting;
    private boolean done;
    private boolean elsewhere;
    private @Nullable Errno error;
    private MemorySegment body = MemorySegment.NULL;
    private int length;

    /// @param most the longest answer there can be
    /// @param room where the answer shall be; null for an array of its own
    Pending(Opcode op, long unique, long deadline, Condition turn, int most, @Nullable MemorySegment room) {
        this.op = op;
        this.unique = unique;
        this.deadline = deadline;
        this.turn = turn;
        this.most = most;
        this.room = room;
    }

    boolean isDone() {
        return done;
    }

    /// Whether an answer of this length can be.
    boolean fits(long size) {
        return size <= most;
    }

    void fail(Errno why) {
        error = why;
        done = true;
        turn.signal();
    }

    /// Copies the answer from `inbox`, to where it shall be if the thread that reads for all may write there.
    void complete(MemorySegment inbox, long at, int size) {
        MemorySegment target = room;
        if (target == null || !target.isAccessibleBy(Thread.currentThread())) {
            target = MemorySegment.ofArray(new byte[size]);
            elsewhere = true;
        }
        MemorySegment.copy(inbox, JAVA_BYTE, at, target, JAVA_BYTE, 0, size);
        body = target;
        length = size;
        done = true;
        turn.signal();
    }

    @Nullable
    Errno error() {
        return error;
    }

    /// The answer, where it shall be. For the caller.
    MemorySegment body() {
        if (room != null && elsewhere) {
            MemorySegment.copy(body, 0, room, 0, length);
            return room;
        }
        return body;
    }

    int length() {
        return length;
    }
}
