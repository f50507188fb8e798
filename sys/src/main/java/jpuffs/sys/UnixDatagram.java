// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;
import jpuffs.core.Name;

/// Sends messages to a Unix-domain datagram socket: to syslogd or journald at `/dev/log`, to systemd at the address
/// in NOTIFY_SOCKET (sd_notify(3)).
///
/// The receiver is looked up for each message, so it may be restarted between two. Any number of threads.
public final class UnixDatagram implements AutoCloseable {
    private static final short AF_UNIX = 1;
    private static final int PATH = 2; // struct sockaddr_un: a short, then the path
    private static final int PATH_SIZE = 108;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Fd fd;
    private final Name address;

    private UnixDatagram(Fd fd, Name address) {
        this.fd = fd;
        this.address = address;
    }

    /// To send to `address`: a path, or behind an `@` a name in the abstract namespace (unix(7)).
    ///
    /// @throws ErrnoException ENAMETOOLONG beyond 107 bytes, EINVAL if it is empty
    public static UnixDatagram to(Name address) throws ErrnoException {
        if (address.length() >= PATH_SIZE) {
            throw Errno.ENAMETOOLONG.error("%s", address);
        }
        if (address.length() == 0) {
            throw Errno.EINVAL.error("an empty address");
        }
        int type = Socket.SOCK_DGRAM | Socket.SOCK_CLOEXEC;
        return new UnixDatagram(Fd.of((int) Native.check(Native.call(Syscalls.SOCKET, AF_UNIX, type, 0))), address);
    }

    /// Sends one message. Never waits: -EAGAIN if the receiver's queue is full, -ENOENT or -ECONNREFUSED if there
    /// is none, -EMSGSIZE.
    ///
    /// @return the number of bytes or -errno
    public long trySend(MemorySegment message) {
        long from = Mem.readable(message);
        int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        try (Scratch scratch = Scratch.take()) {
            long to = scratch.at(Scratch.STRUCT);
            int length = sockaddr(scratch.memory());
            return Native.call(scratch, Syscalls.SENDTO, fd.number(), from, message.byteSize(), flags, to, length);
        }
    }

    private int sockaddr(MemorySegment memory) {
        memory.set(JAVA_SHORT, Scratch.STRUCT, AF_UNIX);
        address.copyTo(memory, Scratch.STRUCT + PATH);
        if (address.byteAt(0) == '@') {
            memory.set(JAVA_BYTE, Scratch.STRUCT + PATH, (byte) 0);
            return PATH + address.length();
        }
        memory.set(JAVA_BYTE, Scratch.STRUCT + PATH + (long) address.length(), (byte) 0);
        return PATH + address.length() + 1;
    }

    @Override
    public void close() {
        fd.close();
    }
}
