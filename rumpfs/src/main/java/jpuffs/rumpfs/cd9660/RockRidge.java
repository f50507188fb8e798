// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.rumpfs.cd9660.SystemUse.signature;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Dev;
import jpuffs.core.Time;
import jpuffs.rumpfs.io.Le;
import org.jspecify.annotations.Nullable;

/// What the entries of Rock Ridge (RRIP 1.12, IEEE P1282) and zisofs say of a file. Where they say nothing, what is
/// here is null, 0 or false.
final class RockRidge {
    private static final int PX = signature("PX");
    private static final int PN = signature("PN");
    private static final int SL = signature("SL");
    private static final int NM = signature("NM");
    private static final int CL = signature("CL");
    private static final int PL = signature("PL");
    private static final int RE = signature("RE");
    private static final int TF = signature("TF");
    private static final int SF = signature("SF");
    private static final int ZF = signature("ZF");
    private static final int Z2 = signature("Z2");

    private static final int PX_LENGTH = 36;
    private static final int PX_SERIAL = 36;
    private static final int MAX_NAME = 1024;
    private static final int MAX_TARGET = 4095;

    private static final int CONTINUES = 1;
    private static final int CURRENT = 2;
    private static final int PARENT = 4;
    private static final int ROOT = 8;
    private static final int LONG_FORM = 1 << 7;

    boolean hasAttributes;
    int mode;
    int nlink;
    int uid;
    int gid;

    /// 0: none told. Files with several names have the same.
    long serial;

    int rdev;

    @Nullable
    Time created;

    @Nullable
    Time modified;

    @Nullable
    Time accessed;

    @Nullable
    Time changed;

    /// The logical block where the directory lies that belongs here; -1 for none.
    long childLink = -1;

    /// It belongs elsewhere, from where a child link leads here.
    boolean isRelocated;

    /// Of the record for the directory above: it is not the one where the directory belongs.
    boolean hasParentLink;

    boolean isSparse;
    Zisofs.@Nullable Format zisofs;

    private final ByteArrayOutputStream name = new ByteArrayOutputStream();
    private final ByteArrayOutputStream target = new ByteArrayOutputStream();
    private boolean hasName;
    private boolean isLinkDamaged;
    private boolean slash;

    /// What the entries of an area say.
    static RockRidge read(SystemUse systemUse, MemorySegment area) throws IOException {
        var all = new RockRidge();
        systemUse.walk(area, all::entry);
        return all;
    }

    /// Its name, or null.
    byte @Nullable [] name() {
        return hasName ? name.toByteArray() : null;
    }

    /// The target of a symbolic link; empty if none is told, or a damaged one.
    byte[] target() {
        return isLinkDamaged ? new byte[0] : target.toByteArray();
    }

    private void entry(int signature, MemorySegment s) throws IOException {
        long length = s.byteSize();
        if (signature == PX && length >= PX_LENGTH) {
            attributes(s);
        } else if (signature == PN && length >= 20) {
            rdev = device(Le.i32(s, 4), Le.i32(s, 12));
        } else if (signature == SL && length > 5) {
            link(s.asSlice(5));
        } else if (signature == NM && length >= 5) {
            name(Le.u8(s, 4), s.asSlice(5));
        } else if (signature == CL && length >= 12) {
            childLink = Le.u32(s, 4);
        } else if (signature == PL) {
            hasParentLink = true;
        } else if (signature == RE) {
            isRelocated = true;
        } else if (signature == TF && length >= 5) {
            times(Le.u8(s, 4), s);
        } else if (signature == SF) {
            isSparse = true;
        } else if ((signature == ZF || signature == Z2) && length >= 16) {
            zisofs = Zisofs.Format.of(s);
        }
    }

    private void attributes(MemorySegment s) {
        hasAttributes = true;
        mode = Le.i32(s, 4) & 0177777;
        nlink = Le.i32(s, 12);
        uid = Le.i32(s, 20);
        gid = Le.i32(s, 28);
        serial = s.byteSize() >= PX_SERIAL + 8 ? Le.u32(s, PX_SERIAL) : 0;
    }

    /// Major and minor number, or, as most do, the number of glibc in the low word.
    private static int device(int high, int low) {
        if (high != 0) {
            return Dev.make(high, low);
        }
        return low;
    }

    /// The components of one SL entry; those of the next go on where this one ends.
    private void link(MemorySegment components) {
        long at = 0;
        while (at + 2 <= components.byteSize()) {
            int flags = Le.u8(components, at);
            int length = Le.u8(components, at + 1);
            if (length > components.byteSize() - at - 2 || target.size() > MAX_TARGET) {
                break;
            }
            if (slash) {
                target.write('/');
            }
            if ((flags & ROOT) != 0) {
                target.reset();
                target.write('/');
            } else if ((flags & (CURRENT | PARENT)) != 0) {
                target.writeBytes((flags & PARENT) != 0 ? new byte[] {'.', '.'} : new byte[] {'.'});
            } else {
                target.writeBytes(Le.bytes(components, at + 2, length));
            }
            slash = (flags & (CONTINUES | ROOT)) == 0;
            at += 2 + length;
        }
        isLinkDamaged |= at < components.byteSize() || target.size() > MAX_TARGET;
    }

    /// A part of the name. `.` and `..` are known without it.
    private void name(int flags, MemorySegment part) {
        if ((flags & (CURRENT | PARENT)) == 0 && name.size() < MAX_NAME) {
            hasName = true;
            name.writeBytes(Le.bytes(part, 0, (int) part.byteSize()));
        }
    }

    /// In the order of the bits: creation, modification, access, attributes, and others that no file here has.
    private void times(int flags, MemorySegment s) {
        int size = (flags & LONG_FORM) != 0 ? IsoTime.LONG : IsoTime.SHORT;
        long at = 5;
        for (int bit = 0; bit < 4; bit++) {
            if ((flags & 1 << bit) == 0 || at + size > s.byteSize()) {
                continue;
            }
            Time time = size == IsoTime.LONG ? IsoTime.ofLong(s, at) : IsoTime.ofShort(s, at);
            switch (bit) {
                case 0 -> created = time;
                case 1 -> modified = time;
                case 2 -> accessed = time;
                default -> changed = time;
            }
            at += size;
        }
    }
}
