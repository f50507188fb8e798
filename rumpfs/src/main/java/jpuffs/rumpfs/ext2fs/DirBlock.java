// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import static jpuffs.core.Errno.EUCLEAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.rumpfs.io.Le;

/// A block of directory entries, chained by their lengths: inode u32, length u16, length of the name u8, type u8,
/// name (kernel: Documentation/filesystems/ext4/directory.rst). Inode 0 is room.
final class DirBlock {
    static final int HEADER = 8;
    static final int MIN_LENGTH = 12;

    private static final int[] MODES = {
        0, Mode.S_IFREG, Mode.S_IFDIR, Mode.S_IFCHR, Mode.S_IFBLK, Mode.S_IFIFO, Mode.S_IFSOCK, Mode.S_IFLNK
    };

    private DirBlock() {}

    /// The length of an entry; blocks of 64 KiB have no number for all of them.
    static int recLen(MemorySegment data, long at) {
        int length = Le.u16(data, at + 4);
        return length == 65535 || length == 0 && data.byteSize() == 65536 ? 65536 : length;
    }

    /// Where the entry behind the one at `at` is; that may be behind the end, since the last one of an index node
    /// covers a checksum too.
    ///
    /// @throws ErrnoException EUCLEAN where that cannot be: so no walk is endless, not even in a block that
    ///     somebody damaged after it was found good
    static int next(MemorySegment data, int at) throws ErrnoException {
        int length = recLen(data, at);
        long left = data.byteSize() - at - length;
        if (length < MIN_LENGTH || length % 4 != 0 || left > 0 && left < HEADER) {
            throw EUCLEAN.error("a directory entry at %d has %d bytes", at, length);
        }
        return at + length;
    }

    static void setRecLen(MemorySegment data, long at, int length) {
        Le.put16(data, at + 4, length == 65536 ? 65535 : length);
    }

    static long inode(MemorySegment data, long at) {
        return Le.u32(data, at);
    }

    static int nameLength(MemorySegment data, long at) {
        return Le.u8(data, at + 6);
    }

    static Name name(MemorySegment data, long at) {
        return Name.of(data, at + HEADER, nameLength(data, at));
    }

    /// The type bits of a mode, 0 if not known.
    static int type(MemorySegment data, long at) {
        int type = Le.u8(data, at + 7);
        return type < MODES.length ? MODES[type] : 0;
    }

    /// The number of the type, as it is stored.
    static int storedType(MemorySegment data, long at) {
        return Le.u8(data, at + 7);
    }

    /// Whether a file can have that name.
    static boolean isName(Name name) {
        for (byte b : name.toBytes()) {
            if (b == 0 || b == '/') {
                return false;
            }
        }
        return name.length() > 0;
    }

    /// The number of the type of a mode.
    static int typeOf(int mode) {
        for (int i = 1; i < MODES.length; i++) {
            if (MODES[i] == Mode.type(mode)) {
                return i;
            }
        }
        return 0;
    }

    /// What an entry for a name of that length takes.
    static int needed(int nameLength) {
        return HEADER + nameLength + 3 & ~3;
    }

    /// Whether the entries from `at` to `end` are a chain without errors.
    static boolean isGood(MemorySegment data, int from, int end) {
        int at = from;
        while (at < end) {
            if (end - at < HEADER) {
                return false;
            }
            int length = recLen(data, at);
            if (length < MIN_LENGTH || length % 4 != 0 || length > end - at) {
                return false;
            }
            if (needed(nameLength(data, at)) > length) {
                return false;
            }
            at += length;
        }
        return at == end;
    }

    /// Where the entry of that name is, or -1. The chain is good.
    static int find(MemorySegment data, int end, Name name) throws ErrnoException {
        int length = name.length();
        for (int at = 0; at < end; at = next(data, at)) {
            if (nameLength(data, at) == length && inode(data, at) != 0 && isNamed(data, at, name)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isNamed(MemorySegment data, int at, Name name) {
        if (at + HEADER + name.length() > data.byteSize()) {
            return false; // damaged after it was found good
        }
        for (int i = 0; i < name.length(); i++) {
            if (data.get(ValueLayout.JAVA_BYTE, at + HEADER + i) != name.byteAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// Where the entry before the one at `at` is, or -1.
    private static int before(MemorySegment data, int at) throws ErrnoException {
        int before = -1;
        int i = 0;
        while (i < at) {
            before = i;
            i = next(data, i);
        }
        if (i > at) {
            throw EUCLEAN.error("there is no directory entry at %d any more", at);
        }
        return before;
    }

    /// Puts an entry where there is room.
    ///
    /// @return whether there was
    static boolean add(MemorySegment data, int end, DirEntry entry) throws ErrnoException {
        int need = needed(entry.name().length());
        for (int at = 0; at < end; at = next(data, at)) {
            int length = recLen(data, at);
            int used = inode(data, at) == 0 ? 0 : needed(nameLength(data, at));
            if (length - used >= need) {
                int to = at + used;
                if (used > 0) {
                    setRecLen(data, at, used);
                }
                set(data, to, length - used, entry);
                return true;
            }
        }
        return false;
    }

    /// Writes an entry that takes `length` bytes.
    static void set(MemorySegment data, int at, int length, DirEntry entry) {
        Le.put32(data, at, entry.ino());
        setRecLen(data, at, length);
        Le.put8(data, at + 6, entry.name().length());
        Le.put8(data, at + 7, entry.type());
        entry.name().copyTo(data, at + HEADER);
    }

    /// Makes `from` to `end` room.
    static void setRoom(MemorySegment data, int from, int end) {
        Le.put32(data, from, 0);
        setRecLen(data, from, end - from);
        Le.put16(data, from + 6, 0);
    }

    static void remove(MemorySegment data, int at) throws ErrnoException {
        int before = before(data, at);
        int length = recLen(data, at);
        Le.zero(data, at, needed(nameLength(data, at)));
        if (before >= 0) {
            setRecLen(data, before, recLen(data, before) + length);
        } else {
            setRecLen(data, at, length);
        }
    }
}
