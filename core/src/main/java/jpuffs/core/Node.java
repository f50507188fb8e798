// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.EISDIR;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTDIR;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file of any kind: all a file system must implement. Driven by the FUSE server and by the in-process kernel
/// alike.
///
/// Every operation but [#getattr()] has a default, whose errno is named with it. Rules for all of them:
///
/// * **Identity.** Two nodes that are equal are one file. While a driver knows a node (from the first answer that
///   had it to [#reclaim]), a look-up of the same file must answer an equal node.
/// * **Permissions** are the driver's business: it has checked them (or the kernel has) before an operation is
///   called. Rules of structure (EEXIST, ENOTEMPTY, EISDIR ...) are the node's. Names have been checked to be 1 to
///   255 bytes without slash and NUL and not to be `.` or `..`.
/// * **Buffers** are borrowed until return. To keep bytes, copy them.
/// * **Yielding.** Any operation may block in ways that park a virtual thread, and then others run: what was read
///   before may be stale after.
/// * **Failure** is an [ErrnoException]. Any other IOException is mapped by [Errno#of(IOException)]; a
///   RuntimeException is a bug: the caller gets EIO, the log the trace, and the mount lives on.
/// * A **nlink** that falls to 0 does not end a node: it is used until [#reclaim].
public interface Node {
    /// [#rename] must not replace: EEXIST if the new name exists (renameat2(2), RENAME_NOREPLACE).
    int RENAME_NOREPLACE = 1;

    /// [#rename] exchanges the two names, which both must exist (RENAME_EXCHANGE).
    int RENAME_EXCHANGE = 2;

    /// [#rename] leaves a whiteout, a character device 0/0, at the old name (RENAME_WHITEOUT).
    int RENAME_WHITEOUT = 4;

    /// The attributes now. Must not fail for a node that was unlinked but not reclaimed.
    Attr getattr() throws IOException;

    /// Tells this file from an earlier one of the same inode number; the pair must never come twice in the life of
    /// the file system. Default: 0, right where inode numbers are not used again.
    default long generation() {
        return 0;
    }

    /// Changes attributes and returns the new ones. Rules of POSIX on ctime, mtime and the set-id bits are in
    /// [SetAttr#applyTo]. Default: EROFS.
    default Attr setattr(SetAttr change) throws IOException {
        throw EROFS.error();
    }

    // Directories

    /// The child called `name`, or null if there is none. Default: ENOTDIR.
    default @Nullable Node lookup(Name name) throws IOException {
        throw ENOTDIR.error();
    }

    /// The child called `name` and its attributes, or null: for servers that learn both at once. Default: [#lookup]
    /// and [#getattr()].
    default @Nullable Entry entry(Name name) throws IOException {
        Node child = lookup(name);
        return child == null ? null : new Entry(child, child.getattr());
    }

    /// Puts the entries that follow `cookie` (0: all) into `sink` until it refuses one or there are no more.
    ///
    /// Cookies are the server's: any value from 1 to [Long#MAX_VALUE] - 2. A cookie stays good while entries are
    /// added and removed: an entry that is there all the time between the first and the last readdir is told
    /// exactly once, also when the entry the cookie came with is gone. Default: ENOTDIR.
    default void readdir(long cookie, DirSink sink) throws IOException {
        throw ENOTDIR.error();
    }

