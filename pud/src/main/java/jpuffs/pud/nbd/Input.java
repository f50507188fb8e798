// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.ECONNRESET;
import static jpuffs.core.Errno.EINTR;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Epoll;

/// What a client sends: bytes that were read from its socket and not looked at yet.
///
/// The socket is watched edge-triggered: after a read that got less than it had room for there is nothing more
/// until the next event, and no call is made to find that out.
final class Input {
    static final int SIZE = 64 << 10;

    /// Behind a payload that is read to where it belongs, room for the headers that follow it.
    private static final int SPARE = 4 << 10;

    private final Stream stream;
    private final MemorySegment buffer;
    private int from;
    private int to;
    private boolean drained;
    private boolean hungUp; // the last bytes and the end come with one event

    /// @param buffer of [#SIZE] bytes
    Input(Stream stream, MemorySegment buffer) {
        this.stream = stream;
        this.buffer = buffer;
    }

    /// The loop tells of events.
    void ready(int events) {
        hungUp |= (events & (Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR)) != 0;
        drained = false;
    }

    /// The number of bytes there are.
    int available() {
        return to - from;
    }

    /// Reads what has come.
    ///
    /// @return false if nothing has
    /// @throws ErrnoException ECONNRESET at the end
    boolean fill() throws ErrnoException {
        if (drained) {
            return false;
        }
        if (from > 0) {
            MemorySegment.copy(buffer, from, buffer, 0, available());
            to -= from;
            from = 0;
        }
        MemorySegment room = buffer.asSlice(to);
        int count = came(stream.read(room), room.byteSize());
        to += count;
        return count > 0;
    }

    /// Moves bytes to `dst`: those that are there, or else those that have come, and behind those a few more here.
    ///
    /// @return how many; 0 if nothing has come
    /// @throws ErrnoException ECONNRESET at the end
    int read(MemorySegment dst) throws ErrnoException {
        int size = (int) dst.byteSize();
        if (available() > 0) {
            int count = Math.min(size, available());
            MemorySegment.copy(buffer, from, dst, 0, count);
            from += count;
            return count;
        }
        if (drained) {
            return 0;
        }
        from = 0;
        to = 0;
        long result = stream.read(List.of(dst, buffer.asSlice(0, SPARE)));
        int count = came(result, size + (long) SPARE);
        to = Math.max(0, count - size);
        return Math.min(size, count);
    }

    private int came(long result, long room) throws ErrnoException {
        if (result > 0) {
            drained = result < room && !hungUp && stream.isDirect();
            return (int) result;
        }
        if (result == 0) {
            throw ECONNRESET.error("the client has hung up");
        }
        if (result == -EAGAIN.number()) {
            drained = true;
            return 0;
        }
        if (result == -EINTR.number()) {
            return 0;
        }
        throw Errno.of((int) -result).error();
    }

    int u16(int offset) {
        return buffer.get(Nbd.SHORT, from + (long) offset) & 0xffff;
    }

    int i32(int offset) {
        return buffer.get(Nbd.INT, from + (long) offset);
    }

    long u32(int offset) {
        return i32(offset) & Nbd.U32;
    }

    long u64(int offset) {
        return buffer.get(Nbd.LONG, from + (long) offset);
    }

    /// The next `length` bytes, which are there; they are gone then.
    byte[] bytes(int length) {
        byte[] bytes = buffer.asSlice(from, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        from += length;
        return bytes;
    }

    /// Goes on behind `length` bytes, which are there.
    void skip(int length) {
        from += length;
    }
}
