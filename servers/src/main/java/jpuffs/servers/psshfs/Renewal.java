// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// Asks the server what has become of a directory after something was made or removed in it, before anybody wants
/// to know: the kernel does, at the next look-up.
final class Renewal {
    private final RemoteDirectory directory;
    private final Waiters waiters = new Waiters();
    private boolean underway;

    Renewal(RemoteDirectory directory) {
        this.directory = directory;
    }

    /// Something was done to the directory: asks, and does not wait. Without a connection, whoever wants to know
    /// asks.
    void begin() {
        directory.changed();
        int asked = directory.epoch();
        long when = System.nanoTime();
        try {
            SftpConnection c = directory.fs.link().now();
            if (c == null || underway) {
                return;
            }
            underway = true;
            boolean sent = false;
            try {
                c.start(directory.fs.statRequest(c, directory.path()), (reply, failure) -> {
                    underway = false;
                    answered(c, reply, asked, when);
                    waiters.wake();
                });
                sent = true;
            } finally {
                underway &= sent;
            }
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "a directory cannot be asked for", e);
            waiters.wake();
        }
    }

    private void answered(SftpConnection c, @Nullable FrameBuf reply, int asked, long when) {
        if (reply == null) {
            return;
        }
        try (reply) {
            FileAttrs now = Replies.attrs(c, reply);
            if (Mode.isDirectory(RemoteNode.mode(now))) {
                directory.learned(now, asked, when);
            }
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "a directory is not there any more", e);
        }
    }

    /// Waits for the answer, if it is of use. Yields.
    void await() throws IOException {
        while (underway && !directory.isFresh()) {
            waiters.await();
        }
    }
}
