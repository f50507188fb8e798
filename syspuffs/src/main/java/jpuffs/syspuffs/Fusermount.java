// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;

/// What stands for fusermount3(1) in a [MountNamespace]: it mounts nothing, and hands the descriptor that the
/// program was started with to who asks, over the socket named by `_FUSE_COMMFD`, as the real one does with
/// `/dev/fuse`.
final class Fusermount {
    private Fusermount() {}

    /// Hands the descriptor over.
    ///
    /// @param args what to mount, which is of no interest
    public static void main(String[] args) throws ErrnoException {
        int asker = Integer.parseInt(System.getenv().getOrDefault("_FUSE_COMMFD", "-1"));
        Fd.of(asker).sendFd(Fd.of(ChildServer.DESCRIPTOR));
    }
}
