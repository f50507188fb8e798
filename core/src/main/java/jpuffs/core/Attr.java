// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.core;

/// The attributes of a file, as stat(2) and statx(2) tell them. Immutable; made by [#file], [#directory],
/// [#symlink] or [#of] and refined by the `with` methods.
///
/// @param ino the inode number; 0 lets the driver choose one that stays the same while it knows the node
/// @param mode type and permissions, see [Mode]
/// @param nlink the number of names
/// @param rdev the device a device file stands for, see [Dev]
/// @param size in bytes
/// @param blocks in units of 512 bytes, whatever `blksize` says
/// @param blksize the preferred size of I/O in bytes; 0 lets the driver choose
/// @param btime the time of creation; [Time#EPOCH] if not known
public record Attr(
        long ino,
        int mode,
        int nlink,
        int uid,
        int gid,
        int rdev,
        long size,
        long blocks,
        int blksize,
        Time atime,
        Time mtime,
        Time ctime,
        Time btime) {

    /// A file of the type and permissions in `mode`, of root, at [Time#EPOCH], empty; a directory has two links,
    /// else one.
    public static Attr of(int mode) {
        int nlink = Mode.isDirectory(mode) ? 2 : 1;
        return new Attr(0, mode, nlink, 0, 0, 0, 0, 0, 4096, Time.EPOCH, Time.EPOCH, Time.EPOCH, Time.EPOCH);
    }

    /// A regular file of `size` bytes.
    public static Attr file(int permissions, long size) {
        return of(Mode.S_IFREG | permissions).withSize(size);
    }

    public static Attr directory(int permissions) {
        return of(Mode.S_IFDIR | permissions);
    }

    /// A symbolic link whose target has `length` bytes.
    public static Attr symlink(int length) {
        return of(Mode.S_IFLNK | 0777).withSize(length);
    }

    public boolean isDirectory() {
        return Mode.isDirectory(mode);
    }

    public boolean isRegular() {
        return Mode.isRegular(mode);
    }

    public boolean isSymlink() {
        return Mode.isSymlink(mode);
    }

    public Attr withIno(long ino) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withMode(int mode) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withNlink(int nlink) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withOwner(int uid, int gid) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withRdev(int rdev) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    /// The same with another size, and the blocks a file without holes of that size has.
    public Attr withSize(long size) {
        return withSize(size, (size + 511) >>> 9); // also of the largest size
    }

    public Attr withSize(long size, long blocks) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withBlksize(int blksize) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    public Attr withTimes(Time atime, Time mtime, Time ctime) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, atime, mtime, ctime, btime);
    }

    /// All four times at `time`, as a new file has them.
    public Attr withTimes(Time time) {
        return new Attr(ino, mode, nlink, uid, gid, rdev, size, blocks, blksize, time, time, time, time);
    }
}
