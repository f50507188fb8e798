// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.ArrayDeque;
import java.util.Queue;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// One of the two lanes of a [SendQueue]: frames queued, up to a bound in bytes, and frames whose senders wait for
/// room. The frame that reaches the bound may exceed it, so that any frame fits in an empty lane.
final class Lane {
    private final long bound;
    final Queue<Outgoing> queued = new ArrayDeque<>();
    private final Queue<Outgoing> waiting = new ArrayDeque<>();
    private long bytes;

    Lane(long bound) {
        this.bound = bound;
    }

    boolean hasRoom() {
        return bytes < bound && waiting.isEmpty();
    }

    void add(Outgoing frame) {
        if (hasRoom()) {
            admit(frame);
        } else {
            waiting.add(frame);
        }
    }

    private void admit(Outgoing frame) {
        bytes += frame.size;
        queued.add(frame);
        frame.setQueued();
    }

    /// Takes the next frame to write. It counts until [#left].
    @Nullable
    Outgoing poll() {
        return queued.poll();
    }

    /// A frame has left the lane, written or not.
    void left(Outgoing frame) {
        bytes -= frame.size;
        while (bytes < bound && !waiting.isEmpty()) {
            admit(waiting.remove());
        }
    }

    /// Takes a frame out again.
    ///
    /// @return whether it was here
    boolean remove(Outgoing frame) {
        if (waiting.remove(frame)) {
            return true;
        }
        boolean found = queued.remove(frame);
        if (found) {
            left(frame);
        }
        return found;
    }

    void failAll(ErrnoException why) {
        while (!queued.isEmpty() || !waiting.isEmpty()) {
            Outgoing frame = queued.isEmpty() ? waiting.remove() : queued.remove();
            frame.fail(why);
        }
        bytes = 0;
    }
}
