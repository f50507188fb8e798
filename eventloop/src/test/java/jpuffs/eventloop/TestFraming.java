// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jpuffs.core.ErrnoException;

/// length[4] tag[4] body, little-endian; the length counts itself. Tags from 2^31 on are requests of the peer.
class TestFraming implements Framing {
    static final long REQUESTS = 1L << 31;

    final List<String> events = new ArrayList<>();

    @Override
    public long length(FrameBuf head) throws ErrnoException {
        return head.size() < 4 ? MORE : head.u32(0) == 0 ? -1 : head.u32(0);
    }

    @Override
    public long tag(FrameBuf frame) throws ErrnoException {
        long tag = frame.u32(4);
        return tag < REQUESTS ? tag : NO_TAG;
    }

    @Override
    public int maxSize() {
        return 300_000;
    }

    @Override
    public ByteOrder order() {
        return ByteOrder.LITTLE_ENDIAN;
    }

    @Override
    public void stray(Channel channel, FrameBuf frame) {
        try (frame) {
            events.add("stray " + frame.u32(4));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void closed(Channel channel, Channel.Side side, ErrnoException why) {
        events.add(side + " " + why.errno());
    }
}
