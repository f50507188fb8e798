// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.eventloop.EventLoop;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.Sftp;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// An open file: a handle on the server for each lane it is read on, opened again when its connection was.
final class OpenFile extends Handle {
    /// As much as one copy-data asks for: the server does nothing else meanwhile.
    private static final long MAX_COPY = 64 << 20;

    private final RemoteFile file;
    private final Branches branches;
    private ServerFile served; // on the main lane
    private final Waiters waiters = new Waiters();
    private final ReadAhead readAhead;
    private final boolean keepCache;
    private final boolean direct;
    private boolean maker;
    private boolean reopening;
    private boolean wrote;
    private int failuresSeen;
    private boolean released;

    private OpenFile(RemoteFile file, int flags, boolean keepCache, ServerFile served) {
        super(file, flags);
        this.file = file;
        this.served = served;
        branches = new Branches(this, file);
        this.keepCache = keepCache;
        direct = file.isDirect(flags);
        readAhead = new ReadAhead(this, file);
        failuresSeen = file.writes().failures();
        file.opened(this);
    }

    /// Opens a file. Who only reads need not wait for the answer while the attributes are fresh: what the server
    /// has against it is then told by the first read.
    static OpenFile opened(RemoteFile file, int flags) throws IOException {
        return file.fs.link().safely(c -> opened(file, flags, c));
    }

    private static OpenFile opened(RemoteFile file, int flags, SftpConnection c) throws IOException {
        Lane lane = file.fs.link().main();
        ServerFile there = ServerFile.open(lane, c, file.path(), protocolFlags(flags));
        boolean done = false;
        try {
            boolean fresh = file.isFresh();
            if (!fresh) {
                file.refresh();
            }
            if (!fresh || OpenFlags.canWrite(flags)) {
                there.await();
            }
            var open = new OpenFile(file, flags, file.keepsPages(), there.keep());
            done = true;
            return open;
        } catch (ErrnoException e) {
            file.changed();
            throw RemoteNode.stale(e);
        } finally {
            if (!done) {
                there.end();
            }
        }
    }

    /// A file that was just made.
    static OpenFile created(RemoteFile file, int flags, ServerFile there) {
        var open = new OpenFile(file, flags, false, there);
        open.maker = true;
        return open;
    }

    /// A file that is being made: nobody waits for the answer. Should it be there already, the first write, fsync
    /// or close says so.
    static OpenFile creating(RemoteFile file, int flags, Name path, SftpConnection c) throws IOException {
        c.awaitRoom();
        Lane lane = file.fs.link().main();
        ServerFile there = ServerFile.create(
                lane, c, path, protocolFlags(flags), file.attrs().permissions());
        there.whenReady(file.writes()::pushSoon);
        return created(file, flags, there);
    }

    static int protocolFlags(int flags) {
        int access = OpenFlags.canRead(flags) ? Sftp.FXF_READ : 0;
        access |= OpenFlags.canWrite(flags) ? Sftp.FXF_WRITE : 0;
        return (flags & OpenFlags.O_APPEND) == 0 ? access : access | Sftp.FXF_APPEND;
    }

    // The file on the server

    /// The file on the main lane, open; opened again, if the connection was lost, provided that it is still the
    /// same. Yields.
    ///
    /// @throws IOException EIO if it is not; as [Lane#await]
    ServerFile main() throws IOException {
        while (true) {
            ServerFile there = served;
            if (there.isLive()) {
                if (isOpened(there)) {
                    return there;
                }
                continue;
            }
            if (released) {
                throw EIO.error("the file is closed");
            }
            if (reopening) {
                waiters.await();
                continue;
            }
            reopening = true;
            try {
                reopen();
            } finally {
                reopening = false;
                waiters.wake();
            }
        }
    }

    /// @return false if its connection was lost meanwhile
    private static boolean isOpened(ServerFile there) throws ErrnoException {
        try {
            there.await();
            return true;
        } catch (ErrnoException e) {
            if (there.isLive() || e.errno() == Errno.EINTR) {
                throw e;
            }
            return false;
        }
    }

    private void reopen() throws IOException {
        Link link = file.fs.link();
        SftpConnection c = link.main().await();
        try (ServerFile there = ServerFile.open(link.main(), c, file.path(), protocolFlags(flags()))) {
            if (!file.isEvident(Branches.fstat(there))) {
                throw EIO.error("%s has changed while there was no connection", file.path());
            }
            served = there.keep();
        } catch (ErrnoException e) {
            if (c.isOpen()) {
                throw EIO.error("it cannot be opened again: %s", e.getMessage());
            }
        }
    }

    /// The file on a further lane: see [Branches#on].
    @Nullable
    ServerFile onLane(int lane) throws ErrnoException {
        return branches.on(lane);
    }

    /// The attributes of the open file.
    FileAttrs ask() throws IOException {
        return file.fs.link().safely(ignored -> Branches.fstat(main()));
    }

    /// Whether the file was made by opening this, for writing.
    boolean isMaker() {
        return maker && OpenFlags.canWrite(flags());
    }

