// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.servers.sftp;

import jpuffs.core.ErrnoException;
import jpuffs.eventloop.FrameBuf;

/// What a server takes at once (`limits@openssh.com`).
///
/// @param maxRead the most bytes one READ asks for
/// @param maxWrite the most bytes one WRITE brings
/// @param handles the most files open at a time; 0 if the server does not say
public record Limits(int maxRead, int maxWrite, long handles) {
    /// What every server must take (section 3: packets of 34,000 bytes).
    static final Limits DEFAULT = new Limits(32 << 10, 32 << 10, 0);

    private static final int OVERHEAD = 1024;
    private static final int MIN = 512;

    /// Reads the reply: the largest packet, read and write, the number of handles; 0 says nothing.
    static Limits read(FrameBuf reply) throws ErrnoException {
        long packet = orMost(reply.u64(), SftpFraming.MAX) - OVERHEAD;
        long read = orMost(reply.u64(), packet);
        long write = orMost(reply.u64(), packet);
        long handles = reply.u64();
        return new Limits(clamp(Math.min(read, packet)), clamp(Math.min(write, packet)), Math.max(0, handles));
    }

    private static long orMost(long value, long most) {
        return value <= 0 ? most : value;
    }

    private static int clamp(long value) {
        return Math.clamp(value, MIN, SftpFraming.MAX - OVERHEAD);
    }
}
