// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;
import static jpuffs.rumpfs.cd9660.VolumeDescriptor.Kind.ENHANCED;
import static jpuffs.rumpfs.cd9660.VolumeDescriptor.Kind.JOLIET;
import static jpuffs.rumpfs.cd9660.VolumeDescriptor.Kind.PRIMARY;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import jpuffs.rumpfs.cd9660.SystemUse.Budget;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// Which of a session's trees is shown: the first there is of Rock Ridge, Joliet, ISO 9660:1999 and plain ISO 9660.
///
/// @param volume the descriptor whose root is the root
/// @param hasRockRidge names and attributes are those of Rock Ridge
/// @param skip bytes of each system use area that are not of its protocol (SUSP 5.3)
/// @param extension the number of Rock Ridge among the extensions, for [SystemUse]
record View(VolumeDescriptor volume, boolean hasRockRidge, int skip, int extension) {
    private static final int SP = SystemUse.signature("SP");
    private static final int ER = SystemUse.signature("ER");
    private static final int PX = SystemUse.signature("PX");
    private static final int SP_LENGTH = 7;
    private static final int XA_LENGTH = 14;
    private static final Set<String> ROCK_RIDGE = Set.of("RRIP_1991A", "IEEE_P1282", "IEEE_1282");
    private static final long ROOT_BUDGET = 64 << 10;

    /// @throws IOException EUCLEAN for a damaged root
    static View choose(Disc disc, VolumeDescriptor.Set set, boolean norock, boolean nojoliet) throws IOException {
        VolumeDescriptor primary = Objects.requireNonNull(VolumeDescriptor.first(set, PRIMARY));
        VolumeDescriptor joliet = nojoliet ? null : VolumeDescriptor.first(set, JOLIET);
        if (!norock) {
            View rockRidge = rockRidge(disc, primary);
            if (rockRidge != null && (joliet == null || !isEmpty(disc, primary))) {
                return rockRidge;
            }
        }
        VolumeDescriptor enhanced = VolumeDescriptor.first(set, ENHANCED);
        VolumeDescriptor other = joliet != null ? joliet : enhanced;
        return new View(other == null ? primary : other, false, 0, 0);
    }

    /// Whether the root has nothing but itself: some writers leave it so, and have all in the tree of Joliet.
    private static boolean isEmpty(Disc disc, VolumeDescriptor volume) throws IOException {
        long off = volume.root().dataBlock() * volume.blockSize();
        MemorySegment sector = disc.meta(off, Disc.SECTOR, "the root directory");
        int second = Le.u8(sector, 0);
        int third = second + Le.u8(sector, second);
        return Le.u8(sector, third) == 0;
    }

    /// The record of the root directory in itself, which says more than that in the descriptor.
    static DirRec dot(Disc disc, long off) throws IOException {
        MemorySegment sector = disc.meta(off, (int) Math.min(Disc.SECTOR, disc.size() - off), "a directory");
        DirRec dot = DirRec.of(sector, 0, (int) sector.byteSize(), off);
        if (!dot.isDot() || !dot.has(DirRec.DIRECTORY)) {
            throw EUCLEAN.error("no directory at %d", off);
        }
        return dot;
    }

    /// With Rock Ridge, or null if there is none.
    private static @Nullable View rockRidge(Disc disc, VolumeDescriptor primary) throws IOException {
        long off = primary.root().dataBlock() * primary.blockSize();
        disc.check(off, Disc.SECTOR, "the root directory");
        DirRec dot = dot(disc, off);
        for (int skip : new int[] {0, XA_LENGTH}) {
            MemorySegment area = dot.systemUse(skip);
            if (area.byteSize() >= SP_LENGTH
                    && (Le.u8(area, 0) << 8 | Le.u8(area, 1)) == SP
                    && Le.u8(area, 4) == 0xbe
                    && Le.u8(area, 5) == 0xef) {
                var found = new Finder();
                new SystemUse(disc, primary.blockSize(), 0, new Budget(ROOT_BUDGET)).walk(area, found);
                return found.isThere ? new View(primary, true, Le.u8(area, 6), found.number) : null;
            }
        }
        return null;
    }

    /// Looks for the extension; one that only uses its entries without saying so is believed, too.
    private static final class Finder implements SystemUse.Sink {
        private int extensions;
        private int number;
        private boolean isThere;

        @Override
        public void entry(int signature, MemorySegment entry) {
            if (signature == ER && entry.byteSize() >= 8) {
                int length = (int) Math.min(Le.u8(entry, 4), entry.byteSize() - 8);
                String name = new String(Le.bytes(entry, 8, length), StandardCharsets.US_ASCII);
                if (ROCK_RIDGE.contains(name)) {
                    isThere = true;
                    number = extensions;
                }
                extensions++;
            } else if (signature == PX) {
                isThere = true;
            }
        }
    }

    /// The byte a logical block begins with.
    long offset(long block) {
        return block * volume.blockSize();
    }
}
