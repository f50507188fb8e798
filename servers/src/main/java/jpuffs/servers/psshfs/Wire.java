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
///
/// @param complaints what the program says, if somebody listens
record Wire(Fd fd, @Nullable Child child, @Nullable Complaints complaints) {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final long GRACE = 2_000_000_000;

    /// Ends the program, and says why there is no connection: in the program's words, if it has said something.
    ErrnoException ended(String name, ErrnoException failure) {
        int status = end();
        String said = complaints == null ? "" : complaints.text();
        if (!said.isEmpty()) {
            return Errno.ENOTCONN.error("%s", said.startsWith(name + ":") ? said : name + ": " + said);
        }
        boolean told = status > 0 && status < 128;
        return told ? Errno.ENOTCONN.error("%s ended with status %d", name, status) : failure;
    }

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
