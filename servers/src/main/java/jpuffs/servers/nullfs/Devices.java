// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import java.util.Arrays;
import jpuffs.sys.Stat;
import org.jspecify.annotations.Nullable;

/// The mounts of the host that were met so far: few, so a list. None is forgotten, as inode numbers depend on them.
final class Devices {
    private volatile Device[] all = {};

    /// The mount the file is on.
    Device of(Stat stat) {
        Device known = find(all, stat);
        return known != null ? known : add(stat);
    }

    private static @Nullable Device find(Device[] devices, Stat stat) {
        for (Device device : devices) {
            if (device.holds(stat)) {
                return device;
            }
        }
        return null;
    }

    private synchronized Device add(Stat stat) {
        Device[] old = all;
        Device known = find(old, stat);
        if (known != null) {
            return known;
        }
        Device[] longer = Arrays.copyOf(old, old.length + 1);
        var device = new Device(stat.dev(), stat.mountId(), index(old, stat.dev()));
        longer[old.length] = device;
        all = longer;
        return device;
    }

    private static int index(Device[] devices, long dev) {
        int next = 0;
        for (Device device : devices) {
            if (device.dev() == dev) {
                return device.index();
            }
            next = Math.max(next, device.index() + 1);
        }
        return next;
    }

    /// Whether there is more than the mount of the source.
    boolean isSeveral() {
        return all.length > 1;
    }
}
