// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.nio;

import jpuffs.rump.Stat;

/// Which file it is, whatever its name: the number of the mount and that of the inode.
record FileKey(long dev, long ino) {
    static FileKey of(Stat stat) {
        return new FileKey(stat.dev(), stat.attr().ino());
    }
}
