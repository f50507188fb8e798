// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// Mounting FUSE without privilege, through the set-user-id program fusermount3(1) of the package fuse3 (or
/// fusermount of the older package fuse).
///
/// The program opens `/dev/fuse` as the caller, mounts as root, and sends the descriptor back over a socket whose
/// number is in `_FUSE_COMMFD`. What it says on standard error becomes the text of the exception.
public final class Fusermount {
    private static final int CHILD_SOCKET = 3;
    private static final int SIGKILL = 9;
    private static final int TEXT_MAX = 4096;
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(30);

    private Fusermount() {}

    /// A connection to a mount. With the option auto_unmount the program stays and unmounts when [#close] comes or
    /// this process ends, however it ends.
    public static final class Mounted implements AutoCloseable {
        private final Fd device;
        private final Fd socket;
        private final Child child;

        private Mounted(Fd device, Fd socket, Child child) {
            this.device = device;
            this.socket = socket;
            this.child = child;
        }

        /// The descriptor of `/dev/fuse`; owned by this.
        public Fd device() {
            return device;
        }

        /// Closes the device, which ends the connection, and then has it unmounted if auto_unmount was asked for.
        @Override
        public void close() {
            device.close();
            socket.close();
            finish(child);
        }
    }

    /// Mounts.
    ///
    /// @param target the directory
    /// @param options what fusermount3 takes, with commas between: `fsname=`, `subtype=`, `allow_other`,
    ///     `default_permissions`, `auto_unmount`, `ro`, ...
    /// @throws ErrnoException ENOENT if there is no such program; else what the program said, with the errno it
    ///     names or EPERM; ETIMEDOUT after 30 s
    public static Mounted mount(Name target, String options) throws ErrnoException {
        try (Socket.Pair pair = Socket.pair(Socket.SOCK_STREAM);
                Socket.Pair output = Fd.pipe(0)) {
            Child child = start(pair.second(), output.second(), target, options);
            pair.second().close();
            output.second().close();
            try {
                Fd device = receive(pair.first(), output.first());
                if (!options.contains("auto_unmount")) {
                    finish(child);
                }
                return new Mounted(device, Fd.of(pair.first().release()), child);
            } catch (ErrnoException e) {
                finish(child);
                throw e;
            }
        }
    }

    private static Child start(Fd socket, Fd output, Name target, String options) throws ErrnoException {
        return start(program -> Spawn.of(program, "-o", options, "--")
                .arg(target)
                .env("_FUSE_COMMFD", Integer.toString(CHILD_SOCKET))
                .fd(CHILD_SOCKET, socket)
                .fd(2, output)
                .start());
    }

    private static Fd receive(Fd socket, Fd output) throws ErrnoException {
        if (Poll.one(socket.number(), Poll.POLLIN, DEADLINE) == 0) {
            throw Errno.ETIMEDOUT.error("fusermount3 did not answer");
        }
        try {
            return socket.recvFd();
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EPROTO ? said(output) : e;
        }
    }

    /// Unmounts a FUSE file system of this user.
    ///
    /// @param lazy detach it now, though it may be busy
    /// @throws ErrnoException as [#mount]
    public static void unmount(Name target, boolean lazy) throws ErrnoException {
        try (Socket.Pair output = Fd.pipe(0)) {
            Child child = start(program -> {
                Spawn spawn = Spawn.of(program, "-u").fd(2, output.second());
                return (lazy ? spawn.arg(Name.of("-z")) : spawn)
                        .arg(Name.of("--"))
                        .arg(target)
                        .start();
            });
            output.second().close();
            try {
                if (child.pidFd().await(DEADLINE) != 0) {
                    throw said(output.first());
                }
            } finally {
                finish(child);
            }
        }
    }

    private interface Starter {
        Child start(String program) throws ErrnoException;
    }

    private static Child start(Starter starter) throws ErrnoException {
        for (String program : new String[] {"fusermount3", "fusermount"}) {
            try {
                return starter.start(program);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        throw Errno.ENOENT.error("fusermount3 is not installed (package fuse3)");
    }

    /// Waits a little for the end of the program, kills it after that, and reaps it.
    private static void finish(Child child) {
        if (!child.pidFd().fd().isOpen()) {
            return;
        }
        try (child) {
            try {
                child.pidFd().await(DEADLINE);
            } catch (ErrnoException e) {
                child.pidFd().kill(SIGKILL);
                child.pidFd().await(DEADLINE);
            }
        } catch (ErrnoException e) {
            System.getLogger("jpuffs.sys").log(System.Logger.Level.WARNING, "fusermount3 does not end", e);
        }
    }

    /// What the program said, in one line.
    private static ErrnoException said(Fd output) {
        String text;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(TEXT_MAX);
            long length = output.readFully(buffer);
            byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            text = new String(bytes, StandardCharsets.UTF_8).strip().replace("\n", "; ");
        } catch (ErrnoException e) {
            text = e.getMessage();
        }
        return errnoIn(text).error("%s", text.isEmpty() ? "fusermount3 failed and said nothing" : text);
    }

    /// The errno whose text ends what the program said.
    static Errno errnoIn(String text) {
        for (Errno errno : Errno.values()) {
            if (text.endsWith(errno.text())) {
                return errno;
            }
        }
        return Errno.EPERM;
    }
}
