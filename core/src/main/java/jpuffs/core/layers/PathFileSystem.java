// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core.layers;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import jpuffs.core.Attr;
import jpuffs.core.Cred;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.Node;
import jpuffs.core.SetAttr;
import jpuffs.core.StatFs;
import org.jspecify.annotations.Nullable;

/// A file system whose server thinks in paths: a database, an archive, a remote shell. [PathView#of] makes a
/// [jpuffs.core.FileSystem] of it.
///
/// [#getattr], [#list] and [#read] are all a readable one needs. Every operation means what the one of the same
/// name means in [Node], and has its default. The view has checked, by [#getattr], that what is to be used is there
/// and of the right type and that what is to be made is not. There are no hard links: link(2) fails with EPERM.
///
/// A file that was removed has no path: what is still open of it goes on as far as its [Handle] has state of its
/// own, else it fails with ESTALE.
public interface PathFileSystem {
    /// The attributes of what is at `path`, or null if nothing is. A path below something that is no directory has
    /// nothing.
    @Nullable
    Attr getattr(NamePath path) throws IOException;

    /// The names in the directory `path`, without `.` and `..`.
    Collection<Name> list(NamePath path) throws IOException;

    /// Fills `dst` from `off`; returns the count, 0 at the end.
    int read(NamePath path, MemorySegment dst, long off) throws IOException;

    /// Writes `src` at `off`; returns the count. Default: EROFS.
    default int write(NamePath path, MemorySegment src, long off) throws IOException {
        throw EROFS.error();
    }

    /// Opens `file`, which is at `path`. Default: passes everything on to the operations here, by the path the file
    /// has then.
    default Handle open(NamePath path, Node file, int flags) throws IOException {
        return new Handle(file, flags);
    }

    /// Makes what was written durable. Default: nothing to do.
    default void fsync(NamePath path, boolean dataOnly) throws IOException {}

    /// Changes attributes. Default: EROFS.
    default void setattr(NamePath path, SetAttr change) throws IOException {
        throw EROFS.error();
    }

    /// Makes a file that is neither a directory nor a symbolic link. Default: EROFS.
    default void mknod(NamePath path, int mode, int rdev, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// Makes a directory. Default: EROFS.
    default void mkdir(NamePath path, int mode, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// Makes a symbolic link. Default: EROFS.
    default void symlink(NamePath path, byte[] target, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// The target of a symbolic link. Default: EINVAL.
    default byte[] readlink(NamePath path) throws IOException {
        throw EINVAL.error();
    }

    /// Removes a file that is not a directory. Default: EROFS.
    default void unlink(NamePath path) throws IOException {
        throw EROFS.error();
    }

    /// Removes a directory. ENOTEMPTY; default: EROFS.
    default void rmdir(NamePath path) throws IOException {
        throw EROFS.error();
    }

    /// Moves what is at `path`, with all below it, replacing what is at `newPath`. ENOTEMPTY, EINVAL for flags not
    /// supported; default: EROFS.
    default void rename(NamePath path, NamePath newPath, int flags) throws IOException {
        throw EROFS.error();
    }

    /// An extended attribute, or null. Default: EOPNOTSUPP.
    default byte @Nullable [] getxattr(NamePath path, Name name) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// The names of the extended attributes. Default: none.
    default List<Name> listxattr(NamePath path) throws IOException {
        return List.of();
    }

    /// Sets an extended attribute. Default: EOPNOTSUPP.
    default void setxattr(NamePath path, Name name, byte[] value, int flags) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// Removes an extended attribute. Default: EOPNOTSUPP.
    default void removexattr(NamePath path, Name name) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// Sizes and counts. Default: [StatFs#UNKNOWN].
    default StatFs statfs() throws IOException {
        return StatFs.UNKNOWN;
    }
}
