// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.testkit;

/// What a case may need that not every file system, or not every way to it, has. A case asks by [Env#requires] and
/// is skipped by that name.
public enum Feature {
    /// Names for files that have one already.
    LINKS,
    /// The number of a file's names is known, whoever made them and when.
    LINK_COUNTS,
    /// A file is found whatever name it has meanwhile; elsewhere it may get lost between two steps of one call.
    INODES,
    SYMLINKS,
    /// The text of a symbolic link is kept as it is, with all its slashes.
    LINK_TEXT,
    /// A file that was looked up or opened can be used in all ways when it has no name any more.
    UNNAMED_FILES,
    /// mknod(2) of fifos and sockets.
    FIFOS,
    /// mknod(2) of devices.
    DEVICES,
    /// Each bit of the permissions is kept.
    MODES,
    /// Names that differ in small and capital letters only are different.
    CASE,
    /// chown(2), and processes of other users.
    USERS,
    /// A directory counts the `..` of those in it as links.
    DIRECTORY_LINKS,
    /// Times with each second. Elsewhere those of modification have every other one, and those of access the day.
    SECONDS,
    /// Times with nanoseconds.
    NANOSECONDS,
    /// Times from 1902 to 2446.
    WIDE_TIMES,
    /// Times of change of their own: elsewhere a file's is that of its last modification.
    CTIME,
    /// Reading sets the time of last access, at least in the manner of `relatime`.
    ATIME,
    /// Truncating an empty file sets its times.
    TRUNCATE_TIMES,
    /// The time of birth.
    BTIME,
    /// Names of any bytes.
    ANY_BYTES,
    /// Files of more than 4 GiB.
    LARGE_FILES,
    /// Files of 4 TiB.
    HUGE_FILES,
    /// Links to more than 1,024 bytes.
    LONG_SYMLINKS,
    /// What was never written takes no room.
    SPARSE,
    /// SEEK_HOLE finds holes.
    SEEK_HOLE,
    FALLOCATE,
    PUNCH_HOLE,
    ZERO_RANGE,
    COLLAPSE_RANGE,
    COPY_RANGE,
    TMPFILE,
    RENAME_FLAGS,
    WHITEOUT,
    /// Attributes in the `user.` space.
    XATTRS,
    /// More than 1 KiB of them in one file.
    LARGE_XATTRS,
    /// Attributes in the `trusted.` space.
    TRUSTED_XATTRS,
    /// POSIX access control lists.
    ACLS,
    /// Locks of fcntl(2).
    RECORD_LOCKS,
    /// Locks of flock(2).
    FLOCK,
    MMAP,
    /// Writing through a mapping sets the times at once. The kernel does not hear of it where it passes I/O to a
    /// backing file.
    MAP_TIMES,
    /// Programs can be run from it.
    EXEC,
    /// The JDK and programs can reach it by path.
    HOST_PATH,
    /// It can be made of a given size, and is full then.
    SIZE_LIMIT,
    /// What cannot be written is told by the write(2) itself, not by a later one.
    WRITE_ERRORS,
    /// Paths of PATH_MAX bytes below the root, and files deeper than that.
    LONG_PATHS,
    /// statvfs(3) tells sizes.
    STATFS,
    /// It tells how many files there are as well.
    FILE_COUNTS,
    /// Files can be made and changed. What has not this has what the cases of read-only file systems would make: a
    /// file `f` with `text` in it, a directory `d`, a link `l` to `f`, a fifo `p`; and runs only those.
    WRITABLE,
    /// It can be turned read-only.
    REMOUNT,
    /// Cases work in the root of the file system, not in a folder of it.
    IN_ROOT,
    /// What is in it is still there after unmounting and mounting.
    PERSISTENT,
    /// name_to_handle_at(2) and open_by_handle_at(2).
    FILE_HANDLES
}
