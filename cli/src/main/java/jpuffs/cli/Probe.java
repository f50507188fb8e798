// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.time.Duration;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.FileServer;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import org.jspecify.annotations.Nullable;

/// Asks a new mount for its root, as any program would by stat(2): only when the answer is there, the mount is.
///
/// On a thread of its own, since a server that does not answer holds the one that asks, and nothing but the end of
/// the connection sets it free.
final class Probe implements Runnable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Dir dir;
    private volatile @Nullable ErrnoException failure;

    private Probe(Dir dir) {
        this.dir = dir;
    }

    /// Returns when the root of what `server` has mounted on `dir` has answered; at once if somebody else mounted
    /// it, who knows where.
    ///
    /// @throws Failure if it fails, or does not answer in time
    static void run(FileServer server, Dir dir) throws Failure, IOException, InterruptedException {
        if (dir.isDescriptor()) {
            return;
        }
        var probe = new Probe(dir);
        Thread thread = new Thread(probe, "puffs-probe");
        thread.setDaemon(true);
        thread.start();
        boolean answered = thread.join(LIMIT);
        ErrnoException failure = probe.failure;
        if (!answered || failure != null) {
            server.unmount(true);
            String what = failure == null ? "the server does not answer" : Reason.of(failure);
            throw new Failure(ExitCode.MOUNT, "cannot mount on " + dir + ": " + what);
        }
    }

    @Override
    public void run() {
        try {
            At.stat(Fcntl.AT_FDCWD, dir.name(), 0);
        } catch (ErrnoException e) {
            failure = e;
        }
    }
}
