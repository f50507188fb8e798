// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Errno;
import jpuffs.puffs.wire.Wire;

/// The kernel's side of the protocol, without a descriptor: puts requests to a [Session] and reads the replies.
///
/// Memory for replies is full of garbage before each request.
final class DirectKernel {
    /// What the kernel offers in INIT of Linux 6.18.
    static final long OFFERED = 0x7fd_73ff_fffbL;

    static final int PID = 4711;

    private static final byte GARBAGE = (byte) 0xa5;
    private static final int ROOM = (2 << 20) + 4096;

    /// How the bytes of a request and its reply lie.
    enum Way {
        /// The request is one message and the reply has a place of its own.
        MESSAGE,
        /// Header and arguments lie apart from the rest, which the reply overwrites.
        RING
    }

    /// A reply: an errno, 0 for success, and the bytes after the header.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reply(int error, byte[] bytes) {
        ByteBuffer buffer() {
            return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        long u64(int at) {
            return buffer().getLong(at);
        }

        int u32(int at) {
            return buffer().getInt(at);
        }

        int u16(int at) {
            return buffer().getShort(at) & 0xffff;
        }

        Reply ok() {
            assertThat(error).as("errno").isZero();
            return this;
        }

        Reply fails(Errno errno) {
            assertThat(error == 0 ? "success" : Errno.of(error).name()).isEqualTo(errno.name());
            assertThat(bytes).isEmpty();
            return this;
        }

        /// Of a reply that begins with a fuse_entry_out.
        long nodeid() {
            return u64(0);
        }

        /// The mode in a fuse_entry_out.
        int mode() {
            return u32(Wire.EntryOut.ATTR + Wire.AttrRec.MODE);
        }
    }

    /// Bytes of a request, field by field.
    static final class Body {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Body u16(int value) {
            return bytes(buffer(2).putShort((short) value).array());
        }

        Body u32(int value) {
            return bytes(buffer(4).putInt(value).array());
        }

        Body u64(long value) {
            return bytes(buffer(8).putLong(value).array());
        }

        private static ByteBuffer buffer(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        }

        Body bytes(byte... value) {
            out.writeBytes(value);
            return this;
        }

        Body zeros(int count) {
            return bytes(new byte[count]);
        }

        /// A string and its NUL.
        Body name(String name) {
            return bytes(name.getBytes(StandardCharsets.UTF_8)).zeros(1);
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }

    private final class DirectRequest extends Request {
        private final MemorySegment head = MemorySegment.ofArray(new byte[Wire.RingHeader.SIZE]);
        private final MemorySegment room = MemorySegment.ofArray(new byte[ROOM]);
        private int asked;

        void point(byte[] message) {
            MemorySegment from = MemorySegment.ofArray(message);
            room.asSlice(0, dirty).fill(GARBAGE);
            asked = 0;
            if (way == Way.MESSAGE) {
                message(session, from, 0, message.length);
            } else {
                pointRing(from);
            }
            caller = new Caller(Cred.of(uid, gid), pid);
        }

        private void pointRing(MemorySegment from) {
            head.fill(GARBAGE);
            MemorySegment.copy(from, 0, head, Wire.RingHeader.IN_OUT, Wire.InHeader.SIZE);
            header(head, Wire.RingHeader.IN_OUT);
            int there = (int) from.byteSize() - Wire.InHeader.SIZE;
            int size = Math.min(there, session.argSize(op));
            MemorySegment.copy(from, Wire.InHeader.SIZE, head, Wire.RingHeader.OP_IN, size);
            MemorySegment.copy(from, Wire.InHeader.SIZE + size, room, 0, there - size);
            body(head, Wire.RingHeader.OP_IN, size, room, 0, there - size);
        }

        @Override
        MemorySegment room(int size) {
            assertThat(size).isBetween(0, ROOM);
            asked = Math.max(asked, size);
            return room;
        }

