// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.ENOTDIR;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// The first connection, made before there is a mount, and what it has told.
///
/// @param path the directory to mount, absolute
/// @param root its attributes
/// @param home those of the home directory
record Greeting(Wire wire, SftpConnection.Parked parked, Name path, FileAttrs root, FileAttrs home) {
    /// Somebody may have to type a password first.
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /// The other side has ended.
    private static final Set<Errno> ENDED = EnumSet.of(Errno.EPIPE, Errno.ECONNRESET, Errno.ENOTCONN);

    private static final Name HOME = Name.of(".");

    /// Connects on a loop of its own. Holds its thread.
    static Greeting with(Transport transport, Remote remote) throws IOException {
        Wire wire = transport.start(false);
        var failure = new AtomicReference<IOException>();
        var result = new AtomicReference<Greeting>();
        try (EventLoop loop = EventLoop.open()) {
            loop.spawn(() -> {
                try {
                    result.set(greet(loop, wire, remote));
                } catch (IOException e) {
                    failure.set(e);
                } finally {
                    loop.stop();
                }
            });
            loop.run();
        }
        Greeting greeting = result.get();
        if (greeting == null) {
            throw explained(failure.get(), wire, transport);
        }
        return greeting;
    }

    private static Greeting greet(EventLoop loop, Wire wire, Remote remote) throws IOException {
        try (SftpConnection c = SftpConnection.open(loop, wire.fd(), PATIENCE, why -> {})) {
            Name path = absolute(c, remote.path());
            FileAttrs root = stat(c, path, "the directory " + path);
            if (root.has(FileAttrs.PERMISSIONS) && !Mode.isDirectory(root.permissions())) {
                throw ENOTDIR.error("%s is not a directory", path);
            }
            FileAttrs home = stat(c, HOME, "the home directory");
            return new Greeting(wire, c.park(), path, root, home);
        }
    }

    private static Name absolute(SftpConnection c, String path) throws IOException {
        boolean tilde = path.startsWith("~") && c.has(Sftp.EXPAND_PATH);
        Name asked = Name.of(path.isEmpty() ? "." : path);
        try (FrameBuf reply = c.call(tilde ? Requests.expandPath(c, asked) : Requests.realpath(c, asked))) {
            Name found = Replies.name(c, reply);
            if (found.length() == 0 || found.byteAt(0) != '/') {
                throw c.violated("the server says the path of %s is '%s'", asked, found);
            }
            return found;
        } catch (ErrnoException e) {
            throw e.errno().error("%s: %s", asked, e.errno().text());
        }
    }

    private static FileAttrs stat(SftpConnection c, Name path, String what) throws IOException {
        try (FrameBuf reply = c.call(Requests.stat(c, path))) {
            return Replies.attrs(c, reply);
        } catch (ErrnoException e) {
            throw e.errno().error("%s: %s", what, e.errno().text());
        }
    }

    /// Why there is no connection. A server that talks, and is no good, has said so itself.
    private static IOException explained(@Nullable IOException failure, Wire wire, Transport transport) {
        if (failure == null) {
            wire.end();
            return ENOTCONN.error("interrupted");
        }
        if (failure instanceof ErrnoException e && ENDED.contains(e.errno())) {
            return wire.ended(transport.program(), e);
        }
        wire.end();
        return failure;
    }

    /// It is not needed after all.
    void discard() {
        parked.fd().close();
        wire.end();
    }
}
