// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The memory of a [FrameBuf]: who has it, how far it is filled, where the cursor is; and the checks of every
/// access.
abstract sealed class FrameMemory implements AutoCloseable permits FrameBuf {
    private final @Nullable FramePool pool; // null: lent, a look at bytes that lie elsewhere
    final boolean big; // endian
    private final int maxSize;
    private @Nullable Block block; // null: closed or given away
    private boolean given;
    int size;
    int position;

    FrameMemory(@Nullable FramePool pool, boolean big, int maxSize, Block block) {
        this.pool = pool;
        this.big = big;
        this.maxSize = maxSize;
        this.block = block;
    }

    /// The number of bytes written so far, wherever the cursor is.
    public final int size() {
        return size;
    }

    /// The size that the frame cannot outgrow.
    public final int maxSize() {
        return maxSize;
    }

    /// The cursor, from the start of the frame.
    public final int position() {
        return position;
    }

    /// The number of bytes from the cursor to the end; 0 beyond it.
    public final int remaining() {
        return Math.max(0, size - position);
    }

    /// The `length` bytes from `offset` on, in place, to be written; the frame grows, with zeros, to hold them.
    /// Valid until the frame grows again, is given away or closed.
    public final MemorySegment window(int offset, int length) throws ErrnoException {
        int from = size;
        MemorySegment bytes = writable(offset, length);
        if (size > from) {
            bytes.asSlice(from, size - from).fill((byte) 0);
        }
        return bytes.asSlice(offset, length);
    }

    /// The `length` bytes at `offset` that are there, in place, or EBADMSG. Valid as [#window] is.
    public final MemorySegment view(int offset, int length) throws ErrnoException {
        return readable(offset, length).asSlice(offset, length);
    }

    /// Gives the memory back.
    @Override
    public final void close() {
        if (!given) {
            Block mine = block();
            block = null;
            if (pool != null) {
                pool.give(mine);
            }
        }
    }

    final FramePool owned() {
        if (pool == null) {
            throw new IllegalStateException("The frame is only lent");
        }
        return pool;
    }

    /// Takes the memory out of the hands of whoever has this.
    final Block giveAway() {
        owned();
        Block taken = block();
        block = null;
        given = true;
        return taken;
    }

    /// Adds bytes as they came from a descriptor, at the end.
    final void append(MemorySegment from, long offset, int length) {
        MemorySegment.copy(from, offset, reserve(size + length), size, length);
        size += length;
    }

    /// Room for `length` bytes behind the end, to read into; [#filled] tells how many came.
    final MemorySegment space(int length) {
        return reserve(size + length).asSlice(size, length);
    }

    final void filled(int count) {
        size += count;
    }

    /// Moves the cursor over `length` bytes to read; the offset of the first.
    final int advance(int length) throws ErrnoException {
        int from = position;
        readable(from, length);
        position = from + length;
        return from;
    }

    /// Moves the cursor over `length` bytes to write; the offset of the first.
    final int extend(int length) throws ErrnoException {
        int from = position;
        writable(from, length);
        position = from + length;
        return from;
    }

    /// A length read from the frame, or given by a caller to read: more than the frame has is refused before
    /// anything is allocated for it.
    final int length(long length) throws ErrnoException {
        if (length > remaining()) {
            throw Errno.EBADMSG.error("%d bytes wanted, %d left in the frame", length, remaining());
        }
        return (int) length;
    }

    final int fitting(long length) throws ErrnoException {
        if (length > maxSize) {
            throw Errno.EMSGSIZE.error("%d bytes, a frame holds %d", length, maxSize);
        }
        return (int) length;
    }

    static int checkNotNegative(int offset) {
        if (offset < 0) {
            throw new IndexOutOfBoundsException(offset);
        }
        return offset;
    }

    final MemorySegment readable(int offset, int length) throws ErrnoException {
        MemorySegment bytes = memory();
        if (offset < 0 || length < 0 || length > size - offset) {
            throw Errno.EBADMSG.error("%d bytes wanted at %d, the frame has %d", length, offset, size);
        }
        return bytes;
    }

    /// Grows the frame to hold `length` bytes at `offset`, which the caller then writes.
    final MemorySegment writable(int offset, int length) throws ErrnoException {
        MemorySegment bytes = memory();
        if (offset < 0 || length < 0) {
            throw new IndexOutOfBoundsException("offset " + offset + ", length " + length);
        }
        long end = (long) offset + length;
        if (end > size) {
            bytes = reserve(fitting(end));
            if (offset > size) {
                bytes.asSlice(size, offset - size).fill((byte) 0);
            }
            size = (int) end;
        }
        return bytes;
    }

    private MemorySegment reserve(int capacity) {
        Block old = block();
        if (capacity <= old.memory().byteSize()) {
            return old.memory();
        }
        FramePool source = owned();
        Block grown = source.take(Math.clamp(2 * old.memory().byteSize(), capacity, Math.max(capacity, maxSize)));
        MemorySegment.copy(old.memory(), 0, grown.memory(), 0, size);
        source.give(old);
        block = grown;
        return grown.memory();
    }

    final MemorySegment memory() {
        return block().memory();
    }

    private Block block() {
        Block mine = block;
        if (mine == null) {
            throw new IllegalStateException(given ? "The frame was given away" : "The frame is closed");
        }
        return mine;
    }
}