        Reply reply() {
            assertThat(replyLength).as("length of the reply").isBetween(0, asked);
            assertThat(error == 0 || Errno.isDefined(error))
                    .as("errno %d", error)
                    .isTrue();
            return new Reply(error, room.asSlice(0, replyLength).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        void finish() {}
    }

    private final Session session;
    private final Way way;
    private final DirectRequest request = new DirectRequest();
    private long unique = 2;
    private int dirty = 128 << 10;
    private int uid;
    private int gid;

    DirectKernel(Session session) {
        this(session, Way.MESSAGE);
    }

    DirectKernel(Session session, Way way) {
        this.session = session;
        this.way = way;
    }

    /// Less garbage, to be faster.
    DirectKernel withDirty(int bytes) {
        dirty = bytes;
        return this;
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
        return call(Opcode.INIT, 0, body.zeros(44));
    }

    /// INIT of Linux 6.18.
    DirectKernel init() {
        init(Wire.MINOR, OFFERED).ok();
        return this;
    }

    Reply call(Opcode op, long nodeid, Body body) {
        return call(op.number(), nodeid, body.toBytes());
    }

    Reply call(int opcode, long nodeid, byte[] body) {
        return send(message(opcode, unique += 2, nodeid, body, uid, gid));
    }

    /// A whole message.
    static byte[] message(int opcode, long unique, long nodeid, byte[] body, int uid, int gid) {
        return body().u32(Wire.InHeader.SIZE + body.length)
                .u32(opcode)
                .u64(unique)
                .u64(nodeid)
                .u32(uid)
                .u32(gid)
                .u32(PID)
                .u32(0)
                .bytes(body)
                .toBytes();
    }

    /// Puts a whole message, which has a header at least.
    Reply send(byte[] message) {
        request.point(message);
        session.serve(request);
        return request.reply();
    }

    // The operations tests need most

    Reply lookup(long parent, String name) {
        return call(Opcode.LOOKUP, parent, body().name(name));
    }

    /// The node id of a name that is there.
    long find(long parent, String name) {
        long nodeid = lookup(parent, name).ok().nodeid();
        assertThat(nodeid).as(name).isNotZero();
        return nodeid;
    }

    void forget(long nodeid, long count) {
        call(Opcode.FORGET, nodeid, body().u64(count)).ok();
    }

    Reply getattr(long nodeid) {
        return call(Opcode.GETATTR, nodeid, body().zeros(16));
    }

    Reply tryOpen(long nodeid, int flags) {
        return call(Opcode.OPEN, nodeid, body().u32(flags).u32(0));
    }

    /// Opens; the file handle.
    long open(long nodeid, int flags) {
        return tryOpen(nodeid, flags).ok().u64(0);
    }

    long opendir(long nodeid) {
        return call(Opcode.OPENDIR, nodeid, body().u32(0).u32(0)).ok().u64(0);
    }

    Reply create(long parent, String name, int mode, int flags) {
        Body body = body().u32(flags).u32(mode).u32(0).u32(0);
        return call(Opcode.CREATE, parent, body.name(name));
    }

    void release(long nodeid, long fh) {
        call(Opcode.RELEASE, nodeid, body().u64(fh).zeros(16)).ok();
    }

    void releasedir(long nodeid, long fh) {
        call(Opcode.RELEASEDIR, nodeid, body().u64(fh).zeros(16)).ok();
    }

    Reply read(long nodeid, long fh, long off, int size) {
        return call(Opcode.READ, nodeid, body().u64(fh).u64(off).u32(size).zeros(20));
    }

    Reply write(long nodeid, long fh, long off, byte[] data) {
        Body body = body().u64(fh).u64(off).u32(data.length).zeros(20);
        return call(Opcode.WRITE, nodeid, body.bytes(data));
    }

    Reply readdir(boolean plus, long nodeid, long fh, long off, int size) {
        Opcode op = plus ? Opcode.READDIRPLUS : Opcode.READDIR;
        return call(op, nodeid, body().u64(fh).u64(off).u32(size).zeros(20));
    }

    /// `attr` as it must stand in a reply at `at`.
    static void assertAttr(Reply reply, int at, Attr attr) {
        ByteBuffer b = reply.buffer();
        assertThat(b.getLong(at + Wire.AttrRec.FILE_SIZE)).isEqualTo(attr.size());
        assertThat(b.getInt(at + Wire.AttrRec.MODE)).isEqualTo(attr.mode());
        assertThat(b.getInt(at + Wire.AttrRec.NLINK)).isEqualTo(attr.nlink());
        assertThat(b.getInt(at + Wire.AttrRec.UID)).isEqualTo(attr.uid());
        assertThat(b.getInt(at + Wire.AttrRec.GID)).isEqualTo(attr.gid());
    }
}
