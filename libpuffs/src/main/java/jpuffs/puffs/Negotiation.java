// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jpuffs.core.Errno.EPROTO;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jpuffs.core.ErrnoException;
import jpuffs.core.FileSystem;
import jpuffs.puffs.wire.Wire;
import jpuffs.puffs.wire.Wire.CuseInitOut;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.InitIn;
import jpuffs.puffs.wire.Wire.InitOut;
import org.jspecify.annotations.Nullable;

/// FUSE_INIT: what the kernel offers, what we take. Nothing is taken that is not honoured: each flag here has its
/// code.
final class Negotiation {
    private static final int PAGE = 4096;
    private static final int MAX_BACKGROUND = 64;
    private static final int READAHEAD = 1 << 20;
    private static final int CUSE_IO = 128 << 10;

    /// Honoured for every file system.
    private static final long ALWAYS = Init.ASYNC_READ
            | Init.ATOMIC_O_TRUNC
            | Init.BIG_WRITES
            | Init.HAS_IOCTL_DIR
            | Init.DO_READDIRPLUS
            | Init.READDIRPLUS_AUTO
            | Init.ASYNC_DIO
            | Init.PARALLEL_DIROPS
            | Init.ABORT_ERROR
            | Init.MAX_PAGES
            | Init.HANDLE_KILLPRIV_V2
            | Init.SETXATTR_EXT
            | Init.INIT_EXT
            | Init.HAS_EXPIRE_ONLY
            | Init.DIRECT_IO_ALLOW_MMAP
            | Init.HAS_RESEND;

    private final FileSystem fs;
    private final MountOptions options;
    private volatile long taken;
    private volatile int minor;
    private volatile @Nullable ErrnoException failure;
    private boolean ringWanted;
    private boolean passthroughWanted;

    Negotiation(FileSystem fs, MountOptions options) {
        this.fs = fs;
        this.options = options;
    }

    /// The transport can use rings: take them if offered.
    void wantRing() {
        ringWanted = true;
    }

    /// The transport has a descriptor that can register host files.
    void wantPassthrough() {
        passthroughWanted = !options.writeback();
    }

    /// Whether a flag was offered and taken.
    boolean has(long flag) {
        return (taken & flag) != 0;
    }

    /// The minor version of the kernel, or ours if that is lower; 0 before INIT.
    int minor() {
        return minor;
    }

    /// Why INIT failed, if it did.
    @Nullable
    ErrnoException failure() {
        return failure;
    }

    void init(Request r) throws ErrnoException {
        if (minor != 0) {
            throw EPROTO.error("INIT for the second time");
        }
        long major = r.argInt(InitIn.MAJOR) & 0xffff_ffffL;
        long offeredMinor = r.argInt(InitIn.MINOR) & 0xffff_ffffL;
        if (major > Wire.MAJOR) {
            replyOurMajor(r);
            return;
        }
        if (major < Wire.MAJOR || offeredMinor < Wire.MIN_MINOR) {
            failure = EPROTO.error(
                    "the kernel speaks FUSE %d.%d, at least 7.%d is needed", major, offeredMinor, Wire.MIN_MINOR);
            throw failure;
        }
        minor = (int) Math.min(offeredMinor, Wire.MINOR);
        taken = wanted() & offered(r);
        reply(r);
    }

    /// The beginning of a CUSE device, in place of INIT (fuse.h, cuse_init_in and cuse_init_out): its name goes
    /// behind the reply, as the environment of its uevent.
    void cuseInit(Request r) throws ErrnoException {
        String name = options.cuse();
        if (name == null || minor != 0) {
            throw EPROTO.error("CUSE_INIT, where none is expected");
        }
        byte[] uevent = ("DEVNAME=" + name + "\0").getBytes(StandardCharsets.UTF_8);
        int size = CuseInitOut.SIZE + uevent.length;
        MemorySegment out = r.room(size).asSlice(0, size).fill((byte) 0);
        out.set(Request.INT, CuseInitOut.MAJOR, Wire.MAJOR);
        out.set(Request.INT, CuseInitOut.MINOR, Wire.MINOR);
        out.set(Request.INT, CuseInitOut.FLAGS, options.isUnrestricted() ? CuseInitOut.UNRESTRICTED_IOCTL : 0);
        out.set(Request.INT, CuseInitOut.MAX_READ, CUSE_IO);
        out.set(Request.INT, CuseInitOut.MAX_WRITE, CUSE_IO);
        MemorySegment.copy(uevent, 0, out, JAVA_BYTE, CuseInitOut.SIZE, uevent.length);
        minor = Math.min(r.argInt(InitIn.MINOR), Wire.MINOR);
        r.replyLength = size;
    }

