// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A request of a client, from its header to the end of its reply. One object serves many, one after the other.
final class Request {
    /// Room for the longest header with what stands before the data.
    static final int HEADER = 64;

    int type;
    int flags;
    long cookie;
    long offset;
    long length;

    @Nullable
    Payload payload; // of a WRITE, or for the reply

    @Nullable
    MemorySegment inPlace; // the data of a reply that are sent from where they are

    @Nullable
    MemorySegment target; // where a WRITE's data go as they come, in place of the payload

    int received; // how much of a WRITE's data is there

    /// The number of the error in the protocol; 0 for none.
    int error;

    final MemorySegment header;
    int headerLength;
    int dataLength; // of the payload, to be sent behind the header

    /// @param header memory of [#HEADER] bytes for the reply
    Request(MemorySegment header) {
        this.header = header;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// The data of a WRITE.
    MemorySegment data() {
        if (target != null) {
            return target;
        }
        return payload == null ? MemorySegment.NULL : payload.memory().asSlice(0, length);
    }

    /// The data of the reply.
    MemorySegment reply() {
        if (inPlace != null) {
            return inPlace;
        }
        return payload == null ? MemorySegment.NULL : payload.memory().asSlice(0, dataLength);
    }

    int replyLength() {
        return headerLength + dataLength;
    }

    /// Gives back what it holds; it can be another request then.
    void clear() {
        if (payload != null) {
            payload.close();
            payload = null;
        }
        inPlace = null;
        target = null;
        received = 0;
        error = 0;
        headerLength = 0;
        dataLength = 0;
    }
}
