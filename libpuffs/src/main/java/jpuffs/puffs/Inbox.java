// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.ENOMEM;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.wire.Wire.InHeader;
import jpuffs.puffs.wire.Wire.OutHeader;
import jpuffs.sys.BufferPool;
import org.jspecify.annotations.Nullable;

/// The memory one message is read into, large enough for the largest, and the message in it.
final class Inbox {
    private static final int PAGE = 4096;

    /// Where a message is read to, so that the data of a WRITE begins a page.
    static final int AT = PAGE - InHeader.SIZE - 40;

    /// Whatever the limit for a WRITE, an extended attribute may have 64 KiB.
    private static final int LARGEST_SETXATTR = (64 << 10) + PAGE;

    private final BufferPool pool;
    private final int size;
    private MemorySegment memory;
    private long length;

    /// @throws ErrnoException ENOMEM
    Inbox(BufferPool pool, int maxWrite) throws ErrnoException {
        this.pool = pool;
        size = AT + Math.max(LARGEST_SETXATTR, maxWrite + PAGE);
        memory = take(pool, size);
    }

    /// A buffer of `pool`.
    ///
    /// @throws ErrnoException ENOMEM if there is none left
    static MemorySegment take(BufferPool pool, int size) throws ErrnoException {
        MemorySegment buffer = pool.take(size);
        if (buffer == null) {
            throw ENOMEM.error("no memory for requests");
        }
        return buffer;
    }

    /// Where the next message goes; whoever puts it there says so by [#filled].
    MemorySegment room() {
        return memory.asSlice(AT);
    }

    void filled(long n) {
        length = n;
    }

    long length() {
        return length;
    }

    /// Whether there is a whole header.
    boolean hasHeader() {
        return length >= InHeader.SIZE;
    }

    /// The length the message says it has.
    long saidLength() {
        return hasHeader() ? memory.get(Request.INT, AT + InHeader.LEN) & 0xffff_ffffL : 0;
    }

    /// The operation; null if it is none we know.
    @Nullable
    Opcode op() {
        return Opcode.of(memory.get(Request.INT, AT + InHeader.OPCODE));
    }

    /// Whether the sender waits for an answer, if only for a refusal.
    boolean wantsAnswer() {
        Opcode op = op();
        return op == null || op.isAnswered() || op == Opcode.INTERRUPT;
    }

    long unique() {
        return memory.get(Request.LONG, AT + InHeader.UNIQUE);
    }

    /// The number of the request an INTERRUPT is of; 0 if it is too short to say.
    long target() {
        boolean complete = length >= InHeader.SIZE + Opcode.INTERRUPT.argSize();
        return complete ? memory.get(Request.LONG, AT + InHeader.SIZE) : 0;
    }

    void copyTo(MemorySegment to) {
        MemorySegment.copy(memory, AT, to, 0, length);
    }

    /// Gives the memory away with the message in it, at [#AT], and goes on with other memory.
    ///
    /// @throws ErrnoException ENOMEM; then nothing is given away
    MemorySegment give() throws ErrnoException {
        MemorySegment next = take(pool, size);
        MemorySegment given = memory;
        memory = next;
        return given;
    }

    /// A reply without data, made beside the message; good until the next.
    MemorySegment refusal(long unique, Errno errno) {
        MemorySegment header = memory.asSlice(0, OutHeader.SIZE);
        header.set(Request.INT, OutHeader.LEN, OutHeader.SIZE);
        header.set(Request.INT, OutHeader.ERROR, -errno.number());
        header.set(Request.LONG, OutHeader.UNIQUE, unique);
        return header;
    }

    void close() {
        pool.give(memory);
    }
}
