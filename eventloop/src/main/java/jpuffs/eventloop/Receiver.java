// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// Turns what arrives on a descriptor into frames. Small frames come many at a time through the loop's read buffer;
/// the rest of a large one is read to where it belongs.
final class Receiver {
    /// Reads in a row from one descriptor, before it is the turn of others.
    private static final int BUDGET = 16;

    private final Channel channel;
    private final Framing framing;
    private final FramePool pool;
    private final MemorySegment buffer; // the loop's: empty between two calls of read
    private @Nullable FrameBuf partial;
    private long wanted; // the length of the partial frame, or MORE
    private long bytes;

    Receiver(Channel channel, Framing framing, FramePool pool, MemorySegment buffer) {
        this.channel = channel;
        this.framing = framing;
        this.pool = pool;
        this.buffer = buffer;
    }

    /// Reads until there is no more, or it is the turn of others.
    ///
    /// @throws ErrnoException why nothing can be read any more
    void read(Fd fd) throws ErrnoException {
        for (int turn = 0; turn < BUDGET && channel.isReading(); turn++) {
            boolean more = framing.messages() ? readMessage(fd) : readStream(fd);
            if (!more) {
                return;
            }
        }
    }

    /// Bytes read so far.
    long bytes() {
        return bytes;
    }

    void close() {
        if (partial != null) {
            partial.close();
            partial = null;
        }
    }

    private boolean readMessage(Fd fd) throws ErrnoException {
        int room = framing.maxSize() + 1; // a longer message shows
        if (room <= buffer.byteSize()) {
            int count = count(fd.tryRead(buffer.asSlice(0, room)));
            if (count > 0) {
                checkLength(count);
                channel.received(frame(0, count));
            }
            return count > 0;
        }
        return readLongMessage(fd, room);
    }

    private boolean readLongMessage(Fd fd, int room) throws ErrnoException {
        FrameBuf frame = newFrame(room);
        boolean whole = false;
        try {
            frame.filled(count(fd.tryRead(frame.space(room))));
            checkLength(frame.size());
            whole = frame.size() > 0;
        } finally {
            if (!whole) {
                frame.close();
            }
        }
        if (whole) {
            channel.received(frame);
        }
        return whole;
    }

    private boolean readStream(Fd fd) throws ErrnoException {
        FrameBuf frame = partial;
        if (frame != null && wanted - frame.size() > buffer.byteSize() / 2) {
            MemorySegment rest = frame.space((int) wanted - frame.size());
            int count = count(fd.tryRead(rest));
            frame.filled(count);
            if (frame.size() == wanted) {
                deliverPartial(frame);
            }
            return count == rest.byteSize();
        }
        int count = count(fd.tryRead(buffer));
        split(count);
        return count == buffer.byteSize();
    }

    /// The number of bytes read; 0 if there are none now.
    private int count(long result) throws ErrnoException {
        if (result > 0) {
            bytes += result;
            return (int) result;
        }
        if (result == 0) {
            throw Errno.ECONNRESET.error("end of file");
        }
        if (result == -Errno.EAGAIN.number() || result == -Errno.EINTR.number()) {
            return 0;
        }
        throw Errno.of((int) -result).error();
    }

    /// Cuts the first `count` bytes of the buffer into frames.
    private void split(int count) throws ErrnoException {
        int at = 0;
        while (at < count && channel.isReading()) {
            FrameBuf frame = partial;
            at += frame == null ? begin(at, count - at) : extend(frame, at, count - at);
        }
    }

    /// Takes a frame, or the beginning of one, that starts at `at`.
    ///
    /// @return the number of bytes taken
    private int begin(int at, int rest) throws ErrnoException {
        long length;
        try (FrameBuf head = FrameBuf.lent(buffer.asSlice(at, rest), framing.order())) {
            length = checkLength(framing.length(head));
        }
        if (length == Framing.MORE) {
            checkMore(rest);
        } else if (length <= rest) {
            channel.received(frame(at, (int) length));
            return (int) length;
        }
        FrameBuf frame = newFrame(Math.max((int) length, rest));
        partial = frame;
        wanted = length;
        frame.append(buffer, at, rest);
        return rest;
    }

    /// Takes more of the partial frame.
    ///
    /// @return the number of bytes taken
    private int extend(FrameBuf frame, int at, int rest) throws ErrnoException {
        int before = frame.size();
        int limit = wanted == Framing.MORE ? framing.maxSize() : (int) wanted;
        frame.append(buffer, at, Math.min(rest, limit - before));
        if (wanted == Framing.MORE) {
            learn(frame, before);
        }
        int taken = frame.size() - before;
        if (frame.size() == wanted) {
            deliverPartial(frame);
        }
        return taken;
    }

    /// Asks again for the length of a frame that has grown; what is too much goes back.
    private void learn(FrameBuf frame, int before) throws ErrnoException {
        wanted = checkLength(framing.length(frame.seek(0)));
        if (wanted == Framing.MORE) {
            checkMore(frame.size());
            return;
        }
        if (wanted < before) {
            throw Errno.EPROTO.error("a frame of %d bytes, after more of it was wanted at %d", wanted, before);
        }
        if (wanted < frame.size()) {
            frame.size((int) wanted);
        }
    }

    private void checkMore(int size) throws ErrnoException {
        if (size >= framing.maxSize()) {
            throw Errno.EPROTO.error("a frame of unknown length, more than %d bytes", size);
        }
    }

    private void deliverPartial(FrameBuf frame) throws ErrnoException {
        partial = null;
        channel.received(frame.seek(0));
    }

    private long checkLength(long length) throws ErrnoException {
        if (length < 0 || length > framing.maxSize()) {
            throw Errno.EPROTO.error("a frame of %d bytes, the limit is %d", length, framing.maxSize());
        }
        return length;
    }

    private FrameBuf frame(int at, int length) {
        FrameBuf frame = newFrame(length);
        frame.append(buffer, at, length);
        return frame;
    }

    private FrameBuf newFrame(int capacity) {
        return FrameBuf.of(pool, framing.order(), framing.maxSize(), capacity);
    }
}
