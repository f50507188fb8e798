// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.nullfs;

import static jpuffs.core.Errno.EOPNOTSUPP;

import java.nio.file.Path;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.StatFs;
import jpuffs.sys.At;
import jpuffs.sys.BufferPool;
import jpuffs.sys.Fcntl;
import jpuffs.sys.Fd;
import jpuffs.sys.FsCred;
import jpuffs.sys.OPath;
import jpuffs.sys.Stat;
import jpuffs.sys.Sys;
import jpuffs.sys.Xattr;
import org.jspecify.annotations.Nullable;

/// A mirror of a directory of the host (or of one file): every operation is done on the host's file.
///
/// Thread-safe; see the package for what it needs of its driver. Needs `/proc`.
public final class NullFs implements FileSystem, AutoCloseable {
    private static final Name ACCESS_ACL = Name.of("system.posix_acl_access");

    /// So many directories may be read at once.
    private static final long DIRECTORIES = 1024;

    private final boolean passthrough;
    private final boolean privileged;
    private final boolean acls;
    private final int uid = Sys.geteuid();
    private final int gid = Sys.getegid();
    private final Devices devices = new Devices();
    private final PathFds fds;
    private final NodeTable table;
    private final BufferPool buffers = new BufferPool(DIRECTORIES * NullDirectory.BUFFER);
    private final NullNode root;

    /// How to mirror.
    ///
    /// @param passthrough whether the kernel may read and write the host's files by itself
    ///     ([jpuffs.core.Handle#backingFd]), which takes a privileged driver
    public record Options(boolean passthrough) {
        /// What suits this process: `passthrough` for the super-user.
        public static Options defaults() {
            return new Options(Sys.geteuid() == 0);
        }
    }

    private NullFs(int source, PathFds fds, Options options, boolean privileged) throws ErrnoException {
        this.passthrough = options.passthrough();
        this.privileged = privileged;
        this.fds = fds;
        this.table = new NodeTable();
        this.root = node(At.fstat(source), source, null);
        this.acls = hasAcls(source);
    }

    /// Mirrors `source`. Links in the path of `source` itself are followed.
    ///
    /// For the whole process, it sets the umask to 0 (new files get the mode that was asked for) and raises the
    /// limit of open files as far as it may.
    ///
    /// @throws ErrnoException ENOENT, ENOTDIR, EACCES and others of open(2)
    public static NullFs open(Path source, Options options) throws ErrnoException {
        return open(source, options, Sys.geteuid() == 0, PathFds.raiseLimit());
    }

    /// For tests, which play the ordinary user and run out of descriptors.
    static NullFs open(Path source, Options options, boolean privileged, int fdLimit) throws ErrnoException {
        int _ = Sys.umask(0);
        var fds = new PathFds(fdLimit);
        int fd = fds.source(source);
        try {
            return new NullFs(fd, fds, options, privileged);
        } catch (ErrnoException e) {
            fds.close(fd);
            throw e;
        }
    }

    private static boolean hasAcls(int fd) throws ErrnoException {
        try {
            Xattr.get(fd, ACCESS_ACL);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public Node root() {
        return root;
    }

    /// That of the source; other file systems mounted below it are not counted.
    @Override
    public StatFs statfs() throws ErrnoException {
        return At.fstatfs(root.take());
    }

    /// All file systems of the host, if the mirror has met more than one.
    @Override
    public void sync() throws ErrnoException {
        if (devices.isSeveral()) {
            Sys.sync();
        } else {
            try (Fd fd = Fd.of(OPath.reopen(root.take(), Fcntl.O_RDONLY | Fcntl.O_NONBLOCK))) {
                fd.syncfs();
            }
        }
    }

    @Override
    public boolean isThreadSafe() {
        return true;
    }

    /// Whether the file system of the source does.
    @Override
    public boolean keepsAcls() {
        return acls;
    }

    /// Whether `directory` is the source or lies below it. To mount the mirror there would have it look into itself
    /// and wait for itself for ever, so a driver refuses.
    public boolean contains(Path directory) throws ErrnoException {
        Stat top = At.fstat(root.take());
        Fd fd = Fd.open(directory, Fcntl.O_PATH, 0);
        try {
            for (; ; ) {
                Stat at = At.fstat(fd.number());
                if (sameFile(at, top)) {
                    return true;
                }
                Fd parent = Fd.of(At.openat(fd.number(), Name.DOT_DOT, Fcntl.O_PATH | Fcntl.O_CLOEXEC, 0));
                fd.close();
                fd = parent;
                if (sameFile(At.fstat(fd.number()), at)) {
                    return false; // the root of the host
                }
            }
        } finally {
            fd.close();
        }
    }

    private static boolean sameFile(Stat one, Stat other) {
        return one.dev() == other.dev() && one.attr().ino() == other.attr().ino();
    }

    /// Closes everything, also what the driver still knows; the nodes are dead then. Open handles are the driver's
    /// to release before.
    @Override
    public void close() {
        table.clear();
        root.close();
        buffers.close();
    }

    /// How many files the driver knows, the root not counted; for tests that look for leaks.
    int knownFiles() {
        return table.size();
    }

    PathFds fds() {
        return fds;
    }

    NodeTable table() {
        return table;
    }

    BufferPool buffers() {
        return buffers;
    }

    boolean passthrough() {
        return passthrough;
    }

    boolean isPrivileged() {
        return privileged;
    }

    FileId id(Stat stat) {
        return FileId.of(devices.of(stat), stat.attr());
    }

    /// A node nobody has seen yet.
    NullNode node(Stat stat, int fd, @Nullable Place place) {
        return new NullNode(this, id(stat), Mode.type(stat.attr().mode()), fd, place);
    }

    void reclaim(NullNode node, long answers) {
        if (node != root) {
            table.reclaim(node, answers);
        }
    }

    /// Makes new files belong to `cred`, until closed; null if they do anyhow, or cannot.
    @Nullable
    FsCred as(Cred cred) throws ErrnoException {
        boolean same = cred.uid() == uid && cred.gid() == gid;
        return same || !privileged ? null : FsCred.assume(cred.uid(), cred.gid());
    }

    void link(int fd, int dir, Name name) throws ErrnoException {
        if (privileged) {
            At.linkat(fd, At.EMPTY, dir, name, Fcntl.AT_EMPTY_PATH);
        } else {
            At.linkFd(fd, dir, name);
        }
    }
}
