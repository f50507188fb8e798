// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump.zstd;

import static jpuffs.core.Errno.EUCLEAN;

import java.util.Arrays;
import jpuffs.core.ErrnoException;

/// Pieces in memory whose size is known.
public final class Zstd {
    private Zstd() {}

    /// Fills `content` from the first frame in `packed`; what follows does not matter.
    ///
    /// @param where is told if it is damaged
    /// @throws ErrnoException EUCLEAN if it is, or gives another count of bytes
    public static void decompress(byte[] packed, byte[] content, String where) throws ErrnoException {
        int done;
        try {
            done = decompress(Arrays.copyOf(packed, packed.length + Frame.MAX_BYTES), content);
        } catch (IndexOutOfBoundsException e) { // damage is found by the bounds of arrays
            throw EUCLEAN.error("%s is damaged", where);
        } catch (ErrnoException e) {
            throw e.errno().error("%s: %s", where, String.valueOf(e.getMessage()));
        }
        if (done < content.length) {
            throw EUCLEAN.error("%s ends after %d bytes of %d", where, done, content.length);
        }
    }

    private static int decompress(byte[] src, byte[] dst) throws ErrnoException {
        if ((int) Frame.number(src, 0, 4) != Frame.MAGIC) {
            throw EUCLEAN.error("zstd: no frame");
        }
        int at = 4 + Frame.read(src, 4).bytes();
        var block = new Block();
        int done = 0;
        for (boolean last = false; !last && done < dst.length; ) {
            int head = (int) Frame.number(src, at, 3);
            int size = head >> 3;
            at += 3;
            last = (head & 1) != 0;
            int type = head >> 1 & 3;
            switch (type) {
                case 0 -> System.arraycopy(src, at, dst, done, size);
                case 1 -> Arrays.fill(dst, done, done + size, src[at]);
                case 2 -> done = block.decode(src, at, at + size, dst, done);
                default -> throw EUCLEAN.error("zstd: a block of an unknown kind");
            }
            done += type == 2 ? 0 : size;
            at += type == 1 ? 1 : size;
        }
        return done;
    }
}
