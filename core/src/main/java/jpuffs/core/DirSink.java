// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// Where [Node#readdir] puts the entries of a directory.
@FunctionalInterface
public interface DirSink {
    /// Takes an entry, unless there is no room for it.
    ///
    /// @param name the entry's name; `.` and `..` may be left out, the driver adds them
    /// @param ino its inode number; 0 if not known
    /// @param mode its file type, the type bits of a mode; 0 if not known
    /// @param cookie where a readdir goes on that wants what follows this entry; from 1 to [Long#MAX_VALUE] - 2
    /// @return false if there was no room: the entry was not taken and `readdir` returns
    boolean add(Name name, long ino, int mode, long cookie);
}
