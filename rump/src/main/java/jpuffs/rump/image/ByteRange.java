// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.image;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/// What lies between two places of something that is read by positions, as a stream. Closing it does nothing.
public final class ByteRange extends InputStream {
    private static final int BUFFER = 256 << 10;

    private final Source source;
    private final byte[] buffer = new byte[BUFFER];
    private final long end;
    private long next; // of the source
    private int at;
    private int filled;

    /// What is read.
    @FunctionalInterface
    public interface Source {
        /// Fills `dst` from `off` on as far as there is something.
        ///
        /// @return how many bytes there were
        long read(MemorySegment dst, long off) throws IOException;
    }

    public ByteRange(Source source, long start, long end) {
        this.source = source;
        this.next = start;
        this.end = end;
    }

    private boolean fill() throws IOException {
        if (at == filled) {
            at = 0;
            long most = Math.clamp(end - next, 0, BUFFER);
            filled = (int) source.read(MemorySegment.ofArray(buffer).asSlice(0, most), next);
            next += filled;
        }
        return filled > 0;
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] dst, int off, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, filled - at);
        System.arraycopy(buffer, at, dst, off, count);
        at += count;
        return count;
    }

    /// More than nothing wherever there is more: by it the JDK knows that another stream of gzip follows.
    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, filled - at + Math.max(0, end - next));
    }
}