    /// Makes a file that is neither a directory nor a symbolic link.
    ///
    /// @param mode type and permissions; the umask has been applied. For a new file's owner, group and final
    ///     mode see [Access#created]
    /// @param rdev for a device file, see [Dev]
    /// @param cred who will own it
    /// @throws IOException EEXIST, ENOSPC; default: EROFS
    default Node mknod(Name name, int mode, int rdev, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// Makes a regular file and opens it. Default: [#mknod] and [#open].
    ///
    /// @param mode permissions and S_IFREG
    /// @param flags of open(2)
    default Handle create(Name name, int mode, int flags, Cred cred) throws IOException {
        return mknod(name, mode, 0, cred).open(flags);
    }

    /// Makes a regular file that has no name, nlink 0, and opens it (O_TMPFILE). [#link] may give it a name.
    /// Default: EOPNOTSUPP.
    default Handle tmpfile(int mode, int flags, Cred cred) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// Makes a directory. EEXIST, ENOSPC, EMLINK; default: EROFS.
    default Node mkdir(Name name, int mode, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// Makes a symbolic link. EEXIST, ENOSPC; default: EROFS.
    ///
    /// @param target at most 4095 bytes, not empty, without NUL
    default Node symlink(Name name, byte[] target, Cred cred) throws IOException {
        throw EROFS.error();
    }

    /// Gives `target`, a node of the same file system and not a directory, a further name here. EEXIST, EMLINK;
    /// default: EROFS.
    default void link(Node target, Name name) throws IOException {
        throw EROFS.error();
    }

    /// Removes the name of a file that is not a directory. ENOENT, EISDIR; default: EROFS.
    default void unlink(Name name) throws IOException {
        throw EROFS.error();
    }

    /// Removes an empty directory. ENOENT, ENOTDIR, ENOTEMPTY; default: EROFS.
    default void rmdir(Name name) throws IOException {
        throw EROFS.error();
    }

    /// Moves `name` to `newName` in `newDirectory`, a node of the same file system, replacing what is there at
    /// once.
    ///
    /// The driver has checked that a directory is not moved into itself. If both names are one file, nothing
    /// happens. ENOENT; ENOTEMPTY; ENOTDIR (a directory would replace something else); EISDIR (the reverse); EINVAL
    /// for flags not supported. Default: EROFS.
    ///
    /// @param flags a set of [#RENAME_NOREPLACE], [#RENAME_EXCHANGE], [#RENAME_WHITEOUT]
    default void rename(Name name, Node newDirectory, Name newName, int flags) throws IOException {
        throw EROFS.error();
    }

    /// The target of a symbolic link. Default: EINVAL.
    default byte[] readlink() throws IOException {
        throw EINVAL.error();
    }

    // Open files

    /// Opens the file or directory. Default: a [Handle] that keeps nothing and passes everything on to this node.
    ///
    /// @param flags of open(2): access mode, O_APPEND, O_DIRECT, O_SYNC ...; never O_CREAT, O_EXCL or O_TRUNC,
    ///     which the driver does by itself
    default Handle open(int flags) throws IOException {
        return new Handle(this, flags);
    }

    /// Fills `dst` from `off`; returns the count, less than asked only at the end of the file, 0 beyond. Default:
    /// EISDIR.
    default int read(MemorySegment dst, long off) throws IOException {
        throw EISDIR.error();
    }

    /// Writes `src` at `off`, growing the file; returns the count. ENOSPC, EFBIG; default: EROFS.
    default int write(MemorySegment src, long off) throws IOException {
        throw EROFS.error();
    }

    /// Makes what was written durable: data and, unless `dataOnly`, all attributes. Default: nothing to do.
    default void fsync(boolean dataOnly) throws IOException {}

    /// fallocate(2). Default: EOPNOTSUPP, also the errno for a mode that is not supported.
    default void fallocate(int mode, long off, long len) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// The offset of the next data or hole at or after `off`. ENXIO beyond the end; default: ENOSYS (all is data).
    ///
    /// @param hole SEEK_HOLE if true, else SEEK_DATA
    default long seek(long off, boolean hole) throws IOException {
        throw ENOSYS.error();
    }

    /// Copies up to `len` bytes to `target`, a node of the same file system; returns the count. The ranges do not
    /// overlap in one file. Default: EOPNOTSUPP (the driver reads and writes).
    default long copyFileRange(long off, Node target, long targetOff, long len) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// ioctl(2) with the data its command number says. Default: ENOTTY.
    ///
    /// @param in the data of an `_IOW` command, else empty
    /// @param out filled by an `_IOR` command
    /// @return the result of the call
    default int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        throw ENOTTY.error();
    }

    /// The events of poll(2) among `events` that are ready now. Default: ENOSYS (always ready).
    ///
    /// @param waker if not null, called once when others may be ready, from any thread
    default int poll(int events, @Nullable Runnable waker) throws IOException {
        throw ENOSYS.error();
    }

    // Locks

    /// A lock that keeps `lock` from being had, or null. Default: ENOSYS (the kernel keeps the locks of one mount).
    default @Nullable Lock getlk(Lock lock) throws IOException {
        throw ENOSYS.error();
    }

    /// Takes or gives up a lock. EAGAIN if another is in the way and not `wait`; EDEADLK, EINTR. Default: ENOSYS.
    default void setlk(Lock lock, boolean wait) throws IOException {
        throw ENOSYS.error();
    }

    // Extended attributes

    /// setxattr must make it new: EEXIST (XATTR_CREATE).
    int XATTR_CREATE = 1;

    /// setxattr must replace it: ENODATA (XATTR_REPLACE).
    int XATTR_REPLACE = 2;

    /// The value, or null if there is none (ENODATA for the caller). Default: EOPNOTSUPP.
    default byte @Nullable [] getxattr(Name name) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// The names. Default: none.
    default List<Name> listxattr() throws IOException {
        return List.of();
    }

    /// Sets the value. EEXIST, ENODATA, ENOSPC, E2BIG; default: EOPNOTSUPP.
    ///
    /// @param flags [#XATTR_CREATE], [#XATTR_REPLACE] or 0
    default void setxattr(Name name, byte[] value, int flags) throws IOException {
        throw EOPNOTSUPP.error();
    }

    /// Removes it. ENODATA; default: EOPNOTSUPP.
    default void removexattr(Name name) throws IOException {
        throw EOPNOTSUPP.error();
    }

    // Life

    /// The last handle was released. Whether names are left tells [#getattr()].
    default void inactive() throws IOException {}

    /// The driver knows this node no more: what is kept for the driver may go, and the data of a file without names
    /// too.
    ///
    /// A thread-safe file system may be asked for the same file by another thread at the same time: it counts its
    /// answers, subtracts `answers` here, and keeps what is needed while the difference is not 0.
    ///
    /// @param answers how often operations (look-ups, creations, byIno) have answered this node since it was
    ///     last reclaimed
    default void reclaim(long answers) throws IOException {}
}
