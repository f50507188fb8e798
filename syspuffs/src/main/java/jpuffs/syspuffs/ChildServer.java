// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.ETIMEDOUT;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.Child;
import jpuffs.sys.Fd;
import jpuffs.sys.Socket;
import jpuffs.sys.Spawn;

/// A file server that runs as a child process and takes a descriptor for its mount point, as every libfuse program
/// does that leaves mounting to libfuse, and [jpuffs.puffs.FileServer].
public final class ChildServer implements AutoCloseable {
    /// What stands for the mount point in a command.
    public static final String MOUNT_POINT = "/dev/fd/3";

    private static final int DESCRIPTOR = 3;
    private static final int SIGKILL = 9;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Child child;
    private final SysPuffs fs;

    private ChildServer(Child child, SysPuffs fs) {
        this.child = child;
        this.fs = fs;
    }

    /// Starts `command`, in which [#MOUNT_POINT] stands for the mount point, and begins with it. It must stay in
    /// the foreground.
    ///
    /// @throws IOException ENOENT and others of exec(2); as [SysPuffs#attach]
    public static ChildServer start(List<String> command) throws IOException {
        try (Socket.Pair pair = SysPuffs.pair()) {
            Spawn spawn = Spawn.of(command.getFirst());
            for (String argument : command.subList(1, command.size())) {
                spawn.arg(Name.of(argument));
            }
            Child child = spawn.fd(DESCRIPTOR, pair.second()).start();
            pair.second().close(); // so that its end is seen
            return begin(command.getFirst(), child, pair.first());
        }
    }

    private static ChildServer begin(String program, Child child, Fd end) throws IOException {
        try {
            return new ChildServer(child, SysPuffs.attach(end));
        } catch (IOException e) {
            stop(child);
            throw Errno.of(e).error("%s does not serve %s: %s", program, MOUNT_POINT, String.valueOf(e.getMessage()));
        }
    }

    /// The kernel half of it.
    public SysPuffs fileSystem() {
        return fs;
    }

    /// Waits for the end of the child.
    ///
    /// @return its exit status, 128 and the number of the signal if one has ended it
    /// @throws IOException ETIMEDOUT if it goes on
    public int await() throws IOException {
        return child.pidFd().await(PATIENCE_NANOS);
    }

    /// Kills it.
    public void kill() throws ErrnoException {
        child.pidFd().kill(SIGKILL);
    }

    /// Hangs up, on which it should end, and ends it if it does not.
    @Override
    public void close() {
        fs.close();
        stop(child);
    }

    private static void stop(Child child) {
        try (child) {
            if (!ends(child)) {
                child.pidFd().kill(SIGKILL);
                int _ = child.pidFd().await(PATIENCE_NANOS);
            }
        } catch (IOException e) {
            Connection.LOG.log(Level.WARNING, "the file server: " + e.getMessage());
        }
    }

    private static boolean ends(Child child) throws ErrnoException {
        try {
            int _ = child.pidFd().await(PATIENCE_NANOS);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ETIMEDOUT) {
                return false;
            }
            throw e;
        }
    }
}
