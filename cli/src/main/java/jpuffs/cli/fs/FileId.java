// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.rump.Process.AT_FDCWD;

import jpuffs.core.ErrnoException;
import jpuffs.rump.Stat;

/// What two names of one file have in common.
record FileId(Volume volume, long dev, long ino) {
    /// @param flags of fstatat(2)
    static FileId of(Place place, int flags) throws ErrnoException {
        Stat stat = place.process().fstatat(AT_FDCWD, place.path(), flags);
        return new FileId(place.volume(), stat.dev(), stat.attr().ino());
    }
}
