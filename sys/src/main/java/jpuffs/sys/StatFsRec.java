// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import jpuffs.core.StatFs;

/// `struct statfs` of 64-bit machines (`include/uapi/asm-generic/statfs.h`).
final class StatFsRec {
    static final int SIZE = 120;
    static final int TYPE = 0;
    static final int BSIZE = 8;
    static final int BLOCKS = 16;
    static final int BFREE = 24;
    static final int BAVAIL = 32;
    static final int FILES = 40;
    static final int FFREE = 48;
    static final int NAMELEN = 64;
    static final int FRSIZE = 72;

    private StatFsRec() {}

    static int type(MemorySegment memory, long at) {
        return memory.get(JAVA_INT, at + TYPE);
    }

    static StatFs read(MemorySegment memory, long at) {
        int fragment = memory.get(JAVA_INT, at + FRSIZE);
        return new StatFs(
                fragment != 0 ? fragment : memory.get(JAVA_INT, at + BSIZE),
                memory.get(JAVA_LONG, at + BLOCKS),
                memory.get(JAVA_LONG, at + BFREE),
                memory.get(JAVA_LONG, at + BAVAIL),
                memory.get(JAVA_LONG, at + FILES),
                memory.get(JAVA_LONG, at + FFREE),
                memory.get(JAVA_INT, at + NAMELEN));
    }
}
