// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// A cursor over the records of getdents64(2) (`struct linux_dirent64`).
///
/// ```java
/// var entries = new Dirents(buffer);
/// while (entries.fill(fd) > 0) {
///     while (entries.next()) {
///         sink.add(entries.name(), entries.ino(), entries.mode(), entries.cookie());
///     }
/// }
/// ```
///
/// One thread at a time; the buffer is borrowed for as long as the cursor is used.
public final class Dirents {
    private static final int INO = 0;
    private static final int OFF = 8;
    private static final int RECLEN = 16;
    private static final int TYPE = 18;
    private static final int NAME = 19;

    private final MemorySegment buffer;
    private int length;
    private int at;
    private int following;

    /// A cursor over nothing, to be filled. A buffer of 32 KiB holds about 1,000 records; 280 bytes are the least.
    public Dirents(MemorySegment buffer) {
        this.buffer = buffer;
    }

    /// Reads the next records of the directory `fd` from where its offset is ([At#seek] moves it to a cookie).
    ///
    /// @return the number of bytes read; 0 at the end of the directory
    public int fill(int fd) throws ErrnoException {
        return filled(At.getdents(fd, buffer)).length;
    }

    /// Starts over with `newLength` bytes of records that somebody else has put into the buffer.
    Dirents filled(int newLength) {
        length = newLength;
        at = 0;
        following = 0;
        return this;
    }

    /// Goes to the next record, the first after [#fill].
    ///
    /// @return false if there is none in the buffer
    public boolean next() {
        if (following >= length) {
            return false;
        }
        at = following;
        following = at + (buffer.get(JAVA_SHORT_UNALIGNED, at + RECLEN) & 0xffff);
        return true;
    }

    public long ino() {
        return buffer.get(JAVA_LONG_UNALIGNED, at + INO);
    }

    /// Where to seek to for what follows this record.
    public long cookie() {
        return buffer.get(JAVA_LONG_UNALIGNED, at + OFF);
    }

    /// The file type, as the type bits of a mode; 0 if the file system does not tell.
    public int mode() {
        return (buffer.get(JAVA_BYTE, at + TYPE) & 0xff) << 12;
    }

    /// A copy of the name; `.` and `..` are among them.
    public Name name() {
        int end = at + NAME;
        while (buffer.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        return Name.of(buffer, at + NAME, end - at - NAME);
    }

    /// Whether the record is `.` or `..`, without making a name.
    public boolean isDots() {
        if (buffer.get(JAVA_BYTE, at + NAME) != '.') {
            return false;
        }
        byte second = buffer.get(JAVA_BYTE, at + NAME + 1);
        return second == 0 || second == '.' && buffer.get(JAVA_BYTE, at + NAME + 2) == 0;
    }
}
