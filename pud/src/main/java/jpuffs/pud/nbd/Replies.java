// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.Extent;

/// Writes replies in the form the client has asked for: simple, structured, or with extended headers.
final class Replies {
    private final boolean structured;
    private final boolean extended;

    Replies(Session session) {
        structured = session.structured;
        extended = session.extended;
    }

    /// Puts the reply to `request`, which has been run, into its header; the data of a READ and of a BLOCK_STATUS
    /// are in its payload.
    void encode(Request request) {
        if (request.error != 0) {
            failure(request);
        } else if (request.type == Nbd.CMD_READ && structured) {
            data(request);
        } else if (request.type == Nbd.CMD_BLOCK_STATUS) {
            chunk(request, extended ? Nbd.CHUNK_BLOCK_STATUS_EXT : Nbd.CHUNK_BLOCK_STATUS, 0);
        } else {
            success(request);
        }
    }

    private void success(Request request) {
        if (extended) {
            chunk(request, Nbd.CHUNK_NONE, 0);
        } else {
            simple(request);
        }
    }

    private void data(Request request) {
        if (request.dataLength == 0) {
            chunk(request, Nbd.CHUNK_NONE, 0);
            return;
        }
        chunk(request, Nbd.CHUNK_OFFSET_DATA, Long.BYTES);
        request.header.set(Nbd.LONG, request.headerLength - (long) Long.BYTES, request.offset);
    }

    private void failure(Request request) {
        request.dataLength = 0;
        boolean needsChunk = request.type == Nbd.CMD_READ || request.type == Nbd.CMD_BLOCK_STATUS;
        boolean chunked = extended || (structured && needsChunk);
        if (!chunked) {
            simple(request);
            return;
        }
        chunk(request, Nbd.CHUNK_ERROR, 6); // the number, and a message of length 0
        request.header.set(Nbd.INT, request.headerLength - 6L, request.error);
        request.header.set(Nbd.SHORT, request.headerLength - 2L, (short) 0);
    }

    private static void simple(Request request) {
        request.header.set(Nbd.INT, 0, Nbd.SIMPLE_REPLY_MAGIC);
        request.header.set(Nbd.INT, 4, request.error);
        request.header.set(Nbd.LONG, 8, request.cookie);
        request.headerLength = Nbd.SIMPLE_REPLY_SIZE;
    }

    /// The header of the one chunk of a reply, which has `more` bytes before its data.
    private void chunk(Request request, int type, int more) {
        MemorySegment header = request.header;
        header.set(Nbd.INT, 0, extended ? Nbd.EXTENDED_REPLY_MAGIC : Nbd.STRUCTURED_REPLY_MAGIC);
        header.set(Nbd.SHORT, 4, (short) Nbd.CHUNK_DONE);
        header.set(Nbd.SHORT, 6, (short) type);
        header.set(Nbd.LONG, 8, request.cookie);
        if (extended) {
            header.set(Nbd.LONG, 16, request.offset);
            header.set(Nbd.LONG, 24, more + (long) request.dataLength);
        } else {
            header.set(Nbd.INT, 16, more + request.dataLength);
        }
        request.headerLength = (extended ? Nbd.EXTENDED_REPLY_SIZE : Nbd.STRUCTURED_REPLY_SIZE) + more;
    }

    /// The most extents one reply tells of.
    static final int MAX_EXTENTS = 128;

    /// The size of a block status of [#MAX_EXTENTS].
    static final int STATUS_SIZE = 8 + 16 * MAX_EXTENTS;

    /// Puts a block status into `memory`; its length.
    int status(List<Extent> extents, MemorySegment memory) {
        int at = extended ? 8 : 4;
        memory.set(Nbd.INT, 0, Nbd.BASE_ALLOCATION_ID);
        if (extended) {
            memory.set(Nbd.INT, 4, extents.size());
        }
        for (Extent extent : extents) {
            int state = extent.isHole() ? Nbd.STATE_HOLE | Nbd.STATE_ZERO : 0;
            if (extended) {
                memory.set(Nbd.LONG, at, extent.length());
                memory.set(Nbd.LONG, at + 8L, state);
            } else {
                memory.set(Nbd.INT, at, (int) extent.length());
                memory.set(Nbd.INT, at + 4L, state);
            }
            at += extended ? 16 : 8;
        }
        return at;
    }
}
