// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.io.InputStream;
import jpuffs.core.Errno;
import jpuffs.rump.image.Decompressor;
import org.tukaani.xz.CorruptedInputException;
import org.tukaani.xz.XZFormatException;
import org.tukaani.xz.XZInputStream;

/// xz, by the library of its makers.
public final class XzDecompressor implements Decompressor {
    private static final int MEMORY_KIB = 128 << 10;

    /// For the service loader.
    public XzDecompressor() {}

    @Override
    public String name() {
        return "xz";
    }

    @Override
    public InputStream stream(InputStream packed) throws IOException {
        try {
            return new Stream(new XZInputStream(packed, MEMORY_KIB));
        } catch (XZFormatException e) {
            throw damaged(e);
        }
    }

    private static IOException damaged(IOException cause) {
        return Errno.EUCLEAN.error("xz: %s", String.valueOf(cause.getMessage()));
    }

    /// Tells of damage as we do.
    private static final class Stream extends InputStream {
        private final XZInputStream in;

        Stream(XZInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] dst, int off, int length) throws IOException {
            try {
                return in.read(dst, off, length);
            } catch (CorruptedInputException | XZFormatException e) {
                throw damaged(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
