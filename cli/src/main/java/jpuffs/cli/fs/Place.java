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

/// A path on a volume.
///
/// @param prefix what the user wrote before it, as in `disk.img@p2:`; empty for the host
@SuppressWarnings("ArrayRecordComponent") // nobody changes it, and places are not compared
record Place(Volume volume, String prefix, byte[] path) {
    private static final int DIR = Process.AT_FDCWD;

    Process process() {
        return volume.process();
    }

    /// As the user would write it.
    @Override
    public String toString() {
        return prefix + new String(path, UTF_8);
    }

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

    Attr stat() throws ErrnoException {
        return process().fstatat(DIR, path, 0).attr();
    }

    Attr lstat() throws ErrnoException {
        return process().fstatat(DIR, path, Process.AT_SYMLINK_NOFOLLOW).attr();
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
        return process().readlinkat(DIR, path);
    }

    int open(int flags, int mode) throws ErrnoException {
        return process().openat(DIR, path, flags, mode);
    }

    void mkdir(int mode) throws ErrnoException {
        process().mkdirat(DIR, path, mode);
    }

    void unlink(Attr attr) throws ErrnoException {
        process().unlinkat(DIR, path, Mode.isDirectory(attr.mode()) ? Process.AT_REMOVEDIR : 0);
    }

    /// The entries without `.` and `..`, by name.
    List<Place> list() throws ErrnoException {
        var names = new ArrayList<Name>();
        int fd = open(OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
        try {
            for (int before = -1; before != names.size(); ) {
                before = names.size();
                process().getdents(fd, (name, ino, mode, cookie) -> names.add(name));
            }
        } finally {
            process().close(fd);
        }
        return names.stream()
                .filter(name -> !name.isDot() && !name.isDotDot())
                .sorted()
                .map(this::child)
                .toList();
    }
}
