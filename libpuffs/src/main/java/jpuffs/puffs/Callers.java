// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Sys;

/// Makes the [Caller] of a request from its header.
final class Callers {
    private Callers() {}

    /// Supplementary groups are read from `/proc`, and only when asked for; those of a process that is gone are
    /// none.
    static Caller of(int uid, int gid, int pid) {
        return new Caller(Cred.lazy(uid, gid, () -> groups(pid)), pid);
    }

    private static int[] groups(int pid) {
        try {
            return pid == 0 ? new int[0] : Sys.groupsOf(pid);
        } catch (ErrnoException e) {
            return new int[0];
        }
    }
}
