// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Stream sockets, TCP and Unix-domain, as descriptors that a loop can watch. Addresses are those of `java.net`: an
/// [InetSocketAddress] that is resolved, or a [UnixDomainSocketAddress].
///
/// Every socket is closed on exec; those of TCP send at once (TCP_NODELAY).
public final class StreamSocket {
    private static final short AF_UNIX = 1;
    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int SUN_PATH = 108;
    private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private StreamSocket() {}

    /// A non-blocking socket that listens at `address`. EADDRINUSE, EACCES, ENAMETOOLONG; the text names the
    /// address.
    public static Fd listen(SocketAddress address, int backlog) throws ErrnoException {
        Fd fd = open(address, Socket.SOCK_NONBLOCK);
        try (Scratch scratch = Scratch.take()) {
            if (address instanceof InetSocketAddress) {
                setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            }
            int length = put(scratch, address);
            check(Native.call(scratch, Syscalls.BIND, fd.number(), scratch.at(Scratch.STRUCT), length, 0), address);
            check(Native.call(Syscalls.LISTEN, fd.number(), backlog, 0), address);
            return fd;
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    /// A blocking socket connected to `address`; the call holds its thread until it is. ECONNREFUSED, ENOENT,
    /// ETIMEDOUT, EHOSTUNREACH; the text names the address.
    public static Fd connect(SocketAddress address) throws ErrnoException {
        Fd fd = open(address, 0);
        try (Scratch scratch = Scratch.take()) {
            int length = put(scratch, address);
            check(Native.call(scratch, Syscalls.CONNECT, fd.number(), scratch.at(Scratch.STRUCT), length, 0), address);
            if (address instanceof InetSocketAddress) {
                setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
            }
            return fd;
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    /// The next connection, non-blocking, as the number of a descriptor; or -errno, -EAGAIN if there is none.
    public static long tryAccept(Fd listener) {
        int flags = Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC;
        long fd = Native.call(Syscalls.ACCEPT4, listener.number(), 0, 0, flags, 0, 0);
        if (fd >= 0) {
            noDelay((int) fd);
        }
        return fd;
    }

    /// The port that a TCP socket is bound to.
    public static int localPort(Fd socket) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            long at = scratch.at(Scratch.STRUCT);
            scratch.memory().set(JAVA_INT, Scratch.STRUCT + 128L, 128);
            Native.check(Native.call(scratch, Syscalls.GETSOCKNAME, socket.number(), at, at + 128, 0));
            return scratch.memory().get(PORT, Scratch.STRUCT + 2L) & 0xffff;
        }
    }

    private static Fd open(SocketAddress address, int flags) throws ErrnoException {
        int type = Socket.SOCK_STREAM | Socket.SOCK_CLOEXEC | flags;
        return Fd.of((int) Native.check(Native.call(Syscalls.SOCKET, family(address), type, 0)));
    }

    private static short family(SocketAddress address) throws ErrnoException {
        return switch (address) {
            case UnixDomainSocketAddress _ -> AF_UNIX;
            case InetSocketAddress inet -> resolved(inet) instanceof Inet4Address ? AF_INET : AF_INET6;
            default -> throw Errno.EAFNOSUPPORT.error("%s", address);
        };
    }

    private static InetAddress resolved(InetSocketAddress address) throws ErrnoException {
        if (address.getAddress() == null) {
            throw Errno.EADDRNOTAVAIL.error("%s: unknown host", address.getHostString());
        }
        return address.getAddress();
    }

    /// Puts a `struct sockaddr` at [Scratch#STRUCT]; its length.
    private static int put(Scratch scratch, SocketAddress address) throws ErrnoException {
        MemorySegment memory = scratch.memory().asSlice(Scratch.STRUCT, 128);
        memory.fill((byte) 0);
        memory.set(JAVA_SHORT, 0, family(address));
        if (address instanceof UnixDomainSocketAddress unix) {
            return putPath(memory, unix.getPath().toString().getBytes(StandardCharsets.UTF_8));
        }
        var inet = (InetSocketAddress) address;
        memory.set(PORT, 2, (short) inet.getPort());
        byte[] host = resolved(inet).getAddress();
        int at = host.length == 4 ? 4 : 8;
        MemorySegment.copy(host, 0, memory, JAVA_BYTE, at, host.length);
        return host.length == 4 ? 16 : 28;
    }

    private static int putPath(MemorySegment memory, byte[] path) throws ErrnoException {
        if (path.length >= SUN_PATH) {
            throw Errno.ENAMETOOLONG.error("the path of a socket has at most %d bytes", SUN_PATH - 1);
        }
        MemorySegment.copy(path, 0, memory, JAVA_BYTE, 2, path.length);
        return 2 + path.length + 1;
    }

    /// Unix-domain sockets refuse it: they have no delay.
    private static void noDelay(int fd) {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, 1);
            long in = scratch.at(Scratch.STRUCT);
            Native.call(scratch, Syscalls.SETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, in, 4);
        }
    }

    private static void setOption(Fd fd, int level, int option, int value) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            scratch.memory().set(JAVA_INT, Scratch.STRUCT, value);
            long in = scratch.at(Scratch.STRUCT);
            Native.check(Native.call(scratch, Syscalls.SETSOCKOPT, fd.number(), level, option, in, 4));
        }
    }

    private static void check(long result, SocketAddress address) throws ErrnoException {
        if (result < 0) {
            throw Native.failure(result, String.valueOf(address));
        }
    }
}
