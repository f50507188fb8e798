// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.ENOTCONN;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EREMOTEIO;

import java.util.ArrayList;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.StatFs;
import jpuffs.eventloop.FrameBuf;
import org.jspecify.annotations.Nullable;

/// Reads replies. A STATUS in place of what was asked for is thrown as an errno; a reply of any other kind, or one
/// that is malformed, ends the connection with EPROTO.
///
/// The errnos: ENOENT, EACCES, EINVAL, EOPNOTSUPP; EREMOTEIO for "failure", which is all that the protocol says of
/// EEXIST, ENOTEMPTY, ENOSPC and most others: who asked must find out.
public final class Replies {
    private static final int MAX_HANDLE = 256; // section 6.3
    private static final int MAX_TEXT = 200;
    private static final int MIN_NAME = 12; // two lengths and the flags of the attributes

    private Replies() {}

    /// One entry of a NAME reply. The line that `ls -l` would print, which it has too, is not looked at.
    public record Entry(Name name, FileAttrs attrs) {}

    /// Reads part of a reply.
    private interface Reader<T> {
        T read(FrameBuf reply) throws ErrnoException;
    }

    /// `reply` with its cursor on the body, if it is of type `type`.
    ///
    /// @throws ErrnoException what a STATUS says; EPROTO for a reply of another type
    static FrameBuf body(SftpConnection from, FrameBuf reply, int type) throws ErrnoException {
        int found = reply.u8(SftpFraming.TYPE);
        reply.seek(SftpFraming.BODY);
        if (found == type) {
            return reply;
        }
        if (found != Sftp.STATUS) {
            throw from.violated("the server sent a reply of type %d, not %d", found, type);
        }
        ErrnoException failure = statusOf(from, reply);
        if (failure == null) {
            throw from.violated("the server says success and nothing else, not a reply of type %d", type);
        }
        throw failure;
    }

    private static <T> T read(SftpConnection from, FrameBuf reply, int type, Reader<T> reader) throws ErrnoException {
        return whole(from, body(from, reply, type), reader);
    }

    private static <T> T whole(SftpConnection from, FrameBuf reply, Reader<T> reader) throws ErrnoException {
        try {
            return reader.read(reply);
        } catch (ErrnoException e) {
            throw e.errno() == Errno.EBADMSG ? from.violated("the server sent a bad reply: %s", e.getMessage()) : e;
        }
    }

    /// The failure in a STATUS; null for success.
    private static @Nullable ErrnoException statusOf(SftpConnection from, FrameBuf reply) throws ErrnoException {
        try {
            return readStatus(reply);
        } catch (ErrnoException e) {
            throw from.violated("the server sent a bad reply: %s", e.getMessage());
        }
    }

    private static @Nullable ErrnoException readStatus(FrameBuf reply) throws ErrnoException {
        int code = reply.i32();
        if (code == Sftp.OK) {
            return null;
        }
        String text = reply.remaining() < 4 ? "" : printable(reply.string32());
        return errno(code).error("the server says %d (%s)", code, text);
    }

    private static Errno errno(int code) {
        return switch (code) {
            case Sftp.EOF -> Errno.ENODATA;
            case Sftp.NO_SUCH_FILE -> ENOENT;
            case Sftp.PERMISSION_DENIED -> EACCES;
            case Sftp.BAD_MESSAGE -> EINVAL;
            case Sftp.NO_CONNECTION, Sftp.CONNECTION_LOST -> ENOTCONN;
            case Sftp.OP_UNSUPPORTED -> EOPNOTSUPP;
            default -> EREMOTEIO;
        };
    }

