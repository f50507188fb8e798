// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.cd9660;

import static jpuffs.core.Errno.EUCLEAN;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Time;
import jpuffs.rumpfs.io.Le;

/// A directory record (ECMA-119 9.1): a part of a file with one of its names.
///
/// @param raw the record, all of its bytes
/// @param position where it lies on the disc, in bytes; -1 for one in a volume descriptor
record DirRec(MemorySegment raw, long position) {
    static final int DIRECTORY = 1 << 1;
    static final int ASSOCIATED = 1 << 2;
    static final int MORE = 1 << 7;

    /// The bytes before the name.
    static final int NAME = 33;

    private static final int XATTR_LENGTH = 1;
    private static final int EXTENT = 2;
    private static final int LENGTH = 10;
    private static final int DATE = 18;
    private static final int FLAGS = 25;
    private static final int UNIT = 26;
    private static final int GAP = 27;
    private static final int NAME_LENGTH = 32;

    /// The record at `at`.
    ///
    /// @param end of the bytes it may take
    /// @throws ErrnoException EUCLEAN if it is none
    static DirRec of(MemorySegment s, int at, int end, long position) throws ErrnoException {
        int length = Le.u8(s, at);
        if (length <= NAME || length > end - at || NAME + Le.u8(s, at + NAME_LENGTH) > length) {
            throw EUCLEAN.error("the directory record at %d is damaged", position);
        }
        return new DirRec(s.asSlice(at, length), position);
    }

    int length() {
        return (int) raw.byteSize();
    }

    /// The first logical block of its extent.
    long extent() {
        return Le.u32(raw, EXTENT);
    }

    /// Where its data begins, in logical blocks: behind its extended attribute record.
    long dataBlock() {
        return extent() + Le.u8(raw, XATTR_LENGTH);
    }

    /// The bytes of its data.
    long dataLength() {
        return Le.u32(raw, LENGTH);
    }

    Time date() {
        return IsoTime.ofShort(raw, DATE);
    }

    boolean has(int flag) {
        return (Le.u8(raw, FLAGS) & flag) != 0;
    }

    boolean isInterleaved() {
        return Le.u8(raw, UNIT) != 0 || Le.u8(raw, GAP) != 0;
    }

    byte[] name() {
        return Le.bytes(raw, NAME, Le.u8(raw, NAME_LENGTH));
    }

    /// Whether it is that of the directory itself, or of the one above.
    boolean isDot() {
        return Le.u8(raw, NAME_LENGTH) == 1 && Le.u8(raw, NAME) <= 1;
    }

    /// The bytes behind the name, in which extensions have theirs.
    ///
    /// @param skip bytes at their begin that are others'
    MemorySegment systemUse(int skip) {
        int nameLength = Le.u8(raw, NAME_LENGTH);
        int begin = Math.min(NAME + nameLength + (nameLength % 2 == 0 ? 1 : 0) + skip, length());
        return raw.asSlice(begin, length() - begin);
    }
}
