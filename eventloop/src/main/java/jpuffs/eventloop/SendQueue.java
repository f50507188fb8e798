// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;
import org.jspecify.annotations.Nullable;

/// What a channel has to write: the frame that is half written, then the urgent ones, then the others, each lane
/// first in first out.
final class SendQueue {
    /// As many frames as one writev takes; more would not make it faster.
    private static final int MAX_VECTOR = 64;

    private final boolean messages;
    private final Lane urgent;
    private final Lane normal;
    private @Nullable Outgoing current; // half written; it counts in its lane
    private Lane currentLane;
    private int written; // of the current one
    private long bytes;
    private final List<MemorySegment> vector = new ArrayList<>();

    /// @param messages whether each frame needs a write of its own
    /// @param bound the bytes each lane holds
    SendQueue(boolean messages, long bound) {
        this.messages = messages;
        urgent = new Lane(bound);
        normal = new Lane(bound);
        currentLane = normal;
    }

    Lane lane(boolean isUrgent) {
        return isUrgent ? urgent : normal;
    }

    /// Bytes written so far.
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return current == null && urgent.queued.isEmpty() && normal.queued.isEmpty();
    }

    /// Takes a frame out of the queue.
    ///
    /// @return whether it was there; false for one that is written, in part or all
    boolean remove(Outgoing frame) {
        return urgent.remove(frame) || normal.remove(frame);
    }

    /// Writes what the descriptor takes.
    ///
    /// @return 0 if all is written, -EAGAIN if some is left, or what else the kernel says
    long flush(Fd fd) {
        while (!isEmpty()) {
            long wanted = gather();
            long count = vector.size() == 1 ? fd.tryWrite(vector.getFirst()) : fd.tryWritev(vector);
            if (count == -Errno.EINTR.number()) {
                continue;
            }
            if (messages && count == -Errno.EMSGSIZE.number()) {
                refuse();
                continue;
            }
            if (count < 0) {
                return count;
            }
            took(count);
            if (count < wanted) {
                return -Errno.EAGAIN.number();
            }
        }
        return 0;
    }

    /// Lists what to write next.
    ///
    /// @return its size
    private long gather() {
        vector.clear();
        long size = 0;
        if (current != null) {
            vector.add(current.bytes(written));
            size = (long) current.size - written;
        }
        size += gather(urgent.queued);
        return size + gather(normal.queued);
    }

    private long gather(Queue<Outgoing> frames) {
        int room = messages ? 1 : MAX_VECTOR;
        long size = 0;
        for (Outgoing frame : frames) {
            if (vector.size() >= room) {
                break;
            }
            vector.add(frame.bytes(0));
            size += frame.size;
        }
        return size;
    }

    /// The descriptor took `count` bytes.
    private void took(long count) {
        bytes += count;
        long left = count;
        while (left > 0) {
            Outgoing frame = begin();
            long rest = (long) frame.size - written;
            if (left < rest) {
                written += (int) left;
                return;
            }
            left -= rest;
            end().setWritten();
        }
    }

    /// The descriptor will not take the next message, however long one waits: it is too large for it.
    private void refuse() {
        begin();
        end().fail(Errno.EMSGSIZE.error());
    }

    private Outgoing begin() {
        Outgoing frame = current;
        if (frame == null) {
            currentLane = urgent.queued.isEmpty() ? normal : urgent;
            frame = currentLane.queued.remove();
            current = frame;
            written = 0;
        }
        return frame;
    }

    private Outgoing end() {
        Outgoing frame = begin();
        current = null;
        currentLane.left(frame);
        return frame;
    }

    void failAll(ErrnoException why) {
        if (current != null) {
            current.fail(why);
            current = null;
        }
        urgent.failAll(why);
        normal.failAll(why);
    }
}
