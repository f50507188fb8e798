// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.msdosfs;

import java.lang.foreign.MemorySegment;
import jpuffs.rumpfs.io.Le;

/// The sector of FAT32 that says how much is free. (FAT32 specification, "FSInfo Sector Structure".)
final class InfoSector {
    private static final long LEAD = 0x41615252;
    private static final long STRUCT = 0x61417272;
    private static final int STRUCT_AT = 484;
    private static final int FREE_AT = 488;
    private static final int NEXT_AT = 492;

    private InfoSector() {}

    static boolean isGood(MemorySegment s) {
        return Le.u32(s, 0) == LEAD && Le.u32(s, STRUCT_AT) == STRUCT;
    }

    static long free(MemorySegment s) {
        return Le.u32(s, FREE_AT);
    }

    static long next(MemorySegment s) {
        return Le.u32(s, NEXT_AT);
    }

    static void set(MemorySegment s, int free, int next) {
        Le.put32(s, FREE_AT, free);
        Le.put32(s, NEXT_AT, next);
    }

    /// Makes one.
    static void make(MemorySegment s, int free, int next) {
        Le.put32(s, 0, LEAD);
        Le.put32(s, STRUCT_AT, STRUCT);
        set(s, free, next);
        Le.put16(s, BootSector.SIGNATURE, BootSector.MAGIC);
    }
}