    /// The kernel is newer than the protocol: it will ask again with our version (fuse.h, "Protocol changelog").
    private static void replyOurMajor(Request r) throws ErrnoException {
        MemorySegment out = r.room(InitOut.SIZE).asSlice(0, InitOut.SIZE).fill((byte) 0);
        out.set(Request.INT, InitOut.MAJOR, Wire.MAJOR);
        out.set(Request.INT, InitOut.MINOR, Wire.MINOR);
        r.replyLength = InitOut.SIZE;
    }

    private static long offered(Request r) {
        long low = r.argInt(InitIn.FLAGS) & 0xffff_ffffL;
        boolean extended = (low & Init.INIT_EXT) != 0 && r.argsLength() >= InitIn.SIZE_WITH_FLAGS2;
        return extended ? low | (long) r.argInt(InitIn.FLAGS2) << 32 : low;
    }

    private long wanted() {
        long flags = ALWAYS | (options.autoCache() ? Init.AUTO_INVAL_DATA : Init.EXPLICIT_INVAL_DATA);
        flags |= fs.keepsLocks() ? Init.POSIX_LOCKS | Init.FLOCK_LOCKS : 0;
        flags |= fs.keepsAcls() ? Init.POSIX_ACL | Init.DONT_MASK : 0;
        flags |= fs.listsUnopened() ? Init.NO_OPENDIR_SUPPORT : 0;
        flags |= fs.isExportable() ? Init.EXPORT_SUPPORT : 0;
        flags |= options.writeback() ? Init.WRITEBACK_CACHE : 0;
        flags |= options.attrTtl().isZero() ? 0 : Init.CACHE_SYMLINKS;
        flags |= ringWanted ? Init.OVER_IO_URING : 0;
        flags |= passthroughWanted ? Init.PASSTHROUGH : 0;
        return flags;
    }

    private void reply(Request r) throws ErrnoException {
        int readahead = (int) Math.min(r.argInt(InitIn.MAX_READAHEAD) & 0xffff_ffffL, READAHEAD);
        MemorySegment out = r.room(InitOut.SIZE).asSlice(0, InitOut.SIZE).fill((byte) 0);
        out.set(Request.INT, InitOut.MAJOR, Wire.MAJOR);
        out.set(Request.INT, InitOut.MINOR, Wire.MINOR);
        out.set(Request.INT, InitOut.MAX_READAHEAD, readahead);
        out.set(Request.INT, InitOut.FLAGS, (int) taken);
        out.set(Request.SHORT, InitOut.MAX_BACKGROUND, (short) MAX_BACKGROUND);
        out.set(Request.SHORT, InitOut.CONGESTION_THRESHOLD, (short) (MAX_BACKGROUND * 3 / 4));
        out.set(Request.INT, InitOut.MAX_WRITE, options.maxWrite());
        out.set(Request.INT, InitOut.TIME_GRAN, 1);
        out.set(Request.SHORT, InitOut.MAX_PAGES, (short) pages());
        out.set(Request.INT, InitOut.FLAGS2, (int) (taken >>> 32));
        out.set(Request.INT, InitOut.MAX_STACK_DEPTH, has(Init.PASSTHROUGH) ? 1 : 0);
        r.replyLength = InitOut.SIZE;
    }

    private int pages() {
        return options.maxWrite() / PAGE;
    }
}
