// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.cli.fs;

import static jpuffs.rump.Process.AT_SYMLINK_NOFOLLOW;

import java.util.Map;
import java.util.TreeMap;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.Time;
import jpuffs.rump.SystemCalls;
import jpuffs.rump.TimeSpec;

/// What a file has beside its bytes and its names.
///
/// @param mode its type and permissions
/// @param xattrs in the order of their names
record Metadata(int mode, int uid, int gid, Time atime, Time mtime, Map<Name, byte[]> xattrs) {
    private static final int SET_ID = Mode.S_ISUID | Mode.S_ISGID;

    /// Of a file. Attributes that may not be read are left out.
    static Metadata of(Place place, Attr attr) throws ErrnoException {
        SystemCalls calls = place.calls();
        var xattrs = new TreeMap<Name, byte[]>();
        for (Name name : calls.listxattrat(place.dir(), place.at(), AT_SYMLINK_NOFOLLOW)) {
            try {
                xattrs.put(name, calls.getxattrat(place.dir(), place.at(), AT_SYMLINK_NOFOLLOW, name));
            } catch (ErrnoException e) {
                tolerate(e);
            }
        }
        return new Metadata(attr.mode(), attr.uid(), attr.gid(), attr.atime(), attr.mtime(), xattrs);
    }

    /// Of a member of an archive, which knows one time only.
    static Metadata of(TarEntry entry) {
        var xattrs = new TreeMap<Name, byte[]>();
        entry.records.forEach((key, value) -> {
            if (key.startsWith(TarEntry.XATTR)) {
                String name = key.substring(TarEntry.XATTR.length());
                xattrs.put(Name.of(name.getBytes(TarEntry.BYTES)), value.getBytes(TarEntry.BYTES));
            }
        });
        return new Metadata(entry.fileMode(), (int) entry.uid, (int) entry.gid, entry.mtime, entry.mtime, xattrs);
    }

    /// The same with other times.
    Metadata at(Time time) {
        return new Metadata(mode, uid, gid, time, time, xattrs);
    }

    /// Gives it to a file. An owner that cannot be given, and attributes that the other file system has not, are
    /// left out; without the owner there are no set-id bits.
    ///
    /// @return whether it got all attributes
    boolean give(Place target) throws ErrnoException {
        SystemCalls calls = target.calls();
        int permissions = mode & Mode.PERMISSIONS;
        try {
            calls.fchownat(target.dir(), target.at(), uid, gid, AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            tolerate(e);
            permissions &= ~SET_ID;
        }
        boolean all = true;
        for (var xattr : xattrs.entrySet()) {
            try {
                calls.setxattrat(target.dir(), target.at(), AT_SYMLINK_NOFOLLOW, xattr.getKey(), xattr.getValue(), 0);
            } catch (ErrnoException e) {
                tolerate(e);
                all = false;
            }
        }
        if (!Mode.isSymlink(mode)) {
            calls.fchmodat(target.dir(), target.at(), permissions, 0);
        }
        calls.utimensat(target.dir(), target.at(), TimeSpec.of(atime), TimeSpec.of(mtime), AT_SYMLINK_NOFOLLOW);
        return all;
    }

    private static void tolerate(ErrnoException e) throws ErrnoException {
        if (!isLacking(e)) {
            throw e;
        }
    }

    /// Whether a file system says by it that it has no such thing.
    static boolean isLacking(ErrnoException e) {
        return e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP;
    }
}
