// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rumpfs.tmpfs;

import static jpuffs.core.Errno.ENOSPC;

import jpuffs.core.ErrnoException;

/// How many inodes there are and how much heap they, their names and their attributes take, roughly; and
/// the limits to both.
final class Space {
    /// What an inode takes by itself, a generous estimate.
    private static final int INODE_BYTES = 160;

    private final long maxInodes;
    private final long maxBytes;
    private long inodes = 1; // the root
    private long bytes;

    /// @param maxInodes with the root
    Space(long maxInodes, long maxBytes) {
        this.maxInodes = maxInodes;
        this.maxBytes = maxBytes;
    }

    long maxInodes() {
        return maxInodes;
    }

    long inodes() {
        return inodes;
    }

    long bytes() {
        return bytes;
    }

    /// Takes room for one inode. ENOSPC.
    void addInode() throws ErrnoException {
        if (inodes >= maxInodes) {
            throw ENOSPC.error();
        }
        charge(INODE_BYTES);
        inodes++;
    }

    void removeInode() {
        inodes--;
        refund(INODE_BYTES);
    }

    /// Takes `count` bytes of heap. ENOSPC.
    void charge(long count) throws ErrnoException {
        if (count > maxBytes - bytes) {
            throw ENOSPC.error();
        }
        bytes += count;
    }

    void refund(long count) {
        bytes -= count;
    }
}
