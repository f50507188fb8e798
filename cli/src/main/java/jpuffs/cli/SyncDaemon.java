// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.puffs.FileServer;
import jpuffs.rump.Rumpuser;
import jpuffs.rumpfs.P2k;

/// Sees to it that what was written to a mount is on its disk after some seconds, also without fsync(2): option
/// `commit`. The sync runs on the server's loop; the thread only keeps the time.
final class SyncDaemon implements AutoCloseable {
    private final FileServer server;
    private final P2k fileSystem;
    private final CountDownLatch end = new CountDownLatch(1);

    SyncDaemon(FileServer server, P2k fileSystem) {
        this.server = server;
        this.fileSystem = fileSystem;
        Rumpuser.HOST.startThread("ioflush", this::run);
    }

    private void run() {
        try {
            while (!end.await(fileSystem.syncSeconds(), TimeUnit.SECONDS)) {
                sync();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sync() {
        try {
            server.call(() -> {
                fileSystem.sync();
                return true;
            });
        } catch (IOException e) {
            if (Errno.of(e) != Errno.ENOTCONN) { // it has just ended, and syncs then
                Log.log(System.Logger.Level.ERROR, "cannot write: " + Reason.of(e));
            }
        }
    }

    /// Ends it; a sync that runs is not waited for.
    @Override
    public void close() {
        end.countDown();
    }
}
