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
import org.jspecify.annotations.Nullable;

/// A file server that runs as a child process and takes a descriptor for its mount point, as every libfuse program
/// does that leaves mounting to libfuse, and [jpuffs.puffs.FileServer].
public final class ChildServer implements AutoCloseable {
    /// What stands for the mount point in a command.
    public static final String MOUNT_POINT = "/dev/fd/3";

    static final int DESCRIPTOR = 3;
    private static final int SIGKILL = 9;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Child child;
    private final SysPuffs fs;
    private final @Nullable MountNamespace namespace;

    private ChildServer(Child child, SysPuffs fs, @Nullable MountNamespace namespace) {
        this.child = child;
        this.fs = fs;
        this.namespace = namespace;
    }

    /// Starts `command`, in which [#MOUNT_POINT] stands for the mount point, and begins with it. It must stay in
    /// the foreground.
    ///
    /// @throws IOException ENOENT and others of exec(2); as [SysPuffs#attach]
    public static ChildServer start(List<String> command) throws IOException {
        return start(command, null, SysPuffs::attach, command.getFirst());
    }

    /// As [#start(List)], of a program that insists on a directory and on mounting: in a mount namespace of its own
    /// it finds a directory for [#MOUNT_POINT], no FUSE device it could mount, and a fusermount that hands it our
    /// descriptor. Needs unshare(1) and setpriv(1), and for ordinary users a kernel that lets them make user
    /// namespaces.
    ///
    /// @throws IOException also ENOTCONN if it does not ask fusermount
    public static ChildServer startInNamespace(List<String> command, Beginning beginning) throws IOException {
        var namespace = new MountNamespace();
        boolean done = false;
        try {
            ChildServer server = start(namespace.wrap(command), namespace, beginning, command.getFirst());
            done = true;
            return server;
        } finally {
            if (!done) {
                namespace.close();
            }
        }
    }

    /// As [#start(List)], where something stands between the server and its kernel half.
    public static ChildServer start(List<String> command, Beginning beginning) throws IOException {
        return start(command, null, beginning, command.getFirst());
    }

    private static ChildServer start(
            List<String> command, @Nullable MountNamespace namespace, Beginning beginning, String program)
            throws IOException {
        try (Socket.Pair pair = SysPuffs.pair()) {
            Spawn spawn = Spawn.of(command.getFirst());
            for (String argument : command.subList(1, command.size())) {
                spawn.arg(Name.of(argument));
            }
            Child child = spawn.fd(DESCRIPTOR, pair.second()).start();
            pair.second().close(); // so that its end is seen
            SysPuffs half = begin(program, child, pair.first(), beginning);
            return new ChildServer(child, half, namespace);
        }
    }

    private static SysPuffs begin(String program, Child child, Fd end, Beginning beginning) throws IOException {
        try {
            return beginning.attach(end);
        } catch (IOException e) {
            stop(child);
            throw Errno.of(e)
                    .error("%s does not serve: %s", program, Errno.of(e).text());
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

    /// Kills it, if it has not ended.
    public void kill() {
        try {
            child.pidFd().kill(SIGKILL);
        } catch (ErrnoException e) {
            Connection.LOG.log(Level.DEBUG, "kill: " + e.getMessage());
        }
    }

    /// Hangs up, on which it should end, and ends it if it does not.
    @Override
    public void close() {
        fs.close();
        stop(child);
        if (namespace != null) {
            namespace.close();
        }
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
