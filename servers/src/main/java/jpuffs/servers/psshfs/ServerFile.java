// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.lang.System.Logger.Level;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.ReplyHandler;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A file that is open on the server, or will be when the answer is here. It lives as long as its connection.
///
/// Closing it closes the file on the server, unless somebody [#keep]s it; nobody waits for that.
final class ServerFile implements ReplyHandler, AutoCloseable {
    private final Lane lane;
    private final SftpConnection connection;
    private final int generation;
    private final Waiters waiters = new Waiters();
    private @Nullable Name handle;
    private @Nullable ErrnoException failure;
    private @Nullable Runnable ready;
    private boolean kept;
    private boolean closed;

    private ServerFile(Lane lane, SftpConnection connection) {
        this.lane = lane;
        this.connection = connection;
        this.generation = lane.generation();
    }

    /// Asks the server to open `path`.
    ///
    /// @param flags a set of the `FXF` constants of [Sftp]
    static ServerFile open(Lane lane, SftpConnection c, Name path, int flags) throws ErrnoException {
        var file = new ServerFile(lane, c);
        c.start(Requests.open(c, path, flags, FileAttrs.NONE), file);
        return file;
    }

    /// Asks the server to make `path`, which must not be there, and open it: for writing, too, since servers in
    /// Java make none that is only read.
    static ServerFile create(Lane lane, SftpConnection c, Name path, int flags, int mode) throws ErrnoException {
        var file = new ServerFile(lane, c);
        FileAttrs attrs = FileAttrs.NONE.withPermissions(mode & jpuffs.core.Mode.PERMISSIONS);
        int all = flags | Sftp.FXF_WRITE | Sftp.FXF_CREAT | Sftp.FXF_EXCL;
        c.start(Requests.open(c, path, all, attrs), file);
        return file;
    }

    @Override
    public void replied(@Nullable FrameBuf reply, @Nullable ErrnoException why) {
        if (reply == null) {
            failure = why;
        } else {
            try (reply) {
                handle = Replies.handle(connection, reply);
            } catch (ErrnoException e) {
                failure = e;
            }
        }
        waiters.wake();
        if (closed) {
            end();
        } else if (ready != null) {
            ready.run();
        }
    }

    /// Runs `task` when the answer is here, if it is not yet.
    void whenReady(Runnable task) {
        ready = task;
    }

    SftpConnection connection() {
        return connection;
    }

    /// Whether its connection is still that of its lane.
    boolean isLive() {
        return connection.isOpen() && lane.generation() == generation;
    }

    /// Whether it is open, and [#await] does not wait.
    boolean isReady() {
        return handle != null && isLive();
    }

    /// The handle. Yields.
    ///
    /// @throws ErrnoException why it could not be opened; EINTR
    Name await() throws ErrnoException {
        while (handle == null) {
            if (failure != null) {
                throw failure.errno().error("%s", String.valueOf(failure.getMessage()));
            }
            waiters.await();
        }
        return handle;
    }

    ServerFile keep() {
        kept = true;
        return this;
    }

    @Override
    public void close() {
        if (!kept) {
            end();
        }
    }

    /// Closes it, although it is kept.
    void end() {
        closed = true;
        Name open = handle;
        if (open != null) {
            handle = null;
            failure = jpuffs.core.Errno.EBADF.error("closed");
            close(connection, open);
        }
    }

    /// Closes a handle; nobody waits.
    static void close(SftpConnection c, Name handle) {
        if (!c.isOpen()) {
            return;
        }
        try {
            c.start(Requests.close(c, handle), (reply, failure) -> {
                if (reply != null) {
                    reply.close();
                }
            });
        } catch (ErrnoException e) {
            Psshfs.LOG.log(Level.DEBUG, "a file stays open on the server", e);
        }
    }
}
