// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Caller;
import jpuffs.core.Cred;
import jpuffs.core.Name;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.InHeader;
import org.jspecify.annotations.Nullable;

/// One request on its way: header, argument structure, names, and perhaps data that stay where they are. Made, sent
/// and closed by one thread.
final class Message implements AutoCloseable {
    final Opcode op;
    final long nodeid;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment head;
    private long end;
    private @Nullable MemorySegment data;

    /// A request on behalf of [Caller#current()]. Its process is not told (0, what Linux says of a process that is
    /// outside of the server's pid name space): a rump kernel's numbers mean nothing on the host.
    ///
    /// @param argSize the size of the argument structure, which is zeros
    /// @param tailSize the room for names behind it
    Message(Opcode op, long nodeid, int argSize, int tailSize) {
        this.op = op;
        this.nodeid = nodeid;
        end = (long) InHeader.SIZE + argSize;
        head = arena.allocate(end + tailSize, 8);
        Cred cred = Caller.current().cred();
        head.set(JAVA_INT_UNALIGNED, InHeader.OPCODE, op.number());
        head.set(JAVA_LONG_UNALIGNED, InHeader.NODEID, nodeid);
        head.set(JAVA_INT_UNALIGNED, InHeader.UID, cred.uid());
        head.set(JAVA_INT_UNALIGNED, InHeader.GID, cred.gid());
    }

    /// A request whose argument structure is followed by `name`.
    static Message named(Opcode op, long nodeid, int argSize, Name name) {
        return new Message(op, nodeid, argSize, name.length() + 1).add(name);
    }

    Message set(int offset, int value) {
        head.set(JAVA_INT_UNALIGNED, InHeader.SIZE + offset, value);
        return this;
    }

    Message set(int offset, long value) {
        head.set(JAVA_LONG_UNALIGNED, InHeader.SIZE + offset, value);
        return this;
    }

    /// Appends a name and its NUL.
    Message add(Name name) {
        name.copyTo(head, end);
        end += name.length() + 1;
        return this;
    }

    /// Appends bytes, in the room that was asked for.
    Message add(byte[] bytes) {
        MemorySegment.copy(bytes, 0, head, JAVA_BYTE, end, bytes.length);
        end += bytes.length;
        return this;
    }

    /// What follows all the rest: borrowed until the request is sent. An array is copied.
    Message data(MemorySegment bytes) {
        data = bytes.isNative()
                ? bytes
                : arena.allocate(Math.max(1, bytes.byteSize())).copyFrom(bytes).asSlice(0, bytes.byteSize());
        return this;
    }

    /// Writes length and id, after which it can be sent.
    void seal(long unique) {
        head.set(JAVA_INT_UNALIGNED, InHeader.LEN, (int) (end + (data == null ? 0 : data.byteSize())));
        head.set(JAVA_LONG_UNALIGNED, InHeader.UNIQUE, unique);
    }

    MemorySegment head() {
        return head.asSlice(0, end);
    }

    @Nullable
    MemorySegment data() {
        return data;
    }

    @Override
    public void close() {
        arena.close();
    }
}
