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

/// Asks the server what has become of a directory together with making or removing something in it, before anybody
/// wants to know: the kernel does, soon.
final class Renewal {
    private final RemoteDirectory directory;
    private final Waiters waiters = new Waiters();
    private boolean underway;

    Renewal(RemoteDirectory directory) {
        this.directory = directory;
    }

    /// Something that changes the directory was just sent over `c`: asks in the same round trip what has become of
    /// it, and does not wait for the answer. If that cannot be asked, whoever wants to know asks.
    void begin(SftpConnection c) {
        directory.changed();
        if (underway) {
            return;
        }
        int asked = directory.epoch();
        long when = System.nanoTime();
        underway = true;
        boolean sent = false;
        try {
            c.start(directory.fs.statRequest(c, directory.path()), (reply, failure) -> {
                underway = false;
                answered(c, reply, asked, when);
                waiters.wake();
            });
            sent = true;
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "a directory cannot be asked for", e);
        } finally {
            if (!sent) {
                underway = false;
                waiters.wake();
            }
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
