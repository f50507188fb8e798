// SPDX-License-Identifier: BSD-2-Clause
package jpuffs.syspuffs;

import static jpuffs.core.Errno.EIO;
import static jpuffs.core.Errno.ENOSYS;
import static jpuffs.core.Errno.ENOTTY;
import static jpuffs.core.Errno.EOPNOTSUPP;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jpuffs.core.Attr;
import jpuffs.core.Caller;
import jpuffs.core.DirSink;
import jpuffs.core.ErrnoException;
import jpuffs.core.Handle;
import jpuffs.core.Lock;
import jpuffs.core.Mode;
import jpuffs.core.OpenFlags;
import jpuffs.core.SetAttr;
import jpuffs.puffs.Opcode;
import jpuffs.puffs.wire.Wire.CopyIn;
import jpuffs.puffs.wire.Wire.FallocateIn;
import jpuffs.puffs.wire.Wire.FileLock;
import jpuffs.puffs.wire.Wire.FlushIn;
import jpuffs.puffs.wire.Wire.FsyncIn;
import jpuffs.puffs.wire.Wire.Init;
import jpuffs.puffs.wire.Wire.IoIn;
import jpuffs.puffs.wire.Wire.IoctlIn;
import jpuffs.puffs.wire.Wire.IoctlOut;
import jpuffs.puffs.wire.Wire.LkIn;
import jpuffs.puffs.wire.Wire.LseekIn;
import jpuffs.puffs.wire.Wire.OpenOut;
import jpuffs.puffs.wire.Wire.PollIn;
import jpuffs.puffs.wire.Wire.ReleaseIn;
import jpuffs.sys.Fcntl;
import org.jspecify.annotations.Nullable;

/// An open file of the server.
final class RemoteHandle extends Handle {
    /// Flags of [Handle], which has the numbers of the protocol.
    private static final int OF_HANDLES = OpenOut.PASSTHROUGH - 1;

    /// fuse_write_out and fuse_lseek_out
    private static final int COUNT = 8;

    private static final int F_RDLCK = 0;
    private static final int F_WRLCK = 1;
    private static final int F_UNLCK = 2;

    private final SysPuffs fs;
    private final RemoteNode node;
    private final long fh;
    private final int caching;
    private final boolean isOpen;
    private volatile long kh; // 0: it was not polled yet

    RemoteHandle(SysPuffs fs, RemoteNode node, int flags, long fh, int openFlags) {
        super(node, flags);
        this.fs = fs;
        this.node = node;
        this.fh = fh;
        this.caching = openFlags & OF_HANDLES;
        this.isOpen = true;
        if ((openFlags & KEEP_CACHE) == 0) {
            node.invalidatePages();
        }
    }

    /// Of a server that knows no open files: nothing is to be closed.
    RemoteHandle(SysPuffs fs, RemoteNode node, int flags) {
        super(node, flags);
        this.fs = fs;
        this.node = node;
        this.fh = 0;
        this.caching = KEEP_CACHE | NOFLUSH;
        this.isOpen = false;
    }

    long fh() {
        return fh;
    }

    /// With pages kept here, [#flush] has to send them.
    @Override
    public int caching() {
        return node.pages == null ? caching : caching & ~NOFLUSH;
    }

    @Override
    public Attr getattr() throws IOException {
        return node.getattr(isOpen ? this : null);
    }

    @Override
    public Attr setattr(SetAttr change) throws IOException {
        return node.setattr(change, isOpen ? this : null);
    }

    // Data

    @Override
    public int read(MemorySegment dst, long off) throws IOException {
        return read(dst, off, flags());
    }

    @Override
    public int read(MemorySegment dst, long off, int currentFlags) throws IOException {
        FilePages pages = pages(currentFlags);
        return pages == null ? readThrough(dst, off, currentFlags) : pages.read(this, dst, off, currentFlags);
    }

    /// The pages of the file, if it is read and written by them; else what is in them is sent and forgotten.
    private @Nullable FilePages pages(int currentFlags) throws IOException {
        FilePages pages = node.pages;
        if (pages != null && ((caching & DIRECT_IO) != 0 || (currentFlags & OpenFlags.O_DIRECT) != 0)) {
            pages.settleAndDrop();
            return null;
        }
        if (pages != null) {
            fs.connection.drain(); // before what is kept is believed
        }
        return pages;
    }

    int maxRead() {
        return fs.terms().maxRead();
    }

    int maxWrite() {
        return fs.terms().maxWrite();
    }

    /// As [#read], by requests.
    int readThrough(MemorySegment dst, long off, int currentFlags) throws IOException {
        int size = (int) Math.min(dst.byteSize(), Integer.MAX_VALUE - 4095);
        int done = 0;
        while (done < size) {
            int part = Math.min(size - done, fs.terms().maxRead());
            try (var message = io(Opcode.READ, off + done, part, currentFlags)) {
                int count = fs.call(message, part, dst.asSlice(done, part)).length();
                done += count;
                if (count < part) {
                    break;
                }
            }
        }
        node.invalidate(); // its time of access
        return done;
    }

