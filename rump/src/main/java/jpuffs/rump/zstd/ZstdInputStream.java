// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The content of frames, one behind the other; skippable ones are skipped. Checksums are compared.
public final class ZstdInputStream extends InputStream {
    private static final int ROOM = 2 * Block.MAX_BYTES;

    private final InputStream in;
    private final byte[] packed = new byte[Block.MAX_BYTES];
    private @Nullable Frame frame;
    private Block block = new Block();
    private Xxh64 sum = new Xxh64();
    private boolean lastBlock;
    private byte[] buffer = new byte[0];
    private int read; // what the reader had
    private int filled;

    /// Begins with the first frame.
    ///
    /// @param in closed with this; read in small pieces
    public ZstdInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// Fills some of `dst`.
    ///
    /// @throws IOException EUCLEAN for damage, EOPNOTSUPP for a dictionary or a window of more than 128 MiB;
    ///     EOF where the file ends too early
    @Override
    public int read(byte[] dst, int off, int length) throws IOException {
        while (read == filled) {
            if (!more()) {
                return -1;
            }
        }
        int count = Math.min(length, filled - read);
        System.arraycopy(buffer, read, dst, off, count);
        read += count;
        return count;
    }

    /// Decodes the next block.
    ///
    /// @return false at the end of the file
    private boolean more() throws IOException {
        if (frame == null) {
            return nextFrame();
        }
        if (lastBlock) {
            endFrame(frame);
            return true;
        }
        makeRoom(frame);
        int head = (int) number(3);
        lastBlock = (head & 1) != 0;
        int size = head >> 3;
        int type = head >> 1 & 3;
        if (size > Block.MAX_BYTES || type == 3) {
            throw EUCLEAN.error("zstd: a block of %d bytes", size);
        }
        fill(type == 1 ? 1 : size);
        int before = filled;
        filled = decode(type, size);
        if (filled - before > Block.MAX_BYTES) {
            throw EUCLEAN.error("zstd: a block of %d bytes", filled - before);
        }
        sum.update(buffer, before, filled - before);
        return true;
    }

    private int decode(int type, int size) throws ErrnoException {
        if (type == 0) {
            System.arraycopy(packed, 0, buffer, filled, size);
            return filled + size;
        }
        if (type == 1) {
            Arrays.fill(buffer, filled, filled + size, packed[0]);
            return filled + size;
        }
        try {
            return block.decode(packed, 0, size, buffer, filled);
        } catch (IndexOutOfBoundsException e) { // damage is found by the bounds of arrays
            throw EUCLEAN.error("zstd: a damaged block");
        }
    }

    /// Keeps the window before what comes. The buffer grows with what there is, not with what a header promises.
    private void makeRoom(Frame current) {
        if (buffer.length - filled >= ROOM) {
            return;
        }
        int keep = (int) Math.min(filled, current.window());
        long most = current.window() + Math.clamp(current.window() / 2, 4 * ROOM, 64 * ROOM);
        boolean fits = buffer.length - keep >= 2 * ROOM && buffer.length >= Math.min(most, 2L * keep);
        byte[] to = fits ? buffer : new byte[(int) Math.clamp(4L * filled, 4 * ROOM, most)];
        System.arraycopy(buffer, filled - keep, to, 0, keep);
        buffer = to;
        filled = keep;
        read = keep;
    }

    private boolean nextFrame() throws IOException {
        for (int first = in.read(); first >= 0; first = in.read()) {
            int magic = first | (int) number(3) << 8;
            if (Frame.isSkippable(magic)) {
                in.skipNBytes(number(4));
            } else if (magic == Frame.MAGIC) {
                begin();
                return true;
            } else {
                throw EUCLEAN.error("zstd: no frame");
            }
        }
        return false;
    }

    private void begin() throws IOException {
        byte[] head = new byte[Frame.MAX_BYTES];
        require(1, head, 0);
        int flag = head[0] >> 6 & 3;
        boolean single = (head[0] & 0x20) != 0;
        int rest = (single ? 0 : 1) + new int[] {0, 1, 2, 4}[head[0] & 3] + (flag == 0 ? single ? 1 : 0 : 1 << flag);
        require(rest, head, 1);
        frame = Frame.read(head, 0);
        block = new Block();
        sum = new Xxh64();
        lastBlock = false;
        filled = 0;
        read = 0;
    }

    private void endFrame(Frame ended) throws IOException {
        if (ended.hasChecksum() && number(4) != (sum.value() & 0xffffffffL)) {
            throw EUCLEAN.error("zstd: wrong checksum");
        }
        frame = null;
    }

    private void fill(int count) throws IOException {
        require(count, packed, 0);
    }

    private void require(int count, byte[] dst, int at) throws IOException {
        if (in.readNBytes(dst, at, count) < count) {
            throw new EOFException("zstd: the file ends too early");
        }
    }

    private long number(int count) throws IOException {
        byte[] bytes = new byte[4];
        require(count, bytes, 0);
        return Frame.number(bytes, 0, count);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
