// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EBUSY;
import static jpuffs.core.Errno.EEXIST;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTEMPTY;
import static jpuffs.core.Errno.EPERM;
import static jpuffs.core.Errno.EXDEV;

import java.io.IOException;
import jpuffs.core.Access;
import jpuffs.core.Attr;
import jpuffs.core.Mode;
import jpuffs.core.Node;

/// The calls that make and remove names, but for rename: Linux `fs/namei.c` from `filename_create` on.
final class DirOps {
    private final Proc process;

    DirOps(Proc process) {
        this.process = process;
    }

    /// Walks to where a new name is to be made, and checks that it can be.
    private Namei newName(int dirfd, byte[] path, boolean directory) throws IOException {
        Namei walk = Namei.toParent(process, dirfd, path);
        boolean done = false;
        try {
            checkNew(walk, directory);
            done = true;
            return walk;
        } finally {
            if (!done) {
                walk.close();
            }
        }
    }

    private void checkNew(Namei walk, boolean directory) throws IOException {
        if (walk.kind() != Namei.Kind.NORMAL) {
            throw EEXIST.error();
        }
        Vnode child = walk.child();
        if (child != null) {
            child.release();
            throw EEXIST.error();
        }
        if (walk.hasTrailingSlash() && !directory) {
            throw ENOENT.error();
        }
        walk.directory().mount.requireWritable();
    }

    void mkdir(int dirfd, byte[] path, int mode) throws IOException {
        try (var walk = newName(dirfd, path, true)) {
            Vnode directory = walk.directory();
            process.checkMake(directory);
            int newMode = process.newMode(directory, Mode.S_IFDIR | mode & (0777 | Mode.S_ISVTX));
            Node node = directory.node().mkdir(walk.changing(), newMode, process.cred());
            learn(directory, node, newMode);
        }
    }

    /// Counts an answer.
    private static void learn(Vnode directory, Node node, int mode) throws IOException {
        try (var held = new Held(directory.mount.get(node, mode))) {
            if (held.vnode().isDirectory()) {
                held.vnode().setParent(directory);
            }
        }
    }

    void mknod(int dirfd, byte[] path, int mode, int rdev) throws IOException {
        int type = Mode.type(mode) == 0 ? Mode.S_IFREG : Mode.type(mode);
        if (type == Mode.S_IFDIR) {
            throw EPERM.error();
        }
        if (!Mode.isValidType(type) || type == Mode.S_IFLNK) {
            throw EINVAL.error();
        }
        try (var walk = newName(dirfd, path, false)) {
            Vnode directory = walk.directory();
            process.checkMake(directory);
            if (Mode.isDevice(type) && !process.cred().isPrivileged()) {
                throw EPERM.error();
            }
            int newMode = process.newMode(directory, type | mode & Mode.PERMISSIONS);
            int device = Mode.isDevice(type) ? rdev : 0;
            learn(directory, directory.node().mknod(walk.changing(), newMode, device, process.cred()), newMode);
        }
    }

    void symlink(byte[] target, int dirfd, byte[] path) throws IOException {
        Namei.checked(target);
        try (var walk = newName(dirfd, path, false)) {
            Vnode directory = walk.directory();
            process.checkMake(directory);
            Node node = directory.node().symlink(walk.changing(), target.clone(), process.cred());
            learn(directory, node, Mode.S_IFLNK);
        }
    }

    void link(int dirfd, byte[] path, int newDirfd, byte[] newPath, int flags) throws IOException {
        if ((flags & ~(Process.AT_SYMLINK_FOLLOW | Process.AT_EMPTY_PATH)) != 0) {
            throw EINVAL.error();
        }
        boolean follow = (flags & Process.AT_SYMLINK_FOLLOW) != 0;
        try (var held = new Held(process.find(dirfd, path, follow, flags));
                var walk = newName(newDirfd, newPath, false)) {
            Vnode target = held.vnode();
            Vnode directory = walk.directory();
            if (directory.mount != target.mount) {
                throw EXDEV.error();
            }
            process.checkMake(directory);
            if (target.isDirectory()) {
                throw EPERM.error();
            }
            if (target.removed && !target.linkable && target.attr().nlink() == 0) {
                throw ENOENT.error();
            }
            directory.node().link(target.node(), walk.changing());
        }
    }

    void unlink(int dirfd, byte[] path) throws IOException {
        try (var walk = Namei.toParent(process, dirfd, path)) {
            if (walk.kind() != Namei.Kind.NORMAL) {
                throw EISDIR.error();
            }
            walk.directory().mount.requireWritable();
            try (var held = new Held(victim(walk))) {
                Vnode victim = held.vnode();
                if (walk.hasTrailingSlash()) {
                    throw (victim.isDirectory() ? EISDIR : ENOTDIR).error();
                }
                checkDelete(walk.directory(), victim, false);
                walk.directory().node().unlink(walk.changing());
                victim.removed = true;
            }
        }
    }

    void rmdir(int dirfd, byte[] path) throws IOException {
        try (var walk = Namei.toParent(process, dirfd, path)) {
            switch (walk.kind()) {
                case DOT -> throw EINVAL.error();
                case DOT_DOT -> throw ENOTEMPTY.error();
                case ROOT -> throw EBUSY.error();
                case NORMAL -> {}
            }
            walk.directory().mount.requireWritable();
            try (var held = new Held(victim(walk))) {
                Vnode victim = held.vnode();
                checkDelete(walk.directory(), victim, true);
                walk.directory().node().rmdir(walk.changing());
                victim.removed = true;
                victim.dead = true;
            }
        }
    }

    private static Vnode victim(Namei walk) throws IOException {
        Vnode victim = walk.child();
        if (victim == null) {
            throw ENOENT.error();
        }
        return victim;
    }

    /// Whether the entry of `victim` may be removed, or replaced by a file that is a directory or not. (Linux:
    /// `may_delete`, then the test for a mount point.)
    void checkDelete(Vnode directory, Vnode victim, boolean asDirectory) throws IOException {
        process.checkMode(directory, Access.WRITE | Access.EXECUTE);
        Attr attr = directory.attr();
        boolean sticky = (attr.mode() & Mode.S_ISVTX) != 0;
        if (sticky && !process.owns(attr) && !process.owns(victim.attr())) {
            throw EPERM.error();
        }
        if (asDirectory && !victim.isDirectory()) {
            throw ENOTDIR.error();
        }
        if (!asDirectory && victim.isDirectory()) {
            throw EISDIR.error();
        }
        if (victim.covering != null) {
            throw EBUSY.error();
        }
    }
}
