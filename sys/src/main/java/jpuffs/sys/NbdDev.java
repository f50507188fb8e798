// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// The kernel's nbd driver, by generic netlink (`linux/nbd-netlink.h`, `linux/genetlink.h`): block devices on
/// sockets whose other ends speak the network block device protocol. All of it needs root.
public final class NbdDev {
    private static final int AF_NETLINK = 16;
    private static final int NETLINK_GENERIC = 16;
    private static final int SOCK_RAW = 3;

    // struct nlmsghdr, struct genlmsghdr, struct nlattr
    private static final int NLMSG_ERROR = 2;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_ACK = 4;
    private static final int HEADER = 16;
    private static final int GENL_HEADER = 4;
    private static final int ATTRIBUTE = 4;
    private static final int NLA_F_NESTED = 1 << 15;
    private static final int NLA_TYPE = (1 << 14) - 1;

    private static final int GENL_ID_CTRL = 0x10;
    private static final int CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;

    private static final int NBD_CMD_CONNECT = 1;
    private static final int NBD_CMD_DISCONNECT = 2;
    private static final int NBD_ATTR_INDEX = 1;
    private static final int NBD_ATTR_SIZE_BYTES = 2;
    private static final int NBD_ATTR_BLOCK_SIZE_BYTES = 3;
    private static final int NBD_ATTR_SERVER_FLAGS = 5;
    private static final int NBD_ATTR_SOCKETS = 7;
    private static final int NBD_SOCK_ITEM = 1;
    private static final int NBD_SOCK_FD = 1;

    private static final int MAX_MESSAGE = 16 << 10;

    private NbdDev() {}

    /// Makes a device, `/dev/nbdN`; returns its number. The driver holds the sockets, which may be closed then.
    ///
    /// @param sockets connected, in the transmission phase of one export
    /// @param size in bytes
    /// @param blockSize of the device, a power of two from 512 to the size of a page
    /// @param flags the transmission flags of the export
    /// @throws ErrnoException ENOENT if the kernel has no nbd driver, EPERM, EINVAL
    public static int connect(List<Fd> sockets, long size, int blockSize, int flags) throws ErrnoException {
        ByteBuffer message = message(NBD_CMD_CONNECT);
        attribute(message, NBD_ATTR_SIZE_BYTES, size);
        attribute(message, NBD_ATTR_BLOCK_SIZE_BYTES, (long) blockSize);
        attribute(message, NBD_ATTR_SERVER_FLAGS, (long) flags);
        int all = begin(message, NBD_ATTR_SOCKETS);
        for (Fd socket : sockets) {
            int item = begin(message, NBD_SOCK_ITEM);
            attribute(message, NBD_SOCK_FD, socket.number());
            end(message, item);
        }
        end(message, all);
        ByteBuffer index = call(message, NBD_ATTR_INDEX);
        if (index.remaining() < Integer.BYTES) {
            throw Errno.EPROTO.error("the nbd driver does not tell its device");
        }
        return index.getInt();
    }

    /// Frees `/dev/nbdN`: who uses it gets errors.
    public static void disconnect(int number) throws ErrnoException {
        ByteBuffer message = message(NBD_CMD_DISCONNECT);
        attribute(message, NBD_ATTR_INDEX, number);
        call(message, NBD_ATTR_INDEX);
    }

    private static ByteBuffer message(int command) {
        ByteBuffer message = ByteBuffer.allocate(MAX_MESSAGE).order(ByteOrder.nativeOrder());
        message.position(HEADER);
        return message.put((byte) command).put((byte) 1).putShort((short) 0);
    }

    private static int begin(ByteBuffer message, int type) {
        int at = message.position();
        message.putShort((short) 0).putShort((short) (type | NLA_F_NESTED));
        return at;
    }

    private static void end(ByteBuffer message, int at) {
        message.putShort(at, (short) (message.position() - at));
    }

    private static void attribute(ByteBuffer message, int type, long value) {
        message.putShort((short) (ATTRIBUTE + Long.BYTES)).putShort((short) type);
        message.putLong(value);
    }

