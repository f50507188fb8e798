// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.util.ArrayDeque;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.ForgetOne;

/// FORGETs: sent when they come up, several in one message if several are there. What the socket does not take
/// waits for the next request.
final class Forgets {
    private static final int BATCH = 64;
    private static final int BATCH_IN = 8; // fuse_batch_forget_in

    private record Forgotten(long nodeid, long lookups) {}

    private final Connection connection;
    private final ArrayDeque<Forgotten> waiting = new ArrayDeque<>();
    private boolean batches;

    Forgets(Connection connection) {
        this.connection = connection;
    }

    /// The server understands messages with several.
    synchronized void batch() {
        batches = true;
    }

    /// Takes `lookups` look-ups of a node back at the next [#flush].
    synchronized void add(long nodeid, long lookups) {
        waiting.add(new Forgotten(nodeid, lookups));
    }

    /// Sends what there is, as far as the socket takes it.
    synchronized void flush() {
        while (!waiting.isEmpty()) {
            int count = batches ? Math.min(BATCH, waiting.size()) : 1;
            try (Message message = count == 1 ? one() : batch(count)) {
                if (!connection.trySend(message)) {
                    return;
                }
            }
            for (int i = 0; i < count; i++) {
                waiting.remove();
            }
        }
    }

    private Message one() {
        Forgotten first = waiting.element();
        return new Message(Opcode.FORGET, first.nodeid, 8, 0).set(0, first.lookups);
    }

    private Message batch(int count) {
        var message = new Message(Opcode.BATCH_FORGET, 0, BATCH_IN + count * ForgetOne.SIZE, 0).set(0, count);
        int at = BATCH_IN;
        for (Forgotten next : waiting) {
            if (at >= BATCH_IN + count * ForgetOne.SIZE) {
                break;
            }
            message.set(at + ForgetOne.NODEID, next.nodeid).set(at + ForgetOne.NLOOKUP, next.lookups);
            at += ForgetOne.SIZE;
        }
        return message;
    }
}
