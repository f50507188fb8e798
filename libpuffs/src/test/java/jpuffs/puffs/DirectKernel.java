// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Caller;
import jpuffs.core.Cred;

/// The kernel's side of the protocol, without a descriptor: puts requests to a [Session] and reads the replies.
final class DirectKernel {
    /// A reply: an errno, 0 for success, and the bytes after the header.
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record Reply(int error, byte[] bytes) {
        ByteBuffer buffer() {
            return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        }

        long u64(int at) {
            return buffer().getLong(at);
        }

        int u32(int at) {
            return buffer().getInt(at);
        }
    }

    /// Bytes of a request, field by field.
    static final class Body {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Body u16(int value) {
            return bytes(ByteBuffer.allocate(2)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) value)
                    .array());
        }

        Body u32(int value) {
            return bytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.nativeOrder())
                    .putInt(value)
                    .array());
        }

        Body u64(long value) {
            return bytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.nativeOrder())
                    .putLong(value)
                    .array());
        }

        Body bytes(byte[] value) {
            out.writeBytes(value);
            return this;
        }

        Body name(String name) {
            return bytes(name.getBytes(StandardCharsets.UTF_8)).bytes(new byte[1]);
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }

    private static final class DirectRequest extends Request {
        private final MemorySegment reply = MemorySegment.ofArray(new byte[2 << 20]);

        @Override
        MemorySegment room(int size) {
            return reply;
        }

        @Override
        void finish() {}
    }

    private final Session session;
    private final DirectRequest request = new DirectRequest();
    private long unique = 2;
    private int uid;
    private int gid;

    DirectKernel(Session session) {
        this.session = session;
    }

    static Body body() {
        return new Body();
    }

    DirectKernel as(int uid, int gid) {
        this.uid = uid;
        this.gid = gid;
        return this;
    }

    /// INIT as a kernel of protocol 7.`minor` that offers `flags`.
    Reply init(int minor, long flags) {
        Body body = body().u32(7).u32(minor).u32(131_072).u32((int) flags).u32((int) (flags >>> 32));
        return call(Opcode.INIT, 0, body.bytes(new byte[44]));
    }

    Reply call(Opcode op, long nodeid, Body body) {
        return call(op.number(), nodeid, body.toBytes());
    }

    Reply call(int opcode, long nodeid, byte[] body) {
        byte[] header = body().u32(Wire.InHeader.SIZE + body.length)
                .u32(opcode)
                .u64(unique += 2)
                .u64(nodeid)
                .u32(uid)
                .u32(gid)
                .u32(4711)
                .u32(0)
                .toBytes();
        request.header(MemorySegment.ofArray(header), 0);
        request.caller = new Caller(Cred.of(uid, gid), 4711);
        MemorySegment message = MemorySegment.ofArray(body);
        int size = Math.min(body.length, session.argSize(request.op));
        request.body(message, 0, size, message, size, body.length - size);
        session.serve(request);
        byte[] bytes = request.reply.asSlice(0, request.replyLength).toArray(ValueLayout.JAVA_BYTE);
        return new Reply(request.error, bytes);
    }
}
