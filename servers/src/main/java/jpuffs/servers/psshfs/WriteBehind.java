// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.core.OpenFlags;
import jpuffs.eventloop.FrameBuf;
import jpuffs.servers.sftp.FileAttrs;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// The writes of a file that the server has not confirmed: some under way, and one packet that is being filled.
///
/// What follows what was written last joins its packet, until that is full, or until nothing is under way (a single
/// write is not held back), or something asks for the data to be on the server first. A failure is kept, and every
/// open file that can write is told it once.
final class WriteBehind {
    /// What OpenSSH's handles have; with others the packet is copied once more.
    private static final Name NO_HANDLE = Name.of(new byte[4]);

    private static final int FIRST = 4 << 10;

    /// A file of which so much was written, while so many packets are under way, is worth a second connection.
    private static final long MANY_BYTES = 8 << 20;

    private static final int MANY_PACKETS = 6;

    private final RemoteFile file;
    private final Waiters waiters = new Waiters();
    private @Nullable FrameBuf packet;
    private @Nullable OpenFile by; // whose packet it is
    private long start; // its offset in the file
    private int length;
    private @Nullable FileAttrs behind; // to be set after the packet
    private int underway; // requests
    private long end; // the end of what was written since the server told the size
    private int elsewhere; // those of them on further connections
    private long sent; // the end of the last that was sent
    private long sentBytes;
    private int turn;
    private boolean pushing;
    private boolean quiet; // nothing is to be sent
    private @Nullable ErrnoException failure;
    private int failures;
    private int confirmed; // writes
    private final Set<SftpConnection> holders = new HashSet<>(2); // that have taken some since the last fsync

    WriteBehind(RemoteFile file) {
        this.file = file;
    }

    /// The end of all that was written and that the size on the server may not tell of yet; 0 for nothing.
    long end() {
        return end;
    }

    /// Whether something is not confirmed.
    boolean isBusy() {
        return packet != null || underway > 0;
    }

    /// Whether what was written cannot be sent yet: the file is not open on the server.
    boolean isHeldBack() {
        return behind != null || packet != null && by != null && !by.isReady();
    }

    /// Counts the failures: see [#check].
    int failures() {
        return failures;
    }

    /// Throws the last failure if there was one since `seen`. May ask the server what it means, and yield.
    void check(int seen) throws IOException {
        if (failures != seen && failure != null) {
            ErrnoException last = failure.errno().error("%s", String.valueOf(failure.getMessage()));
            throw file.fs.explain(last, file);
        }
    }

    /// Takes all of `src`. Yields while there is too much under way.
    void write(OpenFile open, MemorySegment src, long off) throws IOException {
        int max = open.maxWrite();
        long size = src.byteSize();
        for (long done = 0; done < size; ) {
            while (behind != null) {
                waiters.await();
            }
            file.fs.writeBudget().await();
            if (packet != null && (!open.equals(by) || start + length != off + done || length >= max)) {
                push();
                continue;
            }
            FrameBuf into = packet == null ? begin(open, off + done, (int) Math.min(max, size - done)) : packet;
            int count = (int) Math.min(max - length, size - done);
            into.put(src.asSlice(done, count));
            length += count;
            done += count;
            file.fs.writeBudget().take(count);
            end = Math.max(end, off + done);
            if (length >= max) {
                push();
            }
        }
        if (underway == 0 && open.isReady()) {
            push();
        }
    }

    private FrameBuf begin(OpenFile open, long off, int size) throws IOException {
        SftpConnection c = open.connection();
        FrameBuf made = Requests.write(c, NO_HANDLE, off, Math.max(FIRST, size));
        packet = made;
        by = open;
        start = off;
        length = 0;
        return made;
    }

    /// Sends the packet that is being filled. Yields; cancelled, nothing is lost.
    void push() throws IOException {
        while (packet != null || quiet) {
            if (pushing || quiet) {
                waiters.await();
                continue;
            }
            pushing = true;
            try {
                pushNow();
            } finally {
                pushing = false;
                waiters.wake();
            }
        }
    }

    /// Sends what was written, so that what is asked on the main connection next is answered after it. Yields.
    void order() throws IOException {
        push();
        while (elsewhere > 0) {
            waiters.await();
        }
    }

    /// Something to find out.
    interface Question {
        boolean ask() throws IOException;
    }

    /// Asks while nothing of the file is under way, and nothing is sent. Yields.
    boolean whileQuiet(Question question) throws IOException {
        while (quiet) {
            waiters.await();
        }
        quiet = true;
        try {
            while (pushing || underway > (behind == null ? 0 : 1)) { // who is behind waits for us
                waiters.await();
            }
            return question.ask();
        } finally {
            quiet = false;
            waiters.wake();
        }
    }

    private void pushNow() throws IOException {
        OpenFile open = by;
        if (open == null) {
            return;
        }
        Name handle;
        SftpConnection c;
        ServerFile main = null;
        ServerFile there = null;
        try {
            main = open.main();
            there = choose(open, main);
            handle = there.await();
            c = there.connection();
            c.awaitRoom();
        } catch (ErrnoException e) {
            if (there != null && !there.equals(main) && !there.isLive()) {
                return; // a further connection is lost: once more, on another
            }
            if (e.errno() != Errno.EINTR) {
                drop(e);
            }
            throw e;
        }
        FrameBuf full = packet;
        if (full == null || !open.equals(by) || !c.isOpen()) {
            return; // it was sent meanwhile, or the connection is lost: once more
        }
        packet = null;
        by = null;
        send(c, handle, full, !there.equals(main));
    }