    private Message io(Opcode op, long off, int size, int currentFlags) {
        var message = new Message(op, node.id, 40, 0);
        return message.set(IoIn.FH, fh)
                .set(IoIn.OFFSET, off)
                .set(IoIn.LENGTH, size)
                .set(IoIn.FILE_FLAGS, currentFlags);
    }

    @Override
    public int write(MemorySegment src, long off) throws IOException {
        return write(src, off, flags());
    }

    @Override
    public int write(MemorySegment src, long off, int currentFlags) throws IOException {
        FilePages pages = pages(currentFlags);
        return pages == null ? writeThrough(src, off, currentFlags) : pages.write(this, src, off, currentFlags);
    }

    /// As [#write], by requests.
    int writeThrough(MemorySegment src, long off, int currentFlags) throws IOException {
        int size = (int) Math.min(src.byteSize(), Integer.MAX_VALUE - 4095);
        int done = 0;
        try {
            while (done < size) {
                int part = Math.min(size - done, fs.terms().maxWrite());
                int count = writePart(src.asSlice(done, part), off + done, currentFlags);
                done += count;
                if (count < part) {
                    break;
                }
            }
            return done;
        } catch (IOException e) {
            if (done > 0) {
                return done;
            }
            throw e;
        } finally {
            node.invalidate();
        }
    }

    private int writePart(MemorySegment src, long off, int currentFlags) throws IOException {
        int part = (int) src.byteSize();
        try (var message = io(Opcode.WRITE, off, part, currentFlags)) {
            if (fs.terms().has(Init.HANDLE_KILLPRIV_V2)
                    && !Caller.current().cred().isPrivileged()) {
                message.set(IoIn.WRITE_FLAGS, IoIn.WRITE_KILL_SUIDGID);
            }
            Reply reply = fs.call(message.data(src), COUNT).exactly(COUNT);
            int count = reply.u32(0);
            if (count < 0 || count > part) {
                throw reply.wrong("%d bytes written of %d", Integer.toUnsignedLong(count), part);
            }
            if (count == 0) {
                throw EIO.error("nothing was written");
            }
            return count;
        }
    }

    @Override
    public void fsync(boolean dataOnly) throws IOException {
        if (node.pages != null) {
            node.pages.flush();
        }
        Opcode op = node.type == Mode.S_IFDIR ? Opcode.FSYNCDIR : Opcode.FSYNC;
        try (var message = new Message(op, node.id, 16, 0).set(FsyncIn.FH, fh)) {
            fs.callIfThere(message.set(FsyncIn.FLAGS, dataOnly ? FsyncIn.FDATASYNC : 0), 0, ENOSYS);
        } catch (ErrnoException e) {
            if (e.errno() != ENOSYS) { // else it has nothing to make durable
                throw e;
            }
        }
    }

    @Override
    public void fallocate(int mode, long off, long len) throws IOException {
        node.settleAndDrop();
        try (var message = new Message(Opcode.FALLOCATE, node.id, 32, 0).set(FallocateIn.FH, fh)) {
            message.set(FallocateIn.OFFSET, off).set(FallocateIn.LENGTH, len).set(FallocateIn.MODE, mode);
            fs.callIfThere(message, 0, EOPNOTSUPP);
        } finally {
            node.invalidate();
        }
    }

    @Override
    public long seek(long off, boolean hole) throws IOException {
        node.settle();
        try (var message = new Message(Opcode.LSEEK, node.id, 24, 0).set(LseekIn.FH, fh)) {
            message.set(LseekIn.OFFSET, off).set(LseekIn.WHENCE, hole ? Fcntl.SEEK_HOLE : Fcntl.SEEK_DATA);
            Reply reply = fs.callIfThere(message, COUNT, ENOSYS).exactly(COUNT);
            long found = reply.u64(0);
            if (found < off) {
                throw reply.wrong("%d, from %d on", found, off);
            }
            return found;
        }
    }

    @Override
    public long copyFileRange(long off, Handle target, long targetOff, long len) throws IOException {
        var to = (RemoteHandle) target;
        node.settle();
        to.node.settleAndDrop();
        long asked = Math.min(len, Integer.MAX_VALUE & -4096);
        try (var message = new Message(Opcode.COPY_FILE_RANGE, node.id, 56, 0)) {
            message.set(CopyIn.FH_IN, fh)
                    .set(CopyIn.OFF_IN, off)
                    .set(CopyIn.NODEID_OUT, to.node.id)
                    .set(CopyIn.FH_OUT, to.fh)
                    .set(CopyIn.OFF_OUT, targetOff)
                    .set(CopyIn.LEN, asked);
            Reply reply = fs.callIfThere(message, COUNT, EOPNOTSUPP).exactly(COUNT);
            long count = Integer.toUnsignedLong(reply.u32(0));
            if (count > asked) {
                throw reply.wrong("%d bytes copied of %d", count, asked);
            }
            return count;
        } finally {
            to.node.invalidate();
        }
    }

