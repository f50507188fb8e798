// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.rump.Process;
import jpuffs.rump.Stat;
import jpuffs.rump.SystemCalls;

/// A path on a volume.
///
/// @param prefix what the user wrote before it, as in `disk.img@p2:`; empty for the host
/// @param dir with `at`, how system calls get there: a descriptor of a directory, or [Process#AT_FDCWD]
/// @param at the path from `dir`
@SuppressWarnings("ArrayRecordComponent") // nobody changes them, and places are not compared
record Place(Volume volume, String prefix, byte[] path, int dir, byte[] at) {
    Place(Volume volume, String prefix, byte[] path) {
        this(volume, prefix, path, Process.AT_FDCWD, path);
    }

    SystemCalls calls() {
        return volume.calls();
    }

    /// As the user would write it.
    @Override
    public String toString() {
        return prefix + new String(path, UTF_8);
    }

    /// The same, by a descriptor that is open.
    Place from(int fd, byte[] name) {
        return new Place(volume, prefix, path, fd, name);
    }

    /// Another path on the volume.
    Place with(byte[] otherPath) {
        return new Place(volume, prefix, otherPath);
    }

    Place child(Name name) {
        boolean slash = path.length > 0 && path[path.length - 1] == '/';
        byte[] child = Arrays.copyOf(path, path.length + (slash ? 0 : 1) + name.length());
        child[path.length] = '/';
        byte[] bytes = name.toBytes();
        System.arraycopy(bytes, 0, child, child.length - bytes.length, bytes.length);
        return with(child);
    }

    /// Without slashes at the end, but for the root.
    private int end() {
        int end = path.length;
        while (end > 1 && path[end - 1] == '/') {
            end--;
        }
        return end;
    }

    private int lastSlash() {
        int at = end() - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    /// The last component; empty for the root.
    Name base() {
        return Name.of(Arrays.copyOfRange(path, lastSlash() + 1, end()));
    }

    /// What it is in.
    Place parent() {
        int slash = lastSlash();
        return with(slash < 0 ? new byte[] {'.'} : slash == 0 ? new byte[] {'/'} : Arrays.copyOf(path, slash));
    }

    /// @param flags of fstatat(2)
    Stat stat(int flags) throws ErrnoException {
        return calls().fstatat(dir, at, flags);
    }

    Attr stat() throws ErrnoException {
        return stat(0).attr();
    }

    Attr lstat() throws ErrnoException {
        return stat(Process.AT_SYMLINK_NOFOLLOW).attr();
    }

    /// Whether it is a directory, links followed; what cannot be looked at is none.
    boolean isDirectory() {
        try {
            return stat().isDirectory();
        } catch (ErrnoException e) {
            return false;
        }
    }

    byte[] readlink() throws ErrnoException {
        return calls().readlinkat(dir, at);
    }

    int open(int flags, int mode) throws ErrnoException {
        return calls().openat(dir, at, flags, mode);
    }

    void mkdir(int mode) throws ErrnoException {
        calls().mkdirat(dir, at, mode);
    }

    void unlink(Attr attr) throws ErrnoException {
        calls().unlinkat(dir, at, Mode.isDirectory(attr.mode()) ? Process.AT_REMOVEDIR : 0);
    }

    /// The entries without `.` and `..`, by name.
    List<Place> list() throws ErrnoException {
        return names().stream().map(this::child).toList();
    }

    /// The names of the entries without `.` and `..`, in their order.
    List<Name> names() throws ErrnoException {
        var names = new ArrayList<Name>();
        int fd = open(OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
        try {
            for (int before = -1; before != names.size(); ) {
                before = names.size();
                calls().getdents(fd, (name, ino, mode, cookie) -> names.add(name));
            }
        } finally {
            calls().close(fd);
        }
        names.removeIf(name -> name.isDot() || name.isDotDot());
        names.sort(null);
        return names;
    }
}
