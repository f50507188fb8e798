// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.puffs;

import static jpuffs.core.Errno.EINVAL;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENXIO;
import static jpuffs.core.Errno.EOPNOTSUPP;
import static jpuffs.core.Errno.EROFS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.IoctlMemory;
import jpuffs.core.Mode;
import jpuffs.core.SetAttr;
import jpuffs.puffs.wire.Wire.CopyIn;
import jpuffs.puffs.wire.Wire.FallocateIn;
import jpuffs.puffs.wire.Wire.FsyncIn;
import jpuffs.puffs.wire.Wire.IoIn;
import jpuffs.puffs.wire.Wire.IoctlIn;
import jpuffs.puffs.wire.Wire.IoctlIovec;
import jpuffs.puffs.wire.Wire.IoctlOut;
import jpuffs.puffs.wire.Wire.LseekIn;
import jpuffs.puffs.wire.Wire.PollIn;
import jpuffs.sys.Fcntl;

/// Operations on the content of open files.
final class IoOps {
    private static final int COUNT_REPLY = 8;

    /// The most one request may ask for or bring; the kernel's own limits are lower.
    private static final int MAX_IO = 1 << 20;

    /// Room for all the memory that an ioctl may ask for.
    private static final int RANGES = IoctlMemory.MAX_RANGES * IoctlIovec.SIZE;

    private final Session session;

    IoOps(Session session) {
        this.session = session;
    }

    private Handle handle(Request r) throws IOException {
        return session.openFile(r, r.argLong(IoIn.FH)).handle();
    }

    void read(Request r) throws IOException {
        Handle handle = handle(r);
        long off = r.argLong(IoIn.OFFSET);
        int size = size(r, off);
        int count = handle.read(r.room(size).asSlice(0, size), off, r.argInt(IoIn.FILE_FLAGS));
        if (count < 0 || count > size) {
            throw Session.refuse("read: %d bytes of %d", count, size);
        }
        r.replyLength = count;
    }

    private static int size(Request r, long off) throws IOException {
        int size = r.argInt(IoIn.LENGTH);
        if (off < 0 || size < 0 || size > MAX_IO || off > Long.MAX_VALUE - size) {
            throw EINVAL.error("%s: offset %d, size %d", r.what(), off, size);
        }
        return size;
    }

    void write(Request r) throws IOException {
        Handle handle = handle(r);
        long off = r.argLong(IoIn.OFFSET);
        int size = size(r, off);
        if ((r.argInt(IoIn.WRITE_FLAGS) & IoIn.WRITE_KILL_SUIDGID) != 0) {
            killSuid(handle);
        }
        int count = handle.write(r.bytes(size), off, r.argInt(IoIn.FILE_FLAGS));
        if (count < 0 || count > size) {
            throw Session.refuse("write: %d bytes of %d", count, size);
        }
        replyCount(r, count);
    }

    /// A file system that changes no attributes has no set-id bits to clear.
    private static void killSuid(Handle handle) throws IOException {
        try {
            handle.setattr(SetAttr.none().with(SetAttr.KILL_SUID));
        } catch (ErrnoException e) {
            if (e.errno() != EROFS && e.errno() != EOPNOTSUPP && e.errno() != ENOSYS) {
                throw e;
            }
        }
    }

    /// The kernel asks for it with a write, but not with requests that write as well.
    private static void killSuidUnasked(Request r, Handle handle) throws IOException {
        if (!r.caller.cred().isPrivileged() && hasSuid(handle)) {
            killSuid(handle);
        }
    }

    private static boolean hasSuid(Handle handle) throws IOException {
        int mode = handle.getattr().mode();
        return Mode.withoutSuid(mode) != mode;
    }

    private static void replyCount(Request r, long count) throws IOException {
        r.room(COUNT_REPLY).set(Request.LONG, 0, count);
        r.replyLength = COUNT_REPLY;
    }

    void fsync(Request r) throws IOException {
        handle(r).fsync((r.argInt(FsyncIn.FLAGS) & FsyncIn.FDATASYNC) != 0);
    }

    void fallocate(Request r) throws IOException {
        long off = r.argLong(FallocateIn.OFFSET);
        long length = r.argLong(FallocateIn.LENGTH);
        if (off < 0 || length <= 0 || off > Long.MAX_VALUE - length) {
            throw EINVAL.error("fallocate: offset %d, length %d", off, length);
        }
        Handle handle = handle(r);
        handle.fallocate(r.argInt(FallocateIn.MODE), off, length);
        killSuidUnasked(r, handle);
    }