    /// Where the packet goes. On a long line, connections take turns if a single one is full: with what is behind
    /// all that was sent, so that nothing overtakes what it overwrites.
    private ServerFile choose(OpenFile open, ServerFile main) throws IOException {
        Link link = file.fs.link();
        boolean far = main.connection().shortestNanos() > Link.FAR_NANOS;
        boolean onward = (underway == 0 || start >= sent) && (open.flags() & OpenFlags.O_APPEND) == 0;
        if (!onward || !far || sentBytes < MANY_BYTES) {
            while (!onward && elsewhere > 0) {
                waiters.await();
            }
            return main;
        }
        if (underway >= MANY_PACKETS * link.size()) {
            link.widen();
        }
        if (link.size() == 1) {
            return main;
        }
        int lane = turn++ % link.size();
        ServerFile there = lane == 0 ? main : open.onLane(lane);
        return there == null ? main : there;
    }

    /// Nothing yields from here on: what is given away is queued.
    private void send(SftpConnection c, Name handle, FrameBuf full, boolean further) {
        int count = length;
        length = 0;
        underway++;
        sent = underway == 1 ? start + count : Math.max(sent, start + count);
        sentBytes += count;
        int away = further ? 1 : 0;
        elsewhere += away;
        file.changed();
        try {
            FrameBuf ready = addressed(c, handle, full, count);
            c.start(ready, (reply, why) -> {
                file.fs.writeBudget().give(count);
                underway--;
                elsewhere -= away;
                holders.add(c);
                confirmed++;
                replied(c, reply, why);
            });
        } catch (ErrnoException e) {
            file.fs.writeBudget().give(count);
            underway--;
            elsewhere -= away;
            failed(e);
        }
    }

    private FrameBuf addressed(SftpConnection c, Name handle, FrameBuf full, int count) throws ErrnoException {
        int from = Requests.writeData(NO_HANDLE);
        if (handle.length() == NO_HANDLE.length()) {
            handle.copyTo(full.window(Requests.writeHandle(), handle.length()), 0);
            return Requests.writeLength(full, handle, count);
        }
        try (full) {
            FrameBuf copy = Requests.write(c, handle, start, count).put(full.view(from, count));
            return Requests.writeLength(copy, handle, count);
        }
    }

    /// Sends a request that changes the file, for whose answer only [#drain] waits: a failure is told as that of a
    /// write is. Yields while there is no room.
    void later(SftpConnection c, FrameBuf request) throws ErrnoException {
        boolean sent = false;
        underway++;
        try {
            c.start(request, (reply, why) -> {
                underway--;
                replied(c, reply, why);
            });
            sent = true;
        } finally {
            if (!sent) {
                underway--;
                waiters.wake();
            }
        }
    }

    /// Changes attributes after all that was written, when the file is open: what is written next waits for that.
    void laterWhenOpen(FileAttrs wanted) throws ErrnoException {
        FileAttrs before = behind;
        behind = before == null ? wanted : before.with(wanted);
        if (before == null) {
            underway++;
            file.fs.link().loop().spawn(this::sendBehind);
        }
    }

    private void sendBehind() {
        try {
            push();
            SftpConnection c = file.fs.link().main().await();
            c.awaitRoom();
            FileAttrs wanted = behind;
            behind = null;
            if (wanted != null) {
                later(c, Requests.setstat(c, file.path(), wanted));
            }
        } catch (IOException e) {
            failed(Errno.EIO.error("%s", String.valueOf(e.getMessage())));
        } finally {
            behind = null;
            underway--;
            waiters.wake();
        }
    }

    private void replied(SftpConnection c, @Nullable FrameBuf reply, @Nullable ErrnoException why) {
        if (reply == null) {
            failed(why == null ? Errno.EIO.error() : Errno.EIO.error("%s", String.valueOf(why.getMessage())));
        } else {
            try (reply) {
                Replies.status(c, reply);
            } catch (ErrnoException e) {
                failed(e);
            }
        }
        waiters.wake();
        if (underway == 0 && packet != null) {
            pushSoon();
        }
    }

    /// For callbacks, which cannot wait.
    void pushSoon() {
        if (Psshfs.mayWait()) {
            return;
        }
        OpenFile open = by;
        if (open != null) {
            open.connectionLoop().spawn(() -> {
                try {
                    push();
                } catch (IOException e) {
                    Psshfs.LOG.log(Level.DEBUG, "write-behind", e);
                }
            });
        }
    }

    private void drop(ErrnoException why) {
        if (packet != null) {
            packet.close();
            packet = null;
            by = null;
            file.fs.writeBudget().give(length);
            length = 0;
        }
        failed(why);
    }

    private void failed(ErrnoException why) {
        Psshfs.LOG.log(Level.WARNING, "a write or change failed: " + why.getMessage());
        failure = why;
        failures++;
        file.changed();
        waiters.wake();
    }

    /// Counts the writes that were answered: see [#durable].
    int confirmed() {
        return confirmed;
    }

    /// Throws EIO, once, if something that was written since the last fsync was taken over a connection that was
    /// lost since: its server may have been started anew, and have forgotten it.
    void checkDurable() throws ErrnoException {
        boolean doubt = holders.stream().anyMatch(c -> !c.isOpen());
        if (doubt) {
            holders.clear();
            throw Errno.EIO.error("the connection was lost before what was written was on the server's disk");
        }
    }

    /// All that was answered when [#confirmed] was so much is on the disk.
    void durable(int sofar) {
        if (confirmed == sofar) {
            holders.clear();
        }
    }

    /// Waits until the server has answered all that was written before. Yields.
    void drain() throws IOException {
        push();
        while (underway > 0) {
            waiters.await();
        }
    }

    /// The server has told the size, after everything that was written.
    void settled() {
        if (!isBusy()) {
            end = 0;
        }
    }

    /// The size was set, after everything that was written.
    void truncated() {
        end = 0;
    }
}
