// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Mode;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Pending;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A regular file.
final class RemoteFile extends RemoteNode {
    /// A file changed so recently may change again within the second that the protocol's times resolve.
    private static final int RECENT_SECONDS = 2;

    private List<OpenFile> opens = List.of(); // replaced, not changed
    private @Nullable WriteBehind writes; // of most files there are none
    private @Nullable FileAttrs cached; // the attributes when the kernel's pages were good

    RemoteFile(Psshfs fs, long ino, FileAttrs attrs, long when) {
        super(fs, ino, attrs, when);
    }

    WriteBehind writes() {
        WriteBehind all = writes;
        if (all == null) {
            all = new WriteBehind(this);
            writes = all;
        }
        return all;
    }

    /// Whether the kernel is to cache nothing for a handle that is opened with these flags: for one that can only
    /// write, since a file that has changed is read from the server when it is opened again anyhow. Pages of other
    /// handles could be filled while a write is on its way: beside those it is cached, too, and all that are opened
    /// beside one that is not are not either.
    boolean isDirect(int flags) {
        return OpenFlags.canRead(flags)
                ? opens.stream().anyMatch(OpenFile::isDirect)
                : opens.stream().allMatch(OpenFile::isDirect);
    }

    void opened(OpenFile open) {
        opens = Stream.concat(opens.stream(), Stream.of(open)).toList();
    }

    void closed(OpenFile open) {
        opens = opens.stream().filter(other -> !other.equals(open)).toList();
    }

    @Override
    long size() {
        return writes == null ? attrs().size() : Math.max(attrs().size(), writes.end());
    }

    @Override
    void learned(FileAttrs now, int asked, long when) {
        boolean other = now.size() != attrs().size() || now.mtime() != attrs().mtime();
        super.learned(now, asked, when);
        if (other) {
            dropReadAhead();
        }
    }

    /// What was read ahead is not what is in the file now.
    void dropReadAhead() {
        for (OpenFile open : opens) {
            open.dropReadAhead();
        }
    }

    /// Whether the pages that the kernel has from earlier are still those of the file; from now on they are.
    boolean keepsPages() {
        FileAttrs now = attrs();
        FileAttrs then = cached;
        cached = now;
        long age = System.currentTimeMillis() / 1000 - now.mtime();
        return then != null && then.size() == now.size() && then.mtime() == now.mtime() && age > RECENT_SECONDS;
    }

    /// Whether what was opened again by its path is still this file, as far as one can tell.
    boolean isEvident(FileAttrs now) {
        if (!Mode.isRegular(mode(now)) || now.uid() != attrs().uid()) {
            return false;
        }
        boolean same = now.size() == attrs().size() && now.mtime() == attrs().mtime();
        return same || !isFresh() && now.mtime() >= attrs().mtime(); // we changed it ourselves
    }

    @Override
    boolean canAsk() {
        return isNamed() || anyOpen() != null;
    }

    private @Nullable OpenFile anyOpen() {
        for (OpenFile open : opens) {
            if (OpenFlags.canWrite(open.flags())) {
                return open;
            }
        }
        return opens.isEmpty() ? null : opens.getFirst();
    }

