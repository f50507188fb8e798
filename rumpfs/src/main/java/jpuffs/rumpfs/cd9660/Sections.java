// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The data of a file: one section, or several for one of 4 GiB and more (ECMA-119 6.5.1), each in one piece.
final class Sections {
    private final Disc disc;
    private final long[] begins; // in the file
    private final long[] offsets; // on the disc
    private final long length;

    /// @param offsets of the sections on the disc, in bytes
    /// @param lengths of the sections
    Sections(Disc disc, long[] offsets, long[] lengths) {
        this.disc = disc;
        this.offsets = offsets;
        this.begins = new long[lengths.length];
        long sum = 0;
        for (int i = 0; i < lengths.length; i++) {
            begins[i] = sum;
            sum += lengths[i];
        }
        this.length = sum;
    }

    long length() {
        return length;
    }

    /// Fills `dst`, which must not reach beyond the end.
    ///
    /// @throws IOException EUCLEAN for data beyond the end of the disc
    void read(MemorySegment dst, long off) throws IOException {
        int i = Arrays.binarySearch(begins, off);
        i = i < 0 ? -i - 2 : i;
        for (long done = 0; done < dst.byteSize(); i++) {
            long end = i + 1 < begins.length ? begins[i + 1] : length;
            long skip = off + done - begins[i];
            long n = Math.min(end - begins[i] - skip, dst.byteSize() - done);
            if (n > 0) {
                disc.read(dst.asSlice(done, n), offsets[i] + skip);
                done += n;
            }
        }
    }
}
