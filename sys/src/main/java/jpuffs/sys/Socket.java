// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import jpuffs.core.ErrnoException;

/// Unix-domain socket pairs and their options.
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
