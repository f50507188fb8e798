// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import jpuffs.core.Errno;
import jpuffs.core.ErrnoException;

/// Descriptors sent over a Unix-domain socket: `struct msghdr` (56 bytes), one iovec of one byte, and one `struct
/// cmsghdr` of type SCM_RIGHTS (unix(7), cmsg(3)), side by side in a [Scratch].
final class Scm {
    private static final int MSGHDR = Scratch.STRUCT;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSGHDR_SIZE = 56;

    private static final int IOVEC = MSGHDR + 64;
    private static final int BYTE = IOVEC + 16;
    private static final int CMSG = BYTE + 16;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;
    private static final int CMSG_LEN = CMSG_DATA + 4;
    private static final int CMSG_SPACE = 24;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private Scm() {}

    static void send(int socket, int fd) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment memory = message(scratch);
            memory.set(JAVA_LONG, CMSG, CMSG_LEN);
            memory.set(JAVA_INT, CMSG + CMSG_LEVEL, SOL_SOCKET);
            memory.set(JAVA_INT, CMSG + CMSG_TYPE, SCM_RIGHTS);
            memory.set(JAVA_INT, CMSG + CMSG_DATA, fd);
            transfer(scratch, Syscalls.SENDMSG, socket, MSG_NOSIGNAL);
        }
    }

    static int receive(int socket) throws ErrnoException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment memory = message(scratch);
            long count = transfer(scratch, Syscalls.RECVMSG, socket, MSG_CMSG_CLOEXEC);
            boolean rights = memory.get(JAVA_LONG, MSGHDR + MSG_CONTROLLEN) >= CMSG_LEN
                    && memory.get(JAVA_INT, CMSG + CMSG_LEVEL) == SOL_SOCKET
                    && memory.get(JAVA_INT, CMSG + CMSG_TYPE) == SCM_RIGHTS;
            if (!rights) {
                throw Errno.EPROTO.error(
                        count == 0 ? "the other side closed without a descriptor" : "a message without a descriptor");
            }
            return memory.get(JAVA_INT, CMSG + CMSG_DATA);
        }
    }

    private static MemorySegment message(Scratch scratch) {
        MemorySegment memory = scratch.memory();
        memory.asSlice(MSGHDR, MSGHDR_SIZE).fill((byte) 0);
        memory.set(JAVA_BYTE, BYTE, (byte) 0);
        memory.set(JAVA_LONG, MSGHDR + MSG_IOV, scratch.pair(IOVEC, scratch.at(BYTE), 1));
        memory.set(JAVA_LONG, MSGHDR + MSG_IOVLEN, 1);
        memory.set(JAVA_LONG, MSGHDR + MSG_CONTROL, scratch.at(CMSG));
        memory.set(JAVA_LONG, MSGHDR + MSG_CONTROLLEN, CMSG_SPACE);
        return memory;
    }

    private static long transfer(Scratch scratch, int nr, int socket, int flags) throws ErrnoException {
        long result;
        do {
            result = Native.call(scratch, nr, socket, scratch.at(MSGHDR), flags, 0);
        } while (Native.interrupted(result));
        return Native.check(result);
    }
}
