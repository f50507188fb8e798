// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import java.io.IOException;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.InitIn;
import jpuffs.puffs.wire.Wire.InitOut;

/// What INIT has settled.
///
/// @param minor of the protocol, 7.`minor`
/// @param flags what was offered and taken
/// @param maxRead the largest READ in bytes
/// @param maxWrite the largest WRITE in bytes
/// @param maxBackground how many requests that nobody waits for may be unanswered
record Terms(int minor, long flags, int maxRead, int maxWrite, int maxBackground) {
    /// The oldest with today's structures, but for the answer to INIT, which has 64 bytes since 7.23 (fuse.h).
    /// libfuse 2.9 speaks 7.19.
    private static final int MIN_MINOR = 12;

    private static final int MINOR_OF_LONG_INIT = 23;
    private static final int SHORT_INIT = 24; // FUSE_COMPAT_22_INIT_OUT_SIZE
    private static final int MINOR_OF_BACKGROUND = 13;
    private static final int MINOR_OF_BATCH_FORGET = 16;

    private static final int PAGE = 4096;
    private static final int DEFAULT_PAGES = 32; // FUSE_DEFAULT_MAX_PAGES_PER_REQ
    private static final int MAX_IO = 1 << 20;
    private static final int DEFAULT_BACKGROUND = 12; // FUSE_DEFAULT_MAX_BACKGROUND

    private static final long OFFERED = Init.ASYNC_READ
            | Init.POSIX_LOCKS
            | Init.BIG_WRITES
            | Init.DONT_MASK
            | Init.FLOCK_LOCKS
            | Init.DO_READDIRPLUS
            | Init.READDIRPLUS_AUTO
            | Init.PARALLEL_DIROPS
            | Init.POSIX_ACL
            | Init.MAX_PAGES
            | Init.HANDLE_KILLPRIV_V2
            | Init.INIT_EXT
            | Init.HAS_EXPIRE_ONLY;

    boolean has(long wanted) {
        return (flags & wanted) == wanted;
    }

    /// Whether several nodes can be forgotten by one message.
    boolean batchesForgets() {
        return minor >= MINOR_OF_BATCH_FORGET;
    }

    /// Sends INIT and judges the answer.
    ///
    /// @param socketBuffer what both ends of the socket hold, which bounds a message
    /// @throws IOException EPROTO
    static Terms negotiate(Connection connection, int socketBuffer) throws IOException {
        try (var message = new Message(Opcode.INIT, 0, InitIn.FULL_SIZE, 0)) {
            message.set(InitIn.MAJOR, Wire.MAJOR)
                    .set(InitIn.MINOR, Wire.MINOR)
                    .set(InitIn.MAX_READAHEAD, 128 << 10)
                    .set(InitIn.FLAGS, (int) OFFERED)
                    .set(InitIn.FLAGS2, (int) (OFFERED >>> 32));
            Reply reply = connection.call(message, InitOut.SIZE, null);
            if (reply.length() < SHORT_INIT) {
                throw reply.wrong("%d bytes", reply.length());
            }
            int major = reply.u32(InitOut.MAJOR);
            int minor = reply.u32(InitOut.MINOR);
            if (major != Wire.MAJOR || minor < MIN_MINOR) {
                throw reply.wrong("it speaks %d.%d, needed is %d.%d", major, minor, Wire.MAJOR, MIN_MINOR);
            }
            reply.exactly(minor < MINOR_OF_LONG_INIT ? SHORT_INIT : InitOut.SIZE);
            return of(reply, Math.min(minor, Wire.MINOR), fitting(socketBuffer));
        }
    }

    private static Terms of(Reply reply, int minor, int limit) throws IOException {
        long low = reply.u32(InitOut.FLAGS) & 0xffff_ffffL;
        low &= reply.length() == SHORT_INIT ? ~(Init.INIT_EXT | Init.MAX_PAGES) : -1;
        long high = (low & Init.INIT_EXT) == 0 ? 0 : (long) reply.u32(InitOut.FLAGS2) << 32;
        long flags = (low | high) & OFFERED;
        int pages = (flags & Init.MAX_PAGES) == 0 ? DEFAULT_PAGES : Math.max(1, reply.u32(InitOut.MAX_PAGES) & 0xffff);
        int io = Math.min(limit, pages * PAGE);
        long maxWrite = reply.u32(InitOut.MAX_WRITE) & 0xffff_ffffL;
        if (maxWrite == 0) {
            throw reply.wrong("it takes writes of 0 bytes");
        }
        int background = reply.u32(InitOut.MAX_BACKGROUND) & 0xffff;
        return new Terms(
                minor,
                flags,
                io,
                (int) Math.min(maxWrite, io),
                minor < MINOR_OF_BACKGROUND || background == 0 ? DEFAULT_BACKGROUND : background);
    }

    /// The kernel counts its own memory for a message too, and tells twice what it was asked for.
    private static int fitting(int socketBuffer) {
        return Math.clamp((socketBuffer / 8L * 3) & -PAGE, PAGE, MAX_IO);
    }
}
