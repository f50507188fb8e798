// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Child;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// What leads to a server: a descriptor and, if a program is at its other end, that.
record Wire(Fd fd, @Nullable Child child) {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final long GRACE = 2_000_000_000;

    /// Ends the program, whose socket is closed already. Holds its thread for two seconds at most.
    ///
    /// @return its exit status; -1 if there was no program, or it is not known
    int end() {
        if (child == null) {
            return -1;
        }
        try (child) {
            return end(child);
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "the end of " + child.pid(), e);
            return -1;
        }
    }

    private static int end(Child child) throws ErrnoException {
        try {
            return child.pidFd().await(GRACE / 4);
        } catch (IOException e) {
            child.pidFd().kill(SIGTERM);
        }
        try {
            return child.pidFd().await(GRACE);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ETIMEDOUT) {
                throw e;
            }
            child.pidFd().kill(SIGKILL);
            return child.pidFd().await(GRACE);
        }
    }
}
