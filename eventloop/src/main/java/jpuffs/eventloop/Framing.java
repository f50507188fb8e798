// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.eventloop;

import java.nio.ByteOrder;
import jpuffs.core.ErrnoException;

/// A protocol as the loop needs to know it: where a frame ends, and which request a reply belongs to. Each
/// [Channel] has its own.
///
/// All methods run on the loop's thread, in no context: they must not wait ([#stray] may spawn a context that
/// does). A frame handed to [#length] or [#tag] is lent, one handed to [#stray] belongs to it.
public interface Framing {
    /// What [#length] answers when it has not seen enough.
    long MORE = 0;

    /// What [#tag] answers for a frame that is no reply, such as a request of the peer: it goes to [#stray].
    long NO_TAG = Long.MIN_VALUE;

    /// The length in bytes, header included, of the frame that begins with `head`; [#MORE] if it takes more bytes
    /// to tell. `head` may have less than the frame or more, and grows until the answer is not MORE.
    ///
    /// A negative length, one beyond [#maxSize()], and an exception close the read side, with EPROTO or the
    /// exception's errno, before anything is allocated. (The peer of a Unix-domain socket then gets EPIPE.) Not
    /// asked where [#messages()] is true.
    long length(FrameBuf head) throws ErrnoException;

    /// What a request and its reply have in common. Asked of every frame that arrives and of every request that
    /// waits for a reply. An exception means a frame that is malformed: it closes the read side, or fails the call.
    long tag(FrameBuf frame) throws ErrnoException;

    /// The largest frame, in bytes, either way. Default: 1 MiB.
    default int maxSize() {
        return 1 << 20;
    }

    /// The byte order of the protocol's numbers. Default: big-endian.
    default ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }

    /// Whether the descriptor keeps frames apart itself (SOCK_SEQPACKET, SOCK_DGRAM, /dev/fuse): one read is one
    /// frame. Default: no, bytes flow.
    default boolean messages() {
        return false;
    }

    /// Takes a frame that answers no request and that nobody receives directly. Default: drops it.
    default void stray(Channel channel, FrameBuf frame) {
        frame.close();
    }

    /// Told once for each side of the descriptor that is closed by an error, by the peer (ECONNRESET) or by
    /// [Channel#close()]; all waiters have been released then. When both are, the channel has closed its
    /// descriptor. Default: nothing.
    default void closed(Channel channel, Channel.Side side, ErrnoException why) {}
}