    void lseek(Request r) throws IOException {
        int whence = r.argInt(LseekIn.WHENCE);
        long off = r.argLong(LseekIn.OFFSET);
        if (whence != Fcntl.SEEK_DATA && whence != Fcntl.SEEK_HOLE) {
            throw EINVAL.error("lseek: whence %d", whence);
        }
        if (off < 0) {
            throw ENXIO.error();
        }
        long found = handle(r).seek(off, whence == Fcntl.SEEK_HOLE);
        if (found < off) {
            throw Session.refuse("lseek: %d from %d", found, off);
        }
        replyCount(r, found);
    }

    void copyFileRange(Request r, boolean wide) throws IOException {
        Handle from = handle(r);
        Handle to = session.files.get(r.argLong(CopyIn.FH_OUT)).handle();
        long off = r.argLong(CopyIn.OFF_IN);
        long toOff = r.argLong(CopyIn.OFF_OUT);
        long asked = r.argLong(CopyIn.LEN);
        if (r.argLong(CopyIn.FLAGS) != 0 || off < 0 || toOff < 0 || asked < 0) {
            throw EINVAL.error();
        }
        long length = wide ? asked : Math.min(asked, Integer.MAX_VALUE & -4096);
        if (length > Long.MAX_VALUE - Math.max(off, toOff)) {
            throw EINVAL.error("copy_file_range: offsets %d and %d, length %d", off, toOff, length);
        }
        long count = from.copyFileRange(off, to, toOff, length);
        killSuidUnasked(r, to);
        if (count < 0 || count > length) {
            throw Session.refuse("copy_file_range: %d bytes of %d", count, length);
        }
        replyCount(r, count);
    }

    void ioctl(Request r) throws IOException {
        int inSize = r.argInt(IoctlIn.IN_SIZE);
        int outSize = r.argInt(IoctlIn.OUT_SIZE);
        if (outSize < 0 || outSize > MAX_IO) {
            throw EINVAL.error("ioctl: %d bytes out", outSize);
        }
        Handle handle = handle(r);
        MemorySegment in = MemorySegment.ofArray(r.bytes(inSize).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        int total = IoctlOut.SIZE + Math.max(outSize, RANGES);
        MemorySegment reply = r.room(total).asSlice(0, total).fill((byte) 0);
        MemorySegment out = reply.asSlice(IoctlOut.SIZE, outSize);
        r.replyLength = IoctlOut.SIZE + outSize;
        if ((r.argInt(IoctlIn.FLAGS) & IoctlIn.UNRESTRICTED) != 0) {
            unrestricted(r, handle, reply, new IoctlMemory(in, out));
        } else {
            result(r, reply, handle.ioctl(r.argInt(IoctlIn.COMMAND), in, out));
        }
    }

    private static void result(Request r, MemorySegment reply, int result) throws ErrnoException {
        if (result < 0) { // the kernel would take it for an errno
            throw Session.refuse("ioctl %08x: %d", r.argInt(IoctlIn.COMMAND), result);
        }
        reply.set(Request.INT, IoctlOut.RESULT, result);
    }

    /// Runs one, or has the kernel ask again with the memory that it needs (fuse.h, FUSE_IOCTL_RETRY).
    private static void unrestricted(Request r, Handle handle, MemorySegment reply, IoctlMemory memory)
            throws IOException {
        if ((r.argInt(IoctlIn.FLAGS) & IoctlIn.COMPAT) != 0) {
            throw EOPNOTSUPP.error("unrestricted ioctl of a 32-bit program");
        }
        try {
            result(r, reply, handle.ioctl(r.argInt(IoctlIn.COMMAND), r.argLong(IoctlIn.ARGUMENT), memory));
        } catch (IoctlMemory.Missing e) {
            reply.fill((byte) 0);
            reply.set(Request.INT, IoctlOut.FLAGS, IoctlOut.RETRY);
            reply.set(Request.INT, IoctlOut.IN_IOVS, memory.ins().size());
            reply.set(Request.INT, IoctlOut.OUT_IOVS, memory.outs().size());
            int at = IoctlOut.SIZE;
            for (List<IoctlMemory.Range> ranges : List.of(memory.ins(), memory.outs())) {
                for (IoctlMemory.Range range : ranges) {
                    reply.set(Request.LONG, at + IoctlIovec.BASE, range.address());
                    reply.set(Request.LONG, at + IoctlIovec.LENGTH, range.length());
                    at += IoctlIovec.SIZE;
                }
            }
            r.replyLength = at;
        }
    }

    void poll(Request r) throws IOException {
        Handle handle = handle(r);
        boolean notify = (r.argInt(PollIn.FLAGS) & PollIn.SCHEDULE_NOTIFY) != 0;
        long kh = r.argLong(PollIn.KH);
        int events = r.argInt(PollIn.EVENTS);
        int ready = handle.poll(events, notify ? () -> session.notifier().pollWake(kh) : null);
        replyCount(r, ready & 0xffff_ffffL);
    }
}
