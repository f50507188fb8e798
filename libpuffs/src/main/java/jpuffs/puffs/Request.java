// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpuffs.core.Caller;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;
import jpuffs.puffs.wire.Wire;
import org.jspecify.annotations.Nullable;

/// One request of the kernel and the place for its reply, over whatever transport it came.
///
/// The transport points it at the bytes ([#header], [#body]), hands it to [Session#serve], and sends what that
/// leaves: [#error], [#replyLength] and the bytes in [#room]. What is read from the request is not valid after the
/// reply was begun: a ring uses one buffer for both.
abstract class Request {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private static final int MAX_STRING = 65_536;

    @Nullable
    Opcode op;

    int opcode;
    long unique;
    long nodeid;
    int uid;
    int gid;
    int pid;
    Caller caller = Caller.KERNEL;

    /// The errno of the reply, positive; 0 for success.
    int error;

    /// The bytes of the reply after its header.
    int replyLength;

    private MemorySegment args = MemorySegment.NULL;
    private long argsAt;
    private int argsLength;
    private MemorySegment data = MemorySegment.NULL;
    private long dataAt;
    private long dataEnd;

    /// Reads a fuse_in_header at `at` of `message`.
    final void header(MemorySegment message, long at) {
        opcode = message.get(INT, at + Wire.InHeader.OPCODE);
        op = Opcode.of(opcode);
        unique = message.get(LONG, at + Wire.InHeader.UNIQUE);
        nodeid = message.get(LONG, at + Wire.InHeader.NODEID);
        uid = message.get(INT, at + Wire.InHeader.UID);
        gid = message.get(INT, at + Wire.InHeader.GID);
        pid = message.get(INT, at + Wire.InHeader.PID);
        error = 0;
        replyLength = 0;
    }

    /// Takes a whole message as read(2) brings it: `n` bytes at `at` of `message`, a header at least. Extensions at
    /// its end (total_extlen) are left out, and of the argument structure there is as much as came.
    final void message(Session session, MemorySegment message, long at, long n) {
        header(message, at);
        long extensions = 8L * (message.get(SHORT, at + Wire.InHeader.TOTAL_EXTLEN) & 0xffff);
        long length = Math.max(0, n - Wire.InHeader.SIZE - extensions);
        int size = (int) Math.min(length, session.argSize(op));
        long argsAt = at + Wire.InHeader.SIZE;
        body(message, argsAt, size, message, argsAt + size, length - size);
    }

    /// Says where the argument structure and what follows it lie.
    final void body(MemorySegment args, long argsAt, int argsLength, MemorySegment data, long dataAt, long dataLength) {
        this.args = args;
        this.argsAt = argsAt;
        this.argsLength = argsLength;
        this.data = data;
        this.dataAt = dataAt;
        this.dataEnd = dataAt + dataLength;
    }

    /// At least `size` bytes for the reply after its header; their content is undefined. Gives the same memory each
    /// time.
    abstract MemorySegment room(int size) throws ErrnoException;

    /// Sends the reply, or ends the request if its operation has none. Called once, on the loop or on a context of
    /// it.
    abstract void finish();

    /// The operation, for people.
    final String what() {
        return op == null ? "opcode " + opcode : op.name();
    }

    final int argInt(int offset) {
        return args.get(INT, argsAt + offset);
    }

    final long argLong(int offset) {
        return args.get(LONG, argsAt + offset);
    }

    /// The size of the argument structure as it came: kernels differ for INIT and SETXATTR.
    final int argsLength() {
        return argsLength;
    }

    /// The bytes not read yet of what follows the argument structure.
    final long dataLength() {
        return dataEnd - dataAt;
    }

    /// The next string of what follows the argument structure, without its NUL.
    ///
    /// @throws ErrnoException EINVAL if there is none
    final Name name() throws ErrnoException {
        int most = (int) Math.min(dataLength(), MAX_STRING + 1L);
        byte[] bytes = data.asSlice(dataAt, most).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < most && bytes[length] != 0) {
            length++;
        }
        if (length == most) {
            throw EINVAL.error("%s: string without end", what());
        }
        Name name = Name.of(data, dataAt, length);
        dataAt += length + 1;
        return name;
    }

    /// As [#name], a component of at most 255 bytes.
    ///
    /// @throws ErrnoException ENAMETOOLONG, EINVAL
    final Name component() throws ErrnoException {
        return name().checkComponent();
    }

    /// The next `length` bytes of what follows the argument structure; borrowed until the reply.
    ///
    /// @throws ErrnoException EINVAL if there are fewer
    final MemorySegment bytes(long length) throws ErrnoException {
        if (length < 0 || length > dataLength()) {
            throw EINVAL.error("%s: %d bytes of data, %d announced", what(), dataLength(), length);
        }
        MemorySegment slice = data.asSlice(dataAt, length);
        dataAt += length;
        return slice;
    }

    /// The element `index` of an array of longs that follows, `stride` bytes apart, plus `offset`.
    final long dataLong(long index, int stride, int offset) {
        return data.get(LONG, dataAt + index * stride + offset);
    }
}
