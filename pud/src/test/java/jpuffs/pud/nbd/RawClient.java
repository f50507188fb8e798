// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.pud.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// A client that sends what it is told to, right or wrong, and reads what comes.
final class RawClient implements AutoCloseable {
    private final SocketChannel socket;

    RawClient(UnixDomainSocketAddress address) throws IOException {
        socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(address);
    }

    /// Reads the greeting and answers it.
    RawClient greet(int flags) throws IOException {
        ByteBuffer greeting = read(18);
        assertThat(greeting.getLong()).isEqualTo(Nbd.MAGIC);
        assertThat(greeting.getLong()).isEqualTo(Nbd.OPTION_MAGIC);
        assertThat(greeting.getShort()).isEqualTo((short) (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES));
        return write(ByteBuffer.allocate(4).putInt(flags));
    }

    RawClient option(int number, ByteBuffer data) throws IOException {
        return write(ByteBuffer.allocate(16 + data.position())
                .putLong(Nbd.OPTION_MAGIC)
                .putInt(number)
                .putInt(data.position())
                .put(data.flip()));
    }

    /// The reply to an option.
    record Reply(int option, int type, ByteBuffer data) {}

    Reply reply() throws IOException {
        ByteBuffer head = read(20);
        assertThat(head.getLong()).isEqualTo(Nbd.OPTION_REPLY_MAGIC);
        int option = head.getInt();
        int type = head.getInt();
        return new Reply(option, type, read(head.getInt()));
    }

    /// Into the transmission phase of the export `name`; its size.
    long go(String name) throws IOException {
        byte[] bytes = name.getBytes(UTF_8);
        option(
                Nbd.OPT_GO,
                ByteBuffer.allocate(6 + bytes.length)
                        .putInt(bytes.length)
                        .put(bytes)
                        .putShort((short) 0));
        long size = -1;
        Reply reply = reply();
        for (; reply.type == Nbd.REP_INFO; reply = reply()) {
            if (reply.data.getShort() == Nbd.INFO_EXPORT) {
                size = reply.data.getLong();
            }
        }
        assertThat(reply.type).isEqualTo(Nbd.REP_ACK);
        return size;
    }

    RawClient request(int type, int flags, long cookie, long offset, long length) throws IOException {
        return write(header(type, flags, cookie, offset, length));
    }

    static ByteBuffer header(int type, int flags, long cookie, long offset, long length) {
        return ByteBuffer.allocate(28)
                .putInt(Nbd.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(cookie)
                .putLong(offset)
                .putInt((int) length);
    }

    /// The error of a simple reply.
    int simple(long cookie) throws IOException {
        ByteBuffer reply = read(16);
        assertThat(reply.getInt()).isEqualTo(Nbd.SIMPLE_REPLY_MAGIC);
        int error = reply.getInt();
        assertThat(reply.getLong()).isEqualTo(cookie);
        return error;
    }

    /// Sends what was put into `bytes`.
    RawClient write(ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        return this;
    }

    ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (socket.read(bytes) < 0) {
                throw new EOFException("the server has hung up");
            }
        }
        return bytes.flip();
    }

    /// Reads and forgets what comes until the server hangs up.
    void drain() throws IOException {
        socket.shutdownOutput();
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        while (socket.read(bytes.clear()) >= 0) {}
    }

    /// Whether the server has hung up.
    boolean isHungUp() throws IOException {
        try {
            return socket.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true; // it hung up with bytes of ours unread
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
