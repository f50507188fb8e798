// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.psshfs;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.eventloop.FrameBuf;
import jpuffs.eventloop.ReplyHandler;
import jpuffs.servers.sftp.Replies;
import jpuffs.servers.sftp.Requests;
import jpuffs.servers.sftp.SftpConnection;
import org.jspecify.annotations.Nullable;

/// A piece of a file that was asked for in advance. It takes part of its budget until it is dropped and answered.
final class Chunk implements ReplyHandler {
    private final Budget budget;
    private final SftpConnection connection;
    private final long off;
    private final int length;
    private final Waiters waiters = new Waiters();
    private @Nullable FrameBuf reply;
    private int data; // where the bytes are in the reply
    private int count;
    private int taken; // bytes that somebody has read
    private boolean done;
    private boolean dropped;

    Chunk(Budget budget, SftpConnection connection, long off, int length) {
        this.budget = budget;
        this.connection = connection;
        this.off = off;
        this.length = length;
        budget.take(length);
    }

    void ask(Name handle) throws ErrnoException {
        boolean sent = false;
        try {
            connection.start(Requests.read(connection, handle, off, length), this);
            sent = true;
        } finally {
            done |= !sent;
        }
    }

    boolean covers(long at) {
        return at >= off && at < off + length;
    }

    long end() {
        return off + length;
    }

    boolean isRead() {
        return done && taken >= count;
    }

    @Override
    public void replied(@Nullable FrameBuf frame, @Nullable ErrnoException failure) {
        done = true;
        if (frame != null) {
            reply = frame;
            try {
                count = Replies.data(connection, frame, length);
                data = frame.position();
            } catch (ErrnoException e) {
                count = 0; // who reads asks again, and is told
            }
        }
        waiters.wake();
        if (dropped) {
            free();
        }
    }

    /// Copies what is there from `at` on. Yields until the answer is here.
    ///
    /// @return 0 if there is nothing: at the end of the file, after a failure, or if it was dropped meanwhile
    int read(MemorySegment dst, long at) throws ErrnoException {
        while (!done && !dropped) {
            waiters.await();
        }
        FrameBuf from = reply;
        int skip = (int) (at - off);
        if (from == null || dropped || skip >= count) {
            return 0;
        }
        int n = (int) Math.min(dst.byteSize(), count - skip);
        MemorySegment.copy(from.view(data + skip, n), 0, dst, 0, n);
        taken += n;
        return n;
    }

    /// It is not needed any more.
    void drop() {
        if (!dropped) {
            dropped = true;
            waiters.wake();
            if (done) {
                free();
            }
        }
    }

    private void free() {
        budget.give(length);
        if (reply != null) {
            reply.close();
            reply = null;
        }
    }
}