    @Override
    public int ioctl(int command, MemorySegment in, MemorySegment out) throws IOException {
        node.settleAndDrop();
        int outSize = (int) out.byteSize();
        try (var message = new Message(Opcode.IOCTL, node.id, 32, 0).set(IoctlIn.FH, fh)) {
            message.set(IoctlIn.COMMAND, command)
                    .set(IoctlIn.IN_SIZE, (int) in.byteSize())
                    .set(IoctlIn.OUT_SIZE, outSize);
            Reply reply = fs.callIfThere(message.data(in), IoctlOut.SIZE + outSize, ENOTTY);
            if (reply.length() < IoctlOut.SIZE || reply.u32(IoctlOut.RESULT) < 0) {
                throw reply.wrong("%d bytes", reply.length());
            }
            byte[] answer = reply.bytes(IoctlOut.SIZE, reply.length() - IoctlOut.SIZE);
            MemorySegment.copy(MemorySegment.ofArray(answer), 0, out, 0, answer.length);
            return reply.u32(IoctlOut.RESULT);
        }
    }

    @Override
    public int poll(int events, @Nullable Runnable waker) throws IOException {
        if (waker != null) {
            if (kh == 0) {
                kh = fs.polls.newKh();
            }
            fs.polls.add(kh, waker); // before it is asked: the server may be quick
        }
        try (var message = new Message(Opcode.POLL, node.id, 24, 0).set(PollIn.FH, fh)) {
            message.set(PollIn.KH, kh)
                    .set(PollIn.FLAGS, waker == null ? 0 : PollIn.SCHEDULE_NOTIFY)
                    .set(PollIn.EVENTS, events);
            return fs.callIfThere(message, COUNT, ENOSYS).exactly(COUNT).u32(0);
        } catch (ErrnoException e) {
            fs.polls.remove(kh);
            throw e;
        }
    }

    // Directories

    @Override
    public void readdir(long cookie, DirSink sink) throws IOException {
        new Listing(fs, node, fh).readdir(cookie, sink);
    }

    // Locks

    @Override
    public @Nullable Lock getlk(Lock lock) throws IOException {
        try (var message = lock(Opcode.GETLK, lock)) {
            Reply reply = fs.callIfThere(message, FileLock.SIZE, ENOSYS).exactly(FileLock.SIZE);
            int type = reply.u32(FileLock.TYPE);
            long start = reply.u64(FileLock.START);
            long end = reply.u64(FileLock.END);
            if (type == F_UNLCK) {
                return null;
            }
            if (type != F_RDLCK && type != F_WRLCK || start < 0 || end < start) {
                throw reply.wrong("lock of type %d from %d to %d", type, start, end);
            }
            Lock.Type held = type == F_RDLCK ? Lock.Type.READ : Lock.Type.WRITE;
            return new Lock(held, ~lock.owner(), start, end, reply.u32(FileLock.PID), lock.flock());
        }
    }

    @Override
    public void setlk(Lock lock, boolean wait) throws IOException {
        try (var message = lock(wait ? Opcode.SETLKW : Opcode.SETLK, lock)) {
            fs.callIfThere(message, 0, ENOSYS);
        }
    }

    private Message lock(Opcode op, Lock lock) {
        int type = switch (lock.type()) {
            case READ -> F_RDLCK;
            case WRITE -> F_WRLCK;
            case NONE -> F_UNLCK;
        };
        return new Message(op, node.id, 48, 0)
                .set(LkIn.FH, fh)
                .set(LkIn.OWNER, lock.owner())
                .set(LkIn.START, lock.start())
                .set(LkIn.END, lock.end())
                .set(LkIn.TYPE, type)
                .set(LkIn.PID, lock.pid())
                .set(LkIn.FLAGS, lock.flock() ? LkIn.FLOCK : 0);
    }

    // Life

    @Override
    public void flush() throws IOException {
        if (node.pages != null) {
            node.pages.flush();
        }
        if ((caching & NOFLUSH) != 0 || node.type == Mode.S_IFDIR) {
            return;
        }
        try (var message = new Message(Opcode.FLUSH, node.id, 24, 0).set(FlushIn.FH, fh)) {
            fs.callIfThere(message, 0, ENOSYS);
        } catch (ErrnoException e) {
            if (e.errno() != ENOSYS) { // else there is nothing to flush
                throw e;
            }
        }
    }

    @Override
    public void release() throws IOException {
        fs.polls.remove(kh);
        node.settle();
        if (!isOpen) {
            return;
        }
        Opcode op = node.type == Mode.S_IFDIR ? Opcode.RELEASEDIR : Opcode.RELEASE;
        try (var message = new Message(op, node.id, 24, 0).set(ReleaseIn.FH, fh)) {
            fs.connection.post(message);
        }
    }
}
