// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Reads the records of a directory one after the other. Those of the directory itself and the one above are left
/// out, and so are associated files, which only Apple's systems have.
final class DirScan {
    private static final int CHUNK = 64 << 10;

    private final Disc disc;
    private final long end;
    private long next;
    private long chunkBegin;
    private MemorySegment chunk = MemorySegment.ofArray(new byte[0]);

    /// @param from the place of a record
    /// @param end of the directory
    DirScan(Disc disc, long from, long end) {
        this.disc = disc;
        this.next = from;
        this.end = end;
    }

    /// The next, or null at the end.
    ///
    /// @throws IOException EUCLEAN for damage
    @Nullable
    DirRec next() throws IOException {
        while (next < end) {
            if (next >= chunkBegin + chunk.byteSize() || next < chunkBegin) {
                fill();
            }
            int at = (int) (next - chunkBegin);
            long sectorEnd = Math.min((next / Disc.SECTOR + 1) * Disc.SECTOR, end);
            if (Le.u8(chunk, at) == 0) {
                next = sectorEnd; // no record crosses it
                continue;
            }
            DirRec rec = DirRec.of(chunk, at, (int) (sectorEnd - chunkBegin), next);
            next += rec.length();
            if (!rec.isDot() && !rec.has(DirRec.ASSOCIATED)) {
                return rec;
            }
        }
        return null;
    }

    /// Whole sectors from that of `next` on.
    private void fill() throws IOException {
        chunkBegin = next / Disc.SECTOR * Disc.SECTOR;
        chunk = disc.meta(chunkBegin, (int) Math.min(CHUNK, end - chunkBegin), "a directory");
    }
}
