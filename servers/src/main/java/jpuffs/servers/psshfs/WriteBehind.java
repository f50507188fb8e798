// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
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

    private final RemoteFile file;
    private final Waiters waiters = new Waiters();
    private @Nullable FrameBuf packet;
    private @Nullable OpenFile by; // whose packet it is
    private long start; // its offset in the file
    private int length;
    private int underway; // requests
    private long end; // the end of what was written since the server told the size
    private boolean pushing;
    private @Nullable ErrnoException failure;
    private int failures;
    private int confirmed; // writes
    private @Nullable SftpConnection holder; // whose server has taken some since the last fsync
    private boolean doubtful; // so has one of an earlier connection

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

    /// Counts the failures: see [#check].
    int failures() {
        return failures;
    }

    /// Throws the last failure if there was one since `seen`. May ask the server what it means, and yield.
    void check(int seen) throws IOException {
        if (failures != seen && failure != null) {
            throw file.fs.explain(failure.errno().error("%s", String.valueOf(failure.getMessage())));
        }
    }

    /// Takes all of `src`. Yields while there is too much under way.
    void write(OpenFile open, MemorySegment src, long off) throws IOException {
        int max = open.maxWrite();
        long size = src.byteSize();
        for (long done = 0; done < size; ) {
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
        while (packet != null) {
            if (pushing) {
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

    private void pushNow() throws IOException {
        OpenFile open = by;
        if (open == null) {
            return;
        }
        Name handle;
        SftpConnection c;
        try {
            ServerFile there = open.main();
            handle = there.await();
            c = there.connection();
            c.awaitRoom();
        } catch (ErrnoException e) {
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
        send(c, handle, full);
    }

    /// Nothing yields from here on: what is given away is queued.
    private void send(SftpConnection c, Name handle, FrameBuf full) {
        int count = length;
        length = 0;
        underway++;
        file.changed();
        try {
            FrameBuf ready = addressed(c, handle, full, count);
            c.start(ready, (reply, why) -> {
                file.fs.writeBudget().give(count);
                underway--;
                doubtful |= holder != null && !holder.equals(c);
                holder = c;
                confirmed++;
                replied(c, reply, why);
            });
        } catch (ErrnoException e) {
            file.fs.writeBudget().give(count);
            underway--;
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

    /// A request of this file was answered, that nobody waits for.
    void replied(SftpConnection c, @Nullable FrameBuf reply, @Nullable ErrnoException why) {
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
        Psshfs.LOG.log(Level.WARNING, "a write failed: " + why.getMessage());
        failure = why;
        failures++;
        file.changed();
        waiters.wake();
    }

    /// Counts the writes that were answered: see [#durable].
    int confirmed() {
        return confirmed;
    }

    /// Throws EIO, once, if something that was written since the last fsync was taken over another connection than
    /// this: its server may have been started anew, and have forgotten it.
    void checkDurable(SftpConnection now) throws ErrnoException {
        boolean doubt = doubtful || holder != null && !holder.equals(now);
        if (doubt) {
            doubtful = false;
            holder = null;
            throw Errno.EIO.error("the connection was lost before what was written was on the server's disk");
        }
    }

    /// All that was answered when [#confirmed] was so much is on the disk.
    void durable(int sofar) {
        if (confirmed == sofar) {
            holder = null;
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