    /// Text of the server that can be logged: no control characters, not long.
    static String printable(String text) {
        String shown = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    /// Reads the STATUS that a request without a result gets.
    public static void status(SftpConnection from, FrameBuf reply) throws ErrnoException {
        ErrnoException failure = statusOf(from, body(from, reply, Sftp.STATUS));
        if (failure != null) {
            throw failure;
        }
    }

    /// The handle of OPEN and OPENDIR.
    public static Name handle(SftpConnection from, FrameBuf reply) throws ErrnoException {
        return read(from, reply, Sftp.HANDLE, r -> {
            Name handle = r.name32();
            if (handle.length() > MAX_HANDLE) {
                throw from.violated("the server sent a handle of %d bytes", handle.length());
            }
            return handle;
        });
    }

    public static FileAttrs attrs(SftpConnection from, FrameBuf reply) throws ErrnoException {
        return read(from, reply, Sftp.ATTRS, FileAttrs::read);
    }

    /// How many bytes READ has brought, which lie behind the cursor now: at most `max`, 0 at the end of the file.
    public static int data(SftpConnection from, FrameBuf reply, int max) throws ErrnoException {
        if (isEof(reply)) {
            return 0;
        }
        return read(from, reply, Sftp.DATA, r -> {
            long count = r.u32();
            if (count > max || count > r.remaining()) {
                throw from.violated("the server sent %d bytes of data where %d were asked for", count, max);
            }
            return (int) count;
        });
    }

    /// Whether this is the STATUS for the end of a file or listing.
    public static boolean isEof(FrameBuf reply) throws ErrnoException {
        return reply.u8(SftpFraming.TYPE) == Sftp.STATUS
                && reply.size() >= SftpFraming.BODY + 4
                && reply.i32(SftpFraming.BODY) == Sftp.EOF;
    }

    /// The entries of a NAME reply; none at the end of a listing.
    public static List<Entry> names(SftpConnection from, FrameBuf reply) throws ErrnoException {
        if (isEof(reply)) {
            return List.of();
        }
        return read(from, reply, Sftp.NAME, r -> {
            long count = r.u32();
            if (count > r.remaining() / MIN_NAME) {
                throw from.violated("the server announces %d names in %d bytes", count, r.remaining());
            }
            var entries = new ArrayList<Entry>((int) count);
            for (long i = 0; i < count; i++) {
                Name name = r.name32();
                FileAttrs.skipString(r);
                entries.add(new Entry(name, FileAttrs.read(r)));
            }
            return entries;
        });
    }

    /// The one name of a REALPATH or READLINK.
    public static Name name(SftpConnection from, FrameBuf reply) throws ErrnoException {
        List<Entry> entries = names(from, reply);
        if (entries.size() != 1) {
            throw from.violated("the server sent %d names where one was asked for", entries.size());
        }
        return entries.getFirst().name();
    }

    /// The reply of `statvfs@openssh.com`: what statvfs(3) has, in 64 bits each.
    public static StatFs statvfs(SftpConnection from, FrameBuf reply) throws ErrnoException {
        return read(from, reply, Sftp.EXTENDED_REPLY, r -> {
            r.skip(8);
            int unit = Math.clamp(r.u64(), 1, 1 << 30);
            long blocks = r.u64();
            long free = r.u64();
            long available = r.u64();
            long files = r.u64();
            long filesFree = r.u64();
            r.skip(3 * 8);
            return new StatFs(unit, blocks, free, available, files, filesFree, Math.clamp(r.u64(), 1, Name.MAX));
        });
    }

    /// The reply of `users-groups-by-id@openssh.com`: the names of the users and groups asked for, empty where
    /// there is none.
    public static List<List<String>> usersGroups(SftpConnection from, FrameBuf reply) throws ErrnoException {
        return read(from, reply, Sftp.EXTENDED_REPLY, r -> List.of(strings(from, r), strings(from, r)));
    }

    private static List<String> strings(SftpConnection from, FrameBuf reply) throws ErrnoException {
        int length = (int) Math.min(reply.u32(), Integer.MAX_VALUE);
        if (length > reply.remaining()) {
            throw from.violated("the server sent a list of %d bytes in %d", length, reply.remaining());
        }
        int end = reply.position() + length;
        var found = new ArrayList<String>();
        while (reply.position() < end) {
            found.add(reply.string32());
        }
        return found;
    }
}
