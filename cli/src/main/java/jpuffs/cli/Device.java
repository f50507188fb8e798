// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jpuffs.core.BlockDevice;
import jpuffs.pud.DeviceServer;
import jpuffs.pud.LoopDevice;
import jpuffs.sys.Signals;
import org.jspecify.annotations.Nullable;

/// A device that this process serves: its file, and for a block device the loop device on it and the link by which
/// people know it.
///
/// SIGTERM, SIGINT and in the foreground SIGHUP remove it: those who have a character device open get ENXIO; a
/// block device that is in use stays until the second signal.
final class Device implements AutoCloseable {
    private final DeviceServer server;
    private final @Nullable Block block;
    private boolean asked; // to end, while in use

    /// What only a block device has.
    private record Block(BlockDevice device, LoopDevice loop, Path link) {}

    Device(DeviceServer server) {
        this.server = server;
        this.block = null;
    }

    Device(DeviceServer server, BlockDevice device, LoopDevice loop, Path link) {
        this.server = server;
        this.block = new Block(device, loop, link);
    }

    /// Where programs find it.
    Path path() {
        return block == null ? server.path() : block.link;
    }

    /// Waits until it is removed.
    void await() throws InterruptedException {
        server.await();
    }

    /// What signals do to the device, until that is closed.
    record Handlers(List<Signals.Handler> all) implements AutoCloseable {
        @Override
        public void close() {
            all.forEach(Signals.Handler::close);
        }
    }

    /// Lets signals remove it.
    Handlers onSignals(boolean daemon) {
        Signals.Handler hangup = daemon ? Signals.ignore("HUP") : Signals.on("HUP", this::remove);
        return new Handlers(List.of(hangup, Signals.on("INT", this::remove), Signals.on("TERM", this::remove)));
    }

    private synchronized void remove() {
        try {
            if (block == null) {
                server.remove();
            } else if (!asked && block.loop.isInUse()) {
                asked = true;
                Log.log(Level.WARNING, block.link + " is in use and stays; a second signal removes it by force");
            } else {
                detach(block);
                server.close();
            }
        } catch (IOException e) {
            Log.log(Level.ERROR, "cannot remove " + path() + ": " + Reason.of(e));
        }
    }

    private static void detach(Block block) throws IOException {
        if (Files.isSymbolicLink(block.link)
                && Files.readSymbolicLink(block.link).equals(block.loop.path())) {
            Files.delete(block.link);
        }
        block.loop.close();
    }

    @Override
    public synchronized void close() throws IOException {
        if (block != null) {
            detach(block);
        }
        server.close();
        if (block != null) {
            block.device.close();
        }
    }
}
