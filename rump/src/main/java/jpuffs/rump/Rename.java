// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EXDEV;
import static jpuffs.core.Node.RENAME_EXCHANGE;
import static jpuffs.core.Node.RENAME_NOREPLACE;
import static jpuffs.core.Node.RENAME_WHITEOUT;

import java.io.IOException;
import jpuffs.core.Access;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// One renameat2(2): Linux `fs/namei.c`, `do_renameat2` and `vfs_rename`, with their order of checks.
final class Rename {
    private static final int FLAGS = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;

    private final Proc process;
    private final DirOps dirs;
    private final int flags;

    /// @throws ErrnoException EINVAL for flags that do not go together, EPERM for a whiteout by an ordinary
    ///     user
    Rename(Proc process, DirOps dirs, int flags) throws ErrnoException {
        this.process = process;
        this.dirs = dirs;
        this.flags = flags;
        boolean both = has(RENAME_EXCHANGE) && has(RENAME_NOREPLACE | RENAME_WHITEOUT);
        if ((flags & ~FLAGS) != 0 || both) {
            throw EINVAL.error();
        }
        if (has(RENAME_WHITEOUT) && !process.cred().isPrivileged()) {
            throw EPERM.error();
        }
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    void rename(int dirfd, byte[] path, int newDirfd, byte[] newPath) throws IOException {
        try (var from = Namei.toParent(process, dirfd, path);
                var to = Namei.toParent(process, newDirfd, newPath)) {
            checkPlaces(from, to);
            try (var source = new Held(require(from.child()))) {
                Vnode target = to.child();
                if (target == null) {
                    rename(from, to, source.vnode(), null);
                } else {
                    try (var _ = new Held(target)) {
                        rename(from, to, source.vnode(), target);
                    }
                }
            }
        }
    }

    private static Vnode require(@Nullable Vnode vnode) throws ErrnoException {
        if (vnode == null) {
            throw ENOENT.error();
        }
        return vnode;
    }

    private void checkPlaces(Namei from, Namei to) throws ErrnoException {
        if (from.directory().mount != to.directory().mount) {
            throw EXDEV.error();
        }
        if (from.kind() != Namei.Kind.NORMAL) {
            throw EBUSY.error();
        }
        if (to.kind() != Namei.Kind.NORMAL) {
            throw (has(RENAME_NOREPLACE) ? EEXIST : EBUSY).error();
        }
        from.directory().mount.requireWritable();
    }

    private void rename(Namei from, Namei to, Vnode source, @Nullable Vnode target) throws IOException {
        checkFlags(from, to, source, target);
        checkLoops(from.directory(), to.directory(), source, target);
        if (source == target) {
            return;
        }
        checkPermissions(from.directory(), to.directory(), source, target);
        from.directory().node().rename(from.changing(), to.directory().node(), to.changing(), flags);
        moved(from.directory(), to.directory(), source, target);
    }

    private void checkFlags(Namei from, Namei to, Vnode source, @Nullable Vnode target) throws ErrnoException {
        if (has(RENAME_NOREPLACE) && target != null) {
            throw EEXIST.error();
        }
        if (has(RENAME_EXCHANGE) && !require(target).isDirectory() && to.hasTrailingSlash()) {
            throw ENOTDIR.error();
        }
        boolean slash = from.hasTrailingSlash() || !has(RENAME_EXCHANGE) && to.hasTrailingSlash();
        if (slash && !source.isDirectory()) {
            throw ENOTDIR.error();
        }
    }

    /// A directory must not move below itself, nor be replaced by what is below it.
    private void checkLoops(Vnode from, Vnode to, Vnode source, @Nullable Vnode target) throws ErrnoException {
        if (isAbove(source, to)) {
            throw EINVAL.error();
        }
        if (target != null && isAbove(target, from)) {
            throw (has(RENAME_EXCHANGE) ? EINVAL : ENOTEMPTY).error();
        }
    }

    private static boolean isAbove(Vnode candidate, Vnode directory) {
        for (Vnode v = directory; v != null; v = v.parent()) {
            if (v == candidate) {
                return true;
            }
        }
        return false;
    }

    private void checkPermissions(Vnode from, Vnode to, Vnode source, @Nullable Vnode target) throws IOException {
        dirs.checkDelete(from, source, source.isDirectory());
        if (target == null) {
            process.checkMake(to);
        } else {
            dirs.checkDelete(to, target, has(RENAME_EXCHANGE) ? target.isDirectory() : source.isDirectory());
        }
        if (from != to) {
            checkParentChange(source);
            if (target != null && has(RENAME_EXCHANGE)) {
                checkParentChange(target);
            }
        }
    }

    /// A directory that gets another parent changes its `..`: that needs the permission to write it.
    private void checkParentChange(Vnode vnode) throws IOException {
        if (vnode.isDirectory()) {
            process.checkMode(vnode, Access.WRITE);
        }
    }

    private void moved(Vnode from, Vnode to, Vnode source, @Nullable Vnode target) {
        if (source.isDirectory()) {
            source.setParent(to);
        }
        if (target == null) {
            return;
        }
        if (has(RENAME_EXCHANGE)) {
            if (target.isDirectory()) {
                target.setParent(from);
            }
        } else {
            target.removed = true;
            target.dead = target.isDirectory();
        }
    }
}
