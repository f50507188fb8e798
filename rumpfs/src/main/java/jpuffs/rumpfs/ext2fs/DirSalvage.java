// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.ext2fs;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// Makes a good chain of a block of entries that is damaged: a disk that loses power may have written some of its
/// sectors only, and lengths of the one state then lead into the middle of entries of the other.
///
/// Entries stay where they are; what is between them is room. Behind an entry that cannot be one the chain begins
/// anew at the next place that has an entry somebody would miss.
final class DirSalvage {
    /// Whether there is such a file, of the type in the entry.
    @FunctionalInterface
    interface Judge {
        boolean isFile(long ino, int type);
    }

    private final MemorySegment data; // the entries, without a checksum behind them
    private final int end;
    private final Judge judge;

    DirSalvage(MemorySegment data, Judge judge) {
        this.data = data;
        this.end = (int) data.byteSize();
        this.judge = judge;
    }

    /// Mends the chain.
    void mend() {
        int last = -1; // the entry before
        int at = 0;
        while (at < end) {
            if (isEntry(at)) {
                last = at;
                at += DirBlock.recLen(data, at);
                continue;
            }
            int next = nextEntry(Math.max(at + 4, last < 0 ? DirBlock.MIN_LENGTH : 0));
            if (last >= 0) {
                DirBlock.setRecLen(data, last, next - last);
            } else {
                DirBlock.setRoom(data, 0, next);
                last = 0;
            }
            at = next;
        }
    }

    /// Whether `.` and `..` are where they must be in the first block of a directory.
    boolean hasDots() {
        int second = DirBlock.MIN_LENGTH;
        return isNamed(0, Name.DOT) && DirBlock.recLen(data, 0) == second && isNamed(second, Name.DOT_DOT);
    }

    /// Puts `.` and `..` there; what is there instead is lost. The chain is good.
    ///
    /// @param type of a directory, as entries have it
    void putDots(long own, long parent, int type) throws ErrnoException {
        int second = DirBlock.MIN_LENGTH;
        int next = 0;
        while (next < 2 * second) {
            next = DirBlock.next(data, next);
        }
        data.asSlice(0, 2L * second).fill((byte) 0);
        DirBlock.set(data, 0, second, new DirEntry(Name.DOT, own, type));
        DirBlock.set(data, second, next - second, new DirEntry(Name.DOT_DOT, parent, type));
    }

    private boolean isNamed(int at, Name name) {
        return DirBlock.inode(data, at) != 0 && DirBlock.name(data, at).equals(name);
    }

    /// Whether it has the form of an entry or of room, and leads to where another can be.
    private boolean isEntry(int at) {
        if (end - at < DirBlock.HEADER) {
            return false;
        }
        int length = DirBlock.recLen(data, at);
        int left = end - at - length;
        boolean fits = length >= DirBlock.MIN_LENGTH && length % 4 == 0 && (left == 0 || left >= DirBlock.MIN_LENGTH);
        return fits
                && DirBlock.needed(DirBlock.nameLength(data, at)) <= length
                && (DirBlock.inode(data, at) == 0 || DirBlock.isName(DirBlock.name(data, at)));
    }

    /// The next place with an entry of a file that there is, or the end.
    private int nextEntry(int from) {
        for (int at = from; at + DirBlock.MIN_LENGTH <= end; at += 4) {
            if (DirBlock.inode(data, at) != 0
                    && isEntry(at)
                    && judge.isFile(DirBlock.inode(data, at), DirBlock.storedType(data, at))) {
                return at;
            }
        }
        return end;
    }
}