    /// Something was sent whose failure is to be told when this is closed.
    void expectAnswers() {
        wrote |= OpenFlags.canWrite(flags());
    }

    boolean isReady() {
        return served.isReady();
    }

    /// Whether the kernel is to cache nothing for this handle: see [RemoteFile#isDirect].
    boolean isDirect() {
        return direct;
    }

    /// Its connection, which may be lost.
    SftpConnection connection() {
        return served.connection();
    }

    EventLoop connectionLoop() {
        return served.connection().loop();
    }

    int maxWrite() {
        return connection().limits().maxWrite();
    }

    RemoteFile file() {
        return file;
    }

    // Operations

    @Override
    public int caching() {
        int how = keepCache ? KEEP_CACHE : 0;
        how |= direct ? DIRECT_IF_COHERENT : 0;
        return OpenFlags.canWrite(flags()) ? how : how | NOFLUSH;
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        return file.setattr(change, this);
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        if (file.writes().isBusy()) {
            file.writes().drain();
        }
        return readAhead.read(dst, off);
    }

    void dropReadAhead() {
        readAhead.drop();
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        tell();
        wrote = true;
        file.dropReadAhead();
        file.changed();
        file.writes().write(this, src, off);
        if ((flags() & OpenFlags.O_DSYNC) != 0 || file.fs.options().flag("sshfs_sync", false)) {
            file.writes().drain();
            tell();
        }
        return (int) src.byteSize();
    }

    /// Throws what went wrong with earlier writes, once.
    private void tell() throws IOException {
        int seen = failuresSeen;
        if (seen != file.writes().failures()) {
            file.writes().drain(); // what fails for the same reason is told at the same time
        }
        failuresSeen = file.writes().failures();
        file.writes().check(seen);
    }

    @Override
    public void flush() throws IOException {
        if (wrote) {
            wrote = false;
            try {
                settle();
            } catch (ErrnoException e) {
                wrote = e.errno() == Errno.EINTR;
                failuresSeen = file.writes().failures();
                throw file.fs.explain(e, file);
            }
        }
        tell();
    }

    /// Waits for the writes, and asks what the file has become in the same round trip, unless its times were set
    /// since.
    private void settle() throws IOException {
        file.writes().order();
        if (!file.isFresh()) {
            learn();
        }
        file.writes().drain();
        if (file.isFresh()) {
            file.writes().settled();
        }
    }

    /// If the connection is lost meanwhile, who wants to know the attributes asks again.
    private void learn() throws IOException {
        long when = System.nanoTime();
        int asked = file.epoch();
        ServerFile there = main();
        Name handle = there.await();
        SftpConnection c = there.connection();
        try (Pending stat = c.start(Requests.fstat(c, handle))) {
            file.writes().drain();
            try (FrameBuf reply = stat.await()) {
                file.learned(Replies.attrs(c, reply), asked, when);
            }
        } catch (ErrnoException e) {
            boolean byPath = e.errno() == Errno.ENOENT; // see RemoteFile.ask
            if (!byPath && (c.isOpen() || e.errno() == Errno.EINTR)) {
                throw e;
            }
            file.changed();
        }
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        file.writes().drain();
        tell();
        ServerFile there = main();
        SftpConnection c = there.connection();
        if (!c.has(Sftp.FSYNC)) {
            file.fs.sayNoFsync();
            return;
        }
        file.writes().checkDurable();
        int confirmed = file.writes().confirmed();
        try (FrameBuf reply = c.call(Requests.fsync(c, there.await()))) {
            Replies.status(c, reply);
        } catch (ErrnoException e) {
            throw file.fs.explain(Link.lost(c, e), file);
        }
        file.writes().durable(confirmed);
    }

    @Override
    public long copyFileRange(long off, Handle target, long targetOff, long len) throws IOException {
        if (!(target instanceof OpenFile to) || !file.has(Sftp.COPY_DATA) || to.file.equals(file)) {
            throw EOPNOTSUPP.error();
        }
        file.writes().drain();
        to.file.writes().drain();
        file.refresh();
        long count = Math.clamp(file.size() - off, 0, Math.min(len, MAX_COPY));
        if (count == 0) {
            return 0;
        }
        ServerFile from = main();
        ServerFile there = to.main();
        SftpConnection c = from.connection();
        to.wrote = true;
        to.file.changed();
        to.file.dropReadAhead();
        try (FrameBuf reply = c.call(Requests.copyData(c, from.await(), off, count, there.await(), targetOff))) {
            Replies.status(c, reply);
        } catch (ErrnoException e) {
            throw file.fs.explain(Link.lost(c, e), file);
        }
        return count;
    }

    /// What the server's user or umask made different from what was asked for is put right, without waiting.
    void correct(Attr directory, int mode) throws IOException {
        FileAttrs wanted = RemoteNode.correction(file.attrs(), directory, mode);
        if (wanted.valid() != 0) {
            file.applyLater(wanted);
        }
    }

    @Override
    public void release() throws IOException {
        try {
            file.writes().push();
        } finally {
            released = true;
            readAhead.drop();
            file.closed(this);
            served.end();
            branches.end();
        }
    }
}