    private static void attribute(ByteBuffer message, int type, int value) {
        message.putShort((short) (ATTRIBUTE + Integer.BYTES)).putShort((short) type);
        message.putInt(value);
    }

    /// Sends a message to the driver; the attribute of its reply that is called `wanted`, empty if it has none.
    private static ByteBuffer call(ByteBuffer message, int wanted) throws ErrnoException {
        try (Fd socket = Fd.of((int) Native.check(
                Native.call(Syscalls.SOCKET, AF_NETLINK, SOCK_RAW | Socket.SOCK_CLOEXEC, NETLINK_GENERIC)))) {
            return exchange(socket, message, family(socket), wanted);
        }
    }

    /// The number that messages for the driver have.
    private static int family(Fd socket) throws ErrnoException {
        ByteBuffer message = message(CTRL_CMD_GETFAMILY);
        byte[] name = "nbd\0".getBytes(US_ASCII);
        message.putShort((short) (ATTRIBUTE + name.length)).putShort((short) CTRL_ATTR_FAMILY_NAME);
        message.put(name);
        try {
            return exchange(socket, message, GENL_ID_CTRL, CTRL_ATTR_FAMILY_ID).getShort() & 0xffff;
        } catch (ErrnoException e) {
            throw e.errno() == Errno.ENOENT
                    ? Errno.ENOENT.error("the kernel has no nbd driver (modprobe nbd loads it where there is one)")
                    : e;
        }
    }

    private static ByteBuffer exchange(Fd socket, ByteBuffer message, int type, int wanted) throws ErrnoException {
        message.putInt(0, message.position());
        message.putShort(4, (short) type).putShort(6, (short) (NLM_F_REQUEST | NLM_F_ACK));
        message.flip();
        try (Arena arena = Arena.ofConfined()) {
            socket.write(arena.allocate(message.limit(), 8).copyFrom(MemorySegment.ofBuffer(message)));
            ByteBuffer found = ByteBuffer.allocate(0);
            MemorySegment reply = arena.allocate(MAX_MESSAGE, 8);
            while (true) {
                int length = socket.read(reply);
                ByteBuffer bytes = ByteBuffer.wrap(reply.asSlice(0, length).toArray(JAVA_BYTE))
                        .order(ByteOrder.nativeOrder());
                while (bytes.remaining() >= HEADER) {
                    ByteBuffer one = next(bytes);
                    if (one.getShort(4) != NLMSG_ERROR) {
                        found = find(one, wanted);
                    } else if (one.getInt(HEADER) < 0) {
                        throw Errno.of(-one.getInt(HEADER)).error("nbd driver");
                    } else {
                        return found; // the acknowledgement is the last
                    }
                }
            }
        }
    }

    /// Takes a message off `bytes`.
    private static ByteBuffer next(ByteBuffer bytes) throws ErrnoException {
        int start = bytes.position();
        int length = bytes.getInt(start);
        if (length < HEADER + GENL_HEADER || length > bytes.remaining()) {
            throw Errno.EPROTO.error("netlink: a message of %d bytes", length);
        }
        bytes.position(Math.min(bytes.limit(), start + (length + 3 & ~3)));
        return bytes.slice(start, length).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer find(ByteBuffer message, int wanted) throws ErrnoException {
        for (int at = HEADER + GENL_HEADER; at + ATTRIBUTE <= message.limit(); ) {
            int length = message.getShort(at) & 0xffff;
            if (length < ATTRIBUTE || length > message.limit() - at) {
                throw Errno.EPROTO.error("netlink: an attribute of %d bytes", length);
            }
            if ((message.getShort(at + 2) & NLA_TYPE) == wanted) {
                return message.slice(at + ATTRIBUTE, length - ATTRIBUTE).order(ByteOrder.nativeOrder());
            }
            at += length + 3 & ~3;
        }
        return ByteBuffer.allocate(0);
    }
}
