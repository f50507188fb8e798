// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.lang.foreign.MemorySegment;

/// What carries requests to a [Session] and replies back. The codec above knows no descriptor; a transport knows no
/// operation but INIT and INTERRUPT.
interface Transport {
    /// Sends a notification, a whole message. Blocks while the kernel works on it: not from a loop.
    ///
    /// @return 0 or a negative errno
    long send(MemorySegment message);

    /// Which one it is, for people: `/dev/fuse`, `io_uring, 2 queues of 8`.
    String description();
}
