// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// The handles of an open file on further connections. The protocol can open a path only, at which there may be
/// another file by now, so each is used only when it was found to be of the same file: by equal attributes if it is
/// only read; if it is written, by a time that is set through the one and seen through the other.
final class Branches {
    private static final int MARKS = 3600;

    private final OpenFile open;
    private final RemoteFile file;
    private final Map<Integer, ServerFile> handles = new HashMap<>(); // by lane
    private final Set<ServerFile> same = new HashSet<>(); // those that were found to be

    Branches(OpenFile open, RemoteFile file) {
        this.open = open;
        this.file = file;
    }

    /// The file on a further lane, if it can be used there; else that is begun. Does not wait for it.
    @Nullable
    ServerFile on(int lane) throws ErrnoException {
        ServerFile there = handles.get(lane);
        if (there != null && there.isLive()) {
            return there.isReady() && same.contains(there) ? there : null;
        }
        Lane other = file.fs.link().lane(lane);
        SftpConnection c = other.connection();
        if (c != null && c.isOpen() && file.isNamed()) {
            same.remove(there);
            ServerFile begun = ServerFile.open(other, c, file.path(), OpenFile.protocolFlags(open.flags()));
            handles.put(lane, begun);
            c.loop().spawn(() -> examine(begun));
        }
        return null;
    }

    private void examine(ServerFile there) {
        try {
            if (isSame(there)) {
                same.add(there);
            }
        } catch (IOException e) {
            Psshfs.LOG.log(Level.DEBUG, "no second handle of a file", e);
        }
    }

    private boolean isSame(ServerFile there) throws IOException {
        if (!OpenFlags.canWrite(open.flags())) {
            return shareAttributes(there);
        }
        there.await(); // before anything is held up for it
        return file.writes().whileQuiet(() -> shareTimes(there));
    }

    private boolean shareAttributes(ServerFile there) throws IOException {
        FileAttrs now = fstat(there);
        return areEqual(file.attrs(), now) || areEqual(fstat(open.main()), now); // the file may have changed meanwhile
    }

    private static boolean areEqual(FileAttrs known, FileAttrs now) {
        return known.equals(now.withTimes(known.atime(), now.mtime())); // the server may count reading
    }

    private boolean shareTimes(ServerFile there) throws IOException {
        ServerFile main = open.main();
        FileAttrs before = fstat(main);
        long mark = Math.max(0, before.mtime() - 1 - ThreadLocalRandom.current().nextInt(MARKS));
        setTime(main, before, mark);
        try {
            return fstat(there).mtime() == mark;
        } finally {
            setTime(main, before, before.mtime());
        }
    }

    private static void setTime(ServerFile there, FileAttrs before, long mtime) throws ErrnoException {
        SftpConnection c = there.connection();
        FileAttrs times = FileAttrs.NONE.withTimes(before.atime(), mtime);
        try (FrameBuf reply = c.call(Requests.fsetstat(c, there.await(), times))) {
            Replies.status(c, reply);
        }
    }

    static FileAttrs fstat(ServerFile there) throws IOException {
        Name handle = there.await();
        SftpConnection c = there.connection();
        try (FrameBuf reply = c.call(Requests.fstat(c, handle))) {
            return Replies.attrs(c, reply);
        }
    }

    /// Closes them all.
    void end() {
        handles.values().forEach(ServerFile::end);
    }
}
