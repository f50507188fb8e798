// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import java.util.Collection;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;

/// Makes requests; each is to be given to [SftpConnection#call] or [SftpConnection#start] of the same connection.
/// Paths and handles are bytes. Extensions are to be used only where [SftpConnection#has] them.
public final class Requests {
    /// Where WRITE has the length of its data, after the handle: see [#write].
    private static final int WRITE_HEADER = SftpFraming.BODY + 4 + 8 + 4;

    private Requests() {}

    private static FrameBuf of(SftpConnection c, int type, Name name) throws ErrnoException {
        return c.request(type, SftpFraming.BODY + 4 + name.length() + 32).putName32(name);
    }

    /// Opens a file, or makes it.
    ///
    /// @param flags a set of the `FXF` constants of [Sftp]
    public static FrameBuf open(SftpConnection c, Name path, int flags, FileAttrs attrs) throws ErrnoException {
        return attrs.write(of(c, Sftp.OPEN, path).put32(flags));
    }

    public static FrameBuf close(SftpConnection c, Name handle) throws ErrnoException {
        return of(c, Sftp.CLOSE, handle);
    }

    public static FrameBuf read(SftpConnection c, Name handle, long offset, int length) throws ErrnoException {
        return of(c, Sftp.READ, handle).put64(offset).put32(length);
    }

    /// A WRITE without data: these are added with `put`, and at last [#writeLength] says how many they are.
    ///
    /// @param capacity how many bytes it will be
    public static FrameBuf write(SftpConnection c, Name handle, long offset, int capacity) throws ErrnoException {
        return c.request(Sftp.WRITE, WRITE_HEADER + handle.length() + capacity)
                .putName32(handle)
                .put64(offset)
                .put32(0);
    }

    public static FrameBuf writeLength(FrameBuf write, Name handle, int length) throws ErrnoException {
        return write.put32(SftpFraming.BODY + 4 + handle.length() + 8, length);
    }

    /// Where the handle of a WRITE is, behind its length.
    public static int writeHandle() {
        return SftpFraming.BODY + 4;
    }

    /// Where the data of a WRITE begin.
    public static int writeData(Name handle) {
        return WRITE_HEADER + handle.length();
    }

    public static FrameBuf stat(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.STAT, path);
    }

    public static FrameBuf lstat(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.LSTAT, path);
    }

    public static FrameBuf fstat(SftpConnection c, Name handle) throws ErrnoException {
        return of(c, Sftp.FSTAT, handle);
    }

    public static FrameBuf setstat(SftpConnection c, Name path, FileAttrs attrs) throws ErrnoException {
        return attrs.write(of(c, Sftp.SETSTAT, path));
    }

    public static FrameBuf fsetstat(SftpConnection c, Name handle, FileAttrs attrs) throws ErrnoException {
        return attrs.write(of(c, Sftp.FSETSTAT, handle));
    }

    public static FrameBuf lsetstat(SftpConnection c, Name path, FileAttrs attrs) throws ErrnoException {
        return attrs.write(c.extended(Sftp.LSETSTAT).putName32(path));
    }

    public static FrameBuf opendir(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.OPENDIR, path);
    }

    public static FrameBuf readdir(SftpConnection c, Name handle) throws ErrnoException {
        return of(c, Sftp.READDIR, handle);
    }

    public static FrameBuf remove(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.REMOVE, path);
    }

    public static FrameBuf mkdir(SftpConnection c, Name path, FileAttrs attrs) throws ErrnoException {
        return attrs.write(of(c, Sftp.MKDIR, path));
    }

    public static FrameBuf rmdir(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.RMDIR, path);
    }

    public static FrameBuf realpath(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.REALPATH, path);
    }

    /// As [#realpath], and `~` and `~user` at its start are homes.
    public static FrameBuf expandPath(SftpConnection c, Name path) throws ErrnoException {
        return c.extended(Sftp.EXPAND_PATH).putName32(path);
    }

    /// Does not replace.
    public static FrameBuf rename(SftpConnection c, Name from, Name to) throws ErrnoException {
        return of(c, Sftp.RENAME, from).putName32(to);
    }

    public static FrameBuf posixRename(SftpConnection c, Name from, Name to) throws ErrnoException {
        return c.extended(Sftp.POSIX_RENAME).putName32(from).putName32(to);
    }

    public static FrameBuf hardlink(SftpConnection c, Name from, Name to) throws ErrnoException {
        return c.extended(Sftp.HARDLINK).putName32(from).putName32(to);
    }

    public static FrameBuf readlink(SftpConnection c, Name path) throws ErrnoException {
        return of(c, Sftp.READLINK, path);
    }

    /// OpenSSH has the two paths in this order, against the draft (its `PROTOCOL`, section 4.1).
    public static FrameBuf symlink(SftpConnection c, Name target, Name path) throws ErrnoException {
        return of(c, Sftp.SYMLINK, target).putName32(path);
    }

    public static FrameBuf statvfs(SftpConnection c, Name path) throws ErrnoException {
        return c.extended(Sftp.STATVFS).putName32(path);
    }

    public static FrameBuf fsync(SftpConnection c, Name handle) throws ErrnoException {
        return c.extended(Sftp.FSYNC).putName32(handle);
    }

    /// Copies from one open file to another.
    ///
    /// @param length more than 0, which would mean all that follows
    public static FrameBuf copyData(SftpConnection c, Name from, long offset, long length, Name to, long toOffset)
            throws ErrnoException {
        return c.extended(Sftp.COPY_DATA)
                .putName32(from)
                .put64(offset)
                .put64(length)
                .putName32(to)
                .put64(toOffset);
    }

    public static FrameBuf usersGroups(SftpConnection c, Collection<Integer> uids, Collection<Integer> gids)
            throws ErrnoException {
        return ids(ids(c.extended(Sftp.USERS_GROUPS), uids), gids);
    }

    private static FrameBuf ids(FrameBuf to, Collection<Integer> ids) throws ErrnoException {
        to.put32(4L * ids.size());
        for (int id : ids) {
            to.put32(id);
        }
        return to;
    }
}
