// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.util.ArrayDeque;
import java.util.Queue;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Who waits for the frames of a channel: direct receivers in turn, before them all; then calls, by tag; what is
/// left goes to the framing.
final class Inbox {
    /// Calls without a reply, given up ones among them, that a channel keeps in mind.
    private static final int MAX_CALLS = 1 << 16;

    private final Channel channel;
    private final Framing framing;
    private final CallTable calls = new CallTable();
    private final Queue<Receipt> receipts = new ArrayDeque<>();

    Inbox(Channel channel, Framing framing) {
        this.channel = channel;
        this.framing = framing;
    }

    /// A call for the reply to `request`. It is in the inbox from [#add] on.
    Call begin(FrameBuf request, @Nullable CallContext context, @Nullable ReplyHandler handler) throws ErrnoException {
        long tag = framing.tag(request);
        if (tag == Framing.NO_TAG) {
            throw Errno.EINVAL.error("a request without a tag");
        }
        if (calls.get(tag) != null) {
            throw Errno.EBUSY.error("tag %d has no reply yet", tag);
        }
        if (calls.size() >= MAX_CALLS) {
            throw Errno.ENOBUFS.error("%d calls without a reply", calls.size());
        }
        return new Call(tag, context, handler);
    }

    void add(Call call) {
        calls.put(call);
    }

    void remove(Call call) {
        calls.remove(call);
    }

    void add(Receipt receipt) {
        receipts.add(receipt);
    }

    void remove(Receipt receipt) {
        receipts.remove(receipt);
    }

    /// Takes a whole frame, to whom it is for.
    ///
    /// @throws ErrnoException if it is malformed; it is closed then
    void deliver(FrameBuf frame) throws ErrnoException {
        Receipt receipt = receipts.poll();
        if (receipt != null) {
            receipt.complete(frame);
            return;
        }
        Call call = find(frame);
        frame.seek(0);
        if (call == null) {
            stray(frame);
        } else {
            calls.remove(call);
            call.complete(frame);
        }
    }

    private @Nullable Call find(FrameBuf frame) throws ErrnoException {
        boolean readable = false;
        try {
            long tag = framing.tag(frame);
            readable = true;
            return tag == Framing.NO_TAG ? null : calls.get(tag);
        } finally {
            if (!readable) {
                frame.close();
            }
        }
    }

    private void stray(FrameBuf frame) {
        try {
            framing.stray(channel, frame);
        } catch (Throwable e) {
            Tasks.failed("framing", e);
        }
    }

    /// Nothing will come any more.
    void failAll(ErrnoException why) {
        for (Call call : calls.removeAll()) {
            call.fail(why);
        }
        for (Receipt receipt = receipts.poll(); receipt != null; receipt = receipts.poll()) {
            receipt.fail(why);
        }
    }
}
