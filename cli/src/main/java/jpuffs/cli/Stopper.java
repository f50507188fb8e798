// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jpuffs.core.Errno;
import jpuffs.puffs.FileServer;
import jpuffs.sys.Signals;

/// What signals do to a server: SIGINT and SIGTERM unmount. What is in use is taken out of the tree and served
/// until the last user is gone, so that a machine that shuts down leaves no dead mount; the next signal ends it by
/// force. While one signal is at work others do nothing.
///
/// SIGHUP does the same in the foreground, where it says that the terminal is gone; a daemon ignores it, or leaves
/// it to its file system.
final class Stopper implements AutoCloseable {
    /// What becomes of SIGHUP.
    enum HangUp {
        STOPS,
        IGNORED,
        /// To whoever took it.
        LEFT
    }

    private final FileServer server;
    private final Dir dir;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean detached;
    private final List<Signals.Handler> handlers;

    /// @param hangUp what becomes of SIGHUP
    Stopper(FileServer server, Dir dir, HangUp hangUp) {
        this.server = server;
        this.dir = dir;
        var all = new ArrayList<>(List.of(Signals.on("INT", this::stop), Signals.on("TERM", this::stop)));
        switch (hangUp) {
            case STOPS -> all.add(Signals.on("HUP", this::stop));
            case IGNORED -> all.add(Signals.ignore("HUP"));
            case LEFT -> {}
        }
        handlers = List.copyOf(all);
    }

    /// Puts back what signals did before.
    @Override
    public void close() {
        handlers.forEach(Signals.Handler::close);
    }

    private void stop() {
        try {
            if (detached) {
                server.unmount(true);
            } else if (!busy.getAndSet(true)) {
                unmount();
            }
        } catch (IOException e) {
            busy.set(false);
            Log.log(Level.ERROR, "cannot unmount " + dir + ": " + Reason.of(e));
        }
    }

    private void unmount() throws IOException {
        try {
            server.unmount(false);
        } catch (IOException e) {
            if (Errno.of(e) != Errno.EBUSY) {
                throw e;
            }
            Log.log(
                    Level.WARNING,
                    dir + " is in use: unmounted when the last user is gone; a second signal ends it by force");
            Unmount.lazily(dir);
            detached = true;
        }
    }
}
