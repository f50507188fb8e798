// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.Sys;
import jpuffs.sys.UnixDatagram;
import org.jspecify.annotations.Nullable;

/// Tells those who wait for the mount how it went.
///
/// A daemon is made together with the script that started this process and waits (docs/notes/001-start-up.md): the
/// property `puffs.readyFd` is the number of the descriptor on which to tell it, in one line. Without the property
/// this process is in the foreground, and it may be systemd that waits, at the address in NOTIFY_SOCKET
/// (sd_notify(3), `Type=notify`).
final class Ready {
    private static final int STANDARD_FDS = 3;

    private final @Nullable Fd fd;

    private Ready(@Nullable Fd fd) {
        this.fd = fd;
    }

    /// As the property has it.
    static Ready fromProperty() {
        Integer number = Integer.getInteger("puffs.readyFd");
        return new Ready(number == null ? null : Fd.of(number));
    }

    /// Whether somebody waits.
    boolean isAwaited() {
        return fd != null;
    }

    /// The mount answers. Leaves what would tie the daemon to where it was started: standard input and output, and
    /// the current directory.
    void ok() throws ErrnoException {
        if (fd == null) {
            tellSystemd(System.getenv("NOTIFY_SOCKET"));
            return;
        }
        try (fd;
                Fd nothing = Fd.open("/dev/null", Fcntl.O_RDWR, 0)) {
            Sys.chdir(Name.of("/"));
            for (int number = 0; number < STANDARD_FDS; number++) {
                nothing.dup2(number);
            }
            tell(fd, "ok\n");
        }
    }

    /// It does not, and what is wrong has been said on standard error; nothing after [#ok].
    ///
    /// @param code for the waiting process to exit with
    void fail(int code) {
        if (fd == null || !fd.isOpen()) {
            return;
        }
        try (fd) {
            tell(fd, "fail " + code + "\n");
        } catch (ErrnoException _) {
            // Nobody waits any more.
        }
    }

    /// @param address where systemd listens, null if it does not
    static void tellSystemd(@Nullable String address) throws ErrnoException {
        if (address == null || address.isEmpty()) {
            return;
        }
        try (UnixDatagram systemd = UnixDatagram.to(Name.of(address));
                Arena arena = Arena.ofConfined()) {
            systemd.trySend(arena.allocateFrom(JAVA_BYTE, "READY=1".getBytes(US_ASCII)));
        }
    }

    private static void tell(Fd fd, String line) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(line);
            fd.writeFully(text.asSlice(0, text.byteSize() - 1));
        }
    }
}
