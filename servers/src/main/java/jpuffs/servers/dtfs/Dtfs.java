// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.dtfs;

import java.util.function.Supplier;
import jpuffs.core.Time;
import jpuffs.rumpfs.tmpfs.Tmpfs;
import jpuffs.sys.Mapping;

/// A file system in memory. See the package.
///
/// Its files stay when it is unmounted; they go with [#close].
public final class Dtfs extends Tmpfs {
    public Dtfs(Options options) {
        this(options, Time::now);
    }

    /// A file system with a clock of its own. Where the kernel keeps the times of writes (writeback cache), that
    /// clock had better be the kernel's coarse one, or times by one and by the other are out of order.
    public Dtfs(Options options, Supplier<Time> clock) {
        super(options, clock, Mapping::huge);
    }
}
