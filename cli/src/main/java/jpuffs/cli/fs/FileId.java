// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import jpuffs.core.ErrnoException;
import jpuffs.rump.Stat;

/// What two names of one file have in common.
record FileId(Volume volume, long dev, long ino) {
    /// @param flags of fstatat(2)
    static FileId of(Place place, int flags) throws ErrnoException {
        return of(place, place.stat(flags));
    }

    /// @param stat what was told of `place`
    static FileId of(Place place, Stat stat) {
        return new FileId(place.volume(), stat.dev(), stat.attr().ino());
    }
}
