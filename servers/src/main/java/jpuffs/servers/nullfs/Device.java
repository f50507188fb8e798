// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import java.util.Set;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.sys.At;
import jpuffs.sys.Stat;

/// A mount of the host that the mirrored tree reaches into. There is one object for each.
final class Device {
    /// File systems where errors of write(2) may come as late as close(2): NFS, SMB (three generations), Ceph, 9P,
    /// AFS, Lustre, FUSE (`include/uapi/linux/magic.h` and statfs(2)).
    private static final Set<Integer> DELAYING =
            Set.of(0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x00c36400, 0x01021997, 0x5346414f, 0x0bd00bd0, 0x65735546);

    private static final int INDEX_SHIFT = 48;

    private final long dev;
    private final long mount;
    private final int index;
    private volatile int fsType; // 0: not asked yet

    /// @param index which device it is in the order they were met, 0 for that of the source; mounts of one
    ///     device share it
    Device(long dev, long mount, int index) {
        this.dev = dev;
        this.mount = mount;
        this.index = index;
    }

    boolean holds(Stat stat) {
        return dev == stat.dev() && mount == stat.mountId();
    }

    long dev() {
        return dev;
    }

    int index() {
        return index;
    }

    /// The inode number shown for the host's: its own on the device of the source, and on others with the index of
    /// the device in the upper 16 bits. So numbers are apart as long as the host's are below 2^48, and stay what
    /// they are until the end of the mount.
    long shownIno(long ino) {
        return ino ^ (long) index << INDEX_SHIFT;
    }

    Attr shown(Attr attr) {
        return index == 0 ? attr : attr.withIno(shownIno(attr.ino()));
    }

    /// Whether closing a file may tell an error that writing did not.
    ///
    /// @param fd any descriptor of a file on this device
    boolean delaysErrors(int fd) throws ErrnoException {
        if (fsType == 0) {
            fsType = At.fsType(fd);
        }
        return DELAYING.contains(fsType);
    }
}
