// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Unix-domain socket pairs, TCP connections and their options.
public final class Socket {
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;

    /// Whole messages, in order: one read per write.
    public static final int SOCK_SEQPACKET = 5;

    public static final int SOCK_NONBLOCK = Fcntl.O_NONBLOCK;
    public static final int SOCK_CLOEXEC = Fcntl.O_CLOEXEC;

    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;

    /// As SO_SNDBUF but beyond the system's limit; needs CAP_NET_ADMIN.
    public static final int SO_SNDBUFFORCE = 32;

    public static final int SO_RCVBUFFORCE = 33;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int SOL_SOCKET = 1;

    private Socket() {}

    /// Two connected sockets.
    public record Pair(Fd first, Fd second) implements AutoCloseable {
        /// Closes both; either may have been closed or given away by [Fd#release] before.
        @Override
        public void close() {
            first.close();
            second.close();
        }
    }

    /// Makes two connected sockets, closed on exec.
    ///
    /// @param type SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET, with SOCK_NONBLOCK if wanted
    public static Pair pair(int type) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long out = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.SOCKETPAIR, AF_UNIX, type | SOCK_CLOEXEC, 0, out));
            return twoFds(scratch);
        }
    }

    /// Connects to a TCP port of `host`, trying its addresses in turn; small packets are not held back. Holds its
    /// thread until the peer, or the system's patience, has answered.
    ///
    /// @throws IOException UnknownHostException; ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT ... of the last address
    public static Fd connect(String host, int port) throws IOException {
        ErrnoException failure = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            try {
                return connect(address, port);
            } catch (ErrnoException e) {
                failure = e.errno()
                        .error(
                                "%s port %d: %s",
                                address.getHostAddress(), port, e.errno().text());
            }
        }
        throw failure == null ? Errno.EHOSTUNREACH.error("%s has no address", host) : failure;
    }

    private static Fd connect(InetAddress address, int port) throws ErrnoException {
        byte[] bytes = address.getAddress();
        boolean v4 = bytes.length == 4;
        int family = v4 ? AF_INET : AF_INET6;
        Fd fd = Fd.of((int) Native.check(Native.call(Syscalls.SOCKET, family, SOCK_STREAM | SOCK_CLOEXEC, 0)));
        boolean done = false;
        try (Scratch scratch = Scratch.take()) {
            // struct sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address, scope
            MemorySegment in =
                    scratch.memory().asSlice(Scratch.STRUCT, SOCKADDR_IN6).fill((byte) 0);
            in.set(JAVA_SHORT, 0, (short) family);
            in.set(JAVA_SHORT, 2, Short.reverseBytes((short) port));
            MemorySegment.copy(bytes, 0, in, JAVA_BYTE, v4 ? 4 : 8, bytes.length);
            if (address instanceof Inet6Address v6) {
                in.set(JAVA_INT, 24, v6.getScopeId());
            }
            long at = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.CONNECT, fd.number(), at, v4 ? SOCKADDR_IN : SOCKADDR_IN6, 0));
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, 1);
            Native.check(Native.call(scratch, Syscalls.SETSOCKOPT, fd.number(), IPPROTO_TCP, TCP_NODELAY, at, 4));
            done = true;
            return fd;
        } finally {
            if (!done) {
                fd.close();
            }
        }
    }

    /// The two descriptors a call has put at [Scratch#STRUCT].
    static Pair twoFds(Scratch scratch) {
        int first = scratch.memory().get(JAVA_INT, Scratch.STRUCT);
        int second = scratch.memory().get(JAVA_INT, Scratch.STRUCT + 4L);
        return new Pair(Fd.of(first), Fd.of(second));
    }

    /// Sets an integer option of level SOL_SOCKET. The kernel keeps twice the buffer sizes it is asked for.
    public static void setOption(Fd socket, int option, int value) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, value);
            long in = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.SETSOCKOPT, socket.number(), SOL_SOCKET, option, in, 4));
        }
    }

    /// Reads an integer option of level SOL_SOCKET.
    public static int option(Fd socket, int option) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT + 4L, 4);
            long out = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.GETSOCKOPT, socket.number(), SOL_SOCKET, option, out, out + 4));
            return scratch.memory().get(JAVA_INT, Scratch.STRUCT);
        }
    }
}
