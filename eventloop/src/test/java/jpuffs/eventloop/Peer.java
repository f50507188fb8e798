// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;

/// The other end of a socket pair, in the hands of a test: blocking reads and writes of frames of [TestFraming].
final class Peer implements AutoCloseable {
    static final int HEADER = 8;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(1 << 20);

    Peer(Fd fd) {
        this.fd = fd;
    }

    /// A frame with `size` bytes in all; the bytes of the body are `fill`.
    static byte[] frame(int tag, int size, int fill) {
        var bytes = new byte[size];
        Arrays.fill(bytes, (byte) fill);
        MemorySegment segment = MemorySegment.ofArray(bytes);
        segment.set(INT, 0, size);
        segment.set(INT, 4, tag);
        return bytes;
    }

    void write(byte[] bytes) throws ErrnoException {
        for (int at = 0; at < bytes.length; ) {
            int count = (int) Math.min(bytes.length - at, buffer.byteSize());
            MemorySegment.copy(bytes, at, buffer, ValueLayout.JAVA_BYTE, 0, count);
            fd.writeFully(buffer.asSlice(0, count));
            at += count;
        }
    }

    void reply(int tag) throws ErrnoException {
        write(frame(tag, 16, tag));
    }

    byte[] read(int count) throws ErrnoException {
        long got = fd.readFully(buffer.asSlice(0, count));
        return buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Reads a frame; its tag.
    int readTag() throws ErrnoException {
        byte[] header = read(HEADER);
        if (header.length < HEADER) {
            return -1; // the end
        }
        MemorySegment segment = MemorySegment.ofArray(header);
        read(segment.get(INT, 0) - HEADER);
        return segment.get(INT, 4);
    }

    void shutdownWrite() throws ErrnoException {
        fd.shutdown(Fcntl.SHUT_WR);
    }

    @Override
    public void close() {
        fd.close();
        arena.close();
    }
}
