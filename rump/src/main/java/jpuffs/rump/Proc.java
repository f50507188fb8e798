// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.EPERM;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Access;
import jpuffs.core.Acl;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Time;
import org.jspecify.annotations.Nullable;

/// What the kernel keeps of a process, and what the parts of a system call ask of it: [Process] is its outside.
/// Guarded by the kernel lock.
final class Proc {
    private final Kernel kernel;
    private final Caller caller;
    private final Vnode root;
    private final FdTable fds;
    private final Set<Vnode> locked = new HashSet<>(); // that may have record locks of this process; each held
    private Vnode cwd;
    private int umask;
    private boolean ended;

    Proc(Kernel kernel, Cred cred, Vnode root) {
        this(kernel, cred, root, root, new FdTable(Process.RLIMIT_NOFILE), 022);
    }

    private Proc(Kernel kernel, Cred cred, Vnode root, Vnode cwd, FdTable fds, int umask) {
        this.kernel = kernel;
        this.root = root;
        this.cwd = cwd.hold();
        this.fds = fds;
        this.umask = umask;
        this.caller = new Caller(cred, kernel.enlist(this));
    }

    Proc fork(Cred cred) {
        return new Proc(kernel, cred, root, cwd, fds.copy(), umask);
    }

    Kernel kernel() {
        return kernel;
    }

    Cred cred() {
        return caller.cred();
    }

    int pid() {
        return caller.pid();
    }

    int umask() {
        return umask;
    }

    /// The umask before.
    int setUmask(int mask) {
        int old = umask;
        umask = mask;
        return old;
    }

    FdTable fds() {
        return fds;
    }

    Caller caller() {
        return caller;
    }

    Vnode root() {
        return root;
    }

    /// Where a relative path starts.
    Vnode base(int dirfd) throws ErrnoException {
        Vnode vnode = dirfd == Process.AT_FDCWD ? cwd : fds.any(dirfd).vnode;
        if (!vnode.isDirectory()) {
            throw ENOTDIR.error();
        }
        return vnode;
    }

    /// The file a path names, held; with AT_EMPTY_PATH in `flags` and an empty path that of `dirfd`.
    Vnode find(int dirfd, byte[] path, boolean follow, int flags) throws IOException {
        if (path.length == 0 && (flags & Process.AT_EMPTY_PATH) != 0) {
            return (dirfd == Process.AT_FDCWD ? cwd : fds.any(dirfd).vnode).hold();
        }
        try (var walk = new Namei(this, dirfd, path)) {
            return walk.lookup(follow);
        }
    }

    /// @throws IOException EROFS, ENOENT in a removed directory, EACCES
    void checkMake(Vnode directory) throws IOException {
        directory.mount.requireWritable();
        if (directory.dead) {
            throw ENOENT.error();
        }
        checkMode(directory, Access.WRITE | Access.EXECUTE);
    }

    /// The mode of a file that is made in `directory`: without what the umask takes, unless a default access
    /// control list stands in for it, and without set-group-id where that is not the maker's to give.
    int newMode(Vnode directory, int mode) throws IOException {
        boolean asked = (mode & umask) != 0 && directory.mount.fs.keepsAcls(); // else all is one
        boolean masked = !asked || directory.node().getxattr(Acl.DEFAULT) == null;
        int granted = masked ? mode & ~umask : mode;
        if (cred().isPrivileged() && !Mode.isDirectory(mode)) {
            return granted;
        }
        return Access.created(directory.attr(), granted, cred(), Time.EPOCH).mode();
    }

    /// @throws IOException EROFS, EACCES
    void checkAccess(Vnode vnode, int mask) throws IOException {
        boolean special = vnode.type == Mode.S_IFIFO || vnode.type == Mode.S_IFSOCK || Mode.isDevice(vnode.type);
        if ((mask & Access.WRITE) != 0 && !special) {
            vnode.mount.requireWritable();
        }
        checkMode(vnode, mask);
    }

    /// Checks by the mode bits, or the access control list.
    ///
    /// @throws IOException EACCES
    void checkMode(Vnode vnode, int mask) throws IOException {
        if (cred().isPrivileged() && (vnode.isDirectory() || (mask & Access.EXECUTE) == 0)) {
            vnode.node(); // EIO
            return; // whatever its mode is, which would be a call of the file system for each step of each walk
        }
        Attr attr = vnode.attr();
        Acl acl = aclOf(vnode, attr);
        boolean allowed = acl == null ? Access.allowed(attr, mask, cred()) : acl.allows(attr, mask, cred());
        if (!allowed) {
            throw EACCES.error();
        }
    }

    /// The list that decides for this process, or null if the mode does.
    private @Nullable Acl aclOf(Vnode vnode, Attr attr) throws IOException {
        if (!vnode.mount.fs.keepsAcls() || owns(attr)) {
            return null;
        }
        byte[] value = vnode.node().getxattr(Acl.ACCESS);
        return value == null ? null : Acl.parse(value);
    }

    boolean owns(Attr attr) {
        return cred().isPrivileged() || cred().uid() == attr.uid();
    }

    /// Whether a write by this process ends set-user-id or set-group-id of the file.
    boolean killsSuid(Vnode vnode) throws IOException {
        if (cred().isPrivileged() || !vnode.isRegular()) {
            return false;
        }
        Attr attr = vnode.attr();
        return Access.withoutSuid(attr.mode(), attr.gid(), cred()) != attr.mode();
    }

    /// The process has taken a record lock on the file.
    void locked(File file) {
        if (ended) {
            FileLocks.releaseRecords(this, file);
        } else if (locked.add(file.vnode)) {
            file.vnode.hold();
        }
    }

    /// @throws ErrnoException EPERM
    void requirePrivilege() throws ErrnoException {
        if (!cred().isPrivileged()) {
            throw EPERM.error();
        }
    }

    /// Makes `vnode`, whose hold it takes over, the working directory.
    void changeDirectory(Vnode vnode) throws IOException {
        Vnode unused = vnode;
        try {
            if (!vnode.isDirectory()) {
                throw ENOTDIR.error();
            }
            checkMode(vnode, Access.EXECUTE);
            unused = cwd;
            cwd = vnode;
        } finally {
            unused.release();
        }
    }

    /// Frees a descriptor; its process gives up its record locks on the file, whatever descriptor they came by.
    void close(int fd) throws IOException {
        File file = fds.take(fd);
        if (locked.remove(file.vnode)) {
            FileLocks.releaseRecords(this, file);
            file.vnode.release();
        }
        file.close();
    }

    /// Closes a descriptor when nobody is there to hear of a failed write.
    void closeQuietly(int fd) {
        try {
            close(fd);
        } catch (IOException e) {
            Kernel.LOG.log(System.Logger.Level.WARNING, "close", e);
        }
    }

    void exit() {
        if (ended) {
            return;
        }
        ended = true;
        for (int fd = 0; fd < fds.size(); fd++) {
            if (fds.isOpen(fd)) {
                closeQuietly(fd);
            }
        }
        cwd.release();
    }
}
