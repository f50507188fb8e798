// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.EMFILE;
import static jpuffs.core.Errno.ENFILE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.sys.At;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.OPath;
import jpuffs.sys.Sys;

/// The O_PATH descriptors of one mirror: opens, counts and closes them. Thread-safe.
final class PathFds {
    /// What [#open] answers when there are too many.
    static final int TOO_MANY = -EMFILE.number();

    private static final int FLAGS = Fcntl.O_PATH | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;
    private static final Path NR_OPEN = Path.of("/proc/sys/fs/nr_open");

    private final int limit;
    private final AtomicInteger count = new AtomicInteger();

    /// @param limit from how many on [#open] and [#of] answer [#TOO_MANY]
    PathFds(int limit) {
        this.limit = limit;
    }

    /// Raises the limit of open files of this process as far as it may: to the hard limit, the super-user to what
    /// the kernel has at most.
    ///
    /// @return how many of them may be O_PATH descriptors of nodes: an eighth and some are left for open files
    ///     and the rest of the process
    static int raiseLimit() throws ErrnoException {
        Sys.Limit limit = Sys.limit(Sys.RLIMIT_NOFILE);
        long most = Math.max(kernelLimit(), limit.hard());
        long soft = set(most) ? most : set(limit.hard()) ? limit.hard() : limit.soft();
        return Math.clamp(soft - soft / 8 - 64, 0, Integer.MAX_VALUE);
    }

    private static long kernelLimit() {
        try {
            return Long.parseLong(Files.readString(NR_OPEN).strip());
        } catch (IOException | NumberFormatException e) {
            return 0; // then the hard limit is all
        }
    }

    private static boolean set(long limit) {
        try {
            Sys.setLimit(Sys.RLIMIT_NOFILE, new Sys.Limit(limit, limit));
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /// A descriptor of what `path` leads to, links followed.
    int source(Path path) throws ErrnoException {
        try (Fd fd = Fd.open(path, Fcntl.O_PATH, 0)) {
            count.incrementAndGet();
            return fd.release();
        }
    }

    /// A descriptor of what `name` in `dir` is, a symbolic link itself; or -errno.
    int open(int dir, Name name) throws ErrnoException {
        return count.get() < limit ? openAnyway(dir, name) : TOO_MANY;
    }

    /// The same beyond the limit too.
    int openAnyway(int dir, Name name) throws ErrnoException {
        int fd = At.tryOpenat(dir, name, FLAGS, 0);
        if (fd >= 0) {
            count.incrementAndGet();
        }
        return fd == -ENFILE.number() ? TOO_MANY : fd;
    }

    /// A descriptor of what the open file `fd` is; or [#TOO_MANY].
    ///
    /// @param anyway beyond the limit too
    int of(int fd, boolean anyway) throws ErrnoException {
        if (!anyway && count.get() >= limit) {
            return TOO_MANY;
        }
        try {
            int path = OPath.of(fd);
            count.incrementAndGet();
            return path;
        } catch (ErrnoException e) {
            Errno errno = e.errno();
            if (errno == EMFILE || errno == ENFILE) {
                return TOO_MANY;
            }
            throw e;
        }
    }

    void close(int fd) {
        At.close(fd);
        count.decrementAndGet();
    }

    /// How many are open.
    int count() {
        return count.get();
    }
}
