// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

import jpuffs.core.Name;

/// A directory entry as getdents64(2) tells it.
///
/// @param mode the type bits of a mode, 0 if unknown
/// @param cookie where lseek(2) goes to for what follows
record Dirent(Name name, long ino, int mode, long cookie) {
    /// The size of the record in a buffer of getdents64(2).
    static int size(Name name) {
        return (19 + name.length() + 1 + 7) & ~7;
    }
}