    /// After all that was written before.
    @Override
    FileAttrs ask() throws IOException {
        writes().order();
        OpenFile open = anyOpen();
        if (isNamed() || open == null) {
            return super.ask();
        }
        try {
            return open.ask();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) { // a server that looks at the path (MINA): open, it is there
                return attrs().withSize(size());
            }
            throw e;
        }
    }

    /// Waits until it is surely open on the server: it is about to lose a name by which it could be opened.
    void keepOpen() throws IOException {
        for (OpenFile open : opens) {
            open.main();
        }
    }

    @Override
    public OpenFile open(int flags) throws IOException {
        return OpenFile.opened(this, flags);
    }

    @Override
    void apply(FileAttrs wanted, @Nullable OpenFile given) throws IOException {
        boolean async = fs.options().flag("async_create", false) && isNamed() && !wanted.has(FileAttrs.SIZE);
        if (async || isOfNew(wanted)) {
            applyLater(wanted);
            return;
        }
        writes().order();
        OpenFile open = given == null ? anyOpen() : given;
        boolean asked = given != null || !isNamed() || writes().isBusy();
        if (open != null && asked && usable(open, wanted)) {
            fs.link().safely(ignored -> applyTo(open, wanted));
        } else {
            try {
                super.apply(wanted, null);
            } catch (ErrnoException e) {
                throw wanted.has(FileAttrs.SIZE) ? tooLarge(e, wanted) : e;
            }
        }
        if (wanted.has(FileAttrs.SIZE)) {
            writes().truncated();
            dropReadAhead();
            if (attrs().size() < wanted.size()) {
                lengthen(wanted.size(), given);
            }
        }
    }

    /// For a server that can cut files only, and says nothing (MINA): its last byte makes a file longer.
    private void lengthen(long size, @Nullable OpenFile given) throws IOException {
        OpenFile open = given != null && (given.flags() & OpenFlags.O_APPEND) == 0 ? given : open(OpenFlags.O_WRONLY);
        try {
            open.write(MemorySegment.ofArray(new byte[1]), size - 1);
            open.flush();
        } finally {
            if (!open.equals(given)) {
                open.release();
            }
        }
    }

    /// A "failure" to make a file longer.
    private ErrnoException tooLarge(ErrnoException e, FileAttrs wanted) throws IOException {
        ErrnoException why = fs.explain(e, this);
        boolean grows = wanted.size() > attrs().size() && e.errno() == Errno.EREMOTEIO;
        return grows && why.errno() == Errno.EIO ? Errno.EFBIG.error("%s", String.valueOf(e.getMessage())) : why;
    }

    private static boolean usable(OpenFile open, FileAttrs wanted) {
        return !wanted.has(FileAttrs.SIZE) || OpenFlags.canWrite(open.flags());
    }

    /// In order with its writes, since it is about the same handle.
    private boolean applyTo(OpenFile open, FileAttrs wanted) throws IOException {
        long when = System.nanoTime();
        ServerFile file = open.main();
        Name handle = file.await();
        SftpConnection c = file.connection();
        changed();
        int asked = epoch();
        boolean predictable = isPredictable(wanted);
        if (predictable) {
            FileAttrs after = predicted(wanted);
            try (Pending set = c.start(Requests.fsetstat(c, handle, wanted))) {
                status(c, set);
            } catch (ErrnoException e) {
                throw owner(stale(e), wanted); // MINA's server looks at the path here, too
            }
            if (asked == epoch()) {
                settled(after);
            }
            return true;
        }
        FileAttrs now;
        try (Pending set = c.start(Requests.fsetstat(c, handle, wanted));
                Pending stat = c.start(Requests.fstat(c, handle))) {
            status(c, set);
            try (FrameBuf reply = stat.await()) {
                now = Replies.attrs(c, reply);
            }
        } catch (ErrnoException e) {
            throw wanted.has(FileAttrs.SIZE) ? tooLarge(stale(e), wanted) : owner(stale(e), wanted);
        }
        learned(now, asked, when);
        return true;
    }

    /// Sends the change behind all writes, and believes that it succeeds; else the next write, fsync or close
    /// tells. Yields.
    void applyLater(FileAttrs wanted) throws IOException {
        opens.forEach(OpenFile::expectAnswers);
        if (writes().isHeldBack()) {
            writes().laterWhenOpen(wanted);
        } else {
            writes().order();
            SftpConnection c = fs.link().main().await();
            c.awaitRoom();
            writes().later(c, Requests.setstat(c, path(), wanted));
        }
        if (isPredictable(wanted)) {
            settled(predicted(wanted));
        } else {
            changed(predicted(wanted));
        }
    }

    /// Whether a change can hardly fail, and can be told of later if it does: times and permissions of a file that
    /// somebody has just made here, and writes still.
    private boolean isOfNew(FileAttrs wanted) {
        boolean own = !wanted.has(FileAttrs.SIZE) && !wanted.has(FileAttrs.UIDGID);
        return own && isNamed() && opens.stream().anyMatch(OpenFile::isMaker);
    }

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        OpenFile open = open(OpenFlags.O_RDONLY);
        try {
            return open.read(dst, off);
        } finally {
            open.release();
        }
    }
}
