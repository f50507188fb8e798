// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static jpuffs.core.Errno.EAGAIN;
import static jpuffs.core.Errno.EINTR;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Replies on their way to a client. Those of one turn leave in one call.
final class Output {
    private static final int MAX_VECTOR = 128;

    private final Stream stream;
    private final Consumer<Request> sent;
    private final Queue<Request> queue = new ArrayDeque<>();
    private final List<MemorySegment> vector = new ArrayList<>();
    private int written; // of the first
    private long bytes; // of all that is queued

    /// @param sent gets each request whose reply is out
    Output(Stream stream, Consumer<Request> sent) {
        this.stream = stream;
        this.sent = sent;
    }

    void add(Request request) {
        queue.add(request);
        bytes += request.replyLength();
    }

    /// How much is waiting to be written.
    long bytes() {
        return bytes;
    }

    /// Writes what the socket takes.
    ///
    /// @return whether all is written; else the socket is full
    /// @throws ErrnoException EPIPE, ECONNRESET: the client is gone
    boolean flush() throws ErrnoException {
        while (!queue.isEmpty()) {
            long wanted = gather();
            long count = stream.write(vector);
            if (count == -EAGAIN.number()) {
                return false;
            }
            if (count < 0 && count != -EINTR.number()) {
                throw Errno.of((int) -count).error();
            }
            took(Math.max(0, count));
            if (count > 0 && count < wanted && stream.isDirect()) {
                return false;
            }
        }
        long rest = stream.flush();
        if (rest < 0 && rest != -EAGAIN.number()) {
            throw Errno.of((int) -rest).error();
        }
        return rest == 0;
    }

    /// Lists what to write next; its size.
    private long gather() {
        vector.clear();
        int skip = written;
        long size = -written;
        for (Request request : queue) {
            size += request.replyLength();
            skip = add(request.header, request.headerLength, skip);
            skip = add(request.reply(), request.dataLength, skip);
            if (vector.size() >= MAX_VECTOR - 1) {
                break;
            }
        }
        return size;
    }

    private int add(MemorySegment bytes, int length, int skip) {
        if (skip < length) {
            vector.add(bytes.asSlice(skip, length - (long) skip));
            return 0;
        }
        return skip - length;
    }

    private void took(long count) {
        long left = count;
        for (Request first = queue.peek(); first != null; first = queue.peek()) {
            int rest = first.replyLength() - written;
            if (left < rest) {
                written += (int) left;
                return;
            }
            left -= rest;
            written = 0;
            queue.remove();
            bytes -= first.replyLength();
            sent.accept(first);
        }
    }

    /// The client is gone: nothing is written any more.
    void drop() {
        bytes = 0;
        for (Request request = queue.poll(); request != null; request = queue.poll()) {
            sent.accept(request);
        }
    }
}
