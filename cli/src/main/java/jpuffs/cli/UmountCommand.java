// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.MountInfo;
import jpuffs.sys.PidFd;
import jpuffs.sys.Poll;
import jpuffs.sys.Sys;
import org.jspecify.annotations.Nullable;

/// `puffs umount`: unmounts what puffs has mounted and nothing else, also when its server is dead, and waits a
/// while for the server to end.
final class UmountCommand {
    private static final long SERVER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private UmountCommand() {}

    /// @param force end what goes on there
    /// @param lazy take it out of the tree now, whoever uses it
    static void run(String text, boolean force, boolean lazy) throws Failure, IOException {
        Dir dir = Dir.of(text, "unmount");
        MountInfo mount = dir.mount();
        if (mount == null) {
            throw new Failure(ExitCode.MOUNT, "cannot unmount " + dir + ": nothing is mounted there");
        }
        if (!dir.isPuffs()) {
            String what = mount.source() + " of type " + mount.type();
            throw new Failure(ExitCode.MOUNT, "cannot unmount " + dir + ": it is " + what + ", not mounted by puffs");
        }
        PidFd server = lazy ? null : server(mount);
        try (server) {
            unmount(dir, mount, force, lazy);
            if (server != null) {
                Poll.one(server.fd().number(), Poll.POLLIN, SERVER_NANOS);
            }
        } catch (ErrnoException e) {
            throw failure(dir, mount, e);
        }
    }

    /// The process to wait for: what it still has to write, it writes before it ends. Null if it is not known, or
    /// lives on since it serves other mounts too.
    private static @Nullable PidFd server(MountInfo mount) throws IOException {
        Servers servers = Servers.find();
        Integer pid = servers.pidOf(mount.fuseConnection());
        try {
            return pid != null && servers.servesOne(pid) ? PidFd.open(pid) : null;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
            return null;
        }
    }

    private static void unmount(Dir dir, MountInfo mount, boolean force, boolean lazy) throws IOException {
        if (force) {
            Unmount.byForce(dir, mount);
        } else if (lazy) {
            Unmount.lazily(dir);
        } else {
            Unmount.now(dir);
        }
    }

    private static Failure failure(Dir dir, MountInfo mount, ErrnoException cause) {
        String start = "cannot unmount " + dir + ": ";
        return switch (cause.errno()) {
            case EBUSY ->
                new Failure(
                        ExitCode.MOUNT,
                        start + "it is in use (fuser -vm " + dir + " tells by whom; -l unmounts lazily)");
            case EPERM, EACCES -> Failure.usage(start + denied(mount, cause));
            case ENOENT -> new Failure(ExitCode.SYSTEM, start + Reason.of(cause)); // no fusermount3
            default -> new Failure(ExitCode.MOUNT, start + Reason.of(cause));
        };
    }

    /// What fusermount3 says of the mount of another user is hard to understand.
    private static String denied(MountInfo mount, ErrnoException cause) {
        String owner = "user_id=" + Integer.toUnsignedString(Sys.getuid());
        return new PuffsMount(mount).options().contains(owner)
                ? Reason.of(cause)
                : "only root and the user who mounted it may";
    }
}
