// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jpuffs.core.Errno.EACCES;
import static jpuffs.core.Errno.ECONNRESET;
import static jpuffs.core.Errno.EMSGSIZE;
import static jpuffs.core.Errno.ENOENT;
import static jpuffs.core.Errno.EPROTO;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jpuffs.core.ErrnoException;
import jpuffs.sys.Fd;

/// The client's half of the handshake: greets, goes on in TLS if wanted, chooses an export by GO. Holds its thread
/// while it waits.
final class ClientHandshake {
    private static final int MAX_REPLY = 64 << 10;

    private Fd fd;

    /// @param fd a blocking socket
    ClientHandshake(Fd fd) {
        this.fd = fd;
    }

    /// An export as the server tells of it.
    ///
    /// @param minBlock the unit of requests
    /// @param maxPayload the most data of one request
    record Export(long size, int flags, int minBlock, int maxPayload) {}

    /// Hears and answers the greeting.
    ///
    /// @throws ErrnoException EPROTO for what is no such server
    void greet() throws ErrnoException {
        ByteBuffer greeting = read(18);
        if (greeting.getLong() != Nbd.MAGIC || greeting.getLong() != Nbd.OPTION_MAGIC) {
            throw EPROTO.error("this is no NBD server of the newstyle protocol");
        }
        int flags = greeting.getShort();
        if ((flags & Nbd.FIXED_NEWSTYLE) == 0) {
            throw EPROTO.error("the server does not speak fixed newstyle");
        }
        write(ByteBuffer.allocate(4).putInt(flags & (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)));
    }

    /// Asks for TLS; what follows goes through `secure`.
    ///
    /// @throws ErrnoException EACCES if the server has none
    void startTls() throws ErrnoException {
        write(ByteBuffer.allocate(16)
                .putLong(Nbd.OPTION_MAGIC)
                .putInt(Nbd.OPT_STARTTLS)
                .putInt(0));
        Reply reply = reply(Nbd.OPT_STARTTLS);
        if (reply.type != Nbd.REP_ACK) {
            throw EACCES.error("the server has no TLS: %s", UTF_8.decode(reply.data));
        }
    }

    /// Goes on through another descriptor.
    void through(Fd secure) {
        fd = secure;
    }

    /// @throws ErrnoException ENOENT if there is no such export, EACCES if the server refuses, EPROTO
    Export go(String name) throws ErrnoException {
        byte[] bytes = name.getBytes(UTF_8);
        ByteBuffer go = ByteBuffer.allocate(24 + bytes.length).putLong(Nbd.OPTION_MAGIC);
        go.putInt(Nbd.OPT_GO).putInt(8 + bytes.length);
        write(go.putInt(bytes.length).put(bytes).putShort((short) 1).putShort((short) Nbd.INFO_BLOCK_SIZE));
        var export = new Export(-1, 0, 1, Nbd.MAX_PAYLOAD);
        while (true) {
            Reply reply = reply(Nbd.OPT_GO);
            switch (reply.type) {
                case Nbd.REP_INFO -> export = info(export, reply.data);
                case Nbd.REP_ACK -> {
                    return check(export);
                }
                case Nbd.REP_ERR_UNKNOWN -> throw ENOENT.error("the server has no export called \"%s\"", name);
                case Nbd.REP_ERR_TLS_REQD -> throw EACCES.error("the server wants TLS: the URI begins with nbds");
                default -> throw EACCES.error("the server refuses: %s", UTF_8.decode(reply.data));
            }
        }
    }

    private record Reply(int type, ByteBuffer data) {}

    private Reply reply(int option) throws ErrnoException {
        ByteBuffer head = read(20);
        boolean ours = head.getLong() == Nbd.OPTION_REPLY_MAGIC && head.getInt() == option;
        int type = head.getInt();
        int length = head.getInt();
        if (!ours || length < 0 || length > MAX_REPLY) {
            throw EPROTO.error("a reply that fits no option");
        }
        return new Reply(type, read(length));
    }

    private static Export info(Export export, ByteBuffer data) throws ErrnoException {
        if (data.remaining() < 2) {
            throw EPROTO.error("an information of %d bytes", data.remaining());
        }
        int type = data.getShort();
        if (type == Nbd.INFO_EXPORT && data.remaining() == 10) {
            return new Export(data.getLong(), data.getShort(), export.minBlock, export.maxPayload);
        }
        if (type == Nbd.INFO_BLOCK_SIZE && data.remaining() == 12) {
            int min = data.getInt();
            int max = data.getInt(8);
            int payload = max <= 0 ? Nbd.MAX_PAYLOAD : Math.min(max, Nbd.MAX_PAYLOAD);
            return new Export(export.size, export.flags, min, payload);
        }
        return export;
    }

    private static Export check(Export export) throws ErrnoException {
        boolean powerOfTwo = Integer.bitCount(export.minBlock) == 1;
        if (export.size < 0 || !powerOfTwo || export.minBlock > 64 << 10 || export.maxPayload < export.minBlock) {
            throw EPROTO.error("an export that cannot be: %s", export);
        }
        return export;
    }

    private void write(ByteBuffer bytes) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int length = bytes.position();
            fd.writeFully(arena.allocate(length).copyFrom(MemorySegment.ofBuffer(bytes.flip())));
        }
    }

    private ByteBuffer read(int length) throws ErrnoException {
        if (length > MAX_REPLY) {
            throw EMSGSIZE.error("%d bytes", length);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, length)).asSlice(0, length);
            if (fd.readFully(bytes) < length) {
                throw ECONNRESET.error("the server has hung up during the handshake");
            }
            return ByteBuffer.wrap(bytes.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        }
    }
}
