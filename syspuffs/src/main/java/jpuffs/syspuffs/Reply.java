// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jpuffs.core.ErrnoException;
import jpuffs.puffs.Opcode;

/// The body of an answer. What it says is not trusted.
final class Reply {
    private final Connection connection;
    private final Opcode op;
    private final MemorySegment body;
    private final int length;

    Reply(Connection connection, Opcode op, MemorySegment body, int length) {
        this.connection = connection;
        this.op = op;
        this.body = body;
        this.length = length;
    }

    int length() {
        return length;
    }

    /// Checks that it is `size` bytes long.
    ///
    /// @return this
    /// @throws ErrnoException EPROTO
    Reply exactly(int size) throws ErrnoException {
        if (length != size) {
            throw wrong("%d bytes, not %d", length, size);
        }
        return this;
    }

    /// Reports an answer that cannot be.
    ///
    /// @return EPROTO, to be thrown
    ErrnoException wrong(String format, Object... args) {
        return connection.misbehaved(op + ": " + format, args);
    }

    int u32(int at) {
        return body.get(JAVA_INT_UNALIGNED, at);
    }

    long u64(int at) {
        return body.get(JAVA_LONG_UNALIGNED, at);
    }

    byte[] bytes() {
        return bytes(0, length);
    }

    byte[] bytes(int at, int count) {
        return body.asSlice(at, count).toArray(JAVA_BYTE);
    }
}
