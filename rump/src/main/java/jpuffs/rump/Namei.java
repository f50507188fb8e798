// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.rump;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ELOOP;
import static jpuffs.core.Errno.ENAMETOOLONG;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTDIR;

import java.io.IOException;
import java.util.Arrays;
import jpuffs.core.Access;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import org.jspecify.annotations.Nullable;

/// A walk along one path: path_resolution(7), with the order of checks of Linux `fs/namei.c`.
///
/// Use: `try (var walk = new Namei(process, dirfd, path)) { Vnode v = walk.lookup(true); ... }`, or [#toParent()]
/// and then [#directory()], [#last()], [#kind()], [#child()] for calls that make or remove a name. The walk holds
/// the directory it stands in until [#close()]; a vnode it answers is held for the caller.
final class Namei implements AutoCloseable {
    /// Symbolic links followed in one walk.
    static final int MAX_LINKS = 40;

    /// The longest path in bytes, with the NUL that C adds.
    static final int PATH_MAX = 4096;

    /// What the last component is.
    enum Kind {
        NORMAL,
        DOT,
        DOT_DOT,
        /// There is none: the path is `/`.
        ROOT
    }

    private final Proc process;
    private Vnode directory;
    private byte[] path;
    private int at;
    private int links;
    private Name last = Name.DOT;
    private Kind kind = Kind.ROOT;
    private boolean atEnd;
    private boolean trailingSlash;

    /// @throws ErrnoException ENOENT, ENAMETOOLONG, EINVAL for the path as such; EBADF, ENOTDIR for `dirfd`
    Namei(Proc process, int dirfd, byte[] path) throws IOException {
        this.process = process;
        byte[] ofHost = process.kernel().etfs().translate(checked(path));
        this.path = ofHost == null ? path : ofHost;
        if (ofHost != null) {
            directory = process.kernel().etfsRoot().hold();
        } else {
            directory =
                    path[0] == '/' ? process.root().hold() : process.base(dirfd).hold();
        }
    }

    /// A walk that stands in the directory of the last component.
    static Namei toParent(Proc process, int dirfd, byte[] path) throws IOException {
        var walk = new Namei(process, dirfd, path);
        boolean done = false;
        try {
            walk.toParent();
            done = true;
            return walk;
        } finally {
            if (!done) {
                walk.close();
            }
        }
    }

    /// @throws ErrnoException ENOENT if empty, ENAMETOOLONG, EINVAL with a NUL inside
    static byte[] checked(byte[] path) throws ErrnoException {
        if (path.length == 0) {
            throw ENOENT.error();
        }
        if (path.length >= PATH_MAX) {
            throw ENAMETOOLONG.error();
        }
        for (byte b : path) {
            if (b == 0) {
                throw EINVAL.error();
            }
        }
        return path;
    }

    /// Walks to the end.
    ///
    /// @param follow whether the last component may be a symbolic link that is followed
    /// @throws IOException ENOENT if there is no such file
    Vnode lookup(boolean follow) throws IOException {
        toParent();
        Vnode found = step(follow);
        while (found == null) {
            toParent();
            found = step(follow);
        }
        return found;
    }

    /// Looks the last component up; null if it was a symbolic link and the walk goes on.
    private @Nullable Vnode step(boolean follow) throws IOException {
        if (kind == Kind.DOT_DOT) {
            toUpper();
        }
        if (kind != Kind.NORMAL) {
            return directory.hold();
        }
        Vnode child = existing();
        if (child.isSymlink() && (follow || trailingSlash)) {
            follow(child);
            return null;
        }
        if (trailingSlash && !child.isDirectory()) {
            child.release();
            throw ENOTDIR.error();
        }
        return cross(child);
    }

    /// Walks to the directory that has, or may get, the last component.
    void toParent() throws IOException {
        next();
        while (!atEnd) {
            switch (kind) {
                case DOT_DOT -> toUpper();
                case NORMAL -> enter(existing());
                case DOT, ROOT -> {}
            }
            next();
        }
    }

    /// The directory the walk stands in; the walk holds it.
    Vnode directory() {
        return directory;
    }

    /// The last component.
    Name last() {
        return last;
    }

    Kind kind() {
        return kind;
    }

    /// Whether slashes follow the last component.
    boolean hasTrailingSlash() {
        return trailingSlash;
    }

    /// The file called [#last()], held, or null; what is mounted on it is not entered.
    @Nullable
    Vnode child() throws IOException {
        return directory.mount.lookup(directory, last);
    }

    /// Says that the operation to come changes what [#last()] is; answers its name.
    Name changing() {
        directory.mount.changes(directory, last);
        return last;
    }

    private Vnode existing() throws IOException {
        Vnode child = child();
        if (child == null) {
            throw ENOENT.error();
        }
        return child;
    }

    /// Goes on where the symbolic link [#last()] leads to; releases it.
    ///
    /// @throws IOException ELOOP beyond [#MAX_LINKS] links
    void follow(Vnode link) throws IOException {
        byte[] target;
        try (var _ = new Held(link)) {
            if (++links > MAX_LINKS) {
                throw ELOOP.error();
            }
            target = link.node().readlink();
        }
        if (target.length == 0) {
            throw ENOENT.error();
        }
        int rest = path.length - at;
        byte[] longer = Arrays.copyOf(target, target.length + rest);
        System.arraycopy(path, at, longer, target.length, rest);
        path = longer;
        at = 0;
        if (target[0] == '/') {
            stand(process.root().hold());
        }
    }

    private void enter(Vnode child) throws IOException {
        if (child.isSymlink()) {
            follow(child);
        } else {
            stand(cross(child));
        }
    }

    /// The root of what is mounted on `vnode`, or itself; moves the hold.
    static Vnode cross(Vnode vnode) {
        Vnode top = vnode;
        while (top.covering != null) {
            Vnode root = top.covering.root.hold();
            top.release();
            top = root;
        }
        return top;
    }

    private void toUpper() {
        Vnode from = directory;
        while (from != process.root() && from.parent() == null && from.mount.covered != null) {
            from = from.mount.covered;
        }
        Vnode upper = from == process.root() ? null : from.parent();
        stand(cross((upper == null ? from : upper).hold()));
    }

    private void stand(Vnode vnode) {
        directory.release();
        directory = vnode;
    }

    /// Takes the next component, after checking that it may be looked up where the walk stands.
    private void next() throws IOException {
        int start = skipSlashes(at);
        int end = start;
        while (end < path.length && path[end] != '/') {
            end++;
        }
        at = end;
        atEnd = skipSlashes(end) == path.length;
        trailingSlash = atEnd && end < path.length;
        if (!directory.isDirectory()) {
            throw ENOTDIR.error();
        }
        last = start == end ? Name.DOT : Name.of(Arrays.copyOfRange(path, start, end));
        kind = start == end ? Kind.ROOT : last.isDot() ? Kind.DOT : last.isDotDot() ? Kind.DOT_DOT : Kind.NORMAL;
        if (kind != Kind.ROOT) {
            checkSearch(end - start);
        }
    }

    private void checkSearch(int length) throws IOException {
        process.checkMode(directory, Access.EXECUTE);
        if (length > Name.MAX) {
            throw ENAMETOOLONG.error();
        }
    }

    private int skipSlashes(int from) {
        int to = from;
        while (to < path.length && path[to] == '/') {
            to++;
        }
        return to;
    }

    @Override
    public void close() {
        directory.release();
    }
}
